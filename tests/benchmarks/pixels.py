"""How long a picture takes to the terminal, and how many bytes, in each protocol and in blocks.

    python -m tests.benchmarks.pixels [--columns 64] [--rows 24] [--rounds 7]

Three photos, reduced as the menus have them, are drawn in turn in every way. Told of each: the
milliseconds that drawing takes in a thread of its own, those that the page's own drawing takes with
it, those of a page that is drawn again with nothing new, the bytes of the picture, and how long
those take over a line of 10 megabits a second.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np
from PIL import Image

from labapp.console import picture, theme
from labapp.console.graphics import choice
from labapp.console.graphics.choice import Choice
from labapp.console.theme import Depth, Theme
from labapp.programs.menus.picture_page import COPY
from tests.support.pixel_pages import PixelPage, Pixels
from tests.support.pixel_screen import PixelScreen

CELL = 9, 18

WAYS = {
    "blocks, truecolor": (Choice(), Depth.TRUECOLOR),
    "blocks, 256": (Choice(), Depth.ANSI256),
    **{
        f"{name}{', remote' * is_remote}": (
            Choice(name, cell=CELL, is_remote=is_remote),
            Depth.TRUECOLOR,
        )
        for name in ("iterm", "kitty", "placeholders", "sixel")
        for is_remote in (False, True)
    },
}


class Counting(PixelScreen):
    """A screen that shows nothing: what counts is what is sent."""

    def write(self, data: str) -> int:
        self.writes.append(data)
        return len(data)


def photos() -> list[Pixels]:
    from skimage import data

    found = []
    for name in ("astronaut", "coffee", "chelsea"):
        image = Image.fromarray(getattr(data, name)())
        scale = COPY / max(image.size)
        size = round(image.width * scale), round(image.height * scale)
        found.append(np.asarray(image.resize(size).convert("RGB"), np.uint8))
    return found


def timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return 1000 * (time.perf_counter() - began)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name, usual in (("--columns", 64), ("--rows", 24), ("--rounds", 7)):
        parser.add_argument(name, type=int, default=usual)
    asked = parser.parse_args()
    print(f"{'':22}   draw   page  again ms       KB   at 10 Mbit/s")
    rows: dict[str, list[tuple[float, ...]]] = {way: [] for way in WAYS}
    for _ in range(asked.rounds):
        for pixels in photos():
            for way, (told, depth) in WAYS.items():
                choice.use(told)
                theme._current = Theme(depth)
                rows[way].append(_measured(pixels, asked.columns, asked.rows))
    for way, measured in rows.items():
        draw, page, again, size = map(statistics.median, zip(*measured, strict=True))
        line = f"{draw:6.1f} {page:6.1f} {again:6.1f} {size / 1000:11.0f} {size / 1250:8.0f} ms"
        print(f"{way:22} {line}")


def _measured(pixels: Pixels, columns: int, rows: int) -> tuple[float, ...]:
    page = PixelPage(Counting(columns + 10, rows + 6, CELL), "a title")
    page.draw()
    drawn: list[object] = []
    draw = timed(lambda: drawn.append(picture.draw(pixels, columns, rows)))
    page.lines = drawn
    _ = drawn[0].styled  # type: ignore[attr-defined]
    show = timed(page.draw)
    size = len(page.screen.sent.encode())
    return draw, show, timed(page.draw), size


if __name__ == "__main__":
    main()
