"""A first dialect is proposed of what was seen: without faults, it answers what it is made of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labapp.dialects import loading, trial
from labapp.dialects.messages import Incoming
from labapp.dialects.proposals import Seen, propose
from labapp.dialects.sightings import UNKNOWN, source_of
from labapp.dialects.trial import Trial
from tests.support.dialect_blocks import message, number

#: The line of a guess that is loose.
NON_DIGIT = 'separators = "non-digit"                     # a guess: whatever is no digit'

#: A body that is a picture's key, of a client that sent a PNG.
PNG = '"body" = ["*.png", "*.PNG", "*.jpg", "*.JPG", "*.jpeg", "*.JPEG"]'


def proposed(*seen: Incoming | tuple[str, Incoming], kinds: Any = None) -> tuple[str, list[Trial]]:
    """Return the proposal's text, and what it does with each message that it was made of."""
    pairs = [one if isinstance(one, tuple) else ("jobs", one) for one in seen]
    text = propose([Seen(*pair) for pair in pairs], kinds)
    dialect = loading.parse(text, Path("proposed.toml"))
    return text, [
        trial.attempt([block for block in dialect.blocks if block.queue == queue], one)
        for queue, one in pairs
    ]


@pytest.mark.parametrize(
    ("came", "line"),
    [
        (message("1,12,55,4"), 'numbers = "{body}"'),
        (message("1/12/55/4"), 'separators = "/"'),
        (message("1 et 12 et 55 et 4"), NON_DIGIT),
        (message("avg 1 12 55 4"), 'numbers = "{field2+}"'),
        (message("avg/1/12/55/4"), 'separators = "/"'),
        (message("list", L="1;12;55;4"), 'numbers = "{attr.L}"'),
        (message("x", e1=number("1"), e10="4", e2="12", e9="55"), 'numbers = "{attr.e#}"'),
        (message('{"a": {"id": 3, "values": [1, 12, 55, 4]}}'), 'numbers = "{body.a.values}"'),
        (message('{"values": "1,12,55,4"}'), 'numbers = "{body.values}"'),
        (message("lists/1.txt"), 'numbers = { object = "{body}" }'),
        (message("x", Key="lists/1.csv"), 'numbers = { object = "{attr.Key}" }'),
    ],
)  # fmt: skip
def test_integers_are_found_wherever_a_client_puts_them(came: Incoming, line: str) -> None:
    text, (found,) = proposed(came)
    assert line in text.splitlines()
    assert found.integers == (1, 12, 55, 4)


@pytest.mark.parametrize(
    ("came", "line"),
    [
        (message("photos/cat.png"), 'picture = "{body}"'),
        (message("photos/cat.png;blur"), 'picture = "{field1}"'),
        (message("blur photos/cat.png"), 'picture = "{field2}"'),
        (message("x", Key="photos/cat.png"), 'picture = "{attr.Key}"'),
        (message('{"job": {"key": "photos/cat.png"}}'), 'picture = "{body.job.key}"'),
    ],
)
def test_a_pictures_key_is_found_wherever_a_client_puts_it(came: Incoming, line: str) -> None:
    text, (found,) = proposed(came)
    assert line in text.splitlines()
    assert found.picture
    assert found.picture.key == "photos/cat.png"


def test_a_key_with_blanks_is_one_where_a_comma_parts_the_fields() -> None:
    _, (found, other) = proposed(message("a cat.png, flip"), ("b", message("photos/a cat.png")))
    assert found.picture
    assert found.picture.key == "a cat.png"
    assert other.picture
    assert other.picture.key == "photos/a cat.png"


@pytest.mark.parametrize(
    ("came", "line", "steps"),
    [
        (message("x", Key="a.png", Sigma=number("3")), "blur:sigma={attr.Sigma}", "blur:sigma=3"),
        (message("a.png", Op="flip"), "{attr.Op}", "flip"),
        (message("a.png,flip"), "{field2}", "flip"),
    ],
)
def test_what_is_done_is_guessed(came: Incoming, line: str, steps: str) -> None:
    text, (found,) = proposed(came)
    assert f'steps = "{line}"' in text
    assert found.steps == steps


def test_values_that_name_no_operation_are_left_to_be_said() -> None:
    text, found = proposed(message("a.png,1"), message("b.png,2"))
    assert 'steps = { by = "{field2}", "1" = "grayscale", "2" = "grayscale" }' in text
    assert all(one.steps == "grayscale" for one in found)


def test_a_value_that_a_choice_has_as_a_key_of_its_own_is_not_chosen_by() -> None:
    text, (*found, _) = proposed(message("a.png else"), message("a.png *"), message("a.png 1"))
    assert 'steps = { by = "{field2}", "1" = "grayscale" }' in text
    assert all(one.refusal for one in found)


def test_what_would_be_read_as_a_placeholder_tells_nothing_apart() -> None:
    text, _ = proposed(message("1,2", Kind="{body}"), message("a.png", Kind="{attr.X}"))
    assert "{attr.X}" in text, "where what was seen is told"
    assert f"when = {{ {PNG} }}" in text


def test_a_mark_of_the_encoding_hides_nothing() -> None:
    text, (found, _) = proposed(message("\ufeff1,2"), message("\ufeffa.png"))
    assert 'numbers = "{body}"' in text
    assert found.integers == (1, 2)


def test_a_parameter_that_only_some_send_has_a_stand_in() -> None:
    _, found = proposed(message("a.png", Sigma="7"), message("b.png"))
    assert [one.steps for one in found] == ["blur:sigma=7", "blur:sigma=7"]


def test_a_format_is_guessed() -> None:
    text, (found,) = proposed(message("a.png", Output_Type="jpg"))
    assert 'format = "{attr.Output_Type}"' in text
    assert found.result.endswith(".jpg")


def test_a_statistic_that_is_asked_for_is_picked() -> None:
    _, found = proposed(message("1 2 6", Stat="min"), message("1 2 6", Stat="Moyenne"))
    assert [one.answers[0].body for one in found] == ["1", "3"]


def test_kinds_of_requests_on_one_queue_are_told_apart_by_an_attribute() -> None:
    text, found = proposed(
        message("1,2", Id="a", RequestType="Average"),
        message("a.png,1", Id="b", RequestType="ImageEffect"),
        message("3,4", Id="c", RequestType="Average"),
    )
    assert 'when = { "attr.RequestType" = "Average" }' in text
    assert 'when = { "attr.RequestType" = "ImageEffect" }' in text
    assert '# echo = ["Id", "RequestType"]' in text
    assert [bool(one.integers) for one in found] == [True, False, True]


def test_without_one_they_are_told_apart_by_what_is_there_or_by_their_shape() -> None:
    text, found = proposed(
        message("1,2"),
        message("x", Key="a.png"),
        message("b.png"),
        message('{"values": [3]}'),
    )
    assert 'when = { "attr.Key" = true }' in text
    assert f"when = {{ {PNG} }}" in text
    assert 'when = { "body.values" = true }' in text
    assert [one.integers for one in found] == [(1, 2), (), (), (3,)]
    assert found[0].block
    assert 'when = { "body" = ["0*", "1*", ' in text


def test_on_a_queue_of_another_kind_a_block_tells_its_own_apart() -> None:
    text, _ = proposed(message("a.png"), kinds={"jobs": "numbers"})
    assert f"when = {{ {PNG} }}" in text
    text, _ = proposed(message("a.png"), kinds={"jobs": "pictures"})
    assert "\nwhen" not in text


def test_others_of_a_shape_that_was_seen_are_read_and_none_of_another() -> None:
    text, found = proposed(
        message('{"op": "mean", "values": [1, 12]}'),
        message("blur;3;holiday/cat.JPG"),
        message("x", e1="1", e2="12"),
        message("7/8/9/stats"),
        message("1, 12"),
    )
    assert [one.integers for one in found] == [(1, 12), (), (1, 12), (7, 8, 9), (1, 12)]
    blocks = loading.parse(text, Path("proposed.toml")).blocks
    for body in ("flip;3;cat.jpg", "blur;3;a/cat.Png", "grayscale;1;dog.jpeg"):
        one = trial.attempt(blocks, message(body))
        assert one.picture or not one.block
        assert not one.integers
    read = [trial.attempt(blocks, message(body)) for body in ("4 5", "4/5/stats", "4;5;cats")]
    assert [one.integers for one in read] == [(4, 5), (4, 5), ()]
    assert read[2].refusal or not read[2].block


def test_a_loose_guess_takes_no_other_shape_even_if_it_is_alone() -> None:
    for came, other in (("7/8/9/stats", "blur;3;9;cat.jpg"), ("1 et 12", "blur;3;9;cat.jpg")):
        text, _ = proposed(message(came))
        assert "# a guess" in text
        assert not trial.attempt(
            loading.parse(text, Path("proposed.toml")).blocks, message(other)
        ).block
    text, _ = proposed(message("7 cats and 8 dogs"))
    assert "non-digit" not in text


def test_what_nobody_can_see_is_left_to_be_filled_in() -> None:
    seen = [Seen("jobs", message("1,2"))]
    text = propose(seen, {}, {"numbers": "responseQueue"})
    assert text.count("# FILL IN: ") == 3
    assert "where your client waits; else responseQueue" in text


def test_what_is_not_understood_is_shown_and_left_to_be_said() -> None:
    text, (hello, _) = proposed(message("hello\n\x1b[1m", Who="Zoé"), message("a.png"))
    assert "Neither integers nor the key of a picture" in text
    assert "\x1b" not in text
    assert hello.picture or not hello.block
    text, (alone,) = proposed(message("hello"))
    assert "Neither integers" in text
    assert alone.refusal


def test_what_was_seen_is_told_with_types_and_groups() -> None:
    text, _ = proposed(("q.fifo", message("1", "g 1", N=number("5"), Raw=b"\xff")))
    for line in ("body '1'", "N Number '5'", "Raw Binary '/w=='", "of the group 'g 1'"):
        assert line in text


BODIES = st.text(max_size=20) | st.sampled_from(
    ["1,2", "1/2", "a 1 2", "x.png", "x.png,1", "a b.png", "1,000", '{"v": [1]}', '{"k": "a.png"}']
)
NAMES = st.sampled_from(["Key", "e1", "e2", "Kind", "Sigma", "a.b"])
VALUES = st.sampled_from(["a.png", "1", "2", "sum", "mean", "jpg", 'a"b\\', "*", "1,2"]) | st.text(
    min_size=1, max_size=8
)


@settings(max_examples=60)
@given(
    st.lists(st.tuples(BODIES, st.dictionaries(NAMES, VALUES, max_size=3)), min_size=1, max_size=5)
)
def test_whatever_was_seen_the_proposal_has_no_faults_and_reads_what_it_understood(
    seen: list[tuple[str, dict[str, str]]],
) -> None:
    came = [message(body, **attributes) for body, attributes in seen]
    text, found = proposed(*came)
    if all(source_of(one).kind != UNKNOWN for one in came) and "# [[request]]" not in text:
        assert all(one.block and not one.refusal for one in found)
