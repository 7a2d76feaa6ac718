"""Nothing lost, one result: a worker killed in mid job is followed by one that does it again."""

from __future__ import annotations

import re
import signal

from labapp.jobs.number_kind import NUMBERS
from labapp.jobs.session import ClientSession
from tests.end_to_end.lab import Lab, until


def test_a_job_whose_worker_was_killed_is_answered_once_by_the_next(lab: Lab) -> None:
    with ClientSession(lab.cloud) as session:
        jobs = [session.submit(NUMBERS, [body])[0] for body in ("1,2", "3,4")]
        first = lab.held_server(visibility_timeout=3)
        until(lambda: sorted(lab.started()) == jobs, "both jobs to begin")

        first.process.send_signal(signal.SIGKILL)
        assert first.end() == -signal.SIGKILL
        second = lab.server(visibility_timeout=3)

        answers: dict[str, str] = {}
        while len(answers) < 2:
            for entry in session.collect(wait=2):
                assert entry.job not in answers
                answers[entry.job] = entry.result
        assert ['"sum": 3' in answers[jobs[0]], '"sum": 7' in answers[jobs[1]]] == [True, True]
        assert len(second.jobs(2)) == 2
        lab.wait_until_empty()
        assert session.collect() == []
    assert len(lab.logs()) == 2
    told = lab.json("admin.py", "trace", jobs[0])
    assert told["receives"] == 2
    # Which worker that was is known where its last report told what it had in hand.
    before = r"It was received 2 times: before, (a worker died|\S+ had it in hand, which is gone)"
    assert re.search(before, told["verdict"])
