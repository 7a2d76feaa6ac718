"""A lab goes with its queues, those of its clients too, and nothing of another's."""

from __future__ import annotations

from labapp.cloud import queues
from labapp.cloud.session import Cloud
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
    assert told[:-1] == [f"queue {name}" for name in there]
    assert told[-1].startswith(f"bucket {cloud.bucket_name}, ")
    assert queues.names(cloud) == ["anothers"]
    assert lab_removal.queues_of(cloud) == []
