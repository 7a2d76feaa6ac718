"""A mark tells one request from every other, and a proved one from a claim."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from labapp.jobs import marks
from labapp.jobs.proof import new_identity
from labapp.jobs.wire import Request

OWN = {"pipeline": '[{"op":"invert"}]', "format": "png", "quality": "80"}
CLAIM = Request("1,2", "job-1", "ada", OWN)


@pytest.mark.parametrize(
    "other",
    [
        {"body": "1,3"},
        {"body": "1,2" + "," * 5_000},
        {"client": "bob"},
        {"attributes": OWN | {"pipeline": ""}},
        {"attributes": OWN | {"format": "jpeg"}},
        {"attributes": OWN | {"quality": ""}},
        {"attributes": OWN | {"language": "de"}},
        {"body": "1", "client": ",2ada"},
    ],
    ids=str,
)
def test_another_request_has_another_mark(other: dict[str, Any]) -> None:
    assert marks.mark_of("numbers", replace(CLAIM, **other)) != marks.mark_of("numbers", CLAIM)


def test_a_kind_of_its_own_has_a_mark_of_its_own() -> None:
    assert marks.mark_of("pictures", CLAIM) != marks.mark_of("numbers", CLAIM)


def test_when_and_how_often_it_came_makes_no_difference() -> None:
    again = replace(CLAIM, sent_at=5.0, receives=3, job="job-2", logged_as="x")
    assert marks.mark_of("numbers", again) == marks.mark_of("numbers", CLAIM)


def test_a_proved_request_is_the_twin_of_a_claim_in_its_words() -> None:
    new = new_identity("ada")
    proved = replace(CLAIM, job=new.job, nonce=new.nonce)
    mark, claim = marks.mark_of("numbers", proved), marks.mark_of("numbers", CLAIM)
    assert marks.is_proved(mark)
    assert not marks.is_proved(claim)
    assert marks.is_twin(mark, claim)
    assert not marks.is_twin(claim, mark)
    assert not marks.is_twin(mark, mark)
    assert new.nonce not in mark


def test_what_is_no_text_has_a_mark_too() -> None:
    assert len(marks.mark_of("numbers", replace(CLAIM, body="\udc80\0ä"))) == 32
