"""`--until-idle` does what waits and ends with 0; JSON lines tell machines of each job."""

from __future__ import annotations

import json
import re

import pytest

from labapp.jobs.wire import Request
from tests.end_to_end.lab import Lab, on_one_cloud


@pytest.mark.parametrize("processes", [1, 2])
def test_a_worker_ends_with_0_once_the_queues_are_empty(lab: Lab, processes: int) -> None:
    lab.make_queue("responseQueue-tester")
    for number in range(25):
        lab.send(Request(f"{number}", f"job-{number}", "tester"))

    worker = lab.server("--until-idle", processes=processes)

    assert worker.end() == 0
    assert len(worker.jobs(25)) == 25
    lab.wait_until_empty()


@on_one_cloud
def test_each_line_is_one_json_object_with_its_fields(lab: Lab) -> None:
    lab.make_queue("responseQueue-tester")
    lab.send(Request("1,2", "good", "tester"))
    lab.send_plain("wrong\u2028")
    worker = lab.server("--until-idle")
    assert worker.end() == 0

    lines = [json.loads(line) for line in worker.lines]
    for line in lines:
        assert {"time", "level", "message"} <= line.keys()
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"])
        assert line["level"] in {"info", "warning", "error"}
        assert line["message"].isprintable()
    jobs = {job["client"]: job for job in worker.jobs(2)}
    assert set(jobs) == {"tester", "plain"}
    job = jobs["tester"]
    assert (job["kind"], job["job"], job["status"]) == ("numbers", "good", "done")
    assert job["text"].endswith("sum is 3")
    assert job["seconds"] >= 0
    assert jobs["plain"]["status"] == "refused"


@on_one_cloud
def test_a_worker_reports_at_its_start_and_at_its_end(lab: Lab) -> None:
    worker = lab.server()
    lab.run("client.py", "numbers", "1,2")
    (running,) = lab.json("admin.py", "workers")

    worker.process.terminate()
    worker.end()
    (stopped,) = lab.json("admin.py", "workers")

    assert (running["state"], running["pid"]) == ("running", worker.pid)
    assert (stopped["state"], stopped["worker"]) == ("stopped", running["worker"])
    assert stopped["done"] >= 1  # S3's own test event is a job too
    assert (stopped["failed"], stopped["in_hand"]) == (0, 0)
