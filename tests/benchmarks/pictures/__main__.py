"""Print the tables of the pictures room: operations, coding, and whole jobs.

    python -m tests.benchmarks.pictures [--megapixels 12] [--runs 3] [--only blur] [--skip-slow]

All on one thread, scikit-image, Pillow, OpenCV and ours side by side in one run. Δ is the greatest
difference in grey levels from the definition in float64.
"""

from __future__ import annotations

import argparse
import io
import math
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from labapp.pictures import registry
from labapp.pictures.limits import Limits
from labapp.pictures.process import prepare
from tests.benchmarks.pictures.cases import CASES, Case, Frame
from tests.benchmarks.pictures.measure import Measured, difference, measure
from tests.benchmarks.pictures.whole import WAYS
from tests.pictures import codec
from tests.pictures.samples import defined, photo

_ROOM = Limits(source_bytes=1 << 30, result_bytes=1 << 30, pixels=1 << 28)


def main() -> None:
    """Read the options and print all tables."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.pictures")
    parser.add_argument("--megapixels", type=float, default=12.0, help="size of the photo")
    parser.add_argument("--runs", type=int, default=3, help="the best of so many is shown")
    parser.add_argument("--only", default="", help="operations whose names have this in them")
    parser.add_argument("--skip-slow", action="store_true", help="no definitions, so no Δ either")
    options = parser.parse_args()

    prepare(threads=1)
    height = round(math.sqrt(options.megapixels * 1e6 * 3 / 4))
    frame = photo(height, round(height * 4 / 3))
    print(f"{frame.shape[1]} x {frame.shape[0]} RGB, one thread; ms, MB above the input, Δ\n")
    print_operations(frame, options.runs, options.only, options.skip_slow)
    if not options.only:
        print_coding(frame, options.runs)
        print_whole(options.megapixels)


def print_operations(frame: Frame, runs: int, only: str, skip_slow: bool) -> None:
    """Print a row for each case: what each contender takes, and how far it is off."""
    names = ("scikit-image f64", "Pillow", "OpenCV", "labapp")
    print(f"{'operation':26}" + "".join(f"{name:>22}" for name in names) + "   to fastest same")
    for case in CASES:
        # So that no import is measured.
        operation_row(case, frame[:64, :64].copy(), 1, skip_slow)
        if only in case.operation:
            print(operation_row(case, frame, runs, skip_slow), flush=True)
    print()


def operation_row(case: Case, frame: Frame, runs: int, skip_slow: bool) -> str:
    """Measure one case and give its row."""
    values = registry.get(case.operation).check(case.values)
    wanted: Frame | None = None
    cells = []
    rivals = []
    if skip_slow:
        cells.append(f"{'-':>22}")
    else:
        took = measure(lambda: defined(case.operation, frame, **values), 1)
        wanted = took.result
        cells.append(cell(took, None))
        rivals.append(took.milliseconds)
    contenders: list[Callable[[], Any] | None] = [None, None]
    if (pillow := case.pillow) is not None:
        image = Image.fromarray(frame)
        contenders[0] = lambda: pillow(image)
    if (opencv := case.opencv) is not None:
        contenders[1] = lambda: opencv(frame)
    for call in contenders:
        if call is None:
            cells.append(f"{'-':>22}")
            continue
        took = measure(call, runs)
        off = None if wanted is None else difference(np.asarray(took.result), wanted)
        cells.append(cell(took, off))
        if off is not None and off <= 1:
            rivals.append(took.milliseconds)
    # Ours may write over its frame: it gets a copy, made beforehand.
    copies = [frame.copy() for _ in range(runs)]
    took = measure(lambda: case.ours(copies.pop()), runs)
    cells.append(cell(took, None if wanted is None else difference(took.result, wanted)))
    ratio = f"{took.milliseconds / min(rivals):10.2f}x" if rivals else ""
    return f"{case.title:26}" + "".join(cells) + ratio


def cell(took: Measured, off: int | None) -> str:
    """Give ms/MB and Δ in a fixed width."""
    delta = "" if off is None else f" Δ{off}"
    return f"{took.milliseconds:9.1f} /{took.megabytes:6.0f}{delta:>5}"


def print_coding(frame: Frame, runs: int) -> None:
    """Print decoding and encoding of the formats, by scikit-image, Pillow and us."""
    skio: Any = import_module("skimage.io")
    print(f"{'coding':26}{'scikit-image':>22}{'Pillow':>22}{'labapp':>22}{'bytes':>14}")
    image = Image.fromarray(frame)
    header = codec.Header("png", "RGB", frame.shape[1], frame.shape[0], subsampling="420")
    jpeg_header = codec.Header("jpeg", "RGB", 1, 1, subsampling="420")
    for format, quality, rounds in (
        ("jpeg", {"quality": 90}, runs),
        ("png", {}, 1),
        ("tiff", {}, runs),
        ("bmp", {}, runs),
    ):
        said = jpeg_header if format == "jpeg" else header
        ours = measure(partial(codec.encode, [(frame, 0.0)], said, format, _ROOM), runs)
        data = ours.result.data
        theirs = measure(partial(saved_by_pillow, image, format, quality), rounds)
        row = f"{'-':>22}{cell(theirs, None)}{cell(ours, None)}{len(data):14,}"
        print(f"{format + ' encode':26}{row}")
        readers = (skio_reader(skio, data), partial(loaded_by_pillow, data))
        took = [measure(reader, runs) for reader in readers]
        took.append(measure(partial(codec.read, data, _ROOM), runs))
        print(f"{format + ' decode':26}" + "".join(cell(each, None) for each in took), flush=True)
    print()


def saved_by_pillow(image: Image.Image, format: str, options: dict[str, Any]) -> None:
    """Encode with Pillow's defaults, but for the options."""
    image.save(io.BytesIO(), format, **options)


def loaded_by_pillow(data: bytes) -> Frame:
    """Decode with Pillow, to an array."""
    return np.asarray(Image.open(io.BytesIO(data)))


def skio_reader(skio: Any, data: bytes) -> Callable[[], Any]:
    """Decode with scikit-image."""
    return lambda: skio.imread(io.BytesIO(data))


def print_whole(megapixels: float) -> None:
    """Print peak memory and time of JPEG to blur to JPEG, each in a fresh process."""
    sizes = (megapixels, 2 * megapixels)
    print("JPEG -> blur sigma 3 -> JPEG in a fresh process: peak MB / seconds with imports")
    print(f"{'megapixels':>10}" + "".join(f"{way:>22}" for way in WAYS))
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            height = round(math.sqrt(size * 1e6 * 2 / 3))
            frame = photo(height, round(height * 3 / 2))
            header = codec.Header("jpeg", "RGB", 1, 1, subsampling="420")
            source = Path(folder) / "source.jpg"
            source.write_bytes(codec.encode([(frame, 0.0)], header, "jpeg", _ROOM).data)
            cells = [whole(way, source, Path(folder) / "result.jpg") for way in WAYS]
            print(f"{size:10.0f}" + "".join(f"{each:>22}" for each in cells), flush=True)


def whole(way: str, source: Path, result: Path) -> str:
    """Run one way in a fresh process and give its megabytes and seconds."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.pictures.whole", way, str(source), str(result)],
        capture_output=True,
        text=True,
        check=True,
    )
    megabytes, seconds = map(float, done.stdout.split())
    return f"{megabytes:.0f} / {seconds:.2f}"


if __name__ == "__main__":
    main()
