"""Run client.py with uploads that take their time: python slow_uploads.py SECONDS [WORDS].

The words are client.py's own. Started by tests in a terminal.
`image` has no worker to do its pictures.
"""

from __future__ import annotations

import sys
import time
from typing import Any

from labapp.cloud.bucket import Bucket
from labapp.programs import client
from labapp.worker import local_workers

#: Steps in which an upload tells of its bytes.
STEPS = 20

_upload = Bucket.upload


def upload_slowly(self: Bucket, data: bytes, key: str, content_type: str, moved: Any) -> None:
    for _ in range(STEPS):
        time.sleep(seconds / STEPS)
        moved(len(data) // STEPS)
    _upload(self, data, key, content_type)


if __name__ == "__main__":
    seconds = float(sys.argv.pop(1))
    setattr(Bucket, "upload", upload_slowly)  # noqa: B010 - mypy would want all its arguments
    if "image" in sys.argv:
        local_workers.begin_background = lambda home, settings: None
    sys.exit(client.main())
