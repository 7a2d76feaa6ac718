"""Foreign attributes as people are shown them: with their types, bounded, and no secret of ours."""

from __future__ import annotations

import pytest

from labapp.cloud.queues import Message
from labapp.jobs import attributes
from labapp.jobs.wire import decode_request
from labapp.message_attribute import Attribute


def request(given: dict[str, Attribute]):  # type: ignore[no-untyped-def]
    texts = {n: str(a.value) for n, a in given.items() if a.type == "String"}
    received = {
        n: {"DataType": a.type,
            "BinaryValue" if isinstance(a.value, bytes) else "StringValue": a.value}
        for n, a in given.items()
    }  # fmt: skip
    odd = frozenset(given) - frozenset(texts)
    return decode_request(Message("i", "1", texts, odd, "r", 1, 1.0, 1.0, received))


def text(*words: str) -> dict[str, Attribute]:
    return {word: Attribute("String", "x") for word in words}


JOB = {"job": Attribute("String", "a"), "client": Attribute("String", "ada")}


@pytest.mark.parametrize(
    "given",
    [{}, JOB, {**JOB, "labapp": Attribute("String", "1")},
     {**JOB, **text("nonce", "pipeline", "format")},
     {**JOB, "redriven": Attribute("String", "0123abcd")}],
)  # fmt: skip
def test_of_what_labapp_knows_a_log_says_nothing(given: dict[str, Attribute]) -> None:
    assert attributes.logged_text(request(given)) == ""


def test_another_labs_own_are_told_whatever_they_are_called() -> None:
    given = {
        "client": Attribute("String", "Groupe 12"),
        "job": Attribute("Number", "7"),
        "labapp": Attribute("Number", "1"),
        "nonce": Attribute("String", "s3cret"),
    }
    told = attributes.logged_text(request(given))
    assert told == "client String 'Groupe 12', job Number '7', labapp Number '1'"


def test_each_is_told_with_its_type_and_value() -> None:
    given = {
        **JOB,
        "trace": Attribute("String", "00-4bf9"),
        "size": Attribute("Number", "42"),
        "blob": Attribute("Binary", b"\x00\xff"),
    }
    told = attributes.logged_text(request(given))
    assert told == "blob Binary 'AP8=', size Number '42', trace String '00-4bf9'"


def test_what_would_deceive_is_made_visible() -> None:
    given = {"a\u202eb": Attribute("String\n", "x\ny\u202e' z String '1")}
    told = attributes.text_of(given)
    assert told == r"a\u202eb String\x0a 'x\x0ay\u202e' z String '1'"


@pytest.mark.parametrize("value", ["v" * 100_000, b"v" * 100_000])
def test_a_log_repeats_little_of_much(value: str | bytes) -> None:
    kind = "Binary" if isinstance(value, bytes) else "String"
    given = {f"{i:02}" + "n" * 300: Attribute(kind, value) for i in range(12)}
    told = attributes.text_of(given)
    assert len(told) < 10 * (256 + 200 + 20) + 20
    assert told.count("...'") == 10
    assert told.endswith(", and 2 more")


@pytest.mark.parametrize(
    "nonce", [Attribute("String", "s3cret"), Attribute("Binary", b"s3cret"),
              Attribute("Number", "7")]
)  # fmt: skip
def test_what_proves_a_job_is_never_shown(nonce: Attribute) -> None:
    given = {**JOB, "nonce": nonce, "size": Attribute("Number", "42")}
    assert attributes.logged_text(request(given)) == "size Number '42'"
    assert set(attributes.shown(given)) == {"size"}


def test_a_known_name_of_another_type_is_shown() -> None:
    odd = {"job": Attribute("Number", "7"), "pipeline": Attribute("Binary", b"x")}
    assert attributes.shown(odd, ("pipeline",)) == odd


def test_json_has_values_whole_and_bytes_in_base64() -> None:
    given = {"b": Attribute("Binary.gif", b"\x00" * 300), "a": Attribute("Number", "1")}
    assert attributes.documents(given) == [
        {"name": "a", "type": "Number", "value": "1"},
        {"name": "b", "type": "Binary.gif", "value": "AAAA" * 100},
    ]
