"""What a row of the table of promises comes to: its figure beside the promise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Size:
    """How a row is run: in a folder of its own, short or full, with a seed."""

    folder: Path
    full: bool = False
    seed: int = 1


@dataclass(frozen=True)
class Figure:
    """One measured row.

    Attributes:
        promise: what was promised.
        measured: what was seen.
        kept: whether that keeps the promise.
    """

    promise: str
    measured: str
    kept: bool


Row = Callable[[Size], Figure]
