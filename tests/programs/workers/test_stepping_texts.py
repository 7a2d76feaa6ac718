"""What is said of a job at a step; what of it is a promise is held by kills, end to end."""

from __future__ import annotations

from dataclasses import replace

import pytest

from labapp.jobs import logbook
from labapp.jobs.proof import new_identity
from labapp.jobs.steps import (
    ANSWERED,
    DELETED,
    DONE,
    LEASE_STOPPED,
    RECEIVED,
    STEPS,
    STORED,
    VALIDATED,
    Step,
)
from labapp.jobs.wire import FAILED, REFUSED, Reply, Request
from labapp.programs.workers import stepping_texts
from tests.programs.workers.standing_kit import stand_at
from tests.worker.worker_fakes import message

REFUSAL = Reply("'x' is no integer", "a-job", REFUSED)


@pytest.mark.parametrize(
    ("step", "left", "said"),
    [
        (STORED, 21.0, "does not see it for 21 s more"),
        (STORED, -0.5, "can receive it now"),
        (STORED, None, "The lease is lost"),
        (LEASE_STOPPED, 4.2, "sees it in about 4 s: nothing extends that"),
        (DELETED, None, "sees nothing of it, ever"),
    ],
)
def test_what_another_worker_sees(step: Step, left: float | None, said: str) -> None:
    assert said in stepping_texts.lease(stand_at(step), left, 30)


@pytest.mark.parametrize("step", STEPS)
def test_all_is_a_sentence(step: Step) -> None:
    for reply in (None, REFUSAL, Reply("", "a-job", "done", to_nobody=True)):
        for aside in ("", "nobody can be told"):
            answers = ("responseQueue-ada",) if reply and not reply.to_nobody else ()
            stand = stand_at(step, reply=reply, aside=aside, answers_on=answers)
            told = stepping_texts.told(stand, 30)
            for text in (told.now, told.next, told.killed):
                assert text.endswith(".")
                assert "  " not in text
                assert ".." not in text


def test_a_receive_before_is_told() -> None:
    stand = stand_at(RECEIVED, message=message("a-job", "ada", receives=3))
    assert "received 2 times before" in stepping_texts.told(stand, 30).now
    assert "receive 3 of 5" in stepping_texts.whose(stand)


@pytest.mark.parametrize("step", [RECEIVED, VALIDATED])
def test_the_message_that_s3_sends_on_trial_is_told_at_once(step: Step) -> None:
    body = '{"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "labapp"}'
    trial = replace(message("m"), body=body, attributes={})
    stand = stand_at(step, kind="pictures", queue="imageInbox", message=trial, request=None)
    assert stepping_texts.whose(stand) == "S3's trial message, receive 1 of 5, imageInbox"
    told = stepping_texts.told(stand, 30)
    assert told.next == "nothing is to be done with S3's trial message."
    assert "s3:TestEvent" in told.now
    asked = replace(stand, message=replace(message("m", "ada"), body=body))
    assert "trial" not in stepping_texts.whose(asked)


def test_what_was_found_is_not_called_work() -> None:
    told = stepping_texts.told(stand_at(DONE, kind="pictures", found=True), 30)
    assert "found: nothing was done again" in told.now
    assert told.next == "store its log in S3."


def test_what_failed_for_good_is_answered_and_put_aside() -> None:
    reply = Reply("the job could not be done", "a-job", FAILED)
    told = stepping_texts.told(stand_at(STORED, reply=reply, aside="a fault"), 30)
    assert told.next == (
        "send the answer to responseQueue-ada and put the message in the dead letters, with the"
        " reason."
    )
    now = stepping_texts.told(stand_at(ANSWERED, reply=reply, aside="a fault"), 30).now
    assert now == (
        "The answer is in responseQueue-ada. The message is in the dead letters, since a fault."
    )


@pytest.mark.parametrize("is_proved", [True, False])
@pytest.mark.parametrize(("log", "ending"), [("job", ".txt"), ("batch", ".jsonl"), ("none", "")])
def test_where_its_log_lies_is_as_the_worker_logs(
    log: str, ending: str, *, is_proved: bool
) -> None:
    own = new_identity("ada")
    request = Request("1,2", own.job, "ada", nonce=own.nonce if is_proved else "")
    key = logbook.key_of(request).removesuffix(".txt")
    ending = ending if is_proved else ".txt"  # it tells whose the job is
    stored = stepping_texts.told(stand_at(STORED, log=log, request=request), 30)
    done = stepping_texts.told(stand_at(DONE, log=log, request=request), 30)
    told = f"S3 has its log {key}{ending}" if ending else stepping_texts.NOT_LOGGED
    assert stored.now == f"{told}."
    assert done.next == ("store its log in S3." if ending else "nothing is stored.")
    assert ("The work is lost, the job is not." in stored.killed) is (not ending)
