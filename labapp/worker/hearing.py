"""Commands of a worker's parent process, read from standard input.

On Windows a thread that waits in a read of a pipe holds the pipe: whoever else asks something about
it waits too, as the C libraries of native modules do while they are loaded. So there the pipe is
looked at now and then, and read when there is something in it.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from typing import IO

#: Seconds between two looks.
_STEP = 0.05


def lines(stream: IO[str]) -> Iterator[str]:
    """Yield the lines on a standard input until there are no more."""
    if sys.platform == "win32":
        import _winapi
        import msvcrt

        descriptor = stream.fileno()
        handle = msvcrt.get_osfhandle(descriptor)

        def waiting() -> int:
            size = _winapi.PeekNamedPipe(handle)[0]
            return size if isinstance(size, int) else len(size)

        yield from looked_for(descriptor, waiting)
    else:
        yield from stream


def looked_for(descriptor: int, waiting: Callable[[], int]) -> Iterator[str]:
    """Yield the lines on a pipe, which is read only when there is something in it.

    Args:
        descriptor: of the pipe.
        waiting: returns the bytes in it; raises OSError when its other end is closed.
    """
    data = b""
    while True:
        try:
            size = waiting()
        except OSError:  # ERROR_BROKEN_PIPE; whatever else it is, nobody can be heard any more
            return
        if not size:
            time.sleep(_STEP)
            continue
        data += os.read(descriptor, size)
        *whole, data = data.split(b"\n")
        for line in whole:
            yield line.decode("utf-8", "replace")
