"""Run client.py with pictures that take a third of a second each to send, and that nobody does.

Started by a test in a terminal, with client.py's own words: python slow_uploads.py image …
"""

from __future__ import annotations

import sys
import time
from typing import Any

from labapp.jobs import pictures
from labapp.programs import client, sending

_send = pictures.send


def send_slowly(*arguments: Any) -> str:
    time.sleep(0.3)
    return _send(*arguments)


if __name__ == "__main__":
    setattr(pictures, "send", send_slowly)  # noqa: B010 - mypy would want all its arguments
    sending.start_worker = lambda cloud: None
    sys.exit(client.main())
