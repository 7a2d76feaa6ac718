from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ulid import ULID

from labapp.cloud.queues import Message
from labapp.errors import RefusedError
from labapp.jobs.proof import new_identity, new_job_id
from labapp.jobs.wire import (
    DONE,
    MOST_BODY,
    NobodyToAnswerError,
    Reply,
    Request,
    Status,
    check_size,
    decode_reply,
    decode_request,
    is_client_id,
    quoted,
    time_of,
)

ANYTHING = st.text(st.characters(exclude_categories=()), max_size=80)
NAMES = ["labapp", "job", "client", "pipeline", "status", "result"]
KEYS = st.one_of(st.sampled_from(NAMES), ANYTHING)
VALUES = st.one_of(
    ANYTHING,
    st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True),
    st.sampled_from(["done", "refused", "failed", "1"]),
)
ATTRIBUTES = st.dictionaries(KEYS, VALUES, max_size=6)
ODD = st.frozensets(KEYS, max_size=2)


def message(
    body: str = "1,2", attributes: dict[str, str] | None = None, odd: frozenset[str] = frozenset()
) -> Message:
    return Message("sqs-id", body, attributes or {}, odd, "receipt", 1, 1.7e9, 1.7e9)


def ours(attributes: dict[str, str], odd: frozenset[str] = frozenset(), body: str = "1") -> Message:
    """Return a message with the mark of labapp's own."""
    return message(body, {"labapp": "1", **attributes}, odd)


@given(ANYTHING, ATTRIBUTES, ODD)
def test_any_message_is_a_request_or_from_nobody(
    body: str, attributes: dict[str, str], odd: frozenset[str]
) -> None:
    told = ""
    try:
        request = decode_request(message(body, attributes, odd))
    except NobodyToAnswerError as error:
        told = str(error)
    if told:
        assert not re.search("[\x00-\x1f\x7f-\x9f]", told), "it is logged as it is"
        return
    assert request.body == body
    assert request.is_plain or is_client_id(request.client)
    assert re.fullmatch("[A-Za-z0-9_-]{1,64}", request.job)


@given(ANYTHING, ATTRIBUTES, ODD)
def test_any_message_is_a_reply_or_none_of_ours(
    body: str, attributes: dict[str, str], odd: frozenset[str]
) -> None:
    reply = decode_reply(message(body, attributes, odd))
    if reply is not None:
        assert reply.job == attributes["job"]
        assert reply.status == attributes["status"]
        assert not any(unicodedata.category(sign) == "Cc" for sign in reply.body)


def test_a_request_comes_out_as_it_went_in() -> None:
    for format, quality in (("", ""), ("jpeg", ""), ("webp", "80")):
        named = {"pipeline": '[{"op": "blur"}]', "format": format, "quality": quality}
        given = {name: text for name, text in named.items() if text}
        sent = Request("1,2", "job-1", "ada-1", named, 1.7e9).outgoing()
        assert sent.attributes == {"labapp": "1", "job": "job-1", "client": "ada-1", **given}
        received = decode_request(message(sent.body, dict(sent.attributes)))
        assert received == Request("1,2", "job-1", "ada-1", given, 1.7e9)


@pytest.mark.parametrize("status", ["done", "refused", "failed"])
@pytest.mark.parametrize("result", ["", '{"sum": 3}'])
def test_a_reply_comes_out_as_it_went_in(status: Status, result: str) -> None:
    request = Request("1,2", new_job_id(), "ada-1")
    reply = Reply("sum is 3", request.job, status, result)
    assert not reply.to_nobody
    sent = reply.outgoing(request)
    assert dict(sent.attributes) == {
        "job": request.job, "status": status, **({"result": result} if result else {}),
    }  # fmt: skip
    assert decode_reply(message(sent.body, dict(sent.attributes))) == reply


def test_a_plain_client_is_known_by_its_message_and_answered_in_words_alone() -> None:
    request = decode_request(message("1,2"))
    assert request.is_plain
    assert request.job == "sqs-id"
    sent = Reply("sum is 3", request.job, DONE, '{"sum": 3}').outgoing(request)
    assert (sent.body, dict(sent.attributes)) == ("sum is 3", {})


@pytest.mark.parametrize(
    ("attributes", "told"),
    [
        ({"job": "a"}, r"client is missing\."),
        ({"client": "ada"}, r"job is missing\."),
        ({"job": "a", "client": ""}, "client is ''"),
        ({"job": "", "client": "ada"}, "job is ''"),
        ({"job": "a", "client": "../requestQueue"}, "client is '../requestQueue'"),
        ({"job": "a", "client": "Ada"}, "client is 'Ada'"),
        ({"job": "a", "client": "a" * 41}, "client is"),
        ({"job": "a", "client": "dlq"}, "client is 'dlq'"),
        ({"job": "a", "client": "ada\n"}, r"client is 'ada\\x0a'"),
        ({"job": "a/b", "client": "ada"}, "job is 'a/b'"),
        ({"job": "a" * 65, "client": "ada"}, "job is"),
        ({"job": "a" * 100_000, "client": "ada"}, "..."),
    ],
)
def test_who_cannot_be_answered_is_told_apart(attributes: dict[str, str], told: str) -> None:
    with pytest.raises(NobodyToAnswerError, match=told) as caught:
        decode_request(ours(attributes))
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("name", ["job", "client", "pipeline"])
def test_our_attributes_in_another_type_are_told(name: str) -> None:
    with pytest.raises(NobodyToAnswerError, match=f"attribute {name} is not of the type String"):
        decode_request(ours({}, frozenset({name, "zebra"})))


@pytest.mark.parametrize(
    ("attributes", "odd"),
    [
        ({"client": "Groupe 12"}, []),
        ({"job": "Average"}, []),
        ({"client": "ada"}, ["job"]),
        ({"job": "a", "client": "dlq"}, []),
        ({"job": "a", "client": "Ada", "labapp": "2"}, ["quality"]),
        ({}, ["job", "client", "labapp", "pipeline"]),
    ],
)
def test_another_labs_own_attributes_make_no_request_of_ours(
    attributes: dict[str, str], odd: list[str]
) -> None:
    request = decode_request(message("1", attributes, frozenset(odd)))
    assert (request.is_plain, request.is_claimed, request.job) == (True, False, "sqs-id")
    assert request.attributes == {}


def test_who_bears_no_mark_is_known_by_its_queue_and_who_does_is_not_looked_for() -> None:
    asked: list[str] = []

    def has_queue(client: str) -> bool:
        asked.append(client)
        return client == "ada"

    for client, is_plain in (("ada", False), ("bob", True)):
        unmarked = message("1", {"job": "a", "client": client})
        assert decode_request(unmarked, has_queue).is_plain == is_plain
    new = new_identity("eve")
    proved = message("1", {"job": new.job, "client": "eve", "nonce": new.nonce})
    for one in (proved, ours({"job": "a", "client": "eve"}), message("1", {"client": "Eve"})):
        decode_request(one, has_queue)
    assert decode_request(proved, has_queue).is_proved
    assert asked == ["ada", "bob"]


def test_foreign_attributes_make_no_difference() -> None:
    request = decode_request(message("1", {"trace": "x"}, frozenset({"weight"})))
    assert request.is_plain


@pytest.mark.parametrize(
    "attributes", [{}, {"job": "a"}, {"job": "a", "status": "maybe"}, {"status": "done"}]
)
def test_what_is_no_reply_is_none(attributes: dict[str, str]) -> None:
    assert decode_reply(message("x", attributes)) is None


def test_a_reply_cannot_steer_the_terminal() -> None:
    reply = decode_reply(message("\x1b[2Jgone\x9b31m\n", {"job": "a", "status": "failed"}))
    assert reply is not None
    assert reply.body == r"\x1b[2Jgone\x9b31m\x0a"


@given(ANYTHING, st.integers(1, 30))
def test_what_is_quoted_holds_no_control_characters_and_is_not_too_long(
    text: str, most: int
) -> None:
    shown = quoted(text, most)
    assert not any(unicodedata.category(sign) in {"Cc", "Zl", "Zp", "Cs"} for sign in shown)
    if len(text) > most:
        assert len(shown) <= most + 5
        assert shown.endswith("...'")


@given(st.one_of(st.text(max_size=30), st.from_regex(r"[0-9A-HJKMNP-TV-Z]{26}", fullmatch=True)))
def test_any_id_has_a_time_that_its_message_may_have(job: str) -> None:
    sent = 1.7e9
    told = time_of(job, sent)
    assert told.tzinfo is UTC
    own = ULID.from_str(job).timestamp if re.fullmatch("[0-7][0-9A-HJKMNP-TV-Z]{25}", job) else sent
    # At most 18 days in SQS (4 in a queue, 14 among the dead letters), and clocks an hour apart.
    near = sent - 18 * 24 * 3600 <= own <= sent + 3600
    assert told == datetime.fromtimestamp(own if near else sent, UTC)


def test_the_time_of_a_job_is_that_of_its_id_else_that_of_its_message() -> None:
    asked = datetime(2026, 11, 21, 12, 8, 24, tzinfo=UTC)
    assert time_of(str(ULID.from_datetime(asked)), 0) == asked
    assert time_of("not-a-ulid", 1.7e9) == datetime.fromtimestamp(1.7e9, UTC)
    beyond_the_calendar = "7" + "Z" * 25
    assert time_of(beyond_the_calendar, 1.7e9) == datetime.fromtimestamp(1.7e9, UTC)


@pytest.mark.parametrize(
    ("older", "trusted"),
    [
        (timedelta(minutes=-10), True),
        (timedelta(minutes=-20), False),
        (timedelta(days=17), True),
        (timedelta(days=19), False),
        (timedelta(days=-365 * 6633), False),
    ],
)
def test_the_time_of_an_id_counts_only_where_its_message_bears_it_out(
    older: timedelta, trusted: bool
) -> None:
    sent = datetime(2026, 11, 21, 12, 8, 24, tzinfo=UTC)
    job = str(ULID.from_datetime(sent - older))
    assert time_of(job, sent.timestamp()) == (sent - older if trusted else sent)


def test_job_ids_are_unique_and_tell_the_time() -> None:
    ids = [new_job_id() for _ in range(200)]
    assert len(set(ids)) == 200
    age = datetime.now(UTC) - time_of(ids[0], 0)
    assert timedelta(0) <= age < timedelta(minutes=1)


@pytest.mark.parametrize(("text", "shown"), [("abc", "'abc'"), ("abcd", "'abc...'"), ("", "''")])
def test_what_is_just_short_enough_is_quoted_whole(text: str, shown: str) -> None:
    assert quoted(text, 3) == shown


def test_a_body_that_no_list_needs_is_refused() -> None:
    check_size("1" * MOST_BODY)
    with pytest.raises(RefusedError, match="has 100001 characters"):
        check_size("1" * (MOST_BODY + 1))


def test_what_is_wrong_with_the_senders_words_is_shown_in_part() -> None:
    with pytest.raises(NobodyToAnswerError) as caught:
        decode_request(ours({"job": "j" * 200, "client": "ada"}))
    assert "'" + "j" * 77 in caught.value.message
    assert "j" * 81 not in caught.value.message
    with pytest.raises(NobodyToAnswerError) as caught:
        decode_request(ours({"job": "a", "client": "C" * 200}))
    assert "C" * 61 not in caught.value.message


def test_an_id_of_no_year_and_a_message_of_no_time_are_of_the_first_second() -> None:
    assert time_of("7" + "Z" * 25, 0) == datetime(1970, 1, 1, tzinfo=UTC)


def test_a_nonce_travels_there_and_back_and_is_never_shown() -> None:
    new = new_identity("ada")
    request = Request("1,2", new.job, "ada", nonce=new.nonce)
    sent = request.outgoing()
    received = decode_request(message(sent.body, dict(sent.attributes)))
    assert received == replace(request, sent_at=received.sent_at)
    assert (received.is_proved, received.is_forged, received.is_claimed) == (True, False, False)
    reply = Reply("sum is 3", new.job, DONE).outgoing(received)
    assert reply.attributes["nonce"] == new.nonce
    told = decode_reply(message(reply.body, dict(reply.attributes)))
    assert told is not None
    assert told.nonce == new.nonce
    assert new.nonce not in repr((request, received, told, new))


@pytest.mark.parametrize("nonce", ["A" * 32, "short", "ä" * 30, "A" * 30_000])
def test_a_nonce_that_does_not_fit_is_forged_and_one_of_no_form_is_not_repeated(nonce: str) -> None:
    given = {"job": new_job_id(), "client": "ada", "nonce": nonce}
    request = decode_request(message("1,2", given))
    assert (request.is_proved, request.is_forged, request.is_claimed) == (False, True, True)
    echoed = Reply("no", request.job, DONE).outgoing(request).attributes.get("nonce")
    assert echoed == (nonce if nonce == "A" * 32 else None)


def test_a_nonce_of_another_type_is_one_that_does_not_fit() -> None:
    odd = message("1,2", {"job": "a", "client": "ada"}, frozenset({"nonce"}))
    assert decode_request(odd).is_forged


def test_without_a_nonce_a_job_is_only_claimed_unless_sqs_chose_its_id() -> None:
    claim = decode_request(message("1,2", {"job": "a", "client": "ada"}))
    assert (claim.is_proved, claim.is_forged, claim.is_claimed) == (False, False, True)
    plain = decode_request(message("1,2", {"nonce": "A" * 32}))
    assert (plain.is_plain, plain.is_forged, plain.is_claimed) == (True, False, False)
