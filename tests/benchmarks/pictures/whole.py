"""JPEG to blur to JPEG in one fresh process, which reports its peak memory and its time.

Run as `python -m tests.benchmarks.pictures.whole WAY SOURCE RESULT`, one of the ways below.
"""

from __future__ import annotations

import importlib
import sys
import time
from pathlib import Path
from typing import Any

from tests.benchmarks.pictures.measure import status


def by_skimage(source: Path, result: Path) -> None:
    filters: Any = importlib.import_module("skimage.filters")
    io: Any = importlib.import_module("skimage.io")
    util: Any = importlib.import_module("skimage.util")
    soft = filters.gaussian(util.img_as_float64(io.imread(source)), 3, channel_axis=-1)
    io.imsave(result, util.img_as_ubyte(soft), quality=90)


def by_pillow(source: Path, result: Path) -> None:
    from PIL import Image, ImageFilter

    with Image.open(source) as image:
        image.filter(ImageFilter.GaussianBlur(3)).save(result, quality=90)


def by_us(source: Path, result: Path) -> None:
    from labapp.pictures import pipeline
    from labapp.pictures.process import prepare, process

    prepare()
    process(source, pipeline.parse(["blur:sigma=3"]), result)


WAYS = {"scikit-image": by_skimage, "Pillow": by_pillow, "labapp": by_us}


def main() -> None:
    """Run one way and print megabytes at the peak, and seconds with imports."""
    way, source, result = sys.argv[1:]
    start = time.perf_counter()
    WAYS[way](Path(source), Path(result))
    seconds = time.perf_counter() - start
    print(status("VmHWM"), seconds)


if __name__ == "__main__":
    main()
