"""Every combination of tags of a TIFF is read right, by numbers reckoned by hand, or refused."""

from __future__ import annotations

import io
import itertools
from importlib import import_module
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from labapp.errors import RefusedError
from tests.pictures import codec
from tests.pictures.samples import noise
from tests.pictures.tiffs import COMPRESSIONS, ORDERS, close, file, packed, parts, read, tags, tiff

tifffile: Any = import_module("tifffile")


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("bits", [*range(1, 17), 24, 32, 64])
def test_unsigned_samples_go_from_black_to_white(bits: int, order: str) -> None:
    top = (1 << bits) - 1
    row = [0, top, top // 4, top - top // 4, 1, top - 1, top // 2]
    values = np.array([row, row[::-1]], f"u{max(1, -(-bits // 8)) if bits not in (24,) else 4}"
                      if bits <= 16 or bits in (24, 32, 64) else "u8")  # fmt: skip
    wanted = np.array([row, row[::-1]], float) / top
    for compression in ("none", "lzw"):
        data = tiff(values, bits, order=order, compression=compression)
        close(data, wanted, 0.5 / 255 if bits < 9 else 0.5 / 65_535)
        close(tiff(values, bits, 0, order=order), 1 - wanted)
    assert read(data).dtype == (np.uint8 if bits <= 8 else np.uint16)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("bits", [8, 16])
def test_of_signed_samples_the_least_is_black(bits: int, order: str) -> None:
    half = 1 << bits - 1
    values = np.array([[-half, -1, 0, half - 1]], f"i{bits // 8}")
    wanted = [[0, (half - 1) / (2 * half - 1), half / (2 * half - 1), 1]]
    close(tiff(values, order=order), wanted)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("bits", [32, 64])
def test_signed_samples_of_many_bits_span_black_to_white(bits: int, order: str) -> None:
    half = 1 << bits - 1
    values = np.array([[-half, 0, half - 1]], f"i{bits // 8}")
    close(tiff(values, order=order), [[0, 0.5, 1]])
    close(tiff(np.array([[0, 13_107, 65_535]], f"i{bits // 8}"), order=order), [[0, 0.2, 1]])


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("kind", ["f2", "f4", "f8"])
def test_floating_samples_are_read_in_their_customary_range(kind: str, order: str) -> None:
    close(tiff(np.array([[0, 0.25, 1]], kind), order=order), [[0, 0.25, 1]])
    close(tiff(np.array([[0, 51, 255]], kind), order=order), [[0, 0.2, 1]])
    close(tiff(np.array([[-10, 0, 10]], kind), order=order), [[0, 0.5, 1]])
    close(tiff(np.array([[0, 0.25, 1]], kind), photometric=0, order=order), [[1, 0.75, 0]])
    rgb = np.array([[[0, 0.5, 1]]], kind)
    close(tiff(rgb, photometric=2, order=order), [[[0, 0.5, 1]]])


def test_what_is_no_number_is_black_and_the_endless_are_the_ends() -> None:
    values = np.array([[np.nan, 0, 0.5, 1, np.inf, -np.inf]], np.float32)
    close(tiff(values), [[0, 0, 0.5, 1, 1, 0]])
    close(tiff(np.full((1, 3), np.nan, np.float32)), [[0, 0, 0]])


ALPHAS = [
    # Kinds of the additional samples, and which of them is alpha.
    ([], None), ([0], None), ([1], 0), ([2], 0), ([0, 2], 1), ([2, 0], 0), ([0, 0], None),
    ([0, 1], 1),
]  # fmt: skip


@pytest.mark.parametrize("planar", [1, 2])
@pytest.mark.parametrize("kind", ["u1", "u2"])
@pytest.mark.parametrize("colours", [1, 3])
@pytest.mark.parametrize(("extra", "place"), ALPHAS)
def test_additional_samples_are_alpha_or_left_out(
    extra: list[int], place: int | None, colours: int, kind: str, planar: int
) -> None:
    white = 255 if kind == "u1" else 65_535
    seen = np.arange(10 * colours).reshape(2, 5, colours) * (white // 60)
    alpha = np.array([[white, white // 2, white // 2 + 1, 0, white]] * 2)
    if place is not None and extra[place] == 1:
        seen = np.minimum(seen, alpha[..., None])
    others = [alpha if number == place else alpha // 3 for number in range(len(extra))]
    values = np.dstack([seen, *others]).astype(kind)
    more: dict[str, Any] = {"t338": (3, extra)} if extra else {}
    frame = read(tiff(values, photometric=2 if colours == 3 else 1, planar=planar, **more))
    assert frame.dtype == values.dtype
    got = frame if frame.ndim == 3 else frame[..., None]
    wanted = seen.astype(float)
    if place is not None and extra[place] == 1:
        shown = alpha > 0
        wanted[shown] = np.rint(wanted[shown] * white / alpha[shown][:, None])
        wanted[~shown] = 0
    if place is not None:
        wanted = np.dstack([wanted, alpha])
    np.testing.assert_array_equal(got, wanted)


def test_one_sample_more_of_which_nothing_is_said_is_alpha() -> None:
    for colours, photometric in ((1, 1), (3, 2)):
        values = noise(4, 5, colours + 1)
        np.testing.assert_array_equal(read(tiff(values, photometric=photometric)), values)


@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("bits", [1, 2, 4, 8])
def test_colour_maps_of_8_and_16_bits(bits: int, deep: bool) -> None:
    size = 1 << bits
    colours = noise(size, 3, 1, seed=bits)
    colours[0] = 255  # of which a map of 16 bits cannot be taken for one of 8
    index = np.arange(3 * 13).reshape(3, 13).astype(np.uint8) % np.uint16(size)
    index = index.astype(np.uint8)
    entries = (colours.T.astype(int) * (257 if deep else 1)).ravel().tolist()
    data = tiff(index, bits, 3, t320=(3, entries))
    assert codec.inspect(data).mode == "P"
    np.testing.assert_array_equal(read(data), colours[index])
    if bits == 8:
        with_alpha = np.dstack([index, index + 100])
        frame = read(tiff(with_alpha, 8, 3, t320=(3, entries), t338=(3, [2])))
        np.testing.assert_array_equal(frame, np.dstack([colours[index], index + 100]))


@pytest.mark.parametrize(("across", "down"), [(1, 1), (2, 1), (2, 2), (1, 2), (4, 2)])
@pytest.mark.parametrize("compression", ["none", "lzw"])
def test_ycbcr_shares_chroma_among_neighbours(across: int, down: int, compression: str) -> None:
    # Red and blue of ITU-R BT.601 on either side, grey ramps of light within.
    height, width = 5, 7
    light = (np.arange(height * width).reshape(height, width) * 5 + 20).astype(np.uint8)
    tall, wide = -(-height // down), -(-width // across)
    chroma = np.full((tall, wide, 2), 128, np.uint8)
    chroma[0, 0] = (100, 180)
    units = np.pad(light, ((0, tall * down - height), (0, wide * across - width)))
    units = units.reshape(tall, down, wide, across).swapaxes(1, 2).reshape(tall, wide, -1)
    stored = np.dstack([units, chroma])
    found = tags(np.zeros((height, width, 3), np.uint8), 8, 6, t530=(3, [across, down]))
    found |= {278: (4, [height]), 259: (3, [COMPRESSIONS[compression]])}
    from tests.pictures.tiffs import compressed

    frame = read(file([(found, [compressed(packed(stored, 8), compression)])]))
    wanted = np.repeat(light[..., None].astype(float), 3, axis=2)
    cb, cr = -28, 52
    inside = np.s_[: min(down, height), : min(across, width)]
    wanted[inside] += (1.402 * cr, -0.344136 * cb - 0.714136 * cr, 1.772 * cb)
    assert np.abs(frame - np.clip(wanted, 0, 255)).max() <= 1


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("photometric", [8, 9])
def test_lab_becomes_srgb(photometric: int, bits: int) -> None:
    # White, black, mid grey, and sRGB's red under D50 (ICC): L*, a*, b*.
    colours = [(100, 0, 0), (0, 0, 0), (53.585, 0, 0), (54.29, 80.81, 69.89)]
    wanted = [(255, 255, 255), (0, 0, 0), (128, 128, 128), (255, 0, 0)]
    if photometric == 8:
        rows = [(ell / 100 * ((1 << bits) - 1), a, b) for ell, a, b in colours]
        scale = 1 if bits == 8 else 256
        stored = [(round(ell), round(a * scale), round(b * scale)) for ell, a, b in rows]
        values = np.array([stored]).astype("u1" if bits == 8 else "u2")
    else:
        scale = 1 if bits == 8 else 256
        stored = [(round(ell * 2.55 * scale), round((a + 128) * scale), round((b + 128) * scale))
                  for ell, a, b in colours]  # fmt: skip
        values = np.array([stored]).astype("u1" if bits == 8 else "u2")
    frame = read(tiff(values, photometric=photometric)).astype(int)
    assert np.abs(frame - wanted).max() <= 5


@pytest.mark.parametrize("planar", [1, 2])
def test_cmyk_of_16_bits_and_with_alpha(planar: int) -> None:
    inks = noise(6, 7, 4)
    plain = read(tiff(inks, photometric=5))
    np.testing.assert_array_equal(plain, np.asarray(Image.fromarray(inks, "CMYK").convert("RGB")))
    deep = tiff(inks.astype(np.uint16) * 257, photometric=5, planar=planar)
    np.testing.assert_array_equal(read(deep), plain)
    alpha = noise(6, 7, 1, seed=9)
    both = tiff(np.dstack([inks, alpha]), photometric=5, planar=planar, t338=(3, [2]))
    np.testing.assert_array_equal(read(both), np.dstack([plain, alpha]))


REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("complex numbers", {"t339": (3, [6]), "t258": (3, [64])}),
    ("complex numbers", {"t339": (3, [5]), "t258": (3, [32])}),
    ("samples of 128 bits", {"t258": (3, [128])}),
    ("floating-point samples of 24 bits", {"t339": (3, [3]), "t258": (3, [24])}),
    ("compressed by LERC", {"t259": (3, [34887])}),
    ("compressed by JPEG 2000", {"t259": (3, [34712])}),
    ("compressed by JBIG", {"t259": (3, [34661])}),
    ("compressed by ThunderScan", {"t259": (3, [32809])}),
    ("compressed by method 777", {"t259": (3, [777])}),
    ("in LogLuv", {"t262": (3, [32845])}),
    ("colours of an unknown kind", {"t262": (3, [77])}),
    ("inks are not cyan", {"t262": (3, [5]), "t277": (3, [4]), "t332": (3, [2])}),
    ("different numbers of bits", {"t262": (3, [2]), "t277": (3, [3]), "t258": (3, [5, 6, 5])}),
    ("with 60000 samples a pixel", {"t277": (3, [60_000])}),
    ("need 3", {"t262": (3, [2])}),
    *(("need 3", {"t262": (3, [photometric]), "t277": (3, [2])}) for photometric in (2, 6, 8, 9)),
    ("need 4", {"t262": (3, [5]), "t277": (3, [3])}),
    ("predictor 2 over samples of 4 bits",
     {"t258": (3, [4]), "t317": (3, [2]), "t259": (3, [5])}),
    ("as a fax with 1 samples of 8 bits", {"t259": (3, [4])}),
    ("as JPEG with samples of 16 bits", {"t259": (3, [7]), "t258": (3, [16])}),
    ("compressed as JPEG in colours that are not RGB", {"t259": (3, [7]), "t262": (3, [3])}),
    ("compressed as WebP in colours that are not RGB",
     {"t259": (3, [50_001]), "t262": (3, [8]), "t277": (3, [3]), "t258": (3, [8] * 3)}),
    ("compressed as WebP with 1 samples a pixel", {"t259": (3, [50_001])}),
    ("compressed as WebP with 3 samples a pixel",
     {"t259": (3, [50_001]), "t262": (3, [2]), "t277": (3, [3]), "t284": (3, [2])}),
    ("samples are of different kinds", {"t277": (3, [2]), "t339": (3, [1, 2])}),
    ("chroma reduced 3 to 1", {"t262": (3, [6]), "t277": (3, [3]), "t530": (3, [3, 1])}),
    ("chroma reduced 2 to 8", {"t262": (3, [6]), "t277": (3, [3]), "t530": (3, [2, 8])}),
    ("reduced chroma that is stored in an unusual way",
     {"t262": (3, [6]), "t277": (3, [3]), "t530": (3, [2, 2]), "t284": (3, [2])}),
    ("reduced chroma that is stored in an unusual way",
     {"t262": (3, [6]), "t277": (3, [4]), "t530": (3, [2, 1])}),
    ("reduced chroma that is stored in an unusual way",
     {"t262": (3, [6]), "t277": (3, [3]), "t259": (3, [5]), "t317": (3, [2])}),
    ("with predictor 3 over samples of 8 bits", {"t259": (3, [5]), "t317": (3, [3])}),
    ("with predictor 9 over samples of 8 bits", {"t259": (3, [8]), "t317": (3, [9])}),
    ("with a colour map and 32 bits a sample", {"t262": (3, [3]), "t258": (3, [32])}),
    ("in CMYK with samples of 4 bits",
     {"t262": (3, [5]), "t277": (3, [4]), "t258": (3, [4] * 4)}),
    ("in YCbCr with samples of 16 bits",
     {"t262": (3, [6]), "t277": (3, [3]), "t258": (3, [16] * 3)}),
    (r"in L\*a\*b\* with signed or floating samples of 16 bits",
     {"t262": (3, [8]), "t277": (3, [3]), "t258": (3, [16] * 3), "t339": (3, [3] * 3)}),
    ("with signed samples of 4 bits", {"t339": (3, [2]), "t258": (3, [4])}),
    ("with 17 samples a pixel", {"t277": (3, [17])}),
    *((f"compressed by {name}", {"t259": (3, [number])}) for number, name in (
        (9, "JBIG"), (10, "JBIG"), (32766, "NeXT's run lengths"), (32809, "ThunderScan"),
        (32895, "IT8"), (32908, "Pixar's film"), (32909, "Pixar's log"), (33003, "JPEG 2000"),
        (33004, "JPEG 2000"), (33005, "JPEG 2000"), (34661, "JBIG"), (34676, "SGI LogLuv"),
        (34677, "SGI LogLuv"), (34712, "JPEG 2000"), (34887, "LERC"), (34934, "JPEG XR"),
        (22610, "JPEG XR"), (50002, "JPEG XL"), (52546, "JPEG XL"), (34719, "JBIG2"),
    )),
    *((f"whose colours are {name}", {"t262": (3, [number])}) for number, name in (
        (10, r"in ITU L\*a\*b\*"), (32844, "in LogL, for high"), (32845, "in LogLuv, for high"),
        (51177, "a depth map"),
    )),
]  # fmt: skip


@pytest.mark.parametrize(("reason", "more"), REFUSED)
def test_what_is_not_understood_is_refused_by_name(reason: str, more: dict[str, Any]) -> None:
    data = tiff(noise(4, 4, 1), **more)
    if "t259" in more:
        found = tags(noise(4, 4, 1)[..., None], 8, 1, **more) | {278: (4, [4])}
        data = file([(found, [bytes(64)])])
    with pytest.raises(RefusedError, match=f"{reason}(,|$| |\\.|\\()") as caught:
        codec.inspect(data, name="it.tif")
    assert caught.value.message.startswith("it.tif is a TIFF ")
    assert "PNG" in caught.value.remedy


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_tifffile_reads_the_same(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(["u1", "u2", "u4", "i1", "i2", "f4", "f8", "f2"]))
    samples = data.draw(st.sampled_from([1, 3, 4]))
    shape = (data.draw(st.integers(1, 40)), data.draw(st.integers(1, 40)), samples)
    values = np.random.default_rng(data.draw(st.integers(0, 9))).random(shape)
    if not kind.startswith("f"):
        ends = np.iinfo(kind)
        values = values * (float(ends.max) - ends.min) + ends.min
    stored = values.astype(kind)
    stored.flat[0], stored.flat[-1] = (0, 1) if kind[0] == "f" else (ends.min, ends.max)
    options: dict[str, Any] = {
        "byteorder": data.draw(st.sampled_from(ORDERS)),
        "bigtiff": data.draw(st.booleans()),
        "compression": data.draw(st.sampled_from([None, "zlib"])),
        "photometric": "rgb" if samples > 1 else data.draw(st.sampled_from(["minisblack"])),
    }
    if samples > 1 and data.draw(st.booleans()):
        options["planarconfig"] = "separate"
    if samples == 4:
        options["extrasamples"] = ["unassalpha"]
    if data.draw(st.booleans()):
        options["tile"] = (16, 32)
    elif data.draw(st.booleans()):
        options["rowsperstrip"] = data.draw(st.integers(1, 20))
    given_ = np.moveaxis(stored, 2, 0) if options.get("planarconfig") else stored
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, given_ if samples > 1 else stored[..., 0], metadata=None, **options)
    by_others = tifffile.imread(io.BytesIO(buffer.getvalue()))
    if options.get("planarconfig"):
        by_others = np.moveaxis(by_others, 0, -1)
    by_others = by_others.reshape(shape).astype(float)
    low, high = (0.0, 1.0) if kind[0] == "f" else (float(ends.min), float(ends.max))
    wanted = ((by_others - low) / (high - low)).reshape(shape)
    got = parts(read(buffer.getvalue())).reshape(shape)
    np.testing.assert_allclose(got, wanted, atol=1e-4 if kind != "f2" else 1e-3)


def test_every_pair_of_photometric_and_depth_is_read_or_refused_by_name() -> None:
    depths = (1, 2, 4, 8, 10, 12, 14, 16, 24, 32, 64)
    samples = {0: 1, 1: 1, 2: 3, 3: 1, 5: 4, 6: 3, 8: 3}
    for photometric, bits, planar, order in itertools.product(samples, depths, (1, 2), ORDERS):
        kind = f"u{1 if bits <= 8 else 2 if bits <= 16 else 4 if bits <= 32 else 8}"
        values = np.ones((3, 5, samples[photometric]), kind)
        more: dict[str, Any] = {"t530": (3, [1, 1])}
        if photometric == 3:
            more["t320"] = (3, [7] * 3 * (1 << min(bits, 16)))
        data = tiff(values, bits, photometric, planar=planar, order=order, **more)
        said = ""
        try:
            assert read(data).shape[:2] == (3, 5)
        except RefusedError as error:
            said = error.message
        if said:
            assert f"{bits} bits" in said, (photometric, bits)
            assert photometric in (3, 5, 6, 8), said
