"""A result goes back to how its source was stored: quality, palette, bits, compression, dpi."""

from __future__ import annotations

import io
from collections import UserDict
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from labapp.pictures import frames, pipeline, stored, vp8
from labapp.pictures.formats import png
from labapp.pictures.process import Processed, process
from tests.pictures import codec
from tests.pictures.samples import Frame, data, deep_photo, defined, file_of, noise, opened

tifffile: Any = import_module("tifffile")

COFFEE: Frame = data.coffee()[::2, ::2].copy()


def drawing() -> Image.Image:
    """Draw a page with boxes and words, as screenshots and scans have them."""
    image = Image.new("RGB", (320, 240), "white")
    pen = ImageDraw.Draw(image)
    for number in range(30):
        at = (number * 37 % 280, number * 53 % 200)
        pen.rectangle((*at, at[0] + 40, at[1] + 25), outline=(number * 8, 90, 200 - number * 5))
        pen.text(at, f"label {number}", fill="black")
    return image


PAGE = drawing()
FEW = PAGE.quantize(16, dither=Image.Dither.NONE)
BITS = PAGE.convert("L").point(lambda level: 255 * (level > 128)).convert("1")
PHOTO = Image.fromarray(COFFEE)


def saved(image: Image.Image, format: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def moving(image: Image.Image, colours: int = 0) -> list[Image.Image]:
    several = []
    for number in range(6):
        frame = image.copy()
        ImageDraw.Draw(frame).ellipse([20 + 30 * number, 50, 60 + 30 * number, 90], fill="red")
        several.append(frame.quantize(colours) if colours else frame)
    return several


def animated(several: list[Image.Image], format: str, **options: Any) -> bytes:
    first, *rest = several
    return saved(first, format, save_all=True, append_images=rest, duration=50, **options)


def run(source: bytes, folder: Path, *steps: str, **options: Any) -> tuple[bytes, Processed]:
    (folder / "source").write_bytes(source)
    parsed = pipeline.parse(steps)
    done = process(folder / "source", parsed, folder / "result", **options)
    return (folder / "result").read_bytes(), done


class Sources(UserDict[str, Any]):
    """Files by name, each written when it is first asked for: every worker collects all tests."""

    def __getitem__(self, name: str) -> bytes:
        if callable(made := self.data[name]):
            self.data[name] = made = made()
        return bytes(made)


SOURCES = Sources(
    {
        **{f"jpeg {q}": partial(saved, PHOTO, "JPEG", quality=q) for q in (30, 75, 95)},
        "jpeg packed": partial(saved, PHOTO, "JPEG", quality=70, optimize=True, progressive=True),
        "jpeg tiny": partial(saved, PHOTO.resize((24, 16)), "JPEG", quality=60, optimize=True),
        "jpeg tables": partial(saved, PHOTO, "JPEG", qtables=[[40] * 64] * 2),
        "png photo": partial(saved, PHOTO, "PNG", optimize=True),
        "png page": partial(saved, PAGE, "PNG", optimize=True),
        "png flat": partial(
            saved, Image.new("RGB", (400, 300), (9, 99, 200)), "PNG", optimize=True
        ),
        "png slope": partial(saved, Image.linear_gradient("L"), "PNG", optimize=True),
        "png alpha": partial(saved, PAGE.convert("RGBA"), "PNG", optimize=True),
        **{
            f"png {n} colours": partial(
                saved, PAGE.quantize(n, dither=Image.Dither.NONE), "PNG", optimize=True
            )
            for n in (2, 3, 16, 200)
        },
        "png photo of 256 colours": partial(saved, PHOTO.quantize(256), "PNG", optimize=True),
        "png see-through colours": partial(
            saved, PAGE.convert("RGBA").quantize(50), "PNG", optimize=True
        ),
        "png bits": partial(saved, BITS, "PNG", optimize=True),
        "gif": partial(saved, FEW, "GIF"),
        "gif photo": partial(saved, PHOTO, "GIF"),
        "gif moving": lambda: animated(moving(PAGE), "GIF", optimize=True),
        "gif moving, few colours": lambda: animated(moving(PAGE, 32), "GIF", optimize=True),
        "apng": lambda: animated(moving(PAGE), "PNG"),
        **{f"webp {q}": partial(saved, PHOTO, "WEBP", quality=q) for q in (50, 75, 95)},
        "webp lossless": partial(saved, PAGE, "WEBP", lossless=True),
        "webp moving": lambda: animated(moving(PAGE), "WEBP"),
        "bmp": partial(saved, PHOTO, "BMP"),
        "bmp colours": partial(saved, FEW, "BMP"),
        "bmp bits": partial(saved, BITS, "BMP"),
        "bmp grey": partial(saved, PHOTO.convert("L"), "BMP"),
        **{
            f"tiff {how} {image.mode}": partial(saved, image, "TIFF", compression=how)
            for how in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits")
            for image in (PHOTO, PAGE, PHOTO.convert("L"), FEW, BITS)
        },
        **{
            f"tiff {how}": partial(saved, BITS, "TIFF", compression=how)
            for how in ("group3", "group4", "tiff_ccitt")
        },
        "tiff jpeg": partial(saved, PHOTO.convert("YCbCr"), "TIFF", compression="jpeg", quality=60),
        "tiff jpeg grey": partial(
            saved, PHOTO.convert("L"), "TIFF", compression="jpeg", quality=60
        ),
        "tiff noise": partial(saved, Image.fromarray(noise(200, 300)), "TIFF"),
    }
)


@pytest.mark.parametrize("name", SOURCES)
def test_a_flip_makes_no_file_much_larger(name: str, tmp_path: Path) -> None:
    source = SOURCES[name]
    result, _ = run(source, tmp_path, "flip")
    # The mark of a result takes up to 40 bytes.
    assert len(result) <= 1.3 * len(source) + 40


@pytest.mark.parametrize("name", [n for n in SOURCES if "moving" not in n and n != "apng"])
def test_a_flip_changes_neither_kind_nor_compression(name: str, tmp_path: Path) -> None:
    source = SOURCES[name]
    result, _ = run(source, tmp_path, "flip")
    before, after = opened(source), opened(result)
    assert after.mode == before.mode
    packed = str(before.info.get("compression")).replace("raw", "tiff_adobe_deflate")
    if before.format == "TIFF":
        assert after.info["compression"] == packed
    lossy = before.format == "JPEG" or "webp" in name or "jpeg" in name
    if not lossy:
        wanted = np.fliplr(np.asarray(before.convert("RGBA")))
        np.testing.assert_array_equal(np.asarray(after.convert("RGBA")), wanted)


@pytest.mark.parametrize("quality", range(1, 101, 9))
def test_a_jpeg_keeps_its_quality(quality: int, tmp_path: Path) -> None:
    source = saved(PHOTO, "JPEG", quality=quality, subsampling=1)
    assert stored.of_jpeg(source) == (quality, ())
    result, _ = run(source, tmp_path, "flip")
    assert opened(result).quantization == opened(source).quantization  # type: ignore[attr-defined]
    assert codec.inspect(result).subsampling == "422"


@pytest.mark.parametrize("table", [[1] * 64, [16] * 64, list(range(1, 65)), [255] * 64])
def test_tables_that_are_not_libjpegs_are_kept_as_they_are(
    table: list[int], tmp_path: Path
) -> None:
    for image in (PHOTO, PHOTO.convert("L")):
        source = saved(image, "JPEG", qtables=[table, table[::-1]])
        result, _ = run(source, tmp_path, "flip")
        assert opened(result).quantization == opened(source).quantization  # type: ignore[attr-defined]
        assert 1 <= (codec.inspect(source).stored.quality or 0) <= 100


def test_a_quality_that_is_asked_for_counts_more_than_the_sources(tmp_path: Path) -> None:
    sources = [SOURCES[n] for n in ("jpeg 95", "jpeg tables", "webp 95", "webp lossless")]
    for source in [*sources, SOURCES["tiff jpeg"]]:
        small, _ = run(source, tmp_path, "flip", quality=10)
        large, _ = run(source, tmp_path, "flip", quality=90)
        assert len(small) < 0.7 * len(large)
    result, _ = run(SOURCES["jpeg 30"], tmp_path, "flip", quality=88)
    assert stored.of_jpeg(result) == (88, ())
    result, _ = run(SOURCES["png page"], tmp_path, "flip", format="jpeg")
    assert stored.of_jpeg(result) == (90, ())


@pytest.mark.parametrize("quality", [5, 30, 60, 80, 90, 100])
def test_the_quality_of_a_webp_is_found_from_its_quantisers(quality: int) -> None:
    found = vp8.quality(saved(PHOTO, "WEBP", quality=quality))
    assert found == pytest.approx(quality, abs=8)
    assert vp8.quality(SOURCES["webp lossless"]) is None
    assert vp8.quality(b"RIFF\x10\0\0\0WEBPVP8 \x04\0\0\0\0\0\0\0") is None


@pytest.mark.parametrize("name", ["png bits", "bmp bits", "tiff group4", "tiff raw 1"])
@pytest.mark.parametrize(
    ("step", "bits"),
    [
        ("flip", True), ("rotate:angle=90", True), ("crop_square", True), ("invert", True),
        ("black_and_white", True), ("median", True), ("posterize", True),
        ("blur", False), ("sharpen", True), ("resize:side=100", False),
        ("rotate:angle=7", False), ("edges", False), ("pixelate", False),
    ],
)  # fmt: skip
def test_one_bit_stays_one_where_no_grey_is_made(
    name: str, step: str, bits: bool, tmp_path: Path
) -> None:
    result, _ = run(SOURCES[name], tmp_path, step)
    assert (opened(result).mode == "1") == bits
    (parsed,) = pipeline.parse([step])
    source = codec.read(SOURCES[name]).frames[0]
    wanted = defined(parsed.op, source, **parsed.values)
    got = codec.read(result).frames[0]
    assert np.abs(got.astype(int) - wanted).max() <= 1


@pytest.mark.parametrize("name", ["png 16 colours", "bmp colours", "tiff tiff_lzw P"])
def test_colours_by_number_stay_so_until_there_are_too_many(name: str, tmp_path: Path) -> None:
    for step in ("flip", "rotate:angle=270", "crop_square", "invert", "sepia"):
        assert opened(run(SOURCES[name], tmp_path, step)[0]).mode == "P", step
    assert opened(run(SOURCES[name], tmp_path, "blur")[0]).mode == "RGB"


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_greys_of_few_bits_stay_so(bits: int, tmp_path: Path) -> None:
    step = 255 // ((1 << bits) - 1)
    levels = (noise(21, 33, 1) // step * step).astype(np.uint8)
    few = codec.encode([(levels, 0.0)], codec.Header("png", "1", 33, 21), "png").data
    assert few[24] == bits
    result, _ = run(few, tmp_path, "flip")
    assert result[24] == bits
    np.testing.assert_array_equal(codec.read(result).frames[0], levels[:, ::-1])
    assert run(few, tmp_path, "blur")[0][24:26] == bytes([8, 0])


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("format", ["png", "tiff"])
def test_sixteen_bits_stay_sixteen_through_a_whole_job(
    format: str, channels: int, tmp_path: Path
) -> None:
    deep = deep_photo(40, 50, channels)
    source = codec.encode([(deep, 0.0)], codec.Header("png", "RGB", 50, 40), format).data
    result, done = run(source, tmp_path, "flip")
    np.testing.assert_array_equal(codec.read(result).frames[0], deep[:, ::-1])
    assert done.lost == ()
    for step in (
        "blur",
        "resize:side=30",
        "equalize",
        "clahe",
        "median:radius=3",
        "rotate:angle=5",
    ):
        got = codec.read(run(source, tmp_path, step)[0]).frames[0]
        assert got.dtype == np.uint16, step
        assert len(np.unique(got)) > 256, step


def test_deep_tiffs_are_what_libtiff_reads(tmp_path: Path) -> None:
    for channels in (1, 3, 4):
        deep = deep_photo(40, 50, channels)
        data = codec.encode([(deep, 0.0)], codec.Header("png", "RGB", 50, 40), "tiff").data
        read = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
        assert read is not None
        order = {3: [2, 1, 0], 4: [2, 1, 0, 3]}.get(channels)
        np.testing.assert_array_equal(read[..., order] if order else read, deep)


RESOLUTIONS = {"JPEG": (300, 200), "PNG": (300, 200), "BMP": (300, 200), "TIFF": (300.5, 200.25)}


@pytest.mark.parametrize("target", ["jpeg", "png", "bmp", "tiff"])
@pytest.mark.parametrize("format", RESOLUTIONS)
def test_the_resolution_is_kept(format: str, target: str, tmp_path: Path) -> None:
    for image in (PHOTO, FEW, BITS) if format not in ("JPEG",) else (PHOTO, PHOTO.convert("L")):
        source = saved(image, format, dpi=RESOLUTIONS[format])
        for step, turned in (("flip", False), ("resize:side=50", False), ("rotate", True)):
            wanted = RESOLUTIONS[format][:: -1 if turned else 1]
            result, _ = run(source, tmp_path, step, format=target)
            assert opened(result).info["dpi"] == pytest.approx(wanted, abs=0.6), step


@pytest.mark.parametrize(
    ("steps", "turned"),
    [
        (["crop_square"], False),
        (["crop_square", "rotate"], True),
        (["rotate", "crop_square"], True),
        (["rotate", "crop_square", "rotate"], False),
        (["rotate:angle=45"], False),
    ],
)
def test_the_resolution_of_a_square_is_turned_with_quarters_alone(
    steps: list[str], turned: bool, tmp_path: Path
) -> None:
    result, _ = run(saved(PHOTO, "PNG", dpi=(300, 200)), tmp_path, *steps)
    wanted = (200, 300) if turned else (300, 200)
    assert opened(result).info["dpi"] == pytest.approx(wanted, abs=0.1)


def test_a_picture_that_is_turned_upright_takes_its_resolution_along(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    for format in ("JPEG", "TIFF", "PNG"):
        source = saved(PHOTO, format, dpi=(300, 200), exif=exif)
        result, _ = run(source, tmp_path, "flip", format="png")
        assert opened(result).info["dpi"] == pytest.approx((200, 300), abs=0.1), format


@pytest.mark.parametrize("wrong", [(0, 0), (0.0001, 300), (10**9, 10**9)])
def test_a_resolution_that_cannot_be_is_none(wrong: tuple[float, float], tmp_path: Path) -> None:
    assert stored.resolution({"dpi": wrong}) is None
    assert stored.resolution({"dpi": ("many", "dots")}) is None
    result, _ = run(saved(PHOTO, "PNG"), tmp_path, "flip", format="tiff")
    tags = opened(result).tag_v2  # type: ignore[attr-defined]
    # Baseline TIFF wants a resolution: one without a unit, which says only that pixels are square.
    assert (tags[282], tags[283], tags[296]) == (72, 72, 1)


def test_the_alpha_of_a_bmp_is_kept(tmp_path: Path) -> None:
    from labapp.pictures.formats import bmp

    frame = noise(20, 30, 4)
    source = bmp.encode(frame, None, (96, 96))
    result, _ = run(source, tmp_path, "flip")
    read = opened(result)
    assert read.mode == "RGBA"
    np.testing.assert_array_equal(np.asarray(read), frame[:, ::-1])
    blurred, _ = run(source, tmp_path, "blur")
    assert frames.has_alpha(codec.read(blurred).frames[0])
    # From another format alpha is laid on white: few readers of BMP know of it.
    flat, _ = run(file_of(frame, "PNG"), tmp_path, "flip", format="bmp")
    assert opened(flat).mode == "RGB"


def test_pages_of_a_tiff_keep_each_its_own_way(tmp_path: Path) -> None:
    from PIL import TiffImagePlugin

    buffer = io.BytesIO()
    with TiffImagePlugin.AppendingTiffWriter(buffer, new=True) as pen:
        for image, how, dpi in ((BITS, "group4", 200), (PHOTO, "jpeg", 72), (FEW, "tiff_lzw", 96)):
            image.save(pen, "TIFF", compression=how, dpi=(dpi, dpi))
            pen.newFrame()
    result = opened(run(buffer.getvalue(), tmp_path, "flip")[0])
    seen = []
    for number in range(3):
        result.seek(number)
        seen.append((result.mode, result.info["compression"], round(result.info["dpi"][0])))
        result.load()
    assert seen == [("1", "group4", 200), ("RGB", "jpeg", 72), ("P", "tiff_lzw", 96)]
    blurred = opened(run(buffer.getvalue(), tmp_path, "blur")[0])
    assert (blurred.mode, blurred.info["compression"]) == ("L", "tiff_adobe_deflate")


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_sixteen_bits_packed_hard_are_the_same_and_smaller(
    channels: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    slope = np.linspace(0, 65_535, 60 * 50 * channels).astype(np.uint16).reshape(60, 50, channels)
    frame = slope[..., 0].copy() if channels == 1 else slope
    for pixels in (1 << 18, 400):  # in one band, and in several
        monkeypatch.setattr(frames, "BAND_PIXELS", pixels)
        hard = png.encode_hard(frame, None, (300, 300))
        np.testing.assert_array_equal(codec.read(hard).frames[0], frame)
        assert len(hard) < len(png.encode(frame, None, (300, 300)))


def test_a_deep_slope_is_not_made_larger(tmp_path: Path) -> None:
    slope = np.tile(np.linspace(0, 65_535, 300).astype(np.uint16), (200, 1))
    source = png.encode_hard(np.dstack([slope, slope[:, ::-1], slope]), None, None)
    result, _ = run(source, tmp_path, "flip")
    assert len(result) <= 1.3 * len(source) + 40


@given(st.binary(max_size=200), st.sampled_from(["jpeg 75", "jpeg tables", "webp 75"]), st.data())
def test_a_head_of_any_bytes_has_a_quality_or_none(
    noise: bytes, name: str, draw: st.DataObject
) -> None:
    whole = SOURCES[name]
    place = draw.draw(st.integers(0, 400))
    for odd in (noise, whole[:place] + noise + whole[place + len(noise) :], whole[:place]):
        assert vp8.quality(odd) in (None, *range(1, 101))
        assert stored.of_jpeg(odd)[0] in (None, *range(1, 101))
