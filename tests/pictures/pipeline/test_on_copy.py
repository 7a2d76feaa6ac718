"""Steps on a reduced copy look as they will on the picture itself, whatever the operation."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from labapp.pictures import pipeline, registry
from labapp.pictures.kernels import lanczos
from labapp.pictures.pipeline import Step
from labapp.pictures.registry import Operation
from tests.pictures.samples import photo

#: The picture's side over its copy's.
REDUCED = 8

#: A value of each length that shows on a picture of 768 by 512 pixels; another operation's lengths
#: take ten steps above their least, or their most.
LENGTHS: dict[tuple[str, str], float] = {
    ("blur", "sigma"): 24.0,
    ("resize", "side"): 400,
    ("thumbnail", "side"): 256,
}

OPERATIONS = list(registry.operations().values())


@cache
def whole() -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Give a picture with edges of every scale."""
    fine = photo(64, 96).astype(np.uint8)
    return np.repeat(np.repeat(fine, REDUCED, axis=0), REDUCED, axis=1)


def test_what_is_said_to_be_in_pixels_is_declared_as_a_length() -> None:
    for operation in OPERATIONS:
        for parameter in operation.parameters:
            said = "pixels" in parameter.meaning
            assert parameter.is_length == said, f"{operation.name} {parameter.name}"


def test_every_length_shrinks_with_the_copy_down_to_its_least() -> None:
    for operation in OPERATIONS:
        for parameter in operation.parameters:
            most = Step.of(operation.name, {parameter.name: parameter.maximum or parameter.default})
            scaled = most.on_copy(1 / REDUCED).values[parameter.name]
            if parameter.is_length:
                assert parameter.minimum is not None
                assert parameter.maximum is not None
                assert scaled == pytest.approx(parameter.maximum / REDUCED, abs=0.5)
                least = Step.of(operation.name, {parameter.name: parameter.minimum})
                assert least.on_copy(1 / REDUCED).values[parameter.name] == parameter.minimum
            else:
                assert scaled == most.values[parameter.name]


def test_a_step_on_the_whole_picture_is_not_changed() -> None:
    for operation in OPERATIONS:
        step = Step.of(operation.name, {})
        assert step.on_copy(1.0).values == step.values


@pytest.mark.parametrize(
    "operation",
    [one for one in OPERATIONS if any(parameter.is_length for parameter in one.parameters)],
    ids=lambda one: one.name,
)
def test_the_copy_after_a_step_looks_like_the_picture_after_it(operation: Operation) -> None:
    values = {
        one.name: LENGTHS.get(
            (operation.name, one.name),
            min((one.minimum or 0) + 10 * (one.step or 1), one.maximum or 0),
        )
        for one in operation.parameters
        if one.is_length
    }
    step = Step.of(operation.name, values)
    copy = lanczos.resize(whole(), whole().shape[1] // REDUCED, whole().shape[0] // REDUCED)
    done = pipeline.apply(whole().copy(), [step])
    height, width = (max(side // REDUCED, 1) for side in done.shape[:2])
    wanted = lanczos.resize(done, width, height).astype(int)

    def off(step_on_copy: Step) -> float:
        shown = pipeline.apply(copy.copy(), [step_on_copy])
        if abs(shown.shape[0] - height) > 1 or abs(shown.shape[1] - width) > 1:
            return 255.0
        same = lanczos.resize(shown, width, height).astype(int)
        return float(np.abs(same - wanted).mean())

    assert off(step.on_copy(1 / REDUCED)) < off(step) / 3
