from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.sqs.models import sqs_backends

from labapp.cloud import queues
from labapp.cloud.abilities import BATCH, BATCH_BYTES, Ability
from labapp.cloud.queues import Outgoing, Queue, _message
from labapp.cloud.session import Cloud
from labapp.errors import ForbiddenError, MissingResourceError, SettingError
from labapp.settings import Settings, load
from tests.support.aws_answers import refuse


@pytest.fixture
def queue(cloud: Cloud) -> Queue:
    return Queue(cloud, "requestQueue")


def test_the_limits_of_a_batch_are_those_of_sqs() -> None:
    assert (BATCH, BATCH_BYTES) == (10, 262_144)
    assert Settings().visibility_timeout <= 43_200
    assert load({"visibility_timeout": "43200"}).settings.visibility_timeout == 43_200
    with pytest.raises(SettingError):
        load({"visibility_timeout": "43201"})


def test_what_a_queue_does_not_tell_of_itself_counts_as_none(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert queue.url
    told: dict[str, str] = {}
    sqs = SimpleNamespace(get_queue_attributes=lambda **_: {"Attributes": told})
    monkeypatch.setattr(Cloud, "sqs", sqs)
    assert queue.counts() == queues.Counts(0, 0, 0)
    told["ApproximateNumberOfMessages"] = "5"
    assert queue.counts() == queues.Counts(5, 0, 0)
    told["ApproximateNumberOfMessagesDelayed"] = "7"
    assert queue.counts() == queues.Counts(5, 0, 7)


def test_all_that_a_queue_holds_is_what_waits_flies_and_is_delayed() -> None:
    assert queues.Counts(1, 20, 300).all == 321


@pytest.mark.parametrize(("is_local", "seconds"), [(True, 0), (False, 1)])
def test_a_poll_may_be_taken_at_its_word_where_all_servers_are_asked(
    is_local: bool, seconds: int
) -> None:
    there: Any = SimpleNamespace(is_local=is_local)
    assert Queue(there, "q").sure == seconds


class Noting:
    """SQS that notes what it is asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def receive_message(self, **asked: Any) -> dict[str, Any]:
        self.asked.append(asked)
        return {}


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ({}, {"MaxNumberOfMessages": 10, "WaitTimeSeconds": 0}),
        (
            {"limit": 3, "wait": 20, "visibility": 0},
            {"MaxNumberOfMessages": 3, "WaitTimeSeconds": 20, "VisibilityTimeout": 0},
        ),
    ],
)
def test_a_poll_asks_for_all_that_a_message_tells_of_itself(
    queue: Queue, monkeypatch: pytest.MonkeyPatch, given: dict[str, int], asked: dict[str, int]
) -> None:
    url, sqs = queue.url, Noting()
    monkeypatch.setattr(Cloud, "sqs", sqs)
    assert queue.receive(**given) == []
    (found,) = sqs.asked
    told = {"ApproximateReceiveCount", "SentTimestamp", "ApproximateFirstReceiveTimestamp"}
    assert set(found.pop("AttributeNames")) == told
    assert found == {"QueueUrl": url, "MessageAttributeNames": ["All"], **asked}
    fifo = Queue(queue.cloud, "lab.fifo")
    monkeypatch.setattr(Queue, "url", url)
    fifo.receive()
    assert set(sqs.asked[1]["AttributeNames"]) == {*told, "MessageGroupId"}


def test_a_message_that_tells_little_of_itself_is_read_as_far_as_it_goes() -> None:
    assert _message({}) == queues.Message("", "", {}, frozenset(), "", 1, 0.0, 0.0)
    raw: Any = {
        "MessageId": "i", "Body": "b", "ReceiptHandle": "r",
        "Attributes": {"SentTimestamp": "1500", "ApproximateReceiveCount": "3"},
        "MessageAttributes": {
            "untyped": {"StringValue": "x"}, "empty": {"DataType": "String"},
            "good": {"DataType": "String", "StringValue": "x"},
        },
    }  # fmt: skip
    odd = frozenset({"untyped", "empty"})
    assert _message(raw) == queues.Message("i", "b", {"good": "x"}, odd, "r", 3, 1.5, 1.5)
    raw["Attributes"]["ApproximateFirstReceiveTimestamp"] = "2500"
    assert _message(raw).first_received_at == 2.5


def test_a_messages_size_counts_bytes_and_its_attributes() -> None:
    assert Outgoing("é").size == 2
    assert Outgoing("", {"job": "é"}).size == len("job") + len("String") + 2


def test_a_message_comes_out_as_it_went_in(queue: Queue) -> None:
    sent = queue.send(Outgoing("1,2", {"job": "a", "client": "ada"}, group="ada"))
    (message,) = queue.receive(visibility=30)
    assert (message.id, message.body) == (sent, "1,2")
    assert message.attributes == {"job": "a", "client": "ada"}
    assert message.odd_attributes == frozenset()
    assert message.receives == 1
    assert 0 < message.sent_at <= message.first_received_at


def test_attributes_of_other_types_are_named_not_read(cloud: Cloud, queue: Queue) -> None:
    cloud.sqs.send_message(
        QueueUrl=queue.url,
        MessageBody="1",
        MessageAttributes={
            "job": {"DataType": "Binary", "BinaryValue": b"\xff"},
            "weight": {"DataType": "Number", "StringValue": "1"},
            "client": {"DataType": "String.custom", "StringValue": "ada"},
        },
    )
    (message,) = queue.receive()
    assert message.odd_attributes == {"job", "weight"}
    assert message.attributes == {"client": "ada"}


def test_a_fifo_queue_keeps_groups_and_takes_a_message_once(cloud: Cloud) -> None:
    cloud.sqs.create_queue(QueueName="lab.fifo", Attributes={"FifoQueue": "true"})
    lab = Queue(cloud, "lab.fifo")
    cloud.abilities.note(Ability.GROUPS, holds=False)  # as of its other queues
    assert lab.send_batch([Outgoing("a", group="one", deduplication="1")] * 2) == []
    lab.send(Outgoing("b", group="two", deduplication="2"))
    assert [(one.body, one.group) for one in lab.receive()] == [("a", "one"), ("b", "two")]


def test_many_are_sent_received_and_deleted(queue: Queue) -> None:
    assert queue.send_batch([Outgoing(str(number)) for number in range(23)]) == []
    assert queue.counts().visible == 23
    taken = []
    while messages := queue.receive():
        assert len(messages) <= BATCH
        taken += messages
    assert sorted(int(message.body) for message in taken) == list(range(23))
    assert queue.counts().in_flight == 23
    assert queue.delete([message.receipt for message in taken]) == []
    assert queue.counts() == queues.Counts(0, 0, 0)


def test_a_hidden_message_is_shown_to_others_at_once_when_handed_back(queue: Queue) -> None:
    queue.send(Outgoing("1"))
    (message,) = queue.receive(visibility=600)
    assert queue.receive() == []
    assert queue.hide([message.receipt], 0) == []
    (again,) = queue.receive()
    assert again.receives == 2
    assert again.first_received_at == message.first_received_at


@pytest.mark.parametrize("call", ["send_batch", "delete", "hide"])
def test_what_a_batch_could_not_do_is_told_by_position(
    queue: Queue, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    calls: list[list[str]] = []

    class Sqs:
        """Answers that the last entry of each batch failed."""

        def batch(self, Entries: list[dict[str, Any]], **_: Any) -> dict[str, Any]:  # noqa: N803
            calls.append([entry["Id"] for entry in Entries])
            code = "ReceiptHandleIsInvalid"
            return {"Failed": [{"Id": Entries[-1]["Id"], "Code": code, "SenderFault": True}]}

        send_message_batch = delete_message_batch = change_message_visibility_batch = batch

    assert queue.url
    monkeypatch.setattr(Cloud, "sqs", Sqs())
    if call == "send_batch":
        failed = queue.send_batch([Outgoing(str(number)) for number in range(13)])
    elif call == "delete":
        failed = queue.delete([str(number) for number in range(13)])
    else:
        failed = queue.hide([str(number) for number in range(13)], 5)
    assert failed == [9, 12]
    assert [len(ids) for ids in calls] == [10, 3]


def test_a_fault_of_the_service_does_not_mean_that_a_message_is_somebody_elses(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Sqs:
        def change_message_visibility_batch(self, **_: Any) -> dict[str, Any]:
            codes = ["InternalError", "MessageNotInflight", "ThrottlingException",
                     "ReceiptHandleIsInvalid", "InvalidParameterValue",
                     "AWS.SimpleQueueService.MessageNotInflight", "NeverHeardOf"]  # fmt: skip
            return {
                "Failed": [
                    {"Id": str(i), "Code": code, "SenderFault": code == "NeverHeardOf"}
                    for i, code in enumerate(codes)
                ]
            }

    assert queue.url
    monkeypatch.setattr(Cloud, "sqs", Sqs())
    assert queue.hide([*"abcdefg"], 30) == [1, 3, 4, 5, 6]


def test_the_receives_of_a_queue_are_those_of_its_redrive_policy(cloud: Cloud) -> None:
    assert Queue(cloud, "requestQueue").most_receives() == cloud.settings.max_receives
    assert Queue(cloud, "requestQueue-dlq").most_receives() is None


def test_an_adopted_queue_has_the_receives_that_its_lab_gave_it(cloud: Cloud) -> None:
    policy = {"deadLetterTargetArn": Queue(cloud, "requestQueue-dlq").arn, "maxReceiveCount": 3}
    for name, written in {"number": policy, "text": {**policy, "maxReceiveCount": "3"}}.items():
        attributes = {"RedrivePolicy": json.dumps(written)}
        cloud.sqs.create_queue(QueueName=f"adopted-{name}", Attributes=attributes)  # type: ignore[arg-type]
        assert Queue(cloud, f"adopted-{name}").most_receives() == 3


def test_purge_deletes_all(queue: Queue) -> None:
    queue.send_batch([Outgoing("1"), Outgoing("2")])
    queue.receive(1)
    queue.purge()
    assert queue.counts() == queues.Counts(0, 0, 0)


def test_a_queue_that_is_not_there_is_named(cloud: Cloud) -> None:
    with pytest.raises(MissingResourceError, match="cannot find the queue nowhere"):
        Queue(cloud, "nowhere").receive()


def test_the_address_is_asked_for_once_for_each_set_of_clients(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    class Sqs:
        def get_queue_url(self, QueueName: str) -> dict[str, str]:  # noqa: N803
            asked.append(QueueName)
            return {"QueueUrl": f"http://{len(asked)}"}

    monkeypatch.setattr(Cloud, "sqs", Sqs())
    assert [queue.url, queue.url] == ["http://1"] * 2
    monkeypatch.setattr(queue.cloud, "generation", queue.cloud.generation + 1)
    assert queue.url == "http://2"


def test_a_page_of_queues_is_as_long_as_sqs_allows(
    bare_cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    pages: list[Any] = [
        {"QueueUrls": ["http://h/1/b"], "NextToken": "1"},
        {"NextToken": "2"},
        {"QueueUrls": ["http://h/1/a"], "NextToken": "2"},
    ]

    def list_queues(**words: Any) -> Any:
        asked.append(words)
        return pages.pop(0)

    monkeypatch.setattr(bare_cloud, "direct_sqs", SimpleNamespace(list_queues=list_queues))
    assert queues.names(bare_cloud) == ["a", "b"], "a token that comes again is the end"
    every = {"QueueNamePrefix": "", "MaxResults": 1000}
    assert asked == [every, {**every, "NextToken": "1"}, {**every, "NextToken": "2"}]


def test_more_than_a_thousand_queues_are_all_listed(bare_cloud: Cloud) -> None:
    names = [f"client-{number:04}" for number in range(1005)]
    there = sqs_backends[DEFAULT_ACCOUNT_ID]["us-east-1"]
    for name in names:  # a thousand calls would take seconds
        there.create_queue(name)
    bare_cloud.sqs.create_queue(QueueName="other")
    assert queues.names(bare_cloud, "client-") == names
    assert len(queues.names(bare_cloud)) == 1006


def test_whether_one_may_delete_is_seen_without_a_message(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = Queue(cloud, "requestQueue")
    queue.send(Outgoing("1"))
    queue.try_deletion()
    Queue(cloud, "none").try_deletion()
    assert queue.counts().visible == 1
    refuse(cloud.sqs, monkeypatch, lambda operation: operation == "DeleteMessageBatch")
    with pytest.raises(ForbiddenError):
        queue.try_deletion()
