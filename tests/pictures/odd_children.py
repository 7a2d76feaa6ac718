"""What a child does instead of its picture: loaded in the child itself, which real ones fork.

Each replaces the processing alone; capping, giving up what no picture needs and speaking to the
worker are the real ones. Nothing patched in a test crosses to a forked child, so a test puts one of
these in the place of `sandbox._work`.
"""

from __future__ import annotations

import ctypes
import io
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from labapp.pictures import child, sandbox
from labapp.pictures.line import ChildLine
from labapp.pictures.sandbox import Caps, Sandbox
from labapp.pictures.task_files import Files

#: The ways to begin a child.
WAYS = ("forked", "started")


def hang(caps: Caps, line: ChildLine) -> None:
    """Say who it is in the file of the result, then never end."""
    _instead(caps, line, _say_and_hang)


def deaf(caps: Caps, line: ChildLine) -> None:
    """Hang, and listen to no request to end."""
    signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals))
    hang(caps, line)


def crash(caps: Caps, line: ChildLine) -> None:
    """Read where there is no memory."""
    _instead(caps, line, lambda _: ctypes.string_at(0))


def leave(caps: Caps, line: ChildLine) -> None:
    """End without a word, as a library that calls exit() does."""
    _instead(caps, line, lambda _: os._exit(7))


def devour(caps: Caps, line: ChildLine) -> None:
    """Ask for more memory than the cap allows, by way of Python."""
    _instead(caps, line, lambda _: bytearray(2 * caps.memory))


def devour_in_opencv(caps: Caps, line: ChildLine) -> None:
    """Ask for more memory than the cap allows, by way of OpenCV."""
    import cv2
    import numpy as np

    small = np.zeros((16, 16, 3), np.uint8)
    _instead(caps, line, lambda _: cv2.resize(small, (30_000, 30_000)))


def unbounded(caps: Caps, line: ChildLine) -> None:
    """Do pictures where the platform lets nobody bound their own memory."""
    child._address_space = lambda: 0
    child.work(caps, line)


def devour_unbounded(caps: Caps, line: ChildLine) -> None:
    """Take more and more memory, where the platform lets nobody bound their own."""
    child._address_space = lambda: 0

    def take(_: BinaryIO) -> None:
        taken = []
        while True:
            taken.append(b"!" * 5_000_000)
            time.sleep(0.001)

    _instead(caps, line, take)


def stumble(caps: Caps, line: ChildLine) -> None:
    """Raise what nobody thought of."""
    _instead(caps, line, lambda _: dict[str, int]()["surprise"])


def swell_on_disk(caps: Caps, line: ChildLine) -> None:
    """Write more than a result may have."""

    def write(result: BinaryIO) -> None:
        while True:
            result.write(bytes(1_000_000))

    _instead(caps, line, write)


def chatter(caps: Caps, line: ChildLine) -> None:
    """Write to both outputs, as C libraries do, past Python's own files; then do as asked."""

    def say() -> None:
        for descriptor in (1, 2):
            os.write(descriptor, b"warning of a library\n")

    _before(caps, line, 1, say)


def tire(caps: Caps, line: ChildLine) -> None:
    """Do the first picture as it should be done, and crash at the second."""
    _before(caps, line, 2, lambda: ctypes.string_at(0))


def swell(caps: Caps, line: ChildLine) -> None:
    """Do the first picture as it should be done, and have no memory left for the second."""
    _before(caps, line, 2, lambda: bytearray(2 * caps.memory))


def by_name(caps: Caps, line: ChildLine) -> None:
    """Do pictures as it should be done, but for those whose names say what to do instead."""
    from labapp.pictures import process as room

    real = room.made
    deeds: dict[str, Callable[[], object]] = {
        "crash": lambda: ctypes.string_at(0),
        "devour": lambda: bytearray(2 * caps.memory),
        "hang": lambda: time.sleep(3600),
        "killed": lambda: os.kill(os.getpid(), signal.SIGKILL),
    }

    def made(*given: Any) -> object:
        deeds.get(given[4], lambda: None)()
        return real(*given)

    room.made = made  # type: ignore[assignment]
    child.work(caps, line)


def crash_at_once(caps: Caps, line: ChildLine) -> None:
    """Read where there is no memory, whatever the task."""
    child.begin(caps, line)
    line.next()
    ctypes.string_at(0)


def killed(name: str, caps: Caps, line: ChildLine) -> None:
    """Be killed, as where memory is short, over the picture of a name."""
    _killed_over(name, caps, line)


def killed_once(name: str, until: Path, caps: Caps, line: ChildLine) -> None:
    """Be killed over the picture of a name, if no child before this one was begun to be."""
    first = not until.exists()
    until.touch()  # here: a child that has begun makes no files
    _killed_over(name if first else "", caps, line)


def _killed_over(name: str, caps: Caps, line: ChildLine) -> None:
    child.begin(caps, line)
    while asked := line.next():
        task = asked.task()
        if task.name == name:
            os.kill(os.getpid(), signal.SIGKILL)
        line.send(task.answer_of(task(Files())))


def _instead(caps: Caps, line: ChildLine, act: Callable[[BinaryIO], object]) -> None:
    """Be a child that does something else, told where the result should go."""
    from labapp.pictures import process as room

    room.process = lambda _source, _steps, result, *_: act(result)  # type: ignore[assignment]
    room.made = lambda *_: act(io.BytesIO())  # type: ignore[assignment]
    child.work(caps, line)


def _before(caps: Caps, line: ChildLine, number: int, act: Callable[[], object]) -> None:
    """Be a child that does pictures, and before one of them, counted from 1, something else."""
    from labapp.pictures import process as room

    real, done = room.process, []

    def process(*given: Any) -> object:
        done.append(given)
        if len(done) == number:
            act()
        return real(*given)

    room.process = process  # type: ignore[assignment]
    child.work(caps, line)


def _say_and_hang(told: BinaryIO) -> None:
    told.write(str(os.getpid()).encode())
    while True:
        time.sleep(3600)


def main() -> None:
    """Be a worker with one picture in hand, which does as named: `hang SOURCE RESULT [WAY]`."""
    from labapp.pictures.limits import Limits
    from labapp.pictures.process import PictureTask
    from labapp.worker.picture_work import PRELOADED

    sandbox.FORKS = sys.argv[4:] != ["started"]
    sandbox._work = {"hang": hang, "chatter": chatter}[sys.argv[1]]
    source, told = Path(sys.argv[2]), Path(sys.argv[3])
    task = PictureTask(source, '[{"op":"invert"}]', told, Limits(), "", "")
    Sandbox(Caps(600, 450_000_000), PRELOADED).run(task)


if __name__ == "__main__":
    from tests.pictures import odd_children

    odd_children.main()
