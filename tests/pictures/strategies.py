"""Hypothesis strategies for frames and steps."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from labapp.pictures import registry
from labapp.pictures.pipeline import Step
from tests.pictures.samples import Frame


def values_of(parameter: registry.Parameter) -> st.SearchStrategy[Any]:
    if parameter.kind == "choice":
        return st.sampled_from(parameter.choices)
    if parameter.kind == "bool":
        return st.booleans()
    low, high = parameter.minimum, parameter.maximum
    assert low is not None
    assert high is not None
    return st.integers(int(low), int(high)) if parameter.kind == "int" else st.floats(low, high)


@st.composite
def a_step(draw: st.DrawFn) -> Step:
    operation = draw(st.sampled_from(sorted(registry.operations().items())))[1]
    values = {p.name: draw(values_of(p)) for p in operation.parameters if draw(st.booleans())}
    return Step.of(operation.name, values)


@st.composite
def a_frame(draw: st.DrawFn, alpha: bool = False) -> Frame:
    """Draw an 8-bit frame of any size up to 30, sparse, noisy, or of two values."""
    height, width = draw(st.integers(1, 30)), draw(st.integers(1, 30))
    channels = draw(st.sampled_from([(2,), (4,)] if alpha else [(), (3,)]))
    shape = (height, width, *channels)
    how = draw(st.sampled_from(["sparse", "noise", "two"]))
    if how == "sparse":
        sparse: Frame = draw(arrays.arrays(np.uint8, shape))
        return sparse
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    if how == "noise":
        return random.integers(0, 256, shape).astype(np.uint8)
    low, high = draw(st.integers(0, 255)), draw(st.integers(0, 255))
    return np.where(random.random(shape) < draw(st.floats(0, 1)), low, high).astype(np.uint8)
