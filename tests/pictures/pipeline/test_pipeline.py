"""Steps as typed, as sent, and as checked."""

from __future__ import annotations

import json
import math
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labapp.errors import LabappError, RefusedError, UsageError
from labapp.pictures import pipeline
from labapp.pictures.limits import Limits
from labapp.pictures.pipeline import Step
from tests.pictures.samples import noise
from tests.pictures.strategies import a_step


def test_a_step_is_read_as_it_is_typed() -> None:
    assert dict(Step.parse("blur:sigma=3").values) == {"sigma": 3.0}
    assert dict(Step.parse("grayscale").values) == {}
    assert dict(Step.parse("Rotate: angle = 12.5 , EXPAND=No").values) == {
        "angle": 12.5,
        "expand": False,
        "paper": "black",
    }
    assert Step.parse("black-and-white").op == "black_and_white"


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("blur:3", UsageError, "Write it as blur:sigma=2"),
        ("blur:", UsageError, "Write it as blur:sigma=2"),
        ("blur:sigma=", UsageError, "Write it as blur:sigma=2"),
        ("blur:sigma=1,sigma=2", UsageError, "'sigma=2'"),
        ("grayscale:3", UsageError, "Write it as grayscale, without parameters"),
        ("blurr", RefusedError, "Did you mean blur?"),
        ("gray_scale", RefusedError, "grayscale"),
        ("zzz", RefusedError, "There are blur, sharpen"),
        ("blur:radius=3", RefusedError, "blur takes sigma"),
        ("blur:sigma=51", RefusedError, "sigma is a number from 0.1 to 50; 2 unless given"),
        ("blur:sigma=nan", RefusedError, "a number from 0.1 to 50"),
        ("blur:sigma=wide", RefusedError, "cannot take sigma 'wide'"),
        ("median:radius=1.5", RefusedError, "a whole number from 1 to 7"),
        ("rotate:expand=maybe", RefusedError, "expand is yes or no; yes unless given"),
        ("flip:direction=up", RefusedError, "one of horizontal, vertical"),
    ],
)
def test_what_cannot_be_a_step_is_said(text: str, error: type[LabappError], said: str) -> None:
    with pytest.raises(error) as caught:
        Step.parse(text)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("nonsense", "is not JSON from character 1 of line 1 on. "),
        ("[" * 5000, "is not JSON. "),
        ('{"op": "blur"}', "not a list"),
        ("[]", "has no steps"),
        ("[3]", "step 1 of the pipeline names no operation"),
        ('[{"sigma": 3}]', "step 1 of the pipeline names no operation"),
        ('[{"op": 3}]', "names no operation"),
        ('[{"op": "invert"}, {"op": "blurr"}]', "step 2: there is no operation 'blurr'"),
        ('[{"op": "blur", "sigma": 0}]', "step 1: blur cannot take sigma 0"),
        ('[{"op": "blur", "sigma": NaN}]', "a number from 0.1 to 50"),
        ('[{"op": "blur", "sigma": Infinity}]', "a number from 0.1 to 50"),
        ('[{"op": "blur", "sigma": 1e999}]', "a number from 0.1 to 50"),
        ('[{"op": "blur", "sigma": "3"}]', "cannot take sigma '3'"),
        ('[{"op": "blur", "sigma": true}]', "cannot take sigma True"),
        ('[{"op": "blur", "sigma": null}]', "cannot take sigma None"),
        ('[{"op": "blur", "sigma": [3]}]', "cannot take sigma [3]"),
        ('[{"op": "blur", "sigma": %s}]' % ("9" * 400), "sigma of many digits"),
        ('[{"op": "blur", "sigma": %s}]' % ("9" * 5000), "is not JSON. "),
        ('[{"op": "blur", "sigma": 3, "sigma": 4}]', "given twice"),
        ('[{"op": "blur", "radius": 3}]', "blur has no parameter 'radius'"),
        ('[{"op": "rotate", "expand": 1}]', "expand is yes or no"),
        ('[{"op": "median", "radius": 1.5}]', "a whole number from 1 to 7"),
        (json.dumps([{"op": "invert"}] * 17), "has 17 steps; at most 16"),
        (" " * 9000, "has 9,000 characters; at most 8,192"),
        ('[{"op": "%s"}]' % ("x" * 3000), "there is no operation 'xxx"),
    ],
)
def test_what_is_sent_and_cannot_be_a_pipeline_is_refused(document: str, said: str) -> None:
    with pytest.raises(RefusedError) as caught:
        pipeline.from_wire(document)
    assert said in str(caught.value)
    assert len(str(caught.value)) < 600


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.sampled_from(["op", "sigma", "x"]), inner | st.just("blur"), max_size=3),
))  # fmt: skip
def test_any_json_is_a_pipeline_or_refused(document: Any) -> None:
    try:
        steps = pipeline.from_wire(json.dumps(document))
    except RefusedError:
        return
    assert 1 <= len(steps) <= pipeline.MAX_STEPS


@given(st.lists(a_step(), min_size=1, max_size=16))
def test_what_is_sent_arrives(steps: list[Step]) -> None:
    wire = pipeline.to_wire(steps)
    assert pipeline.from_wire(wire) == tuple(steps)
    assert len(wire) <= pipeline.MAX_TEXT
    assert pipeline.to_wire(pipeline.from_wire(wire)) == wire


@given(a_step())
def test_what_is_shown_can_be_typed(step: Step) -> None:
    assert Step.parse(step.text) == step


def test_steps_cross_process_borders() -> None:
    steps = pipeline.parse(["blur:sigma=3", "rotate"])
    assert pickle.loads(pickle.dumps(steps)) == steps


def test_the_wire_is_canonical() -> None:
    short = pipeline.from_wire('[{"sigma":3,"op":"blur"},{"op":"flip"}]')
    full = '[{"op":"blur","sigma":3.0},{"op":"flip","direction":"horizontal"}]'
    assert pipeline.to_wire(short) == full


def test_a_label_names_the_operations_and_stays_short() -> None:
    assert pipeline.label(pipeline.parse(["blur:sigma=3", "grayscale"])) == "blur-grayscale"
    # 80 characters are taken, and no more.
    just = ["black_and_white"] * 4 + ["invert", "thumbnail"]
    assert len("-".join(just)) == 80
    assert pipeline.label(pipeline.parse(just)) == "-".join(just)
    more = [*just[:-1], "brightness"]
    assert pipeline.label(pipeline.parse(more)) == "-".join(just[:-1])
    long = pipeline.label(pipeline.parse(["black_and_white"] * 16))
    assert len(long) <= pipeline.MAX_LABEL
    assert long == "-".join(["black_and_white"] * 5)


def test_too_many_steps_may_not_be_typed_either() -> None:
    with pytest.raises(RefusedError, match="17 steps"):
        pipeline.parse(["invert"] * 17)
    with pytest.raises(RefusedError, match="no steps"):
        pipeline.parse([])


@given(a_step(), st.integers(1, 40), st.integers(1, 40))
def test_a_result_is_never_greater_than_foretold(step: Step, width: int, height: int) -> None:
    foretold = step.size(width, height)
    if math.prod(foretold) > 100_000:
        return
    result = pipeline.apply(noise(height, width), [step])
    assert result.shape[1] <= foretold[0]
    assert result.shape[0] <= foretold[1]


@pytest.mark.parametrize(
    ("texts", "frames", "said"),
    [
        (["resize:side=16384"], 1, "step 1, resize, would make 16,384 x 12,288 pixels"),
        (["resize:side=2000"], 30, "step 1, resize, would make 30 frames of 2,000 x 1,500"),
        (["resize:side=8100", "rotate:angle=45"], 1, "step 2, rotate, would make 10,"),
    ],
)
def test_a_pipeline_that_would_grow_too_much_is_refused(
    texts: list[str], frames: int, said: str
) -> None:
    with pytest.raises(RefusedError) as caught:
        pipeline.check_sizes(pipeline.parse(texts), [(4000, 3000)] * frames, Limits())
    assert said in str(caught.value)
    pipeline.check_sizes(pipeline.parse(texts[:1]), [(4, 300)], Limits())


def test_every_page_counts_in_what_a_pipeline_would_make() -> None:
    steps, limits = pipeline.parse(["resize:side=400"]), Limits(pixels=170_000, side=500)
    pipeline.check_sizes(steps, [(1, 100), (100, 100)], limits)
    for pages in ([(1, 100), (100, 100), (9, 100)], [(100, 100), (100, 100)]):
        with pytest.raises(RefusedError, match=r"would make .* 400 x 400 pixels"):
            pipeline.check_sizes(steps, pages, limits)


def test_a_picture_is_not_changed_by_what_is_made_of_it() -> None:
    frame = noise(9, 9)
    kept = frame.copy()
    result = pipeline.apply(frame, pipeline.parse(["invert", "blur", "median", "pixelate"]))
    assert result.shape == kept.shape
    np.testing.assert_array_equal(frame, kept)


def test_a_switch_is_typed_as_a_word() -> None:
    texts = {Step.of("rotate", {"angle": 30, "expand": each}).text for each in (True, False)}
    default = Step.of("rotate", {}).values["expand"]
    assert texts == {"rotate:angle=30", f"rotate:angle=30,expand={'no' if default else 'yes'}"}
    for yes in ("yes", "true", "on", "YES"):
        assert Step.parse(f"rotate:expand={yes}").values["expand"] is True
    for no in ("no", "false", "off", "Off"):
        assert Step.parse(f"rotate:expand={no}").values["expand"] is False
