"""What takes a while: spinners and bars."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

from labapp.console.progress import escape, transfer
from labapp.console.waiting import wait_for
from tests.console.demo.around import frame


def wait() -> object:
    began = time.monotonic()

    def poll() -> str | None:
        if "--say" in sys.argv:
            # Not by print: a thread that is cut off within it has Python abort (see worker/logs).
            os.write(1, b"asked\n")
        time.sleep(0.6)  # as a long poll of the network
        return "the answer" if time.monotonic() - began > float(sys.argv[2]) else None

    def held() -> str | None:
        while not Path(sys.argv[3]).exists():
            time.sleep(0.01)
        return None

    def short() -> object:
        return wait_for("waiting for the answer", poll)

    if "--inline" in sys.argv:
        return short()
    question = held if sys.argv[3:] else poll
    with frame() as around:
        return wait_for("waiting for the answer", question, title="Type a list", frame=around)


def waiting_inline() -> object:
    return wait_for("waiting for the answer", lambda: time.sleep(0.2))


def broken() -> object:
    def poll() -> str | None:
        raise RuntimeError("the queue is gone")

    try:
        return wait_for("waiting", poll)
    except RuntimeError as error:
        return str(error)


def upload() -> object:
    with transfer("uploading", 4_000_000) as moving:
        for number in range(20):
            moving.moved(300_000)  # half as much again as there is
            time.sleep(0.05 if "--slow" not in sys.argv else 1)
            moving.done(f"uploaded picture-{number:03}.jpg")
            if moving.stopped():
                break
        return moving.sent


def slow_upload() -> object:
    with transfer("uploading", 4_000_000) as moving:
        for _ in range(6000):  # a signal between two steps is heard at the next
            if moving.left.wait(0.1):
                break
        return moving.sent


def processing() -> object:
    with transfer("processing", 3, "pictures") as moving:
        for _ in range(3):
            moving.moved(1)
            time.sleep(0.05)
        return moving.sent


def given_up() -> object:
    with transfer("processing", 3, "pictures", esc="leaves") as moving:
        moving.moved(1)
        moving.left.wait(60)
        return moving.sent


def two_bars() -> object:
    """Let a key be pressed between two bars."""
    with escape() as left:
        with transfer("uploading", 1, left=left) as moving:
            moving.moved(1)
        print("between", flush=True)
        time.sleep(0.5)
        with transfer("processing", 3, "pictures", left) as moving:
            return left.wait(60)


def slow_keyboard() -> object:
    """Take time to get at the keyboard, as on a busy machine."""
    import tty

    usual = tty.setcbreak

    def late(descriptor: int, when: int) -> Any:
        time.sleep(0.5)
        return usual(descriptor, when)

    setattr(tty, "setcbreak", late)  # noqa: B010 - mypy minds the assignment
    with transfer("processing", 3, "pictures") as moving:
        return moving.left.wait(60)
