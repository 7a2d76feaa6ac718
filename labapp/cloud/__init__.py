"""The only rooms that import boto3: the session, the queues, the bucket, what must exist there."""
