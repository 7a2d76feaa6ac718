"""A whole picture job: paths in, a path out."""

from __future__ import annotations

import io
import itertools
import os
import subprocess
import sys
import weakref
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms, TiffImagePlugin

from labapp.errors import RefusedError
from labapp.pictures import pipeline
from labapp.pictures.limits import Limits
from labapp.pictures.looks import preview
from labapp.pictures.process import process
from tests.pictures import codec
from tests.pictures.samples import defined, file_of, noise, opened, photo
from tests.support.platforms import linux_only


def put(folder: Path, data: bytes, name: str = "source.png") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def test_decode_steps_encode(tmp_path: Path) -> None:
    stored = photo(60, 90)
    source = put(tmp_path, file_of(stored, "PNG"))
    done = process(source, pipeline.parse(["blur:sigma=3", "grayscale"]), tmp_path / "result")
    assert (done.format, done.width, done.height, done.frames) == ("png", 90, 60, 1)
    assert done.bytes == (tmp_path / "result").stat().st_size
    got = np.asarray(opened((tmp_path / "result").read_bytes()))
    wanted = defined("grayscale", defined("blur", stored, sigma=3.0))
    assert got.shape == (60, 90)
    assert np.abs(got.astype(int) - wanted).max() <= 2  # a level for each of the two steps


@pytest.mark.parametrize("format", ["JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF"])
def test_the_result_has_the_format_of_the_source_unless_another_is_asked(
    format: str, tmp_path: Path
) -> None:
    source = put(tmp_path, file_of(photo(20, 20), format))
    steps = pipeline.parse(["invert"])
    assert process(source, steps, tmp_path / "r").format == format.lower()
    assert opened((tmp_path / "r").read_bytes()).format == format
    assert process(source, steps, tmp_path / "r", format="tif").format == "tiff"
    assert opened((tmp_path / "r").read_bytes()).format == "TIFF"


def test_every_frame_of_an_animation_is_processed(tmp_path: Path) -> None:
    sequence = [(noise(20, 20, seed=seed) // 64 * 64, 50.0) for seed in range(3)]
    header = codec.Header("gif", "RGB", 20, 20, 3, loop=0, animated=True)
    source = put(tmp_path, codec.encode(sequence, header, "gif").data)
    done = process(source, pipeline.parse(["invert"]), tmp_path / "result")
    assert done.frames == 3
    picture = codec.read(tmp_path / "result")
    assert picture.durations == (50, 50, 50)
    for got, (wanted, _) in zip(picture.frames, sequence, strict=True):
        np.testing.assert_array_equal(got, 255 - wanted)


def test_one_bit_in_gives_one_bit_out(tmp_path: Path) -> None:
    stored = (noise(20, 30, 1) > 127).astype(np.uint8) * 255
    source = put(tmp_path, file_of(stored, "PNG", mode="1"))
    process(source, pipeline.parse(["flip"]), tmp_path / "result")
    result = opened((tmp_path / "result").read_bytes())
    assert result.mode == "1"
    np.testing.assert_array_equal(np.asarray(result), stored[:, ::-1] > 0)


def tiff(*pages: Image.Image, profiles: Sequence[bytes | None] = ()) -> bytes:
    """Write pages as they are, each with a profile of its own or none."""
    buffer = io.BytesIO()
    with TiffImagePlugin.AppendingTiffWriter(buffer, new=True) as pen:
        for page, icc in itertools.zip_longest(pages, profiles):
            page.save(pen, "TIFF", icc_profile=icc)
            pen.newFrame()
    return buffer.getvalue()


def test_each_page_is_held_to_the_limits_of_the_result(tmp_path: Path) -> None:
    pages = [Image.new("L", size) for size in ((1, 100), (100, 100))]
    source = put(tmp_path, tiff(*pages))
    with pytest.raises(RefusedError, match="2 pages, the largest of 400 x 400 pixels"):
        process(source, pipeline.parse(["resize:side=400"]), tmp_path / "r", Limits(pixels=11_000))
    assert not (tmp_path / "r").exists()


def test_each_page_keeps_its_own_bits(tmp_path: Path) -> None:
    grey = noise(20, 30, 1)
    pages = [Image.fromarray(grey).convert("1"), Image.fromarray(grey)]
    for given in (pages, pages[::-1]):
        process(put(tmp_path, tiff(*given)), pipeline.parse(["flip"]), tmp_path / "r")
        result = opened((tmp_path / "r").read_bytes())
        for number, page in enumerate(given):
            result.seek(number)
            assert result.mode == page.mode
            np.testing.assert_array_equal(np.asarray(result), np.asarray(page)[:, ::-1])


@pytest.mark.parametrize("target", ["tiff", "png"])
def test_each_page_keeps_its_own_profile(target: str, tmp_path: Path) -> None:
    # Red and blue change places by the one, so that nobody can mistake it for the other.
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = srgb.replace(b"rXYZ", b"????", 1).replace(b"bXYZ", b"rXYZ", 1)
    swapped = swapped.replace(b"????", b"bXYZ", 1)
    red = Image.new("RGB", (8, 8), (200, 0, 0))
    for profiles in ((swapped, None), (None, swapped), (None, None)):
        source = put(tmp_path, tiff(red, red, profiles=profiles))
        process(source, pipeline.parse(["flip"]), tmp_path / "r", format=target)
        header = codec.inspect(tmp_path / "r")
        if target == "tiff":
            assert tuple(page.profile for page in header.pages) == profiles
            continue
        for frame, icc in zip(codec.read(tmp_path / "r").frames, profiles, strict=True):
            assert (frame[0, 0].argmax() == 2) == (icc is not None)


@pytest.mark.parametrize("target", ["png", "gif", "webp"])
def test_pages_of_several_kinds_become_one_animation(target: str, tmp_path: Path) -> None:
    grey = np.full((16, 16), 77, np.uint8)
    deep = Image.fromarray(grey.astype(np.uint16) * 257)
    pages = [Image.fromarray(grey), deep, Image.new("RGB", (16, 16), (200, 30, 10))]
    for given in (pages, pages[::-1], [*pages, Image.new("LA", (16, 16), (9, 255))]):
        process(
            put(tmp_path, tiff(*given)), pipeline.parse(["flip"]), tmp_path / "r", format=target
        )
        result = codec.read(tmp_path / "r")
        for page, frame in zip(given, result.frames, strict=True):
            wanted = {"RGB": (200, 30, 10), "LA": (9, 9, 9)}.get(page.mode, (77, 77, 77))
            assert np.abs(frame[3, 3, :3].astype(int) - wanted).max() <= (6 * (target == "webp"))


def test_grey_with_alpha_gives_grey_with_alpha(tmp_path: Path) -> None:
    source = put(tmp_path, file_of(noise(20, 30, 2), "PNG"))
    process(source, pipeline.parse(["blur"]), tmp_path / "result")
    assert opened((tmp_path / "result").read_bytes()).mode == "LA"


def test_nothing_is_written_when_something_is_refused(tmp_path: Path) -> None:
    source = put(tmp_path, file_of(photo(20, 20), "PNG"), "small.png")
    with pytest.raises(RefusedError, match="step 1, resize, would make"):
        process(source, pipeline.parse(["resize:side=16384"]), tmp_path / "result")
    with pytest.raises(RefusedError, match=r"small\.png has 0\.0 megapixels"):
        process(source, pipeline.parse(["invert"]), tmp_path / "result", Limits(pixels=10))
    with pytest.raises(RefusedError, match=r"^holiday\.jpg is text"):
        process(
            put(tmp_path, b"notes"), pipeline.parse(["invert"]), tmp_path / "r", name="holiday.jpg"
        )
    assert not (tmp_path / "result").exists()


def test_a_thumbnail_of_a_jpeg_is_read_at_a_fraction(tmp_path: Path) -> None:
    stored = photo(1200, 1600)
    data = file_of(stored, "JPEG", quality=95)
    reduced, _ = next(codec.open_picture(data).frames(enough=200))
    assert 200 <= max(reduced.shape) <= 400
    source = put(tmp_path, data)
    process(source, pipeline.parse(["thumbnail:side=100"]), tmp_path / "result", format="png")
    got = codec.read(tmp_path / "result").frames[0]
    wanted = defined("thumbnail", codec.read(data).frames[0], side=100)
    assert got.shape == wanted.shape == (75, 100, 3)
    assert np.abs(got.astype(int) - wanted).max() <= 2


def test_a_preview_is_small_upright_and_on_white(tmp_path: Path) -> None:
    import PIL.Image

    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    data = file_of(photo(600, 900), "JPEG", exif=exif)
    shown = preview(put(tmp_path, data), 90)
    assert shown.shape == (90, 60, 3)
    assert shown.dtype == np.uint8
    clear = np.zeros((10, 10, 4), np.uint8)
    np.testing.assert_array_equal(preview(file_of(clear, "PNG"), 90), np.full((10, 10, 3), 255))
    assert preview(file_of(np.zeros((9, 9), np.uint16), "PNG"), 5).shape == (5, 5, 3)
    assert preview(file_of(noise(3, 900, 1), "PNG"), 90).shape == (1, 90, 3)
    with pytest.raises(RefusedError, match="is text"):
        preview(b"notes", 90)


@linux_only("only Linux tells a process its own peak")
def test_memory_stays_below_three_times_the_picture(tmp_path: Path) -> None:
    # In a process of its own: what others have used before must not hide what this one needs.
    code = """
import sys, pathlib
from labapp.pictures import pipeline, process
# Not getrusage, whose peak outlives exec: it would be that of the process the tests run in.
def peak():
    status = pathlib.Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])
process.prepare()
before = peak()
source, result = map(pathlib.Path, sys.argv[1:])
process.process(source, pipeline.parse(["blur:sigma=3"]), result)
print(peak() - before)
"""
    source = put(tmp_path, file_of(photo(2000, 3000), "JPEG"))
    done = subprocess.run(
        [sys.executable, "-c", code, str(source), str(tmp_path / "result")],
        capture_output=True,
        text=True,
        check=True,
    )
    # The picture has 18 MB: source and result of a step are held, and little besides.
    assert 2 * 18e6 < int(done.stdout) * 1024 < 3 * 18e6


@pytest.mark.parametrize("given", [None, "7"])
def test_a_prepared_process_has_loaded_all_and_keeps_to_its_threads(given: str | None) -> None:
    code = (
        "import os, sys\n"
        "from labapp.pictures import process\n"
        "process.prepare(3)\n"
        "import cv2, numpy as np\n"
        "from labapp.pictures import header, reading, registry, writing\n"
        "print(cv2.getNumThreads(), os.environ['OPENBLAS_NUM_THREADS'])\n"
        "before = set(sys.modules)\n"
        "frame, head = np.zeros((20, 20, 3), np.uint8), header.Header('png', 'RGB', 20, 20)\n"
        "for target in ('jpeg', 'png', 'gif', 'webp', 'bmp', 'tiff'):\n"
        "    data = writing.encode([(frame, 0.0)], head, target).data\n"
        "    list(reading.open_picture(data).frames())\n"
        "for operation in registry.operations().values():\n"
        "    operation.apply(frame.copy(), operation.defaults)\n"
        "print(sorted(set(sys.modules) - before))\n"
    )
    environment = {k: v for k, v in os.environ.items() if k != "OPENBLAS_NUM_THREADS"}
    if given:
        environment["OPENBLAS_NUM_THREADS"] = given
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    threads, loaded = done.stdout.splitlines()
    assert threads == f"3 {given or 1}"
    assert loaded == "[]"


def test_a_jpeg_is_read_at_a_fraction_for_a_thumbnail_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from labapp.pictures import jpeg

    asked, decode = [], jpeg.decode

    def watched(*given: Any) -> Any:
        asked.append(given[-1])
        return decode(*given)

    monkeypatch.setattr(jpeg, "decode", watched)
    source = put(tmp_path, file_of(photo(300, 400), "JPEG"))
    for steps in (["thumbnail:side=40"], ["thumbnail:side=40", "flip"], ["flip", "thumbnail"]):
        process(source, pipeline.parse(steps), tmp_path / "r")
    process(source, (), tmp_path / "r")
    assert asked == [160, 160, 0, 0]  # four times the side, or all of it
    assert codec.inspect(tmp_path / "r").width == 400


def test_only_one_frame_at_a_time_is_held() -> None:
    from labapp.pictures import process as room

    held: list[weakref.ref[Any]] = []

    def decoded(number: int) -> Any:
        frame = noise(9, 9, seed=number)
        held.append(weakref.ref(frame))
        return frame

    class Opened:
        def frames(self, _: int) -> Iterator[tuple[Any, float]]:
            for number in range(3):
                assert [one() for one in held] == [None] * (2 * number)
                yield decoded(number), 0.0

    class Copying:
        op, exact = "invert", False

        def apply(self, frame: Any) -> Any:
            done = 255 - frame
            held.append(weakref.ref(done))
            return done

    steps: Any = [Copying()]
    opened: Any = Opened()
    count = 0
    for frame, _ in room._done(opened, steps):
        assert held[-2]() is None  # the source is gone as soon as its step is done
        assert held[-1]() is frame
        del frame
        count += 1
    assert count == 3
