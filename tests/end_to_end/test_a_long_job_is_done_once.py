"""Long jobs keep their message: a job that outlives its visibility timeout is done once."""

from __future__ import annotations

import time

from labapp.jobs.wire import Request
from tests.end_to_end.lab import Lab, until

VISIBILITY = 6


def test_a_job_longer_than_the_visibility_timeout_is_begun_once_with_two_workers(lab: Lab) -> None:
    lab.make_queue("responseQueue-tester")
    workers = [lab.held_server(visibility_timeout=VISIBILITY) for _ in range(2)]

    lab.send(Request("1,2", "long", "tester"))
    until(lab.started, "the job to begin")
    begun = time.monotonic()
    until(lambda: time.monotonic() - begun > 1.5 * VISIBILITY, "the visibility timeout to pass")
    lab.let_go()

    assert [reply.job for reply in lab.replies("tester")] == ["long"]
    lab.wait_until_empty()
    assert lab.started() == ["long"]
    assert sum(len(worker.events("job")) for worker in workers) == 1
    assert lab.queue("responseQueue-tester").receive() == []
