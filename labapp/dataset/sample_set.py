"""The sample set: twenty pictures that come with labapp, to be labelled and tried."""

from __future__ import annotations

from pathlib import Path

#: Its folder, beside that of the code.
SAMPLE = Path(__file__).resolve().parents[2] / "images"

#: Its pictures; whatever else lies there, such as results of tries, is none of them.
SAMPLE_NAMES = tuple(f"{number}.jpg" for number in range(1, 21))


def sample_set() -> list[str]:
    """Return the paths of the pictures that come with labapp."""
    every = [SAMPLE / name for name in SAMPLE_NAMES]
    return [str(path) for path in every if path.is_file()] or [str(path) for path in every]
