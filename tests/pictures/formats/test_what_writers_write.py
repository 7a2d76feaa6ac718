"""What stands in the files that are written: containers, heads and tables, byte by byte."""

from __future__ import annotations

import struct
import zlib
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from labapp.pictures.header import Header, Page
from labapp.pictures.stored import Stored
from tests.pictures import codec
from tests.pictures.samples import file_of, noise, opened, photo
from tests.pictures.writing.test_pixels_and_profile import encode, linear_grey, profile


def spied_sizes(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Record to what sizes pictures are scaled."""
    sizes, resize = [], Image.Image.resize

    def watched(image: Image.Image, size: tuple[int, int], *more: object) -> Image.Image:
        sizes.append(size)
        return resize(image, size, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(Image.Image, "resize", watched)
    return sizes


@pytest.mark.parametrize(
    ("height", "width", "wanted"),
    [
        (100, 400, [(256, 64)]),  # 16,384 pixels, in the shape of the picture
        (400, 100, [(64, 256)]),
        (1, 20_000, [(18_101, 1)]),
        (20_000, 1, [(1, 18_101)]),  # and never without a pixel
        (128, 128, []),
    ],
)
def test_the_colours_of_a_gif_are_chosen_by_a_sample(
    height: int, width: int, wanted: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = spied_sizes(monkeypatch)
    many = photo(height, width)
    got = np.asarray(opened(encode(many, "gif")).convert("RGB"))
    assert sizes == wanted
    assert np.abs(got.astype(int) - many).mean() < 8
    assert len(np.unique(got.reshape(-1, 3), axis=0)) <= 256


def chunks(data: bytes, at: int) -> list[tuple[bytes, bytes]]:
    """Cut a RIFF into its chunks (RFC 9649)."""
    found = []
    while at < len(data):
        kind, length = struct.unpack_from("<4sI", data, at)
        found.append((kind, data[at + 8 : at + 8 + length]))
        at += 8 + length + length % 2
    assert at == len(data)
    return found


def test_the_container_of_a_webp_tells_sizes_places_and_times() -> None:
    first = np.zeros((30, 44, 4), np.uint8)
    first[..., 3] = 255
    second = first.copy()
    second[7:12, 9:30] = (9, 200, 30, 128)
    header = Header("webp", "RGBA", 44, 30, 2, loop=3, animated=True, lossless=True)
    many = replace(header, profile=profile())
    for said, flags in ((header, 0x12), (many, 0x32)):
        data = codec.encode([(first, 40.0), (second, 70_000.4)], said, "webp").data
        assert data[:4] == b"RIFF"
        assert struct.unpack_from("<I", data, 4)[0] == len(data) - 8
        found = chunks(data, 12)
        kinds = [kind for kind, _ in found]
        icc = [b"ICCP"] if said.profile else []
        assert kinds == [b"VP8X", *icc, b"ANIM", b"ANMF", b"ANMF"]
        # Flags, three bytes of nothing, width and height less one in three bytes each.
        assert found[0][1] == bytes([flags, 0, 0, 0, 43, 0, 0, 29, 0, 0])
        assert dict(found)[b"ANIM"] == struct.pack("<IH", 0, 3)
        # Left and top by halves, width and height less one, milliseconds, 'do not blend'.
        heads = [body[:16] for kind, body in found if kind == b"ANMF"]
        assert heads[0] == bytes([0, 0, 0, 0, 0, 0, 43, 0, 0, 29, 0, 0, 40, 0, 0, 2])
        time = (70_000).to_bytes(3, "little")
        assert heads[1] == bytes([4, 0, 0, 3, 0, 0, 21, 0, 0, 5, 0, 0]) + time + b"\2"
    opaque = codec.encode([(first[..., :3], 40.0), (second[..., :3], 1e9)], header, "webp").data
    found = chunks(opaque, 12)
    assert found[0][1][0] == 0x02
    assert found[3][1][12:15] == b"\xff\xff\xff"  # the most that it holds


def test_the_head_of_a_jpeg_tells_its_resolution_in_inches() -> None:
    frame = photo(16, 16)
    stored = Stored(dpi=(300.4, 72.0))
    data = encode(frame, "jpeg", stored=stored)
    assert data[2:13] == b"\xff\xe0\0\x10JFIF\0\1\1"
    assert data[13:18] == struct.pack(">BHH", 1, 300, 72)
    data = encode(frame, "jpeg", stored=Stored(dpi=(99_999.0, 1.0)))
    assert data[13:18] == struct.pack(">BHH", 1, 65_535, 1)
    assert encode(frame, "jpeg")[13] == 0  # none known: of no unit


@pytest.mark.parametrize(("size", "pieces"), [(65_519, 1), (65_520, 2), (131_039, 3)])
def test_a_profile_in_a_jpeg_is_cut_into_numbered_pieces(size: int, pieces: int) -> None:
    long = profile().ljust(size, b"\1")
    data = encode(photo(16, 16), "jpeg", profile=long)
    at, found = 2, []
    while data[at + 1] != 0xDA:
        length = struct.unpack_from(">H", data, at + 2)[0]
        if data[at + 1] == 0xE2:
            found.append(data[at + 4 : at + 2 + length])
        at += 2 + length
    assert [body[:14] for body in found] == [
        b"ICC_PROFILE\0" + bytes([number, pieces]) for number in range(1, pieces + 1)
    ]
    assert b"".join(body[14:] for body in found) == long


def test_a_profile_beyond_255_pieces_is_left_out_of_a_jpeg() -> None:
    long = profile().ljust(255 * 65_519, b"\1")
    assert opened(encode(photo(8, 8), "jpeg", profile=long)).info["icc_profile"] == long
    data = encode(photo(8, 8), "jpeg", profile=long + b"\1")
    assert "icc_profile" not in opened(data).info


def test_what_a_png_tells_of_itself_stands_in_its_chunks() -> None:
    frame = noise(5, 7)
    data = encode(frame, "png", stored=Stored(dpi=(300.0, 72.0)), profile=profile())
    at, found = 8, {}
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        body = data[at + 8 : at + 8 + length]
        assert struct.unpack_from(">I", data, at + 8 + length)[0] == zlib.crc32(kind + body)
        found[kind] = body
        at += 12 + length
    assert list(found) == [b"IHDR", b"iCCP", b"pHYs", b"IDAT", b"IEND"]
    assert found[b"IHDR"] == struct.pack(">IIBBBBB", 7, 5, 8, 2, 0, 0, 0)
    assert found[b"iCCP"][:13] == b"ICC profile\0\0"
    assert zlib.decompress(found[b"iCCP"][13:]) == profile()
    # Dots per metre: 300 / 0.0254 and 72 / 0.0254.
    assert found[b"pHYs"] == struct.pack(">IIB", 11_811, 2_835, 1)
    rows = np.frombuffer(zlib.decompress(found[b"IDAT"]), np.uint8).reshape(5, 22)
    assert rows[:, 0].tolist() == [2] * 5  # filter 'up'
    np.testing.assert_array_equal(
        np.cumsum(rows[:, 1:], axis=0, dtype=np.uint8), frame.reshape(5, 21)
    )


def test_grey_under_a_profile_that_became_colour_has_none() -> None:
    data = encode(noise(8, 8), "png", profile=linear_grey())
    assert "icc_profile" not in opened(data).info
    np.testing.assert_array_equal(codec.read(data).frames[0], noise(8, 8))


@pytest.mark.parametrize(
    ("milliseconds", "number", "below"),
    [
        (40.0, 1, 25), (0.0, 0, 1), (1000 / 1001, 1, 1000), (64_999.0, 64_999, 1000),
        (65_000.0, 65, 1), (65_050.0, 651, 10), (6_553_500.0, 13_107, 2), (1e9, 65_535, 1),
    ],
)  # fmt: skip
def test_the_time_of_a_frame_is_told_as_a_fraction(
    milliseconds: float, number: int, below: int
) -> None:
    header = Header("png", "RGB", 8, 8, 2, animated=True)
    sequence = [(noise(8, 8), milliseconds), (noise(8, 8, seed=2), 10.0)]
    data = codec.encode(sequence, header, "png").data
    at = data.index(b"fcTL")
    found = struct.unpack_from(">IIIIIHHBB", data, at + 4)
    assert found[:5] == (0, 8, 8, 0, 0)
    if milliseconds == 65_050:  # half way between two tenths
        assert found[5] / found[6] == pytest.approx(65.05, abs=0.051)
    else:
        assert found[5:] == (number, below, 0, 0)


@pytest.mark.parametrize("how", ["tiff_lzw", "tiff_adobe_deflate", "jpeg", "packbits"])
def test_every_way_of_packing_a_tiff_keeps_the_profile(how: str) -> None:
    picture = codec.read(file_of(photo(24, 24), "TIFF", compression=how, icc_profile=profile()))
    data = codec.encode([(picture.frames[0], 0.0)], picture.header, "tiff").data
    assert opened(data).info["compression"] == how
    assert opened(data).info["icc_profile"] == profile()


def test_the_effort_of_a_webp_without_loss_is_the_usual_unless_it_is_worth_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from labapp.pictures.formats import webp

    asked, save = [], Image.Image.save

    def watched(image: Image.Image, *given: object, **options: object) -> None:
        asked.append((options["lossless"], options["quality"]))
        save(image, *given, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Image.Image, "save", watched)
    webp.encode(noise(4, 4), None, None, hard=False)
    webp.encode(noise(4, 4), None, None, hard=True)
    webp.encode(noise(4, 4), None, 33, hard=False)
    assert asked == [(True, 25), (True, 75), (False, 33)]


@pytest.mark.parametrize("target", ["jpeg", "png", "bmp"])
def test_the_first_page_tells_how_a_single_picture_is_stored(target: str) -> None:
    pages = tuple(Page(8, 8, "RGB", None, Stored(dpi=(dpi, dpi))) for dpi in (300.0, 72.0))
    header = Header("tiff", "RGB", 8, 8, 2, stored=pages[0].stored, pages=pages)
    sequence = [(noise(8, 8), 0.0), (noise(8, 8, seed=2), 0.0)]
    if target == "png":
        header = replace(header, frames=1)
    data = codec.encode(sequence, header, target).data
    assert opened(data).info["dpi"] == pytest.approx((300, 300), abs=0.1)


@pytest.mark.parametrize("quality", range(60, 80))
def test_what_a_tiff_points_at_begins_at_an_even_place(quality: int) -> None:
    header = Header("tiff", "RGB", 16, 16, stored=Stored(compression=7), profile=profile() + b"\1")
    data = codec.encode([(photo(16, 16), 0.0)], header, "tiff", quality=quality).data
    at = struct.unpack_from("<I", data, 4)[0]
    assert at % 2 == 0
    sizes = {1: 1, 3: 2, 4: 4, 5: 8, 7: 1}
    for number in range(struct.unpack_from("<H", data, at)[0]):
        _, kind, count, place = struct.unpack_from("<HHII", data, at + 2 + 12 * number)
        if sizes[kind] * count > 4:
            assert place % 2 == 0
            assert place + sizes[kind] * count <= len(data)
