"""A lab's client gets its queue as it asks for it, whoever made it first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ministack.services import sqs as ministack_sqs

from labapp.cloud.embedded.gateway import Gateway
from labapp.cloud.embedded.state import MADE_BY_LABAPP
from tests.cloud.embedded.served_kit import client, form, served

#: As programs of labapp make a queue.
OURS = {
    "ReceiveMessageWaitTimeSeconds": "20",
    "VisibilityTimeout": "30",
    "MessageRetentionPeriod": "345600",
    "SqsManagedSseEnabled": "true",
}
MARK = {MADE_BY_LABAPP: ""}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with served(tmp_path_factory.mktemp("served") / "local") as found:
        yield found


@pytest.fixture
def sqs(gateway: Gateway) -> Any:
    ministack_sqs.reset()
    return client(gateway, "sqs")


def made(sqs: Any, *, marked: bool = False, **attributes: str) -> str:
    more = {"tags": MARK} if marked else {}
    return str(sqs.create_queue(QueueName="requests", Attributes=attributes, **more)["QueueUrl"])


def refused(sqs: Any, *, marked: bool = False, **attributes: str) -> None:
    with pytest.raises(sqs.exceptions.QueueNameExists):
        made(sqs, marked=marked, **attributes)


def attributes(sqs: Any) -> dict[str, str]:
    url = sqs.get_queue_url(QueueName="requests")["QueueUrl"]
    found: dict[str, str] = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    return dict(found["Attributes"])  # type: ignore[arg-type]


@pytest.mark.parametrize("mark", [True, False], ids=["marked", "of an older labapp"])
def test_what_labapp_made_gives_way_to_a_labs_client(sqs: Any, mark: bool) -> None:
    url = made(sqs, marked=mark, **OURS)
    sqs.send_message(QueueUrl=url, MessageBody="kept")
    assert made(sqs) == url
    assert made(sqs, DelaySeconds="5") == url
    found = attributes(sqs)
    assert {**found, **OURS, "DelaySeconds": "5"} == found
    assert found["ApproximateNumberOfMessages"] == "1"


def test_an_older_client_that_asks_by_a_form_gets_it_too(sqs: Any, gateway: Gateway) -> None:
    made(sqs, marked=True, **OURS)
    fields = {"Attribute.1.Name": "DelaySeconds", "Attribute.1.Value": "5"}
    assert "/requests</QueueUrl>" in form(gateway, "CreateQueue", QueueName="requests", **fields)
    assert attributes(sqs)["DelaySeconds"] == "5"


def test_what_a_client_asked_for_is_that_clients_and_the_rest_still_gives_way(sqs: Any) -> None:
    made(sqs, marked=True, **OURS)
    made(sqs, DelaySeconds="5", VisibilityTimeout="30")
    made(sqs, DelaySeconds="5")
    refused(sqs, DelaySeconds="6")
    refused(sqs, VisibilityTimeout="31", MessageRetentionPeriod="60")
    assert attributes(sqs)["MessageRetentionPeriod"] == "345600", "nothing of what is refused"
    made(sqs, MessageRetentionPeriod="60")
    assert attributes(sqs)["MessageRetentionPeriod"] == "60"


def test_what_a_client_set_is_not_taken_from_it_either(sqs: Any) -> None:
    url = made(sqs, marked=True, **OURS)
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "5"})
    refused(sqs, VisibilityTimeout="30")
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": "{}"})
    assert sqs.list_queue_tags(QueueUrl=url)["Tags"] == {MADE_BY_LABAPP: "VisibilityTimeout"}


def test_labapp_takes_nothing_from_a_client_and_finds_its_own_as_before(sqs: Any) -> None:
    url = made(sqs, DelaySeconds="5")
    refused(sqs, marked=True, **OURS)
    assert attributes(sqs)["DelaySeconds"] == "5"
    sqs.delete_queue(QueueUrl=url)
    made(sqs, marked=True, **OURS)
    made(sqs, marked=True, **OURS)
    refused(sqs, marked=True, **{**OURS, "VisibilityTimeout": "60"})


def test_among_clients_it_is_as_on_amazon(sqs: Any) -> None:
    url = made(sqs, DelaySeconds="5")
    assert made(sqs) == url
    assert made(sqs, DelaySeconds="5") == url
    refused(sqs, DelaySeconds="0")
    assert sqs.list_queue_tags(QueueUrl=url).get("Tags", {}) == {}


def test_what_no_queue_may_have_is_refused_and_changes_nothing(sqs: Any) -> None:
    made(sqs, marked=True, **OURS)
    before = attributes(sqs)
    with pytest.raises(sqs.exceptions.ClientError, match="between 0 and 900"):
        made(sqs, DelaySeconds="901")
    assert attributes(sqs) == before
    made(sqs, DelaySeconds="1", FifoQueue="false")
    assert "FifoQueue" not in attributes(sqs)


def test_whose_a_queue_and_its_attributes_are_is_known_after_a_start(tmp_path: Path) -> None:
    def anew() -> Any:
        return served(tmp_path / "local")

    with anew() as gateway:
        made(client(gateway, "sqs"), marked=True, **OURS)
    with anew() as gateway:
        made(client(gateway, "sqs"), DelaySeconds="5")
        journal = (tmp_path / "local/state/queues.journal").read_bytes()
    (tmp_path / "local/state/queues.journal").write_bytes(journal)  # as a kill leaves it
    for _ in range(2):  # the journal was written anew between the two
        with anew() as gateway:
            sqs = client(gateway, "sqs")
            refused(sqs, DelaySeconds="0")
            assert attributes(sqs)["DelaySeconds"] == "5"
            made(sqs, DelaySeconds="5", VisibilityTimeout="30")
