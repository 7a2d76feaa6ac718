"""Names are bound to who asks: a worker refuses another content under a job's id, on each cloud."""

from __future__ import annotations

from labapp.jobs.number_kind import NUMBERS
from labapp.jobs.proof import new_job_id
from labapp.jobs.session import ClientSession
from labapp.jobs.wire import Request
from tests.end_to_end.lab import Lab


def told(log: str) -> str:
    """Return what a log tells of request and outcome: the job may be done again, later."""
    return log.partition("\nworker: ")[0]


def test_owner_and_older_client_keep_their_logs_and_the_stranger_is_refused(lab: Lab) -> None:
    worker = lab.server()
    lab.make_queue("responseQueue-older")
    lab.make_queue("responseQueue-mallory")
    older = new_job_id()
    lab.send(Request("5,6", older, "older"))
    with ClientSession(lab.cloud) as session:
        (job,) = session.submit(NUMBERS, ["1,2"])
        worker.jobs(2)
        before = lab.logs()
        assert len(before) == 2

        for name in (job, older):
            lab.send(Request("8,9", name, "mallory"))
        worker.jobs(4)
        answers = lab.replies("mallory", 2)
        assert {reply.status for reply in answers} == {"refused"}
        assert all("is known with another content" in reply.body for reply in answers)
        lab.send(Request("5,6", older, "older"))  # delivered again
        assert [reply.status for reply in lab.replies("older", 2)] == ["done", "done"]
        (entry,) = session.collect(wait=5)
        assert (entry.job, entry.values["sum"]) == (job, 3)

    after = lab.logs()
    assert {key: told(after[key]) for key in before} == {key: told(before[key]) for key in before}
    refused = [text for key, text in after.items() if key not in before]
    assert len(refused) == 2
    assert all("client: mallory\n" in text and "status: refused\n" in text for text in refused)
