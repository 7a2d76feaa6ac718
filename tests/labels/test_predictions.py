"""Predictions are read as they were written; a wrong line is told; the least sure come first."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labapp.errors import RefusedError
from labapp.labels.predictions import COLUMNS, Prediction, Predictions, of_text, to_text

HEAD = ",".join(COLUMNS) + "\n"

confidences = st.none() | st.sampled_from([0.0, 0.25, 0.973125, 1e-06, 1.0])
made = st.builds(Prediction, st.integers(0, 9), confidences)


@given(st.dictionaries(st.text(st.characters(codec="utf-8"), min_size=1), made, max_size=4))
def test_what_was_written_is_read_again_whatever_keys_hold(by_key: dict[str, Prediction]) -> None:
    assert of_text(to_text(Predictions(by_key))).by_key == by_key


def test_where_nothing_is_predicted_there_is_no_text() -> None:
    assert to_text(Predictions()) == ""
    assert not of_text("")
    assert Predictions().of("images/a.jpg") is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("key,label\n", "line 1 of the predictions is not image_key,code,confidence"),
        (f"{HEAD}a,1\n", "line 2 of the predictions is no key"),
        (f"{HEAD}a,1,0.5\na,12,\n", "line 3 of the predictions is no key"),
        (f"{HEAD}a,hot dog,\n", "no key, code and confidence: 'a,hot dog,'"),
        (f"{HEAD}a,1,1.5\n", "line 2"),
        (f"{HEAD}a,1,nan\n", "line 2"),
        (f'{HEAD}a,1,"0.5', "cannot be read"),
    ],
)
def test_a_wrong_line_is_told(text: str, told: str) -> None:
    with pytest.raises(RefusedError, match=told):
        of_text(text)


def test_the_least_certain_come_first_and_the_unknown_last_in_their_order() -> None:
    known = {"a": Prediction(1, 0.9), "b": Prediction(0), "c": Prediction(2, 0.4)}
    assert sorted("xabcy", key=Predictions(known).certainty) == ["c", "a", "x", "b", "y"]


def test_a_later_prediction_takes_the_place_of_an_earlier_one() -> None:
    before = Predictions({"a": Prediction(1, 0.9), "b": Prediction(0)})
    after = before.with_more({"b": Prediction(1, 0.6), "c": Prediction(0)})
    assert (after.of("a"), after.of("b"), len(after)) == (Prediction(1, 0.9), (1, 0.6), 3)
