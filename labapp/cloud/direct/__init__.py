"""Requests that labapp signs and sends itself: the direct way to SQS and S3."""
