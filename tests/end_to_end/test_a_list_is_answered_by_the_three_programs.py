"""A list typed at client.py comes back summed up by server.py, and admin.py sees it all."""

from __future__ import annotations

import json

from tests.end_to_end.lab import Lab

SENTENCE = "minimum is 1 maximum is 55 average is 18 median is 8 sum is 72"


def test_a_list_is_answered_logged_and_seen_by_the_admin(lab: Lab) -> None:
    worker = lab.server()

    typed = lab.run("client.py", "numbers", "1,12,55,4")
    document = lab.json("client.py", "numbers", "1,12,55,4")
    piped = lab.run("client.py", "numbers", "-", typed="3;4 \n 5")

    assert typed.stdout == SENTENCE + "\n"
    assert document["status"] == "done"
    assert document["result"] == {
        "min": 1, "max": 55, "mean": 18, "median": 8, "sum": 72, "count": 4,
    }  # fmt: skip
    assert piped.stdout == "minimum is 3 maximum is 5 average is 4 median is 4 sum is 12\n"

    jobs = lab.json("client.py", "jobs")
    assert [job["status"] for job in jobs] == ["done"] * 3
    assert document["job"] == jobs[1]["job"]

    logs = lab.admin_logs()
    assert [log["request"] for log in logs] == ["'3,4,5'", "'1,12,55,4'", "'1,12,55,4'"]
    text = lab.logs()[logs[1]["key"]]
    assert f"job: {document['job']}\n" in text
    assert f"outcome: {SENTENCE}\n" in text
    assert logs[1]["key"].startswith("logs/log_")
    assert logs[1]["key"].endswith(f"_{document['job']}.txt")

    queues = {row["name"]: row for row in lab.json("admin.py", "queues")}
    assert queues["requestQueue"]["visible"] == queues["requestQueue"]["dead"] == 0
    assert [row["pid"] for row in lab.json("admin.py", "workers")] == [worker.pid]
    done = worker.jobs(3)
    assert [event["status"] for event in done] == ["done"] * 3
    assert json.dumps(done[1]).count(document["job"]) >= 1
    lab.run("-m", "tests.support.light_commands")
