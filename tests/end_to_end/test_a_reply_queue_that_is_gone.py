"""An answer that nobody can read is put aside, and holds up neither its batch nor the worker."""

from __future__ import annotations

from labapp.jobs.wire import Request
from tests.end_to_end.lab import Lab


def test_a_job_of_a_client_without_a_queue_is_put_aside(local_lab: Lab) -> None:
    lab = local_lab  # on AWS a queue may be known a minute after it was made: so long it is kept
    lab.make_queue("responseQueue-tester")
    for number in range(3):
        lab.send(Request(f"{number}", f"gone-{number}", "nobody"))
        lab.send(Request(f"{number}", f"here-{number}", "tester"))
    lab.server()

    assert {reply.job for reply in lab.replies("tester", 3)} == {"here-0", "here-1", "here-2"}
    letters = lab.take("requestQueue-dlq", 3)
    assert {m.attributes["job"] for m in letters} == {"gone-0", "gone-1", "gone-2"}
    assert {m.attributes["reason"] for m in letters} == {"'responseQueue-nobody does not exist'"}
    lab.wait_until_empty()
    assert lab.json("client.py", "numbers", "7")["status"] == "done"
