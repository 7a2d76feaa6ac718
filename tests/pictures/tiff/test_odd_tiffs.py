"""TIFFs whose pieces, types and colours are told in odd ways are read right, or called damaged."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import numpy as np
import pytest
from PIL import Image

from labapp.errors import RefusedError
from labapp.pictures import libraries
from tests.pictures import codec
from tests.pictures.samples import Frame, file_of, noise, photo
from tests.pictures.tiffs import LETTERS, ORDERS, file, read, tags, tiff


def grey_page(values: Frame, pieces: list[bytes], **more: Any) -> bytes:
    """Write one page in grey, of pieces as given."""
    return file([(tags(values[..., None], 8, 1, **more), pieces)])


@pytest.mark.parametrize("order", ORDERS)
def test_colours_that_nobody_names_are_told_by_their_number(order: str) -> None:
    for values, photometric in ((noise(4, 5, 1), 1), (noise(4, 5), 2)):
        whole = values if values.ndim == 3 else values[..., None]
        found = tags(whole, 8, photometric, t278=(4, [4]))
        del found[262]
        data = file([(found, [whole.tobytes()])], order)
        np.testing.assert_array_equal(read(data), values)
    found = tags(noise(4, 5, 2), 8, 1, t278=(4, [4]))
    del found[262]
    with pytest.raises(RefusedError, match=r"with colours of an unknown kind \(-1\)"):
        codec.read(file([(found, [noise(4, 5, 2).tobytes()])], order))


def test_a_chain_without_a_page_is_damaged() -> None:
    with pytest.raises(RefusedError, match="it has no page"):
        codec.read(b"II*\0" + bytes(20))


@pytest.mark.parametrize("more", [{"t278": (4, [0])}, {"t322": (3, [0]), "t323": (3, [16])},
                                  {"t322": (3, [16]), "t323": (3, [0])}])  # fmt: skip
def test_pieces_without_a_size_are_damaged(more: dict[str, Any]) -> None:
    with pytest.raises(RefusedError, match="its pieces have no size"):
        codec.read(grey_page(noise(4, 4, 1), [bytes(16)], **more))


def test_pieces_that_are_missing_are_missed() -> None:
    values = noise(8, 4, 1)
    with pytest.raises(RefusedError, match="cut short"):
        codec.inspect(grey_page(values, [values[:2].tobytes()] * 3, t278=(4, [2])))
    with pytest.raises(RefusedError, match="cut short"):
        codec.inspect(grey_page(values, []))
    codec.inspect(grey_page(values, [values[:2].tobytes()] * 4, t278=(4, [2])))


def test_a_length_that_nobody_tells_reaches_to_the_end() -> None:
    values = noise(8, 4, 1)
    packed_ = zlib.compress(values.tobytes())
    for lengths in ([0], [len(packed_)]):
        data = grey_page(values, [packed_], t259=(3, [8]), t279=(4, lengths), t278=(4, [8]))
        np.testing.assert_array_equal(read(data), values)
    far = grey_page(values, [packed_], t259=(3, [8]), t279=(4, [0]), t273=(4, [10**6]))
    with pytest.raises(RefusedError, match="cut short"):
        codec.inspect(far)
    far = grey_page(values, [packed_], t259=(3, [8]), t279=(4, [10**6]))
    with pytest.raises(RefusedError, match="cut short"):
        codec.inspect(far)


def test_the_length_of_what_is_not_packed_is_known_without_being_told() -> None:
    values = noise(8, 4, 1)
    for told in (0, 3, 10**6):
        data = grey_page(values, [values.tobytes()], t279=(4, [told]), t278=(4, [8]))
        np.testing.assert_array_equal(read(data), values)


def test_pieces_that_unpack_to_too_little_are_damaged() -> None:
    values = noise(8, 4, 1)
    short = zlib.compress(values.tobytes()[:-1])
    with pytest.raises(RefusedError, match="a piece has too few bytes"):
        codec.read(grey_page(values, [short], t259=(3, [8]), t278=(4, [8])))


@pytest.mark.parametrize(
    ("height", "width", "reason"),
    [(8, 16, None), (8, 15, "too narrow"), (7, 16, "too few rows"), (9, 17, None)],
)
def test_a_jpeg_inside_has_to_fill_its_place(height: int, width: int, reason: str | None) -> None:
    inside = file_of(np.full((height, width), 77, np.uint8), "JPEG", quality=100)
    data = grey_page(np.zeros((8, 16), np.uint8), [inside], t259=(3, [7]), t278=(4, [8]))
    if reason:
        with pytest.raises(RefusedError, match=f"a piece {'is' if 'narrow' in reason else 'has'}"):
            codec.read(data)
    else:
        np.testing.assert_array_equal(read(data), np.full((8, 16), 77))


def test_a_jpeg_inside_has_the_samples_that_are_told() -> None:
    inside = file_of(photo(8, 8), "JPEG")
    with pytest.raises(RefusedError, match="a piece has another number of samples"):
        codec.read(grey_page(np.zeros((8, 8), np.uint8), [inside], t259=(3, [7])))


def test_a_lossless_jpeg_inside_is_read() -> None:
    from tests.pictures.test_jpeg import lossless

    data = grey_page(np.zeros((6, 9), np.uint8), [lossless(9, 6)], t259=(3, [7]), t278=(4, [6]))
    np.testing.assert_array_equal(read(data), np.full((6, 9), 128))


def test_a_colour_map_that_is_too_short_is_damaged() -> None:
    index = noise(3, 3, 1) % np.uint8(16)
    for entries, fits in ((48, True), (60, True), (47, False)):
        data = tiff(index, 4, 3, t320=(3, [60_000] * entries))
        if fits:
            np.testing.assert_array_equal(read(data), np.full((3, 3, 3), 60_000 >> 8))
        else:
            with pytest.raises(RefusedError, match="the colour map is too short"):
                codec.read(data)


@pytest.mark.parametrize("kind", [5, 12])
def test_a_resolution_of_any_type_is_read(kind: int) -> None:
    for unit, across, down in ((2, 300.0, 150.0), (3, 762.0, 381.0)):
        more: dict[str, Any] = {"t282": (kind, [300.0]), "t283": (kind, [150.0])}
        data = tiff(noise(4, 4, 1), t296=(3, [unit]), **more)
        assert codec.inspect(data).stored.dpi == pytest.approx((across, down))
    data = tiff(noise(4, 4, 1), t296=(3, [1]), **more)
    assert codec.inspect(data).stored.dpi is None  # of no unit


def test_places_of_tiles_may_stand_where_those_of_strips_do() -> None:
    values = noise(16, 20, 1)
    padded = np.pad(values, ((0, 0), (0, 12)))
    pieces = [padded[:, left : left + 16].tobytes() for left in (0, 16)]
    found: dict[str, Any] = {"t322": (3, [16]), "t323": (3, [16])}
    starts = {"t273": (4, [8, 8 + 256]), "t279": (4, [256, 256])}
    data = grey_page(values, pieces, **found)
    strips = bytearray(grey_page(values, pieces, **found, **starts))
    np.testing.assert_array_equal(read(data), values)
    for tag in (324, 325):  # which become tags that nobody knows
        at = strips.index(struct.pack("<HH", tag, 4), 8 + 512)
        struct.pack_into("<H", strips, at, tag + 40_000)
    np.testing.assert_array_equal(read(bytes(strips)), values)


@pytest.mark.parametrize("photometric", [8, 9])
def test_lab_of_16_bits_is_rounded_to_the_nearest(photometric: int) -> None:
    # Of both kinds 8 bits give the same as 16 whose lower byte is below a half.
    eight = np.array([[(180, 140, 90), (77, 130, 200)]], np.uint8)
    if photometric == 8:
        eight[..., 1:] ^= 128
    wanted = read(tiff(eight, photometric=photometric))
    top = eight.astype(int)
    for below in (-128, -1, 0, 127):
        deep = ((top * 256 + below) % 65_536).astype(np.uint16)
        if photometric == 8:
            deep[..., 0] = top[..., 0] * 257
        np.testing.assert_array_equal(read(tiff(deep, photometric=photometric)), wanted)
    # The greatest number is rounded to no more than 255.
    full = np.array([[(255, 255, 255)]], np.uint8)
    deep = np.full((1, 1, 3), 65_535, np.uint16)
    if photometric == 9:
        np.testing.assert_array_equal(
            read(tiff(deep, photometric=9)), read(tiff(full, photometric=9))
        )


@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize(
    ("kind", "letter"), [(1, "B"), (3, "H"), (4, "I"), (6, "b"), (8, "h"), (9, "i"), (13, "I")]
)
@pytest.mark.parametrize("order", ORDERS)
def test_a_number_may_have_any_whole_type(kind: int, letter: str, order: str, big: bool) -> None:
    values = noise(5, 7, 1)
    found = dict(tags(values[..., None], 8, 1, t278=(4, [5])))
    found[256], found[257] = (kind, [7]), (kind, [5])
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(LETTERS, kind, letter)
        np.testing.assert_array_equal(read(file([(found, [values.tobytes()])], order, big)), values)


@pytest.mark.parametrize(("kind", "letter"), [(16, "Q"), (17, "q"), (18, "Q")])
def test_a_number_of_a_big_tiff_may_have_eight_bytes(kind: int, letter: str) -> None:
    values = noise(5, 7, 1)
    found = dict(tags(values[..., None], 8, 1, t278=(4, [5])))
    found[256], found[257] = (kind, [7]), (kind, [5])
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(LETTERS, kind, letter)
        data = file([(found, [values.tobytes()])], big=True)
        np.testing.assert_array_equal(read(data), values)


def test_ycbcr_of_full_range_reaches_black_white_and_the_ends_of_chroma() -> None:
    # TIFF 6.0, section 21: without ReferenceBlackWhite all codes count, 128 is no colour.
    corners = [(0, 128, 128), (255, 128, 128), (128, 255, 128), (128, 128, 255), (90, 1, 200)]
    stored = np.array([corners], np.uint8)
    y, cb, cr = stored[0].astype(float).T
    red, blue = y + 1.402 * (cr - 128), y + 1.772 * (cb - 128)
    green = (y - 0.114 * blue - 0.299 * red) / 0.587
    wanted = np.clip(np.stack([red, green, blue], axis=1), 0, 255)
    frame = read(tiff(stored, photometric=6, t530=(3, [1, 1])))
    assert np.abs(frame[0] - wanted).max() <= 0.5 + 1e-3
    # Codes of video: 16 to 235, and 16 to 240 (CCIR 601).
    video = [16.0, 235.0, 128.0, 240.0, 128.0, 240.0]
    frame = read(tiff(stored, photometric=6, t530=(3, [1, 1]), t532=(5, video)))
    y = (y - 16) * 255 / 219
    cb, cr = ((chroma - 128) * 127 / 112 for chroma in (cb, cr))
    red, blue = y + 1.402 * cr, y + 1.772 * cb
    green = (y - 0.114 * blue - 0.299 * red) / 0.587
    wanted = np.clip(np.stack([red, green, blue], axis=1), 0, 255)
    assert np.abs(frame[0] - wanted).max() <= 0.5 + 1e-3
    # Other weights of red, green and blue: those of BT.709.
    weights: dict[str, Any] = {"t529": (5, [0.2126, 0.7152, 0.0722])}
    frame = read(tiff(stored, photometric=6, t530=(3, [1, 1]), **weights))
    y, cb, cr = stored[0].astype(float).T
    red, blue = y + 2 * (1 - 0.2126) * (cr - 128), y + 2 * (1 - 0.0722) * (cb - 128)
    green = (y - 0.0722 * blue - 0.2126 * red) / 0.7152
    wanted = np.clip(np.stack([red, green, blue], axis=1), 0, 255)
    assert np.abs(frame[0] - wanted).max() <= 0.5 + 1e-3


def test_a_place_of_an_old_jpeg_counts_in_an_old_jpeg_alone() -> None:
    values = noise(6, 7, 1)
    told: dict[str, Any] = {"t513": (4, [3]), "t514": (4, [9]), "t278": (4, [6])}
    np.testing.assert_array_equal(read(grey_page(values, [values.tobytes()], **told)), values)
    inside = file_of(np.full((8, 8), 90, np.uint8), "JPEG", quality=100)
    data = grey_page(np.zeros((8, 8), np.uint8), [inside], t259=(3, [6]), t278=(4, [8]))
    np.testing.assert_array_equal(read(data), np.full((8, 8), 90))


MODES = [
    # Photometric, samples, type, bits, further tags; and the name that Pillow has, or would have.
    (1, 1, "u1", 1, {}, "1"), (0, 1, "u1", 1, {}, "1"), (1, 1, "u1", 4, {}, "L"),
    (1, 1, "u1", 8, {}, "L"), (1, 1, "u2", 12, {}, "I;16"), (1, 1, "u2", 16, {}, "I;16"),
    (1, 1, "i2", 16, {}, "I;16"), (1, 1, "u4", 32, {}, "I"), (1, 1, "f4", 32, {}, "F"),
    (1, 1, "f2", 16, {}, "F"), (1, 2, "u1", 8, {"t338": (3, [2])}, "LA"),
    (1, 2, "u1", 1, {"t338": (3, [2])}, "LA"), (1, 2, "u2", 16, {"t338": (3, [2])}, "I;16"),
    (2, 3, "u1", 8, {}, "RGB"), (2, 4, "u1", 8, {"t338": (3, [2])}, "RGBA"),
    (2, 4, "u1", 8, {"t338": (3, [0])}, "RGB"), (2, 3, "u2", 16, {}, "RGB"),
    (3, 1, "u1", 8, {"t320": (3, [7] * 768)}, "P"), (5, 4, "u1", 8, {}, "CMYK"),
    (3, 2, "u1", 8, {"t320": (3, [7] * 768), "t338": (3, [2])}, "PA"),
    (6, 3, "u1", 8, {"t530": (3, [1, 1])}, "RGB"), (8, 3, "u1", 8, {}, "LAB"),
    (9, 3, "u1", 8, {}, "LAB"),
]  # fmt: skip


@pytest.mark.parametrize(("photometric", "samples", "kind", "bits", "more", "mode"), MODES)
def test_a_page_is_named_as_pillow_would_name_it(
    photometric: int, samples: int, kind: str, bits: int, more: dict[str, Any], mode: str
) -> None:
    values = np.ones((2, 3, samples), kind)
    header = codec.inspect(tiff(values, bits, photometric, **more))
    assert header.mode == header.pages[0].mode == mode
    assert header.stored.bits == bits
    assert header.stored.alpha == (mode[-1] == "A" or (photometric == 1 and samples == 2))
    assert header.stored.indexed == (bits < 8 or photometric == 3)


@pytest.mark.parametrize("orientation", range(10))
def test_a_page_is_turned_by_its_tag(orientation: int) -> None:
    from tests.pictures.reading.test_what_easily_goes_wrong import UPRIGHT

    values = noise(4, 7)
    more: dict[str, Any] = {"t282": (5, [300]), "t283": (5, [200]), "t296": (3, [2])}
    data = tiff(values, photometric=2, t274=(3, [orientation]), **more)
    # Numbers that mean nothing turn nothing.
    wanted = UPRIGHT.get(orientation, UPRIGHT[1])(values)
    np.testing.assert_array_equal(read(data), wanted)
    header = codec.inspect(data)
    assert (header.height, header.width) == wanted.shape[:2]
    across = 200 if 5 <= orientation <= 8 else 300
    assert header.stored.dpi == pytest.approx((across, 500 - across))


def test_codes_of_ycbcr_without_a_range_are_taken_as_they_are() -> None:
    stored = np.array([[(100, 140, 90), (20, 200, 128), (250, 128, 10)]], np.uint8)
    more: dict[str, Any] = {"photometric": 6, "t530": (3, [1, 1])}
    plain = read(tiff(stored, **more))
    # Black and white of one code: nothing is scaled, and black is where it is told.
    flat = [0.0, 0.0, 128.0, 128.0, 128.0, 128.0]
    np.testing.assert_array_equal(read(tiff(stored, **more, t532=(5, flat))), plain)
    short = [0.0, 255.0, 128.0, 255.0, 128.0]
    np.testing.assert_array_equal(read(tiff(stored, **more, t532=(5, short))), plain)


@pytest.mark.parametrize(("bits", "kind"), [(32, "u4"), (32, "i4"), (32, "f4"), (64, "f8")])
def test_samples_that_are_all_the_same_are_black_or_in_their_range(bits: int, kind: str) -> None:
    for value, wanted in ((0, 0), (-7, 0)) if kind[0] != "u" else ((0, 0),):
        frame = read(tiff(np.full((2, 3), value, kind)))
        np.testing.assert_array_equal(frame, np.full((2, 3), wanted))


@pytest.mark.parametrize(("most", "white"), [(1.0, 1.0), (1.01, 255.0), (255.0, 255.0),
                                             (255.5, 65_535.0), (65_535.0, 65_535.0)])  # fmt: skip
def test_the_customary_range_of_floats_is_the_least_that_holds_them(
    most: float, white: float
) -> None:
    frame = read(tiff(np.array([[0, most / 2, most]], np.float64)))
    wanted = np.array([[0, most / 2, most]]) / white * 65_535
    assert np.abs(frame - wanted).max() <= 0.5
    beyond = read(tiff(np.array([[0, 35_000, 70_000]], np.float64)))
    np.testing.assert_array_equal(beyond, [[0, 32_768, 65_535]])


def test_a_compression_that_this_pillow_lacks_is_told_and_is_no_damage(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def without(*_: object, **__: object) -> None:
        raise OSError("encoder error -2 when writing image file")

    zstd = grey_page(noise(4, 4, 1), [bytes(16)], t278=(4, [4]), t259=(3, [50000]))
    libraries.lacks.cache_clear()
    with monkeypatch.context() as patch:
        patch.setattr(Image.Image, "save", without)
        with pytest.raises(RefusedError, match="compressed by zstd, which is missing here"):
            codec.read(zstd)
    libraries.lacks.cache_clear()
