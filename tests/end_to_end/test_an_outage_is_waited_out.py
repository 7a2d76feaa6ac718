"""Outages are waited out: the worker outlives its cloud and goes on by itself once it is back."""

from __future__ import annotations

from tests.end_to_end.lab import Lab


def test_a_worker_goes_on_after_its_cloud_was_stopped_and_started(lab: Lab) -> None:
    worker = lab.server()
    assert lab.json("client.py", "numbers", "1,2")["status"] == "done"

    lab.stop_cloud()
    worker.wait_for("trouble")
    lab.start_cloud()

    answer = lab.json("client.py", "numbers", "3,4")
    assert answer["result"]["sum"] == 7
    worker.wait_for("recovered")
    assert worker.process.poll() is None
    assert worker.jobs(2)[-1]["job"] == answer["job"]
    assert "does not answer" in worker.events("trouble")[0]["message"]


def test_a_worker_without_its_cloud_stops_when_told(lab: Lab) -> None:
    worker = lab.server()
    lab.stop_cloud()
    worker.wait_for("trouble")

    worker.process.terminate()

    assert worker.end() == 143
    assert worker.events("stopped")
