"""Every fast path gives the picture its definition gives, within one grey level."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from labapp.pictures import exact, frames, pipeline, registry
from labapp.pictures.pipeline import Step
from tests.pictures.samples import Frame, deep_photo, defined, noise, photo, samples
from tests.pictures.strategies import a_frame, a_step

SAMPLES = samples()

#: Values besides the defaults, chosen at the ends of ranges and where a fast path changes.
CASES: list[tuple[str, dict[str, Any]]] = [
    *[
        ("blur", {"sigma": sigma})
        for sigma in (0.1, 0.3, 1.0, 3.0, 5.9, 6.0, 9.7, 15.0, 21.3, 50.0)
    ],
    *[("sharpen", {"radius": r, "amount": a}) for r, a in ((0.1, 5.0), (2.0, 1.5), (10.0, 5.0))],
    ("edges", {}),
    ("denoise", {}),
    ("denoise", {"strength": 100.0, "sigma": 0.5}),
    *[("median", {"radius": radius}) for radius in (1, 2, 3, 7)],
    *[("pixelate", {"size": size}) for size in (2, 12, 256)],
    ("grayscale", {}),
    ("black_and_white", {}),
    *[("black_and_white", {"method": "fixed", "threshold": t}) for t in (0, 100, 255)],
    ("invert", {}),
    ("sepia", {}),
    *[("posterize", {"levels": levels}) for levels in (2, 5, 64)],
    *[("brightness", {"factor": factor}) for factor in (0.0, 0.37, 4.0)],
    *[("contrast", {"factor": factor}) for factor in (0.0, 0.37, 4.0)],
    *[("gamma", {"gamma": gamma}) for gamma in (0.1, 2.2, 5.0)],
    ("equalize", {}),
    ("equalize", {"mode": "luminance"}),
    ("clahe", {}),
    ("clahe", {"clip": 0.1, "tiles": 3}),
    ("clahe", {"clip": 0.001, "tiles": 16}),
    ("clahe", {"clip": 0.001, "tiles": 1}),  # where all bins are full, and some is left
    *[("resize", {"side": side}) for side in (1, 20, 77, 250)],
    ("thumbnail", {"side": 16}),
    ("thumbnail", {}),
    *[
        ("rotate", {"angle": a})
        for a in (90.0, 180.0, 270.0, -90.0, 360.0, 7.0, 33.3, 135.0, -200.5)
    ],
    *[("rotate", {"angle": a, "expand": False}) for a in (90.0, 180.0, 45.0)],
    ("rotate", {"angle": 12.0, "paper": "white"}),
    ("flip", {}),
    ("flip", {"direction": "vertical"}),
    ("crop_square", {}),
]


def label(case: tuple[str, dict[str, Any]]) -> str:
    return f"{case[0]}:{','.join(f'{k}={v}' for k, v in case[1].items())}"


def run(name: str, frame: Frame, given: dict[str, Any]) -> tuple[Frame, dict[str, Any]]:
    operation = registry.get(name)
    values = operation.check(given)
    return operation.apply(frame.copy(), values), values


def test_every_operation_has_a_case() -> None:
    assert {name for name, _ in CASES} == set(registry.operations())


@pytest.mark.parametrize("case", CASES, ids=label)
def test_an_operation_is_within_one_level_of_its_definition(
    case: tuple[str, dict[str, Any]],
) -> None:
    name, given = case
    for title, frame in SAMPLES.items():
        deep = frame.dtype == np.uint16
        got, values = run(name, frame, given)
        wanted = defined(name, frame, **values)
        assert got.shape == wanted.shape, title
        assert got.dtype == wanted.dtype, title
        difference = np.abs(got.astype(int) - wanted.astype(int)).max()
        assert difference <= (DEEP.get(name, 2) if deep else 1), f"{title}: off by {difference}"


#: How far a result in 16 bits may be off, of 65,535, where that is more than 2: one level of 8
#: bits where the fast path is an approximation, or the definition itself works in fewer.
DEEP = {"blur": 257, "clahe": 257, "equalize": 257}


def with_alpha(seed: int, grey: bool = False) -> Frame:
    """Make a photo under an alpha that has clear, opaque and half transparent places."""
    colour = photo(70, 90, seed)
    alpha = np.clip(noise(70, 90, 1, seed).astype(int) * 3 - 256, 0, 255).astype(np.uint8)
    alpha[:20] = 0
    alpha[40:60, 30:] = 255
    return np.dstack([colour[..., 0] if grey else colour, alpha])


@pytest.mark.parametrize("grey", [False, True])
@pytest.mark.parametrize(
    "case",
    [
        ("blur", {"sigma": 2.0}),
        ("blur", {"sigma": 11.0}),
        ("sharpen", {"radius": 1.5, "amount": 0.8}),
        ("resize", {"side": 41}),
        ("resize", {"side": 200}),
        ("rotate", {"angle": 20.0}),
        ("pixelate", {"size": 7}),
        ("median", {"radius": 2}),
        ("denoise", {}),
    ],
    ids=label,
)
def test_a_filter_over_neighbours_weighs_colours_by_alpha(
    case: tuple[str, dict[str, Any]], grey: bool
) -> None:
    name, given = case
    frame = with_alpha(5, grey)
    got, values = run(name, frame, given)

    (*colours, _), alpha = exact.planes(frame), frame[..., -1] / 255
    weighed = [one_channel(name, colour / 255 * alpha, values) for colour in colours]
    alpha = np.clip(one_channel(name, alpha, values), 0, 1)

    wanted = defined(name, frame, **values)
    for result, off in ((got, 1), (wanted, 0.51)):
        assert np.abs(result[..., -1] - alpha * 255).max() <= off
        # Colour is compared as it is seen: a nearly clear pixel has no colour to speak of.
        seen = result[..., :-1] * alpha[..., None]
        there = np.clip(np.dstack(weighed), 0, alpha[..., None]) * 255
        assert np.abs(seen - there).max() <= off


def one_channel(name: str, plane: Frame, values: dict[str, Any]) -> Frame:
    """Give what is defined for one channel in float64."""
    result = registry.get(name).definition(plane, **values)
    return result if isinstance(result, np.ndarray) else next(result)


def test_no_dark_fringe_appears_where_opaque_meets_clear() -> None:
    frame = np.zeros((40, 40, 4), np.uint8)
    frame[:, 20:] = (255, 255, 255, 255)
    for name, asked in (
        ("blur", {"sigma": 3.0}),
        ("blur", {"sigma": 9.0}),
        ("resize", {"side": 13}),
        ("rotate", {"angle": 30.0}),
        ("median", {"radius": 2}),
        ("denoise", {}),
        ("sharpen", {}),
        ("pixelate", {"size": 7}),
    ):
        got, _ = run(name, frame, dict(asked))
        shown = got[got[..., 3] > 8]
        assert shown[:, :3].min() >= 240, name


@pytest.mark.parametrize("name", sorted(registry.operations()))
def test_alpha_survives_every_operation(name: str) -> None:
    for grey in (False, True):
        frame = with_alpha(6, grey)
        got, _ = run(name, frame, {})
        assert frames.has_alpha(got)
        if name in POINTWISE:
            np.testing.assert_array_equal(got[..., -1], frame[..., -1])


POINTWISE = {
    "grayscale", "black_and_white", "invert", "sepia", "posterize", "brightness", "contrast",
    "gamma", "equalize", "clahe", "edges",
}  # fmt: skip


@pytest.mark.parametrize("name", ["equalize", "black_and_white"])
def test_clear_pixels_do_not_count_in_a_histogram(name: str) -> None:
    frame = np.dstack([photo(60, 60), np.full((60, 60), 255, np.uint8)])
    padded = np.zeros((60, 180, 4), np.uint8)
    padded[:, :60] = frame
    alone, _ = run(name, frame, {})
    beside, _ = run(name, padded, {})
    np.testing.assert_array_equal(beside[:, :60], alone)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("name", sorted(registry.operations()))
def test_sixteen_bits_stay_sixteen_and_agree_with_eight(name: str, channels: int) -> None:
    eight = {2: with_alpha(8, grey=True), 4: with_alpha(8)}.get(channels, photo(64, 80))
    eight = eight[..., 1].copy() if channels == 1 else eight
    got, _ = run(name, eight.astype(np.uint16) * 257, {})
    wanted, _ = run(name, eight, {})
    assert got.dtype == np.uint16
    assert frames.channels(got) == frames.channels(wanted)
    if name == "black_and_white":  # the threshold is found in the picture's own bits
        assert np.mean(got // 257 != wanted) < 0.005
        return
    deep, shown = got.astype(float), wanted * 257.0
    if channels in (2, 4):  # a nearly clear pixel has no colour to speak of
        deep[..., :-1] *= got[..., -1:] / 65_535
        shown[..., :-1] *= wanted[..., -1:] / 255
    assert np.abs(deep - shown).max() <= 257 * 1.5


@pytest.mark.parametrize("radius", [1, 2, 3])
def test_a_median_of_sixteen_bits_with_alpha_is_one_of_what_is_seen(radius: int) -> None:
    frame = deep_photo(30, 40, 4)
    frame[..., 3] = 65_535
    got, _ = run("median", frame, {"radius": radius})
    wanted = defined("median", frame[..., :3], radius=radius)
    np.testing.assert_array_equal(got[..., :3], wanted)


@pytest.mark.parametrize("channels", [1, 3])
def test_edges_below_an_alpha_that_hides_nothing_are_those_without(channels: int) -> None:
    colour = noise(20, 30, channels)
    got, _ = run("edges", np.dstack([colour, np.full((20, 30), 255, np.uint8)]), {})
    assert np.abs(got[..., 0].astype(int) - defined("edges", colour)).max() <= 1
    assert (got[..., -1] == 255).all()


@pytest.mark.parametrize(("size", "angle"), [((4, 1), 22.0), ((1, 4), 113.0)])
def test_a_corner_that_is_a_pixel_off_is_paper_and_no_blend(
    size: tuple[int, int], angle: float
) -> None:
    frame = np.full(size, 100, np.uint8)  # of which one corner alone comes free, by 1.1 pixels
    given = {"angle": angle, "paper": "white"}
    got, values = run("rotate", frame, given)
    assert got.max() == 255
    assert np.abs(got.astype(int) - defined("rotate", frame, **values)).max() <= 1


def test_strips_leave_no_seams(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = with_alpha(7)
    cases = [c for c in CASES if c[0] in ("blur", "sharpen", "edges", "denoise", "median", "clahe")]
    whole = [run(name, frame, given)[0] for name, given in cases]
    monkeypatch.setattr(frames, "BAND_PIXELS", 400)
    for (name, asked), wanted in zip(cases, whole, strict=True):
        got, _ = run(name, frame, asked)
        assert np.abs(got.astype(int) - wanted.astype(int)).max() <= 1, (name, asked)


@settings(max_examples=400, deadline=None)
@given(a_frame(), a_step())
def test_any_frame_and_any_values_are_within_one_level(frame: Frame, step: Step) -> None:
    if math.prod(step.size(frame.shape[1], frame.shape[0])) > 60_000:
        return
    got = pipeline.apply(frame, [step])
    wanted = defined(step.op, frame, **step.values)
    assert got.shape == wanted.shape
    assert np.abs(got.astype(int) - wanted.astype(int)).max() <= 1


@settings(max_examples=200, deadline=None)
@given(a_frame(alpha=True), a_step())
def test_any_frame_with_alpha_looks_as_it_is_defined(frame: Frame, step: Step) -> None:
    if math.prod(step.size(frame.shape[1], frame.shape[0])) > 60_000:
        return
    got = pipeline.apply(frame, [step])
    wanted = defined(step.op, frame, **step.values)
    assert got.shape == wanted.shape
    assert frames.has_alpha(got)
    assert got.dtype == wanted.dtype == np.uint8
    assert np.abs(got[..., -1].astype(int) - wanted[..., -1]).max() <= 1
    # A level of colour, and one of alpha.
    seen = [one[..., :-1] * (one[..., -1:] / 255) for one in (got, wanted)]
    assert np.abs(seen[0] - seen[1]).max() <= 2


@pytest.mark.parametrize("threshold", [0, 1, 100, 254, 255])
def test_a_threshold_in_sixteen_bits_is_that_of_eight(threshold: int) -> None:
    edge = threshold * 257
    frame = np.array([[0, max(edge - 1, 0), edge, min(edge + 1, 65_535), 65_535]], np.uint16)
    got, _ = run("black_and_white", frame, {"method": "fixed", "threshold": threshold})
    np.testing.assert_array_equal(got, np.where(frame > edge, 65_535, 0))
