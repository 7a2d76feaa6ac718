"""One result: a finished job that is delivered again is answered again, and shown once."""

from __future__ import annotations

from labapp.jobs.entry import Entry
from labapp.jobs.number_kind import NUMBERS
from labapp.jobs.session import ClientSession
from labapp.jobs.wire import Request
from tests.end_to_end.lab import Lab


def test_a_job_delivered_three_times_is_one_result_for_the_client(lab: Lab) -> None:
    worker = lab.server()
    with ClientSession(lab.cloud) as session:
        (job,) = session.submit(NUMBERS, ["1,2"])
        first = worker.jobs(1)
        before = lab.logs()
        for _ in range(2):
            lab.send(Request("1,2", job, session.client))
        worker.jobs(3)
        lab.wait_until_empty()

        shown = []
        while lab.queue(f"responseQueue-{session.client}").counts().visible:
            shown += session.collect()

        assert [entry.job for entry in shown] == [job]
        assert first[0]["job"] == job
        assert [entry.status for entry in session.ledger.newest(5)] == ["done"]
    assert lab.logs() == before
    assert len(before) == 1


def test_a_foreign_answer_is_never_taken_for_ones_own(lab: Lab) -> None:
    lab.server()
    with ClientSession(lab.cloud) as session:
        session.submit(NUMBERS, ["1,2"])
        # Somebody else asks in this client's name, so its answers come here.
        lab.send(Request("8,9", "foreign", session.client))
        lab.send(Request("1,x", "stranger", session.client))

        entries: list[Entry] = []
        while not entries:
            entries = session.collect(wait=2)
        lab.wait_until_empty()
        while lab.queue(f"responseQueue-{session.client}").counts().visible:
            entries += session.collect()

        assert ['"sum": 3' in entry.result for entry in entries] == [True]
        assert [entry.body for entry in session.ledger.newest(5)] == ["1,2"]
