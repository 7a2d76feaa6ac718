"""What a dialect names is made, adopted, or waited for; whoever of lab and client comes first."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from labapp.cloud import queues
from labapp.cloud.queues import Queue
from labapp.cloud.session import Cloud
from labapp.errors import CloudError, ForbiddenError, MissingResourceError
from labapp.jobs import dead_letters, lab, queue_counts
from labapp.jobs.picture_kind import PICTURES
from labapp.jobs.session import ClientSession
from labapp.settings import Settings
from tests.jobs.short_polls import short_sighted
from tests.support.aws_answers import answering, attributes
from tests.support.commands import admin, document
from tests.support.dialect_files import choose

Opened = Callable[[str], Cloud]
Capture = pytest.CaptureFixture[str]

#: A lab whose client makes its queue with a delay of its own, and has a bucket of its own.
THEIRS = """
[[request]]
queue = "asks"
answer = "tells.fifo"
bucket = "theirs"
picture = "{attr.Key}"
[queue.asks]
DelaySeconds = 5
VisibilityTimeout = 45
[queue."tells.fifo"]
MessageRetentionPeriod = 600
"""

#: The same of a client that wants to come first.
WAITS = THEIRS.partition("[queue")[0] + "[queue.asks]\nwait = true\n"


@pytest.fixture
def opened(bare_cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Opened:
    """Give what opens an empty account whose lab has a dialect, for commands too."""
    del bare_cloud

    def open_with(text: str) -> Cloud:
        file = choose(text, tmp_path, monkeypatch)
        return Cloud(Settings(cloud="aws", region="us-east-1", dialect=str(file)))

    return open_with


def theirs(cloud: Cloud, name: str = "asks", **own: str) -> str:
    """Make a queue as a lab's own client does."""
    return cloud.sqs.create_queue(QueueName=name, Attributes=own)["QueueUrl"]  # type: ignore[arg-type]


def test_queues_are_made_as_the_file_says_and_with_their_dead_letters(opened: Opened) -> None:
    cloud = opened(THEIRS)
    lacking = {"asks", "tells.fifo", "theirs"}
    assert lacking <= set(lab.missing(cloud))
    dry = list(lab.up(cloud, dry=True))
    assert not queues.names(cloud)
    found = list(lab.up(cloud))
    assert found == dry
    assert {one.name for one in found if one.made} >= lacking | {"asks-dlq", "tells-dlq.fifo"}
    asks, tells = attributes(cloud, "asks"), attributes(cloud, "tells.fifo")
    assert (asks["DelaySeconds"], asks["VisibilityTimeout"]) == ("5", "45")
    assert asks["ReceiveMessageWaitTimeSeconds"] == "20", "what the file leaves open is labapp's"
    assert asks["SqsManagedSseEnabled"] == "true"
    assert (tells["FifoQueue"], tells["ContentBasedDeduplication"]) == ("true", "true")
    assert tells["MessageRetentionPeriod"] == "600"
    dead = attributes(cloud, "tells-dlq.fifo")
    assert dead["FifoQueue"] == "true"
    assert json.loads(tells["RedrivePolicy"])["deadLetterTargetArn"] == dead["QueueArn"]
    assert lab.missing(cloud) == []
    assert not any(one.made for one in lab.up(cloud))
    lab.require(cloud)


def test_a_bucket_of_its_own_is_made_private_and_adopted_as_it_is(opened: Opened) -> None:
    cloud = opened(THEIRS.replace('bucket = "theirs"', 'bucket = "theirs"\nresult_bucket = "old"'))
    cloud.s3.create_bucket(Bucket="old")
    made = [one.name for one in lab.up(cloud) if one.made]
    assert "theirs" in made
    assert "old" not in made
    assert cloud.s3.get_public_access_block(Bucket="theirs")
    assert cloud.s3.get_bucket_versioning(Bucket="theirs")["Status"] == "Enabled"
    with pytest.raises(ClientError, match="NoSuchLifecycle"):
        cloud.s3.get_bucket_lifecycle_configuration(Bucket="theirs")
    with pytest.raises(ClientError, match="NoSuchPublicAccessBlock"):
        cloud.s3.get_public_access_block(Bucket="old")


def test_whoever_comes_first_the_other_finds_the_queue_with_the_same_attributes(
    opened: Opened,
) -> None:
    cloud = opened(THEIRS)
    for _ in lab.up(cloud):
        pass
    assert theirs(cloud, DelaySeconds="5", VisibilityTimeout="45").endswith("/asks")
    with pytest.raises(ClientError, match="already exists"):
        theirs(cloud, DelaySeconds="6")


def test_a_queue_that_the_client_made_first_stays_as_it_is(opened: Opened) -> None:
    cloud = opened(THEIRS)
    theirs(cloud, DelaySeconds="5", VisibilityTimeout="45")
    before = attributes(cloud, "asks")
    made = {one.name for one in lab.up(cloud) if one.made}
    assert "tells.fifo" in made
    assert not {"asks", "asks-dlq"} & made
    assert attributes(cloud, "asks") == before
    assert theirs(cloud, DelaySeconds="5", VisibilityTimeout="45")


def test_a_queue_to_wait_for_is_left_to_the_client(opened: Opened, capsys: Capture) -> None:
    cloud = opened(WAITS)
    awaited = [one for one in lab.up(cloud) if one.awaited]
    assert [(one.kind, one.name, one.made) for one in awaited] == [("queue", "asks", False)]
    assert not [name for name in queues.names(cloud) if name.startswith("asks")]
    assert lab.missing(cloud) == []
    assert lab.waiting(cloud) == ["asks"]
    lab.require(cloud)
    status = document(capsys, "admin.py", "cloud", "status")
    assert (status["missing"], status["awaited"]) == ([], ["asks"])
    assert admin("cloud", "up") == 0
    assert "queue asks: waits for the lab's client" in capsys.readouterr().out
    assert admin("cloud") == 0
    assert "waits for the lab's client\tasks" in capsys.readouterr().out

    theirs(cloud, DelaySeconds="7")
    assert lab.waiting(cloud) == []
    assert not any(one.made or one.awaited for one in lab.up(cloud))
    assert attributes(cloud, "asks")["DelaySeconds"] == "7"
    assert document(capsys, "admin.py", "cloud", "status")["awaited"] is None


def test_a_queue_of_a_setting_can_be_waited_for_too(opened: Opened) -> None:
    cloud = opened('[queue."imageInbox"]\nwait = true\n')
    told = [(one.kind, one.name) for one in lab.up(cloud)]
    assert ("queue", "imageInbox") in told
    assert not [kind for kind, _ in told if kind in ("policy", "notification")]
    with ClientSession(cloud) as session, pytest.raises(MissingResourceError) as caught:
        session.submit(PICTURES, ["a.png"])
    assert "imageInbox is not there yet" in caught.value.message, "and nobody waits a minute"
    theirs(cloud, "imageInbox")
    assert "notification" in [one.kind for one in lab.up(cloud) if one.made]


def test_on_aws_what_a_dialect_names_is_missed(opened: Opened) -> None:
    cloud = opened(WAITS)
    with pytest.raises(MissingResourceError) as caught:
        lab.require(cloud)
    assert ", theirs, requestQueue" in caught.value.message
    assert "tells.fifo" in caught.value.message
    assert "asks" not in caught.value.message


def test_a_name_that_sqs_does_not_take_is_told_by_it(opened: Opened) -> None:
    cloud = opened('[[request]]\nqueue = "a.b"\nnumbers = "{body}"\n')
    with pytest.raises(CloudError, match=r"no dot in a name but that of \.fifo") as caught:
        list(lab.up(cloud))
    assert "in the lab's client" in caught.value.remedy


def test_a_bucket_that_is_anothers_and_closed_is_named(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud = opened(THEIRS)
    cloud.s3.create_bucket(Bucket=cloud.bucket_name)
    answering(cloud, monkeypatch, "HeadBucket", "403")
    with pytest.raises(ForbiddenError, match="theirs"):
        [exists() for name, exists in lab._looks(cloud) if name == "theirs"]


def test_its_queues_are_counted_purged_and_redriven(
    opened: Opened, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Queue, "receive", short_sighted(Queue.receive))
    cloud = opened(THEIRS)
    for _ in lab.up(cloud):
        pass
    rows = {row.name: row for row in queue_counts.queue_rows(cloud)}
    assert rows["asks"].dead == rows["tells.fifo"].dead == 0
    dead = Queue(cloud, "tells-dlq.fifo")
    for number in range(2):
        cloud.sqs.send_message(
            QueueUrl=dead.url, MessageBody="1", MessageGroupId="g",
            MessageDeduplicationId=str(number),
        )  # fmt: skip
    assert [one.queue for one in dead_letters.look_at_all(cloud, "", 10)] == ["tells.fifo"] * 2
    assert admin("queues", "redrive", "tells.fifo") == 0
    back = Queue(cloud, "tells.fifo").receive(wait=1)
    assert [(one.body, one.group) for one in back] == [("1", "g")] * 2
    assert admin("queues", "purge", "tells.fifo", "--yes") == 0
    assert admin("queues", "dead", "asks") == 0
    capsys.readouterr()
    assert admin("queues", "dead", "ask") == 1
    assert "Did you mean asks?" in capsys.readouterr().err
