"""Run client.py where no answer is kept at first: python failing_answers.py TIMES [WORDS].

The words are client.py's own. Started by tests in a terminal.
"""

from __future__ import annotations

import sys
from typing import Any

from labapp.dataset import label_writer
from labapp.errors import UnreachableError
from labapp.programs import client

_record = label_writer.record
left = 0


def record_late(*arguments: Any) -> Any:
    global left
    left -= 1
    if left >= 0:
        raise UnreachableError("cannot keep the answer", "Try again.")
    return _record(*arguments)


if __name__ == "__main__":
    left = int(sys.argv.pop(1))
    setattr(label_writer, "record", record_late)  # noqa: B010 - mypy would want its own arguments
    sys.exit(client.main())
