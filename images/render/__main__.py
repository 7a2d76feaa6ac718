"""Make the pictures: `python -m images.render [numbers …] [--size draft|full] [--to FOLDER]`."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from images.render.picture import develop, expose, write
from images.render.scenes import SHOTS

#: Samples for each pixel, and by what the sides are divided.
SIZES = {"draft": (2, 3), "full": (4, 1)}


def main() -> None:
    """Render what was asked for, one after another."""
    parser = argparse.ArgumentParser(prog="python -m images.render", description=__doc__)
    parser.add_argument("numbers", nargs="*", type=int, help="which pictures; all if none is given")
    parser.add_argument("--size", choices=SIZES, default="full")
    parser.add_argument("--to", type=Path, default=Path(__file__).parent.parent, metavar="FOLDER")
    wish = parser.parse_args()
    samples, divisor = SIZES[wish.size]
    for number in wish.numbers or sorted(SHOTS):
        shot = SHOTS[number]
        began = time.perf_counter()
        width, height = shot.size[0] // divisor, shot.size[1] // divisor
        linear = expose(shot.stage(), shot.camera, width, height, samples)
        path = wish.to / f"{number}.jpg"
        write(develop(linear), path)
        taken = time.perf_counter() - began
        print(f"{path.name}: {shot.subject}; {path.stat().st_size / 1000:.0f} kB, {taken:.0f} s")


if __name__ == "__main__":
    main()
