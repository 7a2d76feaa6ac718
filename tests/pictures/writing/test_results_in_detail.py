"""Results tell what their sources told: bits, chroma, differences, palettes; bytes by hand."""

from __future__ import annotations

import io
import zlib
from importlib import import_module
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import simplejpeg
from PIL import Image, ImageCms

from labapp.pictures import frames, stored
from labapp.pictures.formats import png
from tests.pictures import codec
from tests.pictures.samples import Frame, deep_photo, noise, opened, photo
from tests.pictures.tiffs import file, tags
from tests.pictures.writing.test_results_are_stored_as_their_sources import (
    COFFEE,
    PHOTO,
    SOURCES,
    run,
    saved,
)

tifffile: Any = import_module("tifffile")


@pytest.mark.parametrize("how", [None, "tiff_lzw", "tiff_adobe_deflate"])
def test_eight_bits_of_few_values_stay_eight_in_a_tiff(how: str | None, tmp_path: Path) -> None:
    black_white = Image.fromarray(np.where(noise(20, 30, 1) > 127, 255, 0).astype(np.uint8))
    for image in (black_white, Image.fromarray(noise(20, 30) // 128 * 128)):
        result = opened(run(saved(image, "TIFF", compression=how), tmp_path, "flip")[0])
        assert result.mode == image.mode
        np.testing.assert_array_equal(np.asarray(result), np.asarray(image)[:, ::-1])


@pytest.mark.parametrize(
    ("name", "factors"),
    [("4:4:4", (1, 1)), ("4:2:2", (2, 1)), ("4:2:0", (2, 2)), ("4:4:0", (1, 2)), ("4:1:1", (4, 1))],
)
def test_a_jpeg_within_a_tiff_keeps_its_chroma(
    name: str, factors: tuple[int, int], tmp_path: Path
) -> None:
    inside = simplejpeg.encode_jpeg(COFFEE[:64, :96].copy(), 80, "RGB", name.replace(":", ""))
    found = tags(np.zeros((64, 96, 3), np.uint8), 8, 6, t259=(3, [7]), t278=(4, [64]))
    source = file([(found | {530: (3, list(factors))}, [inside])])
    header = codec.inspect(source)
    assert header.subsampling == header.pages[0].subsampling == name.replace(":", "")
    result = opened(run(source, tmp_path, "flip")[0]).tag_v2  # type: ignore[attr-defined]
    assert (result[262], result[259], result[530]) == (6, 7, factors)
    assert result[532] == (0, 255, 128, 255, 128, 255)
    if factors == (2, 2):  # which is what a file means that does not say
        assert codec.inspect(file([(found, [inside])])).subsampling == "420"


def test_a_jpeg_in_rgb_within_a_tiff_has_full_chroma() -> None:
    inside = saved(PHOTO, "JPEG", quality=80)
    height, width = COFFEE.shape[:2]
    found = tags(COFFEE, 8, 2, t259=(3, [7]), t278=(4, [height]))
    assert codec.inspect(file([(found, [inside])])).subsampling == "444"
    plain = tags(COFFEE[:2, :2], 8, 2, t278=(4, [2]))
    assert codec.inspect(file([(plain, [bytes(12)])])).subsampling is None
    assert (height, width) == COFFEE.shape[:2]


@pytest.mark.parametrize(("source", "wanted"), [(1, None), (2, 2)])
@pytest.mark.parametrize("how", ["tiff_lzw", "tiff_adobe_deflate"])
def test_differences_are_packed_where_the_source_packs_them(
    how: str, source: int, wanted: int | None, tmp_path: Path
) -> None:
    for image in (PHOTO, PHOTO.convert("L")):
        data = saved(image, "TIFF", compression=how, tiffinfo={317: source})
        result = opened(run(data, tmp_path, "flip")[0])
        assert result.info["compression"] == how
        assert result.tag_v2.get(317) == wanted  # type: ignore[attr-defined]
        np.testing.assert_array_equal(np.asarray(result), np.asarray(image)[:, ::-1])
    for packed in ("packbits", "raw"):  # which have no differences, or become deflate
        data = saved(PHOTO, "TIFF", compression=packed)
        tag = opened(run(data, tmp_path, "flip")[0]).tag_v2.get(317)  # type: ignore[attr-defined]
        assert tag == (None if packed == "packbits" else 2)


def test_what_our_tiff_tells_of_itself_stands_in_its_tags(tmp_path: Path) -> None:
    frame = deep_photo(6, 7, 4)
    told = stored.Stored(dpi=(300.0, 72.5))
    header = codec.Header("tiff", "RGBA", 7, 6, stored=told, profile=SRGB)
    data = codec.encode([(frame, 0.0)], header, "tiff").data
    read = opened_tags(data)
    assert read == {
        256: (7,), 257: (6,), 258: (16, 16, 16, 16), 259: (8,), 262: (2,), 277: (4,), 278: (6,),
        279: read[279], 273: (8,), 282: (300.0,), 283: (72.5,), 284: (1,), 296: (2,), 317: (2,),
        338: (2,), 34675: tuple(SRGB),
    }  # fmt: skip
    assert (8 + read[279][0]) <= len(data)
    bare = codec.encode([(noise(6, 7), 0.0)], codec.Header("png", "RGB", 7, 6), "tiff").data
    read = opened_tags(bare)
    assert (read[282], read[283], read[296]) == ((72.0,), (72.0,), (1,))
    assert not {338, 34675, 530} & set(read)


SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def opened_tags(data: bytes) -> dict[int, tuple[Any, ...]]:
    """Give the tags of a TIFF's first page, as tifffile reads them."""
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        found = {}
        for tag in file.pages[0].tags:
            value = tag.value if isinstance(tag.value, tuple | bytes) else (tag.value,)
            if tag.code in (282, 283):
                value = (value[0] / value[1],)
            found[tag.code] = tuple(int(v) if tag.code not in (282, 283) else v for v in value)
        return found


@pytest.mark.parametrize("before", [b"\xff\x01", b"\xff\xd0", b"\xff\xff\xff", b"\0\0", b"\xff\0"])
def test_the_tables_of_a_jpeg_are_found_behind_odd_bytes(before: bytes) -> None:
    for name, wanted in (("jpeg 30", (30, ())), ("jpeg packed", (70, ()))):
        whole = SOURCES[name]
        at = whole.index(b"\xff\xdb")
        assert stored.of_jpeg(whole) == wanted
        assert stored.of_jpeg(whole[:at] + before + whole[at:]) == wanted


def test_a_jpeg_of_16_bit_tables_has_a_quality_too() -> None:
    # libjpeg at quality 1 without its stop at 255 (T.81, B.2.4.1: precision 1).
    assert stored.of_jpeg(SOURCES["jpeg 30"])[0] == 30
    scaled = [min(n * 50, 32_767) for n in stored._LUMINANCE]
    body = b"\x10" + b"".join(n.to_bytes(2, "big") for n in scaled)
    head = b"\xff\xdb" + (2 + len(body)).to_bytes(2, "big") + body
    frame = b"\xff\xc1\0\x0b\x08\0\1\0\1\1\1\x11\0"
    scan = b"\xff\xda\0\x08\1\1\0\0\x3f\0"
    assert stored.of_jpeg(b"\xff\xd8" + head + frame + scan) == (1, ())


def test_a_palette_with_alpha_stays_one(tmp_path: Path) -> None:
    index = noise(9, 12, 1) % np.uint8(5)
    image = Image.fromarray(index).convert("P")
    image.putpalette([10, 20, 30, 40, 50, 60, 70, 80, 90, 1, 2, 3, 9, 9, 9])
    source = saved(image, "PNG", transparency=bytes([255, 7, 255, 128, 0]))
    result, done = run(source, tmp_path, "flip")
    assert result[24:26] == bytes([4, 3])  # four bits, a palette
    at = result.index(b"tRNS")
    assert sorted(result[at + 4 : at + 4 + int.from_bytes(result[at - 4 : at], "big")]) == [
        0,
        7,
        128,
    ]
    wanted = np.fliplr(np.asarray(opened(source).convert("RGBA")))
    np.testing.assert_array_equal(np.asarray(opened(result).convert("RGBA")), wanted)
    assert done.lost == ()


def test_a_tall_png_is_packed_harder_if_its_middle_gains(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "BAND_PIXELS", 50 * 20)
    # What each row's neighbour foretells gains nothing by the choice of another filter.
    slope = (noise(100, 1, 1) + 3 * np.arange(50)).astype(np.uint8)
    rough = noise(100, 50, 1)
    for inner, outer, wanted in ((slope, rough, True), (rough, slope, False)):
        frame = outer.copy()
        frame[40:60] = inner[40:60]
        assert png.gains(frame) == wanted
        assert png.gains(np.ascontiguousarray(frame[:80]))  # a small one is tried at once
        assert png.gains(np.vstack([frame[:40], frame[40:60], frame[60:]])) == wanted


def test_each_filter_of_png_is_used_where_it_leaves_least() -> None:
    # Rows that nothing foretells but: nothing, the left, the row above, both, and the nearest.
    width = 64
    random = np.random.default_rng(3)
    rows = [np.where(np.arange(width) % 2, 3, 2) * 1, np.arange(width) * 700 % 65_536]
    rows.append(random.integers(0, 65_536, width))
    rows.append(rows[-1])
    left = [random.integers(0, 65_536)]
    for above in rows[-1][1:]:
        left.append((left[-1] + above) // 2)
    rows.append(np.array(left))
    rows.append(np.cumsum(random.integers(-3, 4, width)) * 257 + 20_000)
    rows.append(rows[-1] + 257 * np.cumsum(np.ones(width, int)))
    frame = np.array(rows, np.uint16)
    for sample in (frame, deep_photo(40, 50, 3), deep_photo(40, 50, 4)):
        hard = png.encode_hard(sample, None, None)
        np.testing.assert_array_equal(codec.read(hard).frames[0], sample)
    lines = unfiltered(png.encode_hard(frame, None, None), 2 * width)
    assert set(lines[:, 0].tolist()) >= {1, 2, 3}
    deep = deep_photo(60, 70, 3) // 16 * 16
    smooth = cv2.GaussianBlur(deep, (0, 0), 6)
    hard = png.encode_hard(smooth, None, None)
    assert 4 in unfiltered(hard, 6 * 70)[:, 0].tolist()
    read = cv2.imdecode(np.frombuffer(hard, np.uint8), cv2.IMREAD_UNCHANGED)
    assert read is not None
    np.testing.assert_array_equal(read[..., ::-1], smooth)


def unfiltered(data: bytes, stride: int) -> Frame:
    """Give the rows of a PNG as stored: the filter's number, and its bytes."""
    at = data.index(b"IDAT")
    length = int.from_bytes(data[at - 4 : at], "big")
    raw = zlib.decompress(data[at + 4 : at + 4 + length])
    return np.frombuffer(raw, np.uint8).reshape(-1, stride + 1)


def test_a_png_that_is_not_denser_than_its_source_is_packed_but_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hard, packed = [], png.encode_hard

    def watched(*given: Any) -> bytes:
        hard.append(given)
        return packed(*given)

    monkeypatch.setattr(png, "encode_hard", watched)
    frame = noise(20, 30)
    size = len(png.encode(frame, None, None))
    for times, tries in ((1.0, 0), (1 / 1.09, 0), (1 / 1.11, 1)):
        told = stored.Stored(density=size * times / 600)
        header = codec.Header("png", "RGB", 30, 20, stored=told)
        hard.clear()
        codec.encode([(frame, 0.0)], header, "png")
        assert len(hard) == tries


def test_numbers_are_packed_as_png_and_bmp_have_them() -> None:
    from labapp.pictures.formats.indexed import indexed, packed

    rows = np.array([[1, 0, 1, 1, 0, 0, 0, 0, 1]], np.uint8)
    assert packed(rows, 1).tolist() == [[0b10110000, 0b10000000]]
    assert packed(np.array([[3, 0, 1, 2, 3]], np.uint8), 2).tolist() == [[0b11000110, 0b11000000]]
    assert packed(np.array([[15, 1, 7]], np.uint8), 4).tolist() == [[0xF1, 0x70]]
    for frame in (photo(30, 40) // 64 * 64, noise(9, 9, 4) // 128 * 128, noise(9, 9, 2) // 64):
        few = indexed(frame)
        assert few is not None
        colours = few.palette[few.indices]
        wanted = np.asarray(Image.fromarray(frame).convert("RGBA"))
        np.testing.assert_array_equal(colours, wanted)
    assert indexed(noise(40, 40)) is None
