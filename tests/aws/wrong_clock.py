"""Run a program as on a machine whose clock is off.

    python -m tests.aws.wrong_clock -7200 admin.py cloud status

What signs, what writes times down and what finds the clock out all see the wrong time.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from types import SimpleNamespace
from unittest import mock

from botocore import auth

from labapp import utc
from labapp.cloud import clock


@contextmanager
def clock_off(seconds: float) -> Iterator[None]:
    """Have this process's clock off by so many seconds, negative for behind."""
    off = timedelta(seconds=seconds)

    class Off(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + off

    def signed_at(remove_tzinfo: bool = True) -> datetime:
        now = datetime.now(UTC) + off
        return now.replace(tzinfo=None) if remove_tzinfo else now

    wrong = {name: getattr(time, name) for name in dir(time) if not name.startswith("_")}
    wrong["time"] = lambda: time.time() + seconds
    with ExitStack() as stack:
        stack.enter_context(mock.patch.object(clock, "time", SimpleNamespace(**wrong)))
        stack.enter_context(mock.patch.object(utc, "datetime", Off))
        stack.enter_context(mock.patch.object(auth, "get_current_datetime", signed_at))
        yield


def main() -> int:
    """Run the program."""
    from labapp.programs import find

    seconds, program, *words = sys.argv[1:]
    with clock_off(float(seconds)):
        return find(program).main(words)


if __name__ == "__main__":
    sys.exit(main())
