"""A probe that is dropped in the bucket really arrives, and is removed whoever takes its event."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from labapp.cloud.doctor import notification, probe
from labapp.cloud.doctor.finding import Finding
from labapp.cloud.doctor.patient import Lab, Patient
from labapp.cloud.queues import Outgoing, Queue
from labapp.cloud.session import Cloud
from labapp.jobs.picture_kind import DROP, PROBES
from tests.support.aws_answers import refuse
from tests.support.waiting import until

INBOX = "imageInbox"


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notification, "ARRIVES", 1.0)
    monkeypatch.setattr(notification, "LOOK", 0.01)


@pytest.fixture
def inbox(cloud: Cloud) -> Queue:
    """Give the inbox, without the test event that S3 sends to a new one."""
    queue = Queue(cloud, INBOX)
    queue.delete([message.receipt for message in queue.receive()])
    return queue


def patient(cloud: Cloud, workers: int = 0) -> Patient:
    absent = ("requests", "queues", "awaited", "buckets", "replies", "own", "lifecycle")
    named: Any = dict.fromkeys((*absent, "permissions"))
    drops = ((INBOX, DROP),)
    lab = Lab(role="admin", drops=drops, dropped=PROBES, workers=lambda _: workers, **named)
    return Patient(cloud.settings, lab, lambda: cloud)


def look(one: Patient) -> Finding:
    (found,) = notification.look_whether_drops_arrive(one)
    return found


def versions(cloud: Cloud) -> list[object]:
    found: Any = cloud.s3.list_object_versions(Bucket=cloud.bucket_name, Prefix=DROP)
    return [*found.get("Versions", ()), *found.get("DeleteMarkers", ())]


def test_where_no_worker_is_and_nothing_waits_the_event_is_received_and_deleted(
    cloud: Cloud, inbox: Queue
) -> None:
    found = look(patient(cloud))
    assert found.state == "holds"
    assert "its event was received" in found.found
    assert (inbox.counts().all, versions(cloud)) == (0, [])


def test_a_job_that_comes_meanwhile_is_given_back(
    cloud: Cloud, inbox: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = probe.new_key

    def new_key(prefix: str) -> str:
        inbox.send(Outgoing("inbox/a.png"))
        return put(prefix)

    monkeypatch.setattr(probe, "new_key", new_key)
    assert look(patient(cloud)).state == "holds"
    assert [message.body for message in inbox.receive()] == ["inbox/a.png"]


def test_where_messages_wait_and_no_worker_is_nothing_is_dropped(
    cloud: Cloud, inbox: Queue
) -> None:
    inbox.send(Outgoing("inbox/a.png"))
    found = look(patient(cloud))
    assert (found.state, found.found) == (
        "note",
        "not tried: 1 message waits in imageInbox, and no worker is at work",
    )
    (message,) = inbox.receive()
    assert message.receives == 1, "by us, just now"


def removing(cloud: Cloud, done: threading.Event) -> Callable[[], None]:
    def work() -> None:
        until(lambda: probes(cloud) or done.is_set())
        for key in probes(cloud):
            cloud.s3.delete_object(Bucket=cloud.bucket_name, Key=key)

    return work


def probes(cloud: Cloud) -> list[str]:
    found = cloud.s3.list_objects_v2(Bucket=cloud.bucket_name, Prefix=PROBES)
    return [one["Key"] for one in found.get("Contents", ())]


def test_where_a_worker_is_it_is_the_worker_that_removes_the_probe(
    cloud: Cloud, inbox: Queue
) -> None:
    inbox.send(Outgoing("inbox/a.png"))
    done = threading.Event()
    worker = threading.Thread(target=removing(cloud, done))
    worker.start()
    try:
        found = look(patient(cloud, workers=1))
    finally:
        done.set()
        worker.join()
    assert found.state == "holds"
    assert "a worker took its event and removed it" in found.found
    assert versions(cloud) == []


def test_a_probe_that_no_worker_removes_is_removed_and_told_as_unknown(
    cloud: Cloud, inbox: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notification, "ARRIVES", 0.05)
    found = look(patient(cloud, workers=1))
    assert found.state == "cannot tell"
    assert "older version" in found.meaning
    assert versions(cloud) == []
    assert inbox.counts().all == 1, "whose event a worker takes later"


def test_where_s3_tells_nobody_that_is_broken(
    cloud: Cloud, inbox: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notification, "ARRIVES", 0.05)
    cloud.s3.put_bucket_notification_configuration(
        Bucket=cloud.bucket_name, NotificationConfiguration={}
    )
    assert look(patient(cloud)).state == "broken"
    (rules,) = notification.look_at_rules(patient(cloud))
    assert (rules.state, rules.check) == ("broken", "notification")
    assert (inbox.counts().all, versions(cloud)) == (0, [])


@pytest.mark.usefixtures("inbox")
def test_the_event_is_taken_too_where_nobody_waits_any_more(cloud: Cloud, inbox: Queue) -> None:
    one = patient(cloud)
    one.stop.set()
    list(notification.look_whether_drops_arrive(one))
    assert (inbox.counts().all, versions(cloud)) == (0, [])


def test_a_probe_without_the_right_to_delete_versions_goes_from_listings(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = probe.new_key(PROBES)
    cloud.s3.put_object(Bucket=cloud.bucket_name, Key=key, Body=probe.BODY)
    refuse(cloud.s3, monkeypatch, "ListObjectVersions".__eq__)
    probe.remove(cloud, key)
    assert probes(cloud) == []


def test_on_a_fresh_local_cloud_s3s_own_test_event_keeps_no_probe_away(local_cloud: Cloud) -> None:
    inbox = Queue(local_cloud, INBOX)
    assert inbox.counts().all == 1, "it waits for the first worker"
    found = look(patient(local_cloud))
    assert found.state == "holds", found
    assert inbox.counts().all == 0


def test_one_job_that_waits_is_no_test_event(
    local_cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = Queue(local_cloud, INBOX)
    inbox.delete([message.receipt for message in inbox.receive()])
    monkeypatch.setattr(notification, "SET_UP", 0.0)  # in life it came later than the queue
    inbox.send(Outgoing("inbox/a.png"))
    assert look(patient(local_cloud)).found.startswith("not tried: 1 message waits")
    (message,) = inbox.receive()
    assert message.receives == 1
