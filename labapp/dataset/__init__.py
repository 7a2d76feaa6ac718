"""What lies in the bucket to be labelled: uploads, rounds, answers, statistics, exports, removal.

The rules are in the pure room `labapp.labels`; here they meet S3. Nothing here prints: whoever
shows progress passes a `Progress`, or a function that is told of it. Several people work on one
bucket at the same time, from several machines, and nothing here takes a lock there.
"""
