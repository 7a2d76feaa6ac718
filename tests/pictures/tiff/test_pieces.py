"""Strips and tiles of a TIFF, in every compression and order, are read right or refused."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from PIL import Image

from labapp.errors import RefusedError
from tests.pictures import codec
from tests.pictures.samples import file_of, noise, photo
from tests.pictures.tiffs import COMPRESSIONS, ORDERS, close, file, parts, read, tags, tiff


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("planar", [1, 2])
@pytest.mark.parametrize("kind", ["u1", "u2", "u4", "u8", "i1", "i2", "f4", "f8"])
def test_planes_and_byte_orders_of_every_type(kind: str, planar: int, order: str) -> None:
    values = np.arange(5 * 7 * 3).reshape(5, 7, 3).astype(kind)
    whole = tiff(values, photometric=2, order=order)
    data = tiff(values, photometric=2, order=order, planar=planar, rows=2)
    np.testing.assert_array_equal(read(data), read(whole))
    # Written row by row, the first column holds multiples of 21.
    first = parts(read(whole))[:, 0, 0]
    assert (np.diff(first) >= 0).all()
    if kind == "u2":
        np.testing.assert_array_equal(read(data), values)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("compression", COMPRESSIONS)
@pytest.mark.parametrize("kind", ["u1", "u2", "u4"])
def test_compressions_with_and_without_differences(kind: str, compression: str, order: str) -> None:
    random = np.random.default_rng(5)
    values = random.integers(0, np.iinfo(kind).max, (23, 17, 3), kind)
    plain = read(tiff(values, photometric=2))
    for planar, rows in ((1, 0), (1, 5), (2, 7)):
        options: dict[str, Any] = {"planar": planar, "rows": rows, "compression": compression}
        data = tiff(values, photometric=2, order=order, **options)
        np.testing.assert_array_equal(read(data), plain)
        if compression not in ("none", "packbits"):
            differences = values.copy()
            differences[:, 1:] -= values[:, :-1]
            data = tiff(differences, photometric=2, order=order, t317=(3, [2]), **options)
            np.testing.assert_array_equal(read(data), plain)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("kind", ["f2", "f4", "f8"])
def test_differences_of_floating_samples(kind: str, order: str) -> None:
    values = np.linspace(0, 1, 6 * 9 * 3).reshape(6, 9, 3).astype(kind)
    size = values.itemsize
    stored = np.empty((6, 9 * 3 * size), np.uint8)
    for number, row in enumerate(values):
        # Byte by byte, the highest first, each less the one three samples before.
        cut = row.astype(f">f{size}").view(np.uint8).reshape(-1, size).T.reshape(-1, 3)
        cut[1:] -= cut[:-1].copy()
        stored[number] = cut.ravel()
    whole = tags(values, 8 * size, 2, t317=(3, [3]), t278=(4, [6]), t259=(3, [8]))
    data = file([(whole, [zlib.compress(stored.tobytes())])], order)
    close(data, values.astype(float), 1 / 65_535)


@pytest.mark.parametrize("compression", ["none", "lzw"])
@pytest.mark.parametrize("planar", [1, 2])
@pytest.mark.parametrize("bits", [4, 8, 12, 16])
def test_tiles_that_reach_beyond_the_picture(bits: int, planar: int, compression: str) -> None:
    values = noise(37, 45).astype(np.uint8 if bits <= 8 else np.uint16) % 16
    options: dict[str, Any] = {"planar": planar, "compression": compression}
    data = tiff(values, bits, 2, tile=(16, 32), **options)
    np.testing.assert_array_equal(read(data), read(tiff(values, bits, 2)))


@pytest.mark.parametrize("order", ORDERS)
def test_big_tiffs_of_both_byte_orders(order: str) -> None:
    for values in (noise(9, 8), noise(9, 8).astype(np.uint16) * 257):
        data = tiff(values, photometric=2, order=order, big=True, rows=4)
        np.testing.assert_array_equal(read(data), values)


@pytest.mark.parametrize("compression", ["none", "lzw", "deflate"])
def test_bytes_whose_bits_stand_the_other_way_round(compression: str) -> None:
    values = noise(9, 8)
    data = tiff(values, photometric=2, compression=compression, t266=(3, [2]))
    start = 8
    end = data.rindex(b"\0\x01\x04\0\x01\0\0\0")  # the tag of the width, behind the strip
    mirrored = bytes(int(f"{byte:08b}"[::-1], 2) for byte in data[start:end])
    strip = data[start:end]
    assert len(strip) >= 100
    pages = tags(values, 8, 2, t266=(3, [2]), t278=(4, [9]))
    pages[259] = (3, [COMPRESSIONS[compression]])
    np.testing.assert_array_equal(read(file([(pages, [mirrored])])), values)


@pytest.mark.parametrize("how", ["group3", "group4", "tiff_ccitt"])
@pytest.mark.parametrize("photometric", [0, 1])
def test_faxes_keep_their_black_black(how: str, photometric: int) -> None:
    stored = photo(33, 43)[..., 0] > 128
    buffer = io.BytesIO()
    options = {262: photometric}
    Image.fromarray(stored).save(buffer, "TIFF", compression=how, tiffinfo=options)
    assert codec.inspect(buffer.getvalue()).mode == "1"
    with Image.open(io.BytesIO(buffer.getvalue())) as image:
        assert image.tag_v2[262] in (0, 1)  # type: ignore[attr-defined]
        wanted = np.asarray(image.convert("L"))
    np.testing.assert_array_equal(read(buffer.getvalue()), wanted)


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK", "YCbCr"])
def test_jpegs_inside(mode: str) -> None:
    data = file_of(photo(61, 75), "TIFF", mode=mode, compression="jpeg", quality=95)
    with Image.open(io.BytesIO(data)) as image:
        wanted = np.asarray(image.convert("RGB" if mode != "L" else "L"))
    assert np.abs(read(data).astype(int) - wanted).max() <= 2


def test_pieces_that_unpack_to_far_more_than_their_page_are_refused() -> None:
    small = noise(8, 8)
    bomb = zlib.compress(bytes(40_000_000))
    found = tags(small, 8, 2, t322=(4, [60_000]), t323=(4, [60_000]), t259=(3, [8]))
    many = tags(np.zeros((4_000, 4_000, 1), np.uint8), 8, 1, t322=(3, [1]), t323=(3, [1]))
    for data in (file([(found, [bomb])]), file([(many, [bytes(4)])])):
        with pytest.raises(RefusedError, match="far too many, or far too great"):
            codec.inspect(data)
    great = file_of(np.zeros((4_000, 4_000, 3), np.uint8), "JPEG")
    inside = tags(small, 8, 6, t278=(4, [8]), t259=(3, [7]))
    with pytest.raises(RefusedError, match="far greater than its place"):
        codec.read(file([(inside, [great])]))


def test_a_piece_of_a_process_that_is_not_taken_is_told() -> None:
    head = b"\xff\xd8\xff\xc1\0\x0b\x0c\0\x08\0\x08\1\1\x11\0\xff\xda\0\x08\1\1\0\0\x3f\0"
    found = tags(noise(8, 8, 1)[..., None], 8, 1, t278=(4, [8]), t259=(3, [7]))
    with pytest.raises(RefusedError, match="a TIFF of which a piece is a JPEG of 12 bits"):
        codec.read(file([(found, [head + bytes(9) + b"\xff\xd9"])]))


def test_an_old_jpeg_that_is_whole_is_read() -> None:
    inside = file_of(photo(32, 48), "JPEG", quality=95)
    found = tags(photo(32, 48), 8, 6, t278=(4, [32]), t259=(3, [6]))
    data = bytearray(file([(found | {513: (4, [0]), 514: (4, [len(inside)])}, [inside])]))
    at = data.rindex(struct.pack("<HHI", 513, 4, 1)) + 8
    struct.pack_into("<I", data, at, 8)
    np.testing.assert_array_equal(read(bytes(data)), read(inside))


def test_webp_inside() -> None:
    inside = file_of(photo(32, 48), "WEBP", lossless=True)
    found = tags(photo(32, 48), 8, 2, t278=(4, [32]), t259=(3, [50_001]))
    np.testing.assert_array_equal(read(file([(found, [inside])])), photo(32, 48))


@pytest.mark.parametrize(("height", "rows"), [(1_500, 1_024), (1_028, 8)])
def test_the_short_last_strip_of_a_plane_is_not_joined_with_the_next_plane(
    height: int, rows: int
) -> None:
    # Groups of 4 MB end right before that strip, so that it would open the next group.
    places = np.indices((height, 4_096)).sum(axis=0)[..., None]
    values = (places * [1, 2, 3] // 7).astype(np.uint8)
    data = tiff(values, photometric=2, planar=2, compression="lzw", rows=rows)
    np.testing.assert_array_equal(read(data), values)
