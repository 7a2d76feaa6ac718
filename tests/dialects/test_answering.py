"""What answers a request is what its block says, and always what SQS takes."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labapp.dialects import limits
from labapp.dialects.messages import Answer, Incoming
from labapp.dialects.speech import answers, refusals
from labapp.errors import RefusedError
from labapp.message_attribute import Attribute
from tests.support.dialect_blocks import (
    block,
    done,
    message,
    number,
    numbers,
    picture,
    reply,
)

FOUR = done(12, 1, 54, 4)


def only(*rules: Any, came: Incoming | None = None, **said: Any) -> Answer:
    (found,) = answers(block(numbers(), *rules, **said), came or message(), FOUR)
    return found


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("{min} {max} {median} {mean}", "1 54 8 17.75"),
        ("Mean {mean} Min {min}", "Mean 17.75 Min 1"),
        ("{body} -> {mean:.1f} ({message_id})", "1,12,55,4 -> 17.8 (id-1)"),
        ('{"mean": {mean}, "all": {sorted:json}}', '{"mean": 17.75, "all": [1, 4, 12, 54]}'),
        ("{pick}", "17.75"),
        ("two\nlines\t{count}", "two\nlines\t4"),
    ],
)
def test_a_body_is_a_text_over_facts(body: str, expected: str) -> None:
    pick = {"by": "{attr.Stat}", "mean": "{mean}"}
    found = only(reply(body), came=message(Stat="Mean"), pick=pick)
    assert found == Answer("out", expected, {})


def test_an_ordinary_body_is_the_sentence_or_the_key_of_the_result_also_for_an_empty_one() -> None:
    assert FOUR.summary
    for rule in (reply(), reply("{attr.Text|}")):
        assert only(rule).body == FOUR.summary.sentence()
    found = done(source="a.png", result="out/a.png")
    (answer,) = answers(block(picture(), reply("{attr.Text|}")), message(), found)
    assert answer.body == "out/a.png"


def test_attributes_carry_values_the_results_key_and_what_came_with_its_type_and_bytes() -> None:
    came = message(Kind="sum", N=number("3.50"), Raw=b"\xff\x00", Text=b"caf\xc3\xa9")
    rule = reply(
        "x",
        {
            "Key": "{result}",
            "All": "{json}",
            "Mean": ("Number", "{mean:.2f}"),
            "Kind": "{attr.Kind}",
            "N": "{attr.N}",
            "Raw": "{attr.Raw}",
            "Text": ("String", "{attr.Text}"),
            "Bytes": ("Binary", "{attr.Kind}"),
            "Same": ("Binary", "{attr.Raw}"),
            "Gone": "{attr.None|}",
        },
    )
    found = done(12, 1, 54, 4, result="answers/1.txt")
    (answer,) = answers(block(numbers(), rule), came, found)
    assert found.summary
    assert answer.attributes == {
        "Key": Attribute("String", "answers/1.txt"),
        "All": Attribute("String", found.summary.json()),
        "Mean": Attribute("Number", "17.75"),
        "Kind": Attribute("String", "sum"),
        "N": Attribute("Number", "3.50"),
        "Raw": Attribute("Binary", b"\xff\x00"),
        "Text": Attribute("String", "café"),
        "Bytes": Attribute("Binary", b"sum"),
        "Same": Attribute("Binary", b"\xff\x00"),
    }


def test_attributes_of_a_request_are_repeated_as_they_came_up_to_ten_in_all_own_ones_first() -> (
    None
):
    ten: Any = {f"a{place}": number(str(place)) for place in range(10)}
    came = message(**ten)
    found = only(reply("x", {"Own": "1", "a0": "own"}, echo=("a*",)), came=came)
    own = {"Own": Attribute("String", "1"), "a0": Attribute("String", "own")}
    assert found.attributes == {**own, **{f"a{at}": number(str(at)) for at in range(1, 9)}}
    found = only(reply("x", echo=("a1", "*3")), came=came)
    assert found.attributes == {"a1": number("1"), "a3": number("3")}


def test_an_echo_never_repeats_what_sqs_would_not_take() -> None:
    odd: Any = {"ok": "1", "aws.trace": "1", "Empty": "", "N": number("one")}
    came = message(**odd)
    assert only(reply("x", echo=("*",)), came=came).attributes == {"ok": Attribute("String", "1")}


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        (reply("{attr.Key}"), "body: the attribute Key is missing"),
        (reply("x", {"A": "{attr.Key}"}), "attributes.A: the attribute Key is missing"),
        (reply("x", {"A": ("Number", "{body}")}), "attributes.A: '1,12,55,4' cannot be sent as a"),
        (reply("{pick}"), "pick: the attribute Stat is missing"),
        (reply("x", queue="q.fifo", group="{attr.G}"), "group: the attribute G is missing"),
    ],
)
def test_what_an_answer_lacks_is_a_refusal_that_says_which_part(rule: Any, told: str) -> None:
    with pytest.raises(RefusedError, match=rf"{told}.* \(dialect lab, request 1\)"):
        only(rule, pick={"by": "{attr.Stat}", "mean": "{mean}"})


def test_what_sqs_takes_in_no_text_is_escaped() -> None:
    came = message("1\x00\ud800\ufffe", A="\x1b[1m")
    found = only(reply("{body}", {"A": "<{attr.A}>"}), came=came)
    assert found.body == "1\\x00\\ud800\\ufffe"
    assert found.attributes["A"].value == "<\\x1b[1m>"


def test_an_answer_that_would_be_too_large_is_refused_and_its_refusal_is_not() -> None:
    came = message("1", Big="x" * 200_000)
    one = block(
        numbers(),
        reply("{attr.Big}", echo=("*",)),
        refusal=reply("{error} {attr.Big}", {"A": "{attr.Big}"}, echo=("*",)),
    )
    with pytest.raises(RefusedError, match=r"body: the answer would have 400,00. bytes"):
        answers(one, came, FOUR)
    (found,) = refusals(one, came, "no", "refused")
    assert found.attributes == {}
    (found,) = refusals(one, message("1", Big="é" * 200_000), "no", "refused")
    assert limits.MOST_BYTES - 1 <= limits.size(found.body, found.attributes) <= limits.MOST_BYTES


def test_one_request_may_have_several_answers_on_queues_of_their_own() -> None:
    rules = (reply("{min}", {"Stat": "min"}), reply("{max}", queue="more"))
    first, second = answers(block(numbers(), *rules), message(), FOUR)
    assert first == Answer("out", "1", {"Stat": Attribute("String", "min")})
    assert second == Answer("more", "54", {})


def test_answers_on_a_fifo_queue_have_the_requests_group_and_ids_of_their_own() -> None:
    rules = (reply("{min}"), reply("{max}"), reply("{sum}", queue="plain"))
    one = block(numbers(), *rules, answer="out.fifo")
    found = answers(one, message(group="Groupe 12"), FOUR)
    assert [(answer.group, answer.deduplication) for answer in found] == [
        ("Groupe_12", "id-1-0"),
        ("Groupe_12", "id-1-1"),
        ("", ""),
    ]
    assert answers(one, message(), FOUR)[0].group == "labapp"


def test_a_file_may_say_group_and_deduplication_id_of_which_two_never_are_the_same() -> None:
    ids: Any = {"group": "{attr.Who}", "deduplication": "{attr.Who}-{field1}"}
    one = block(numbers(), reply("a", **ids), reply("b", **ids), answer="out.fifo")
    found = answers(one, message("1", Who="Zoé"), FOUR)
    assert [answer.group for answer in found] == ["Zo_", "Zo_"]
    assert found[0].deduplication.startswith("Zo_-1-")
    assert found[0].deduplication != found[1].deduplication


def test_a_refusal_tells_its_error_as_the_file_says() -> None:
    came = message(Kind="sum", Id=number("7"))
    attributes = {"Kind": "{attr.Kind}", "Key": "{result}", "Mean": ("Number", "{mean}")}
    rule = reply("KO {error} ({status})", {**attributes, "N": ("Number", "{attr.Kind}")})
    one = block(numbers(), refusal=rule, answer="out.fifo")
    assert refusals(one, came, "no list", "refused") == (
        Answer(
            *("out.fifo", "KO no list (refused)", {"Kind": Attribute("String", "sum")}),
            *("labapp", "id-1-0"),
        ),
    )
    one = block(numbers(), refusal=reply("{error}", echo=("*",)))
    (found,) = refusals(one, came, "no list", "failed")
    assert (found.body, found.attributes) == ("no list", came.attributes)


def test_a_refusal_that_lacks_something_tells_the_error_itself() -> None:
    one = block(numbers(), refusal=reply("{attr.Key}: {error}", group="{attr.G}"), answer="a.fifo")
    (found,) = refusals(one, message(), "no list", "refused")
    assert (found.body, found.group) == ("no list", "labapp")
    (found,) = refusals(block(numbers(), refusal=reply("{attr.A|}")), message(), "", "failed")
    assert found.body == "failed"


TEXTS = st.sampled_from(["{body}", "{attr.a}", "{field2|x}", "{body.a}", "{mean} {attr.a|}", "a"])
VALUES = st.text(max_size=30) | st.binary(max_size=9)


@given(
    st.tuples(TEXTS, TEXTS, TEXTS, TEXTS),
    st.sampled_from(["String", "Number", "Binary", ""]),
    st.text(max_size=40),
    VALUES,
    st.text(max_size=20),
    st.sampled_from(["out", "out.fifo"]),
)
def test_what_is_answered_is_always_what_sqs_takes(
    texts: tuple[str, ...], kind: str, body: str, value: str | bytes, group: str, queue: str
) -> None:
    came = message(body, group, a=value, b=number("5"))
    ids: Any = {"group": texts[2], "deduplication": texts[3]}
    rule = reply(texts[0], {"A": (kind, texts[1])}, echo=("*",), **ids)
    one = block(numbers(), rule, rule, refusal=rule, answer=queue)
    found = [*refusals(one, came, body, "refused")]
    with contextlib.suppress(RefusedError):
        found += answers(one, came, FOUR)
    for answer in found:
        assert answer.body
        assert limits.sendable(answer.body) == answer.body
        assert len(answer.attributes) <= limits.MOST_ATTRIBUTES
        assert all(limits.takes(name, one) for name, one in answer.attributes.items())
        assert limits.size(answer.body, answer.attributes) <= limits.MOST_BYTES
        for text in (answer.group, answer.deduplication):
            assert bool(text) == (queue == "out.fifo")
            assert len(text) <= limits.MOST_ID
            assert all("!" <= sign <= "~" for sign in text)
    assert len({answer.deduplication for answer in found[1:]}) == len(found[1:]) or queue == "out"
