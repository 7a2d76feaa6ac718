"""What a child does instead of its picture: loaded in the child itself, which real ones fork.

Each replaces the processing alone; capping, watching the worker and speaking to it are the real
ones. Nothing patched in a test crosses to a forked child, so a test puts one of these in the place
of `children._work`.
"""

from __future__ import annotations

import ctypes
import os
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

from labapp.worker import children
from labapp.worker.children import Caps, Task


def hang(task: Task, caps: Caps, sender: Connection) -> None:
    """Say who it is in the file of the result, then never end."""
    _instead(task, caps, sender, lambda: _say_and_hang(task.result))


def deaf(task: Task, caps: Caps, sender: Connection) -> None:
    """Hang, and listen to no request to end."""
    import signal

    signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals))
    hang(task, caps, sender)


def crash(task: Task, caps: Caps, sender: Connection) -> None:
    """Read where there is no memory."""
    _instead(task, caps, sender, lambda: ctypes.string_at(0))


def leave(task: Task, caps: Caps, sender: Connection) -> None:
    """End without a word, as a library that calls exit() does."""
    _instead(task, caps, sender, lambda: os._exit(7))


def devour(task: Task, caps: Caps, sender: Connection) -> None:
    """Ask for more memory than the cap allows, by way of Python."""
    _instead(task, caps, sender, lambda: bytearray(2 * caps.memory))


def devour_in_opencv(task: Task, caps: Caps, sender: Connection) -> None:
    """Ask for more memory than the cap allows, by way of OpenCV."""
    import cv2
    import numpy as np

    small = np.zeros((16, 16, 3), np.uint8)
    _instead(task, caps, sender, lambda: cv2.resize(small, (30_000, 30_000)))


def stumble(task: Task, caps: Caps, sender: Connection) -> None:
    """Raise what nobody thought of."""
    _instead(task, caps, sender, lambda: dict[str, int]()["surprise"])


def chatter(task: Task, caps: Caps, sender: Connection) -> None:
    """Write to both outputs, as C libraries do: past Python's own files."""

    def say() -> None:
        for descriptor in (1, 2):
            os.write(descriptor, b"warning of a library\n")
        task.result.touch()

    _instead(task, caps, sender, say)


def _instead(task: Task, caps: Caps, sender: Connection, act: Callable[[], object]) -> None:
    from labapp.pictures import process as room

    room.process = lambda *_: act()  # type: ignore[assignment]
    children._work(task, caps, sender)


def _say_and_hang(told: Path) -> None:
    hidden = told.with_name("hidden")
    hidden.write_text(str(os.getpid()))
    hidden.replace(told)
    while True:
        time.sleep(3600)


def main() -> None:
    """Be a worker with one picture in hand, which does what is named: `... hang RESULT`."""
    from labapp.pictures.limits import Limits

    children.configure()
    children._work = {"hang": hang, "chatter": chatter}[sys.argv[1]]
    told = Path(sys.argv[2])
    children.run(Task(told, '[{"op":"invert"}]', told, Limits(), "", ""), Caps(600, 450_000_000))


if __name__ == "__main__":
    from tests.worker import odd_children

    odd_children.main()
