"""What was just made, and what is allowed once a minute, is waited for: no longer, and told."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from labapp.cloud import patience as room
from labapp.cloud.patience import (
    HASTY,
    MINUTE,
    PATIENT,
    Patience,
    never,
    until_bucket_is_known,
    until_purge_is_allowed,
    until_queue_can_be_made,
    until_queue_is_known,
)
from labapp.cloud.queue_address import arn_of
from labapp.cloud.queues import Queue
from labapp.cloud.session import Cloud
from labapp.console import Back
from labapp.errors import CloudError, MissingResourceError, TooSoonError, UnreachableError
from tests.support.aws_answers import refusal
from tests.support.clock import Clock
from tests.support.late_aws import LateAws


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(room, "time", clock)
    return clock


def refused_until(clock: Clock, moment: float) -> str:
    if clock.passed < moment:
        raise MissingResourceError("not there")
    return "there"


@pytest.mark.parametrize("moment", [0, 0.1, 1, 30, 59.9, MINUTE])
def test_what_is_known_within_a_minute_is_given(clock: Clock, moment: float) -> None:
    early = until_queue_is_known("q")
    assert PATIENT.retry(lambda: refused_until(clock, moment), early) == "there"
    assert moment <= clock.passed <= min(moment * 2 + 1, moment + 11, MINUTE)


def test_what_is_not_is_raised_as_it_is(clock: Clock) -> None:
    with pytest.raises(MissingResourceError, match="not there"):
        PATIENT.retry(lambda: refused_until(clock, MINUTE + 0.1), until_queue_is_known("q"))
    assert clock.passed == MINUTE, "and the last attempt was at the end"


@pytest.mark.parametrize("patience", [PATIENT, HASTY])
def test_what_is_there_at_once_or_never_takes_no_time(clock: Clock, patience: Patience) -> None:
    assert patience.retry(lambda: "there", until_queue_is_known("q")) == "there"
    assert patience.until(lambda: True, "it")
    with pytest.raises(MissingResourceError):
        patience.retry(lambda: refused_until(clock, 1), never)
    assert clock.rests == []


def test_who_has_no_time_asks_once(clock: Clock) -> None:
    with pytest.raises(MissingResourceError):
        HASTY.retry(lambda: refused_until(clock, 1), until_queue_is_known("q"))
    assert HASTY.until(lambda: False, "it") is False
    assert clock.rests == []


def test_the_seconds_are_counted_down_one_by_one_and_the_end_is_told(clock: Clock) -> None:
    told: list[tuple[str, float]] = []
    patience = Patience(lambda what, left: told.append((what, left)), seconds=7)
    assert patience.until(lambda: False, "it is so") is False
    assert told == [
        *[("it is so", left) for left in (7, 6.5, 5.5, 4.5, 3.5, 2.5, 1.5, 0.5)], ("", 0.0)
    ]  # fmt: skip


def test_who_leaves_ends_the_wait(clock: Clock) -> None:
    told: list[str] = []

    def leave(_: float) -> None:
        raise Back

    with pytest.raises(Back):
        Patience(lambda what, _: told.append(what), leave).until(lambda: False, "it")
    assert told == ["it", ""]
    assert clock.rests == []


@pytest.mark.parametrize(
    ("early", "error", "what"),
    [
        (until_queue_is_known("q"), refusal("QueueDoesNotExist"), "SQS knows q"),
        (until_queue_is_known("q"), refusal("AccessDenied"), ""),
        (until_queue_is_known("q"), UnreachableError("x"), ""),
        (
            until_queue_can_be_made("q", "d"),
            refusal("InvalidParameterValue", 400, "Reason: Dead letter target does not exist."),
            "SQS knows d",
        ),
        (until_queue_can_be_made("q", "d"), refusal("InvalidParameterValue"), ""),
        (
            until_queue_can_be_made("q", ""),
            refusal("QueueDeletedRecently"),
            "SQS frees the name q, which was deleted a moment ago",
        ),
        (until_queue_can_be_made("q", ""), refusal("QueueDoesNotExist"), ""),
        (until_purge_is_allowed("q"), refusal("PurgeQueueInProgress"), "q can be purged again"),
        (until_purge_is_allowed("q"), refusal("AccessDenied"), ""),
        (until_bucket_is_known("b"), refusal("404", 404), "S3 knows the bucket b"),
        (until_bucket_is_known("b"), refusal("NoSuchBucket"), "S3 knows the bucket b"),
        (until_bucket_is_known("b"), refusal("OperationAborted", 409), "S3 is done with b"),
        (
            until_bucket_is_known("b"),
            refusal("InvalidArgument", 400, "Unable to validate the following destination"),
            "S3 sees that the queue lets it in",
        ),
        (until_bucket_is_known("b"), refusal("InvalidArgument"), ""),
    ],
)
def test_what_an_error_waits_for_is_said(early: Any, error: Exception, what: str) -> None:
    assert early(error) == what


@pytest.mark.parametrize(
    ("url", "partition", "region", "arn"),
    [
        ("https://sqs.eu-west-1.amazonaws.com/123456789012/q", "aws", "eu-west-1",
         "arn:aws:sqs:eu-west-1:123456789012:q"),
        ("https://sqs.cn-north-1.amazonaws.com.cn/123456789012/q", "aws-cn", "cn-north-1",
         "arn:aws-cn:sqs:cn-north-1:123456789012:q"),
        ("http://127.0.0.1:9324/000000000000/q", "aws", "eu-west-1", ""),
        ("https://sqs.eu-west-1.amazonaws.com/queue/q", "aws", "eu-west-1", ""),
        ("https://sqs.eu-west-1.amazonaws.com/123456789012", "aws", "eu-west-1", ""),
    ],
)  # fmt: skip
def test_an_arn_is_made_of_amazons_addresses_alone(
    url: str, partition: str, region: str, arn: str
) -> None:
    service: Any = SimpleNamespace(partition=partition, region_name=region)
    assert arn_of(url, service) == arn


def test_a_queue_is_purged_once_sqs_allows_it_again(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = LateAws(monkeypatch, 0)
    queue = Queue(cloud, "requestQueue")
    queue.purge()
    assert late.clock.rests == []
    queue.purge()
    assert 60 <= late.clock.passed <= MINUTE


def test_who_cannot_wait_for_a_purge_is_told_when_it_is_allowed(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    LateAws(monkeypatch, 0)
    queue = Queue(cloud, "requestQueue")
    queue.purge()
    with pytest.raises(TooSoonError, match=r"SQS allows it at \d\d:\d\d:\d\d, or before"):
        queue.purge(HASTY)


def test_the_arn_of_a_queue_that_sqs_does_not_know_yet_is_made_of_its_address(
    bare_cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    LateAws(monkeypatch, 30)
    queue = Queue(bare_cloud, "q")
    queue.keep(bare_cloud.sqs.create_queue(QueueName="q", Attributes={})["QueueUrl"])
    assert queue.is_new
    assert not queue.exists(), "it may have been deleted again: SQS alone can tell"
    assert queue.arn == "arn:aws:sqs:us-east-1:123456789012:q"
    bare_cloud.made_queues.clear()
    with pytest.raises(CloudError):
        Queue(bare_cloud, "q").arn  # noqa: B018 - asks SQS
