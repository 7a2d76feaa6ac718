"""What stands around the demo's pages, and a photo for them."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from labapp.console import page
from labapp.console.header import Header
from labapp.console.stage import Frame, Notice

#: When a page first asked for something; what happens later happens relative to that.
_FIRST: list[float] = []

HELP = "Numbers are summarised by a worker.\n\nAny list of up to ten whole numbers will do."


def elapsed() -> float:
    _FIRST[:] = _FIRST or [time.monotonic()]
    return time.monotonic() - _FIRST[0]


def show(*words: Any, **named: Any) -> str | None:
    """Show a page; the letter that ended it."""
    key = page.show(*words, **named)
    return key.letter if key else None


def header() -> Header:
    alive = None if elapsed() < 0.3 else 1
    return Header("client", "local", "us-east-1", "labapp-hotdogs", "anna", alive)


def notices() -> list[Notice]:
    if elapsed() < 0.6:
        return []
    return [Notice("job 01JD3 is done: minimum is 1 maximum is 55", "done")]


def lasts() -> float | None:
    left = [at - elapsed() for at in (0.3, 0.6)]
    return next((seconds for seconds in left if seconds > 0), None)


def frame(lasts: Callable[[], float | None] = lasts) -> Frame:
    return Frame(header, notices, lasts)


def photo() -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    from PIL import Image

    with Image.open(Path(sys.argv[2])) as image:
        return np.asarray(image.convert("RGB"), np.uint8)
