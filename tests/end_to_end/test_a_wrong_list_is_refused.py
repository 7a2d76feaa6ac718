"""A wrong request is refused on first sight, with a sentence that says what is wrong with it."""

from __future__ import annotations

from tests.end_to_end.lab import Lab, on_one_cloud


@on_one_cloud
def test_a_client_refuses_before_it_sends(lab: Lab) -> None:
    too_many = lab.run("client.py", "numbers", ",".join("1" * 11), code=3)
    negative = lab.run("client.py", "numbers", "-1,2,-7", code=3)
    words = lab.run("client.py", "numbers", "1,two", code=3)

    assert "at most 10 integers are taken, and the list has 11" in too_many.stderr
    assert "all integers must be positive or zero, and -1 is not" in negative.stderr
    assert "'two' is not an integer" in words.stderr
    assert lab.json("client.py", "jobs") == []
    assert lab.queue("requestQueue").counts().visible == 0


def test_the_worker_trusts_no_client(lab: Lab) -> None:
    worker = lab.server()

    too_many = lab.run("client.py", "numbers", ",".join("1" * 11), code=3, max_integers=20)
    negative = lab.run("client.py", "numbers", "4,-3", "--json", code=3, allow_negative="true")

    assert "refused: at most 10 integers are taken, and the list has 11" in too_many.stderr
    assert '"status": "refused"' in negative.stdout
    assert "all integers must be positive or zero, and -3 is not" in negative.stdout
    assert [event["status"] for event in worker.jobs(2)] == ["refused"] * 2
    lab.wait_until_empty()
    assert lab.queue("requestQueue-dlq").counts().visible == 0
    assert [log["status"] for log in lab.admin_logs()] == ["refused"] * 2
