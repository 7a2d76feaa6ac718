"""What a child does instead of its picture: loaded in the child itself, which real ones fork.

Each replaces the processing alone; capping, watching the worker and speaking to it are the real
ones. Nothing patched in a test crosses to a forked child, so a test puts one of these in the place
of `sandbox._work`.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from labapp.pictures import sandbox
from labapp.pictures.sandbox import Caps, Sandbox


def hang(caps: Caps, line: Connection) -> None:
    """Say who it is in the file of the result, then never end."""
    _instead(caps, line, _say_and_hang)


def deaf(caps: Caps, line: Connection) -> None:
    """Hang, and listen to no request to end."""
    signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals))
    hang(caps, line)


def crash(caps: Caps, line: Connection) -> None:
    """Read where there is no memory."""
    _instead(caps, line, lambda _: ctypes.string_at(0))


def leave(caps: Caps, line: Connection) -> None:
    """End without a word, as a library that calls exit() does."""
    _instead(caps, line, lambda _: os._exit(7))


def devour(caps: Caps, line: Connection) -> None:
    """Ask for more memory than the cap allows, by way of Python."""
    _instead(caps, line, lambda _: bytearray(2 * caps.memory))


def devour_in_opencv(caps: Caps, line: Connection) -> None:
    """Ask for more memory than the cap allows, by way of OpenCV."""
    import cv2
    import numpy as np

    small = np.zeros((16, 16, 3), np.uint8)
    _instead(caps, line, lambda _: cv2.resize(small, (30_000, 30_000)))


def stumble(caps: Caps, line: Connection) -> None:
    """Raise what nobody thought of."""
    _instead(caps, line, lambda _: dict[str, int]()["surprise"])


def chatter(caps: Caps, line: Connection) -> None:
    """Write to both outputs, as C libraries do: past Python's own files."""

    def say(result: Path) -> str:
        for descriptor in (1, 2):
            os.write(descriptor, b"warning of a library\n")
        result.touch()
        return "done"

    _instead(caps, line, say)


def tire(caps: Caps, line: Connection) -> None:
    """Do the first picture as it should be done, and crash at the second."""
    _then(caps, line, lambda: ctypes.string_at(0))


def swell(caps: Caps, line: Connection) -> None:
    """Do the first picture as it should be done, and have no memory left for the second."""
    _then(caps, line, lambda: bytearray(2 * caps.memory))


def crash_at_once(_: Caps, line: Connection) -> None:
    """Read where there is no memory, whatever the task."""
    line.recv()
    ctypes.string_at(0)


def killed(name: str, until: Path, _: Caps, line: Connection) -> None:
    """Be killed, as where memory is short, over the picture of a name, until there is a file.

    It makes that file, so that only the first is killed; in a folder that is not there it cannot.
    """
    task = line.recv()
    if task.name == name and not until.exists():
        with contextlib.suppress(OSError):
            until.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    line.send(task())


def _instead(caps: Caps, line: Connection, act: Callable[[Path], object]) -> None:
    """Be a child that does something else, told where the result should go."""
    from labapp.pictures import process as room

    room.process = lambda _source, _steps, result, *_: act(result)  # type: ignore[assignment]
    sandbox._work(caps, line)


def _then(caps: Caps, line: Connection, act: Callable[[], object]) -> None:
    """Be a child that does one picture, and something else from then on."""
    from labapp.pictures import process as room

    real, done = room.process, []

    def process(*given: Any) -> object:
        done.append(given)
        return real(*given) if len(done) == 1 else act()

    room.process = process  # type: ignore[assignment]
    sandbox._work(caps, line)


def _say_and_hang(told: Path) -> None:
    hidden = told.with_name("hidden")
    hidden.write_text(str(os.getpid()))
    hidden.replace(told)
    while True:
        time.sleep(3600)


def main() -> None:
    """Be a worker with one picture in hand, which does what is named: `... hang RESULT`."""
    from labapp.pictures.limits import Limits
    from labapp.pictures.process import PictureTask
    from labapp.worker.picture_jobs import PRELOADED

    sandbox._work = {"hang": hang, "chatter": chatter}[sys.argv[1]]
    told = Path(sys.argv[2])
    task = PictureTask(told, '[{"op":"invert"}]', told, Limits(), "", "")
    Sandbox(Caps(600, 450_000_000), PRELOADED).run(task)


if __name__ == "__main__":
    from tests.pictures import odd_children

    odd_children.main()
