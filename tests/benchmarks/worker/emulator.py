"""MiniStack as an ASGI app that counts its requests, to be served by uvicorn.

Nothing of it outlives the process. Its long poll looks at the queue every 100 ms, which bounds
every round trip on it; `fake` is there to see below that.
"""

from __future__ import annotations

import os

from tests.benchmarks.worker.counting import Counting

# MiniStack reads its settings when it is imported.
os.environ.update(
    BIND_HOST="127.0.0.1",
    PERSIST_STATE="0",
    S3_PERSIST="0",
    SERVICES="s3,sqs,sts,iam",
    LOG_LEVEL="ERROR",
)
from ministack.app import app as ministack

app = Counting(ministack)
