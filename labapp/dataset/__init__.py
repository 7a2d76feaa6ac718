"""What lies in the bucket to be labelled: upload, sample, record, statistics, export, removal.

The rules are in the pure room `labapp.labels`; here they meet S3. Nothing here prints: whoever
shows progress passes a function that is told of it. Several people work on one bucket at the same
time, from several machines, and nothing here takes a lock there.
"""
