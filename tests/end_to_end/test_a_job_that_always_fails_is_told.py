"""What fails is retried with backoff, then kept as a dead letter, and the client hears `failed`."""

from __future__ import annotations

from labapp.jobs.wire import Request
from tests.end_to_end.lab import Lab


def test_a_job_that_fails_each_time_ends_as_failed_and_as_a_dead_letter(lab: Lab) -> None:
    lab.make_queue("responseQueue-tester")
    worker = lab.held_server("--broken", max_receives=2)

    lab.send(Request("1,2", "doomed", "tester"))

    (reply,) = lab.replies("tester")
    assert (reply.job, reply.status) == ("doomed", "failed")
    assert "tried 2 times: RuntimeError" in reply.body
    (letter,) = lab.take("requestQueue-dlq")
    assert letter.body == "1,2"
    assert {name: letter.attributes[name] for name in ("job", "client")} == {
        "job": "doomed", "client": "tester",
    }  # fmt: skip
    assert "RuntimeError" in letter.attributes["reason"]
    lab.wait_until_empty()
    assert lab.started() == ["doomed", "doomed"]
    assert len(worker.events("retry")) == 1
    (text,) = lab.logs().values()
    assert "status: failed\n" in text
    assert len(text.splitlines()) == 16
