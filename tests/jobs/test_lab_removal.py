"""A lab goes with its queues, those of its clients too, and nothing of another's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from labapp.cloud import queues
from labapp.cloud.bucket import Bucket
from labapp.cloud.session import Cloud
from labapp.errors import RefusedError
from labapp.jobs import lab_removal
from labapp.jobs.session import ClientSession


def test_a_lab_goes_and_others_stay(cloud: Cloud) -> None:
    cloud.sqs.create_queue(QueueName="anothers")
    with ClientSession(cloud) as session:
        session.collect()
        own = f"responseQueue-{session.client}"
    there = lab_removal.queues_of(cloud)
    assert {"requestQueue", "requestQueue-dlq", "imageOutbox", own} <= {*there}
    told = list(lab_removal.remove(cloud))
    assert told[0].startswith(f"bucket {cloud.bucket_name}, ")
    assert told[1:] == [f"queue {name}" for name in there]
    assert queues.names(cloud) == ["anothers"]
    assert lab_removal.queues_of(cloud) == []


def fill(bucket: Bucket, *keys: str) -> None:
    for key in keys:
        bucket.put(key, b"x", "text/plain")


OURS = (
    *("images/a.jpg", "labels/a.jpg.txt", "labels/classes.toml", "removed/b.jpg.txt"),
    *("inbox/1/a.png", "outbox/1/a.png", "drop/grayscale/a.png", "logs/l.txt", "workers/w.json"),
    *("deploy/code-1.zip", "deploy/boot/i-1.log"),
)


def test_all_that_labapp_puts_in_the_bucket_is_its_own(bucket: Bucket) -> None:
    fill(bucket, *OURS)
    assert lab_removal.strangers(bucket.cloud) == []


def test_a_bucket_with_what_is_anothers_stays_with_all_that_is_in_it(bucket: Bucket) -> None:
    fill(bucket, *OURS, "thesis/chapter-1.tex", "thesis/chapter-2.tex", "notes.txt")
    cloud = bucket.cloud
    assert lab_removal.strangers(cloud) == ["notes.txt", "thesis/"]
    before = [one.key for one in bucket.list("")], queues.names(cloud)
    with pytest.raises(RefusedError, match=r"none of labapp's: 'notes\.txt' and 1 more") as caught:
        list(lab_removal.remove(cloud))
    assert "Take that out first" in caught.value.remedy
    assert ([one.key for one in bucket.list("")], queues.names(cloud)) == before


@pytest.mark.parametrize(
    ("writes", "strange"), [(True, ["lab/other.txt"]), (False, ["lab/other.txt", "lab/photos/"])]
)
def test_pictures_that_labapp_only_reads_are_anothers(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch, strange: list[str], *, writes: bool
) -> None:
    cloud = bucket.cloud
    own = replace(
        cloud.settings,
        images_prefix="lab/photos/",
        labels_key="lab/answers/{stem}.txt",
        layout_writes=writes,
        plain_source_prefix="lab/in/",
    )
    monkeypatch.setattr(cloud, "settings", own)
    fill(bucket, "lab/photos/a.jpg", "lab/in/x.png", "lab/other.txt")
    assert lab_removal.strangers(cloud) == strange


def test_a_bucket_that_is_gone_holds_nothing_up(bare_cloud: Cloud) -> None:
    assert lab_removal.strangers(bare_cloud) == []
