"""`cloud up` makes a lab whose parts AWS knows only up to a minute after it made them."""

from __future__ import annotations

import json
import time
from types import SimpleNamespace
from typing import Any

import pytest

from labapp.cloud import queues
from labapp.cloud.patience import MINUTE, Patience
from labapp.cloud.queues import Queue
from labapp.cloud.session import Cloud
from labapp.errors import CloudError, MissingResourceError
from labapp.jobs import lab
from tests.jobs.lab.test_lab import everything
from tests.support.aws_answers import answering, attributes
from tests.support.late_aws import LateAws


@pytest.fixture
def late(bare_cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> LateAws:
    del bare_cloud  # the layer stands before it
    return LateAws(monkeypatch, 59)


@pytest.mark.parametrize("seconds", [1, 20, 59])
def test_one_run_makes_all_of_it_and_says_so_once_it_is_there(
    bare_cloud: Cloud, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    late = LateAws(monkeypatch, seconds)
    for resource in lab.up(bare_cloud):
        assert resource.made or resource.kind == "lifecycle", "those may only be looked at"
        if "queue" in resource.kind:
            assert not late.is_hidden(resource.name), "it is not told before it is known"
    assert lab.missing(bare_cloud) == []
    redrive = json.loads(attributes(bare_cloud, "imageInbox")["RedrivePolicy"])
    assert redrive["deadLetterTargetArn"] == Queue(bare_cloud, "imageInbox-dlq").arn
    assert not any(resource.made for resource in lab.up(bare_cloud))
    # The bucket; its protections, one after another; dead letters and queues, side by side; the
    # policy, and then the notification.
    assert late.clock.passed <= 9 * MINUTE
    assert late.clock.passed >= seconds


def test_what_was_made_is_asked_for_by_the_address_that_sqs_gave(
    bare_cloud: Cloud, late: LateAws
) -> None:
    list(lab.up(bare_cloud))
    made = [f"https://sqs.us-east-1.amazonaws.com/123456789012/{name}" for name in LAB_QUEUES]
    assert sorted(one.url for one in bare_cloud.made_queues.values()) == sorted(made)
    late.calls.clear()
    assert [Queue(bare_cloud, name).url for name in LAB_QUEUES] == made
    assert late.calls == []


LAB_QUEUES = [
    f"{name}{end}"
    for name in ("requestQueue", "responseQueue", "imageInbox", "imageOutbox")
    for end in ("", "-dlq")
]


def test_who_is_told_hears_what_is_waited_for_and_how_long_at_most(
    bare_cloud: Cloud, late: LateAws
) -> None:
    told: list[tuple[str, float]] = []
    patience = Patience(told=lambda what, seconds: told.append((what, seconds)))
    list(lab.up(bare_cloud, patience=patience))
    whats = list(dict.fromkeys(what for what, _ in told if what))
    assert whats == [
        f"S3 knows the bucket {bare_cloud.bucket_name}",
        "S3 shows no public access",
        "S3 shows encryption",
        "S3 shows versioning",
        "S3 shows TLS only",
        "SQS knows requestQueue-dlq",
        "SQS knows requestQueue",
        "SQS shows the policy of imageInbox",
        "S3 shows the notification of drop/",
    ]
    seconds = [left for what, left in told if what == whats[0]]
    assert seconds[0] == MINUTE
    assert seconds == sorted(seconds, reverse=True)
    assert told[-1] == ("", 0.0)
    assert late.clock.rests
    assert max(late.clock.rests) <= 1


def test_a_lab_that_is_there_is_asked_nothing_more_and_waited_for_not_at_all(
    bare_cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Cloud, "is_local", True)
    at_once = LateAws(monkeypatch, 0)
    list(lab.up(bare_cloud))
    assert at_once.clock.rests == []
    assert at_once.count("GetQueueUrl") == 8, "whether they are there; none is read back"
    assert at_once.count("GetQueueAttributes") == 4 + 5, "for ARNs, and the policy"
    assert at_once.count("HeadBucket") == 1


def test_a_run_that_was_ended_half_way_is_taken_up_by_the_next(
    bare_cloud: Cloud, late: LateAws
) -> None:
    for resource in lab.up(bare_cloud):
        if resource.name == "versioning":
            break
    bare_cloud.sqs.create_queue(QueueName="requestQueue-dlq", Attributes={})
    bare_cloud.made_queues.clear()
    list(lab.up(bare_cloud))
    assert lab.missing(bare_cloud) == []
    assert not any(one.made for one in lab.up(bare_cloud))
    del late


def test_two_runs_at_once_end_with_one_lab(bare_cloud: Cloud, late: LateAws) -> None:
    first, second = lab.up(bare_cloud), lab.up(bare_cloud)
    for one, two in zip(first, second, strict=True):
        assert (one.kind, one.name) == (two.kind, two.name)
    assert lab.missing(bare_cloud) == []
    assert sorted(queues.names(bare_cloud)) == sorted(LAB_QUEUES)
    del late


def test_a_bucket_that_another_program_sets_up_meanwhile_is_waited_for(
    bare_cloud: Cloud, monkeypatch: pytest.MonkeyPatch, late: LateAws
) -> None:
    with monkeypatch.context() as patch:
        answering(bare_cloud, patch, "PutBucketPolicy", "OperationAborted")
        late.clock.slept = lambda: patch.undo() if late.clock.passed > 200 else None
        assert {one.name for one in lab.up(bare_cloud)} >= {"TLS only"}
    assert bare_cloud.s3.get_bucket_policy(Bucket=bare_cloud.bucket_name)


def test_a_bucket_that_was_deleted_a_moment_ago_is_made_anew(
    bare_cloud: Cloud, late: LateAws
) -> None:
    list(lab.up(bare_cloud))
    name = bare_cloud.bucket_name
    bare_cloud.s3.delete_bucket(Bucket=name)
    told: list[str] = []
    patience = Patience(lambda what, _: told.append(what))
    made = {one.name for one in lab.up(bare_cloud, patience=patience) if one.made}
    of_buckets = ("bucket", "protection", "notification")
    assert made >= {one for kind, one in everything(bare_cloud) if kind in of_buckets}
    assert not any("Queue" in one for one in made)
    assert f"S3 is done with {name}" in told
    assert lab.missing(bare_cloud) == []
    del late


def test_queues_that_were_deleted_a_moment_ago_are_made_anew(
    bare_cloud: Cloud, late: LateAws
) -> None:
    list(lab.up(bare_cloud))
    gone = {"requestQueue", "imageOutbox", "imageOutbox-dlq"}
    for name in gone:
        bare_cloud.sqs.delete_queue(QueueUrl=Queue(bare_cloud, name).url)
    told: list[str] = []
    patience = Patience(lambda what, _: told.append(what))
    assert {one.name for one in lab.up(bare_cloud, patience=patience) if one.made} == gone
    assert told[0] == "SQS frees the name imageOutbox-dlq, which was deleted a moment ago"
    assert lab.missing(bare_cloud) == []
    del late


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        ("PutBucketNotificationConfiguration", "S3 took the notification of drop/"),
        ("SetQueueAttributes", "SQS took the policy of the queue imageInbox"),
        ("PutBucketVersioning", "S3 took 'versioning' for the bucket"),
        ("PutBucketPolicy", "S3 took 'TLS only' for the bucket"),
    ],
)
def test_what_cannot_be_read_back_is_an_error_and_not_made(
    bare_cloud: Cloud, late: LateAws, operation: str, said: str
) -> None:
    late.never.add(operation)
    made: list[str] = []
    with pytest.raises(CloudError, match=said) as caught:
        made.extend(one.name for one in lab.up(bare_cloud))
    assert "does not show it after 65 seconds" in caught.value.message
    assert "cloud up" in caught.value.remedy
    assert not {"drop/* to imageInbox", said} & set(made) or operation.startswith("PutBucket")


def test_a_queue_that_sqs_never_comes_to_know_is_an_error_and_not_made(
    bare_cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    LateAws(monkeypatch, 1_000)
    bare_cloud.made_queues.clear()
    monkeypatch.setattr("labapp.cloud.provision.bucket_exists", lambda _: True)
    monkeypatch.setattr("labapp.cloud.provision.protect_bucket", lambda *_, **__: ())
    made: list[Any] = []
    with pytest.raises(CloudError, match="requestQueue") as caught:
        made.extend(one.name for one in lab.up(bare_cloud))
    assert made == [bare_cloud.bucket_name]
    assert caught.value.remedy


@pytest.mark.parametrize(("age", "waits"), [(5, True), (-100, True), (500, False)])
def test_who_comes_while_another_program_makes_the_lab_waits_for_the_rest(
    bare_cloud: Cloud, late: LateAws, monkeypatch: pytest.MonkeyPatch, age: float, waits: bool
) -> None:
    list(lab.up(bare_cloud))
    bare_cloud.made_queues.clear()
    moment = SimpleNamespace(seconds=lambda: time.time() + age)
    monkeypatch.setattr(lab, "utc", moment)
    late.hide("imageOutbox")
    if waits:
        lab.require(bare_cloud)
        assert not late.is_hidden("imageOutbox")
        return
    before = late.clock.passed
    with pytest.raises(MissingResourceError, match="imageOutbox"):
        lab.require(bare_cloud)
    assert late.clock.passed == before, "a lab that lacks a queue for long is told at once"


def test_a_lab_of_which_nothing_is_there_is_told_at_once(bare_cloud: Cloud, late: LateAws) -> None:
    with pytest.raises(MissingResourceError, match="requestQueue"):
        lab.require(bare_cloud)
    assert late.clock.rests == []


def test_everything_is_told_in_its_order(bare_cloud: Cloud, late: LateAws) -> None:
    found = [(one.kind, one.name) for one in lab.up(bare_cloud)]
    assert found == everything(bare_cloud)
    del late
