"""The form of a dead letter: all that came is kept, with its types, and comes back as it was."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from labapp.cloud.abilities import BATCH_BYTES
from labapp.cloud.queues import Message, Outgoing, _entry, _message
from labapp.jobs import letters
from labapp.jobs.attributes import shown
from labapp.message_attribute import Attribute

#: What another program might put in a message.
FOREIGN = {
    "traceparent": Attribute("String", "00-4bf9-00"),
    "size": Attribute("Number.int", "42"),
    "blob": Attribute("Binary.gif", b"GIF89a\x00\xff"),
    "kind": Attribute("String.custom", "x"),
}
OURS = {name: Attribute("String", "x") for name in ("pipeline", "format", "quality", "nonce")}
OURS |= {"job": Attribute("String", "a"), "client": Attribute("String", "ada")}
OURS |= {"labapp": Attribute("String", "1")}


def came(attributes: dict[str, Attribute], body: str = "1,2") -> Message:
    """Return a message as it is received with some attributes."""
    given: dict[str, Any] = {}
    for name, one in attributes.items():
        held = "BinaryValue" if isinstance(one.value, bytes) else "StringValue"
        given[name] = {"DataType": one.type, held: one.value}
    system: Any = {"SentTimestamp": "1700000000900", "ApproximateReceiveCount": "3"}
    return _message({"Body": body, "MessageAttributes": given, "Attributes": system})


def again(sent: Outgoing) -> Message:
    """Return a message that was sent as it is received."""
    entry = _entry(sent)
    return _message({"Body": entry["MessageBody"],
                     "MessageAttributes": entry.get("MessageAttributes", {})})  # fmt: skip


def back(letter: Outgoing) -> dict[str, Attribute]:
    return dict(again(letters.message_back(again(letter), "0123abcd")).typed)


MARK = {"redriven": Attribute("String", "0123abcd")}


@pytest.mark.parametrize(
    ("attributes", "folds"),
    [
        ({}, False),
        (FOREIGN, False),
        ({**FOREIGN, "job": OURS["job"], "client": OURS["client"]}, False),
        ({f"a{i}": Attribute("Number", f"{i}") for i in range(7)}, False),
        ({f"a{i}": Attribute("Binary", bytes([i])) for i in range(8)}, True),
        (OURS, False),
        ({**OURS, **dict(list(FOREIGN.items())[:3])}, True),
        ({"reason": Attribute("String", "a complaint")}, True),
        ({"receives": Attribute("Number", "1"), "sent": Attribute("Binary", b"x")}, True),
        ({"came": Attribute("String", "yesterday")}, True),
    ],
)
def test_a_message_is_kept_and_comes_back_as_it_was(
    attributes: dict[str, Attribute], folds: bool
) -> None:
    letter = letters.letter_of(came(attributes), "no")
    assert len(letter.attributes) + len(letter.typed) <= 10
    assert ("came" in letter.attributes) == folds
    told = letters.read(again(letter))
    assert (told.reason, told.receives, told.sent) == ("no", "3", "1700000000")
    assert told.came == attributes
    assert back(letter) == {**attributes, **(MARK if len(attributes) < 10 else {})}


def test_ten_of_another_program_come_back_without_a_mark() -> None:
    ten = {f"a{i}": Attribute("String", f"{i}") for i in range(10)}
    letter = letters.letter_of(came(ten), "no")
    assert set(letter.attributes) == {"reason", "came"}
    assert back(letter) == ten


@pytest.mark.parametrize(
    ("kind", "value"), [("String", "mine"), ("Number", "7"), ("Binary", b"0123abcd")]
)
def test_anothers_attribute_of_the_marks_name_stays(kind: str, value: str | bytes) -> None:
    attributes = {"redriven": Attribute(kind, value)}
    assert back(letters.letter_of(came(attributes), "no")) == attributes
    assert shown(attributes) == attributes


def test_an_earlier_mark_is_renewed_and_not_shown() -> None:
    attributes = {"redriven": Attribute("String", "ffffffff")}
    assert back(letters.letter_of(came(attributes), "no")) == MARK
    assert shown(attributes) == {}


def test_one_that_sqs_moved_is_as_it_came_also_with_a_reason_of_its_own() -> None:
    attributes = {**FOREIGN, "reason": Attribute("String", "a complaint")}
    moved = came(attributes)
    assert letters.read(moved).came == attributes
    assert letters.message_back(moved, "0123abcd").attributes["reason"] == "a complaint"


def test_what_sqs_would_not_take_is_kept_and_not_sent_back() -> None:
    # As an emulator may hand it out: an empty text, a name and a type that there are none of.
    odd = {"none": Attribute("String", ""), "a b": Attribute("String", "x"),
           "list": Attribute("StringList", "x"), "size": Attribute("Number", "1")}  # fmt: skip
    letter = letters.letter_of(came(odd), "no")
    assert set(letter.attributes) == {"reason", "came"}
    assert letters.read(again(letter)).came == odd
    assert back(letter) == {"size": odd["size"], **MARK}


def test_without_room_for_a_reason_all_that_came_is_kept() -> None:
    big = came(FOREIGN, "x" * (BATCH_BYTES - 100))
    letter = letters.letter_of(big, "r" * 200)
    assert dict(again(letter).typed) == FOREIGN
    assert letters.read(again(letter)).reason == ""


@pytest.mark.parametrize(
    "folded",
    ["x", "[]", "{}", '{"attributes": 1}', '{"attributes": {"a": 1, "b": ["String"], "c": [1, 2]}}',
     '{"attributes": {"a": ["Binary", "no base64!"]}, "receives": {}, "sent": []}'],
)  # fmt: skip
def test_what_a_stranger_folds_badly_is_nothing(folded: str) -> None:
    message = came({"reason": Attribute("String", "r"), "came": Attribute("String", folded)})
    told = letters.read(message)
    assert (told.came, told.receives, told.sent) == ({}, "", "")


def test_no_more_is_unfolded_than_a_message_has() -> None:
    many = json.dumps({"attributes": {f"a{i}": ["String", "x"] for i in range(1000)}})
    message = came({"reason": Attribute("String", "r"), "came": Attribute("String", many)})
    assert len(letters.read(message).came) == 10


@pytest.mark.parametrize("attributes", [{}, FOREIGN, {"group": OURS["job"]}, OURS])
def test_a_letter_of_a_fifo_queue_is_a_group_of_its_own_and_knows_its_messages(
    attributes: dict[str, Attribute],
) -> None:
    one = replace(came(attributes), id="m-1", group="Groupe 12")
    letter = letters.letter_of(one, "no")
    assert (letter.group, letter.deduplication) == ("m-1", "m-1")
    dead = replace(again(letter), id="m-2", group="m-1")
    told = letters.read(dead)
    assert (told.came, told.group, told.reason) == (attributes, "Groupe 12", "no")
    there = letters.message_back(dead, "0123abcd")
    assert (there.group, there.deduplication) == ("Groupe 12", "m-2")
    by_sqs = replace(came(attributes), id="m-1", group="Groupe 12")
    assert letters.message_back(by_sqs, "0123abcd").group == "Groupe 12", "SQS moved it itself"
