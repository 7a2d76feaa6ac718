"""Who may do what: the promise of the roles' policies, one line for each action on each thing.

Held against the policies by `tests/cloud/test_roles.py`, and against a service that enforces IAM by
`python -m tests.clouds roles`.
"""

from __future__ import annotations

#: Slots of two persons; a lab gives each a policy for their own name.
ANNA, BOB = "anna-0123456789ab", "bob-0123456789ab"

#: Jobs and pictures in folders of theirs, and of clients from before there were such.
JOB = "01M8FBHMTYV0QZXWZR7DVJADTT"
ANNAS, BOBS, OLDER = f"{ANNA}/{JOB}/cat.png", f"{BOB}/{JOB}/cat.png", f"{JOB}/cat.png"

#: For an action on a queue, the roles that may do it, the client's being anna's; no other may.
QUEUES: list[tuple[str, str, str]] = [
    ("sqs:SendMessage", "requestQueue", "client admin"),
    ("sqs:SendMessage", "imageInbox", "client admin"),
    ("sqs:ReceiveMessage", "requestQueue", "worker admin"),
    ("sqs:ReceiveMessage", "imageInbox", "worker admin"),
    ("sqs:DeleteMessage", "requestQueue", "worker admin"),
    ("sqs:ChangeMessageVisibility", "requestQueue", "worker admin"),
    ("sqs:CreateQueue", "requestQueue", "setup"),
    ("sqs:SetQueueAttributes", "requestQueue", "setup"),
    ("sqs:GetQueueUrl", "requestQueue", "client worker admin setup"),
    ("sqs:GetQueueAttributes", "requestQueue", "worker admin setup"),
    ("sqs:SendMessage", "responseQueue", "worker admin"),
    ("sqs:ReceiveMessage", "responseQueue", "admin"),
    ("sqs:SendMessage", "requestQueue-dlq", "worker admin"),
    ("sqs:ReceiveMessage", "requestQueue-dlq", "admin"),
    ("sqs:ReceiveMessage", "responseQueue-dlq", "admin"),
    ("sqs:CreateQueue", "responseQueue-dlq", "setup"),
    ("sqs:ReceiveMessage", f"responseQueue-{ANNA}", "client"),
    ("sqs:DeleteMessage", f"responseQueue-{ANNA}", "client"),
    ("sqs:CreateQueue", f"responseQueue-{ANNA}", "client"),
    ("sqs:SetQueueAttributes", f"responseQueue-{ANNA}", ""),
    ("sqs:SendMessage", f"responseQueue-{ANNA}", "worker"),
    ("sqs:GetQueueAttributes", f"responseQueue-{ANNA}", "admin"),
    ("sqs:ReceiveMessage", f"responseQueue-{BOB}", ""),
    ("sqs:DeleteMessage", f"responseQueue-{BOB}", ""),
    ("sqs:CreateQueue", f"responseQueue-{BOB}", ""),
    ("sqs:GetQueueUrl", f"responseQueue-{BOB}", "worker admin"),
    ("sqs:CreateQueue", "other", ""),
    ("sqs:SendMessage", "other", ""),
    ("sqs:ReceiveMessage", "other", ""),
    ("sqs:PurgeQueue", "requestQueue", "admin"),
    ("sqs:PurgeQueue", f"responseQueue-{BOB}", "admin"),
    ("sqs:DeleteQueue", "requestQueue", ""),
    ("sqs:DeleteQueue", "responseQueue-dlq", ""),
    ("sqs:DeleteQueue", f"responseQueue-{BOB}", "admin"),
    ("sqs:ListQueues", "", "admin"),
]

#: The same of objects by their keys; of the bucket itself where there is none.
OBJECTS: list[tuple[str, str, str]] = [
    ("s3:PutObject", f"inbox/{ANNAS}", "client"),
    ("s3:GetObject", f"inbox/{ANNAS}", "worker"),
    ("s3:PutObject", f"outbox/{ANNAS}", "worker"),
    ("s3:GetObject", f"outbox/{ANNAS}", "client worker"),
    ("s3:DeleteObject", f"outbox/{ANNAS}", ""),
    ("s3:PutObject", f"inbox/{BOBS}", ""),
    ("s3:GetObject", f"inbox/{BOBS}", "worker"),
    ("s3:GetObject", f"outbox/{BOBS}", "worker"),
    ("s3:PutObject", f"inbox/{OLDER}", ""),
    ("s3:GetObject", f"outbox/{OLDER}", "worker"),
    ("s3:GetObject", "drop/invert/cat.png", "worker admin"),
    ("s3:GetObject", "images/cat.png", "labeller uploader admin"),
    ("s3:PutObject", "images/cat.png", "uploader admin"),
    ("s3:DeleteObject", "images/cat.png", "uploader admin"),
    ("s3:GetObject", "labels/cat.png.txt", "labeller uploader admin"),
    ("s3:PutObject", "labels/cat.png.txt", "labeller uploader admin"),
    ("s3:DeleteObject", "labels/cat.png.txt", "admin"),
    ("s3:PutObject", "labels/cat.png.txt.0123456789abcdef0123.part", "labeller uploader admin"),
    ("s3:PutObject", "labels/.conditions", "labeller uploader admin"),
    ("s3:GetObject", "labels/classes.toml", "labeller admin"),
    ("s3:PutObject", "labels/classes.toml", "admin"),
    ("s3:PutObject", "labels/annotators.toml", "admin"),
    ("s3:PutObject", "labels/gold.toml", "admin"),
    ("s3:PutObject", "labels/predictions.csv", "admin"),
    ("s3:GetObject", "removed/cat.png.txt", "uploader admin"),
    ("s3:GetObject", "logs/log.txt", "worker admin"),
    ("s3:PutObject", "logs/log.txt", "worker"),
    ("s3:DeleteObject", "logs/log.txt", ""),
    ("s3:PutObject", "workers/w.json", "worker"),
    ("s3:GetObject", "deploy/code-0123456789abcdef.zip", "instance deployer"),
    ("s3:PutObject", "deploy/code-0123456789abcdef.zip", "deployer"),
    ("s3:DeleteObject", "deploy/code-0123456789abcdef.zip", "deployer"),
    ("s3:GetObject", "deploy/wheels-0123456789abcdef.zip", "instance deployer"),
    ("s3:PutObject", "deploy/wheels-0123456789abcdef.zip", "deployer"),
    ("s3:GetObject", "deploy/boot/i-0123456789abcdef0.log", "admin"),
    ("s3:PutObject", "deploy/boot/i-0123456789abcdef0.log", "instance"),
    ("s3:GetObject", "secret", ""),
    ("s3:PutObject", "secret", ""),
    ("s3:GetBucketPolicy", "", "setup"),
    ("s3:PutBucketPolicy", "", "setup"),
    ("s3:GetBucketNotification", "", "setup"),
    ("s3:PutBucketVersioning", "", "setup"),
    ("s3:DeleteBucket", "", ""),
    ("s3:ListBucket", "", "worker admin setup"),
]

#: The same of listings by their prefix.
LISTINGS: list[tuple[str, str]] = [
    ("images/", "labeller uploader worker admin setup"),
    ("labels/01", "labeller uploader worker admin setup"),
    ("removed/", "uploader worker admin setup"),
    ("deploy/code-", "deployer worker admin setup"),
    (f"outbox/{ANNA}/{JOB}/", "client worker admin setup"),
    (f"outbox/{BOB}/{JOB}/", "worker admin setup"),
    ("outbox/anna-", "worker admin setup"),
    ("outbox/", "worker admin setup"),
    ("inbox/", "worker admin setup"),
    ("", "worker admin setup"),
]
