"""How long a look at a picture takes, by format, and how often its file is opened until it is sent.

    python -m tests.benchmarks.looks [--megapixels 12] [--side 900] [--runs 7]

A look reads the file, has a child decode it at a fraction where the format can, and reduces it: it
is what stands between a key and a picture that was not seen before. The first one in a program also
begins what the children are forked from, which the desk does ahead; after a second's rest a child
is forked anew. `decode` is all of it done here, without a child.
"""

from __future__ import annotations

import argparse
import math
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image

from labapp.pictures import looks, sources
from labapp.pictures.limits import Limits
from tests.pictures.samples import photo

#: How each file is written: its name, Pillow's format, what it is converted to, and how.
FILES: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("photo.jpg", "JPEG", "RGB", {"quality": 92}),
    ("progressive.jpg", "JPEG", "RGB", {"quality": 92, "progressive": True}),
    ("cmyk.jpg", "JPEG", "CMYK", {"quality": 92}),
    ("photo.png", "PNG", "RGB", {"compress_level": 3}),
    ("photo.webp", "WEBP", "RGB", {"quality": 85}),
    ("photo.gif", "GIF", "P", {}),
    ("lzw.tif", "TIFF", "RGB", {"compression": "tiff_lzw"}),
)

#: What is tried may have more bytes than a lab takes.
_ROOM = Limits(source_bytes=1 << 28)


def main() -> None:
    """Read the options and print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.looks")
    parser.add_argument("--megapixels", type=float, default=12.0)
    parser.add_argument("--side", type=int, default=900, help="longest side of the copy")
    parser.add_argument("--runs", type=int, default=7)
    options = parser.parse_args()
    height = round(math.sqrt(options.megapixels * 1e6 * 3 / 4))
    picture = Image.fromarray(photo(height, round(height * 4 / 3)))
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        picture.resize((40, 30)).save(place / "small.png")
        first = _milliseconds(lambda: looks.see(place / "small.png", options.side))
        print(f"the first look of a program, at a small picture: {first:.0f} ms\n")
        print(f"{'':16} {'MB':>5} {'look':>6} {'rested':>7} {'decode':>7}   opened here")
        for name, kind, mode, how in FILES:
            picture.convert(mode).save(path := place / name, kind, **how)
            print(f"{name:16} {path.stat().st_size / 1e6:5.1f} {_row(path, options)}")


def _row(path: Path, options: argparse.Namespace) -> str:
    opened = [0]

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        opened[0] += event == "open" and str(arguments[0]) == str(path)

    sys.addaudithook(hook)

    def look() -> None:
        sources.forget()  # as one that was not seen before
        assert looks.see(path, options.side, _ROOM).copy is not None

    look()
    opened[0] = 0
    times = [_milliseconds(look) for _ in range(options.runs)]
    each = opened[0] / options.runs
    time.sleep(1.5)
    rested = _milliseconds(look)
    data = path.read_bytes()
    here = [
        _milliseconds(lambda: looks.preview(data, options.side, _ROOM)) for _ in range(options.runs)
    ]
    return (
        f"{statistics.median(times):6.0f} {rested:7.0f} {statistics.median(here):7.0f}"
        f"   {each:g} a look"
    )


def _milliseconds(action: Callable[[], object]) -> float:
    begun = time.perf_counter()
    action()
    return 1000 * (time.perf_counter() - begun)


if __name__ == "__main__":
    main()
