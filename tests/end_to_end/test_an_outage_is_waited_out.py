"""Outages are waited out: the worker outlives its cloud and goes on by itself once it is back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from labapp.cloud.embedded import launcher
from labapp.cloud.session import local_home
from tests.chaos.faults import Faults
from tests.chaos.proxy import Proxy
from tests.end_to_end.lab import Lab, on_one_cloud


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


@on_one_cloud
def test_a_worker_without_its_cloud_stops_when_told(lab: Lab) -> None:
    worker = lab.server()
    lab.stop_cloud()
    worker.wait_for("trouble")

    worker.process.terminate()

    assert worker.end() == 143
    assert worker.events("stopped")


def test_workers_started_while_their_cloud_is_away_wait_for_it(
    local_lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "student")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "any")
    launcher.share(local_home())
    proxy = Proxy(local_lab.port, Faults(down=True))
    try:
        there: dict[str, Any] = {"cloud": "aws", "region": "us-east-1", "endpoint_url": proxy.url}
        there["wait_seconds"] = 1  # a stop waits for the end of the poll
        plain = ("--plain", "--log-format", "json")
        workers = local_lab.spawn("server.py", *plain, bucket="labapp", processes=2, **there)
        told = workers.wait_for("trouble", 2)
        assert told[0]["message"].startswith("waiting for the cloud: cannot ")
        assert not workers.events("ready")

        proxy.mend()

        workers.wait_for("ready", 2)
        workers.process.terminate()
        assert workers.end() == 143
    finally:
        proxy.close()


def test_a_worker_goes_on_with_a_new_lab_session_and_by_the_clouds_clock(
    local_lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = tmp_path / "keys"

    def renew(key: str) -> None:
        keys.write_text(f"[default]\naws_access_key_id = {key}\naws_secret_access_key = any\n")

    renew("FIRST")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(keys))
    launcher.share(local_home())
    faults = Faults(ended={"FIRST"})
    proxy = Proxy(local_lab.port, faults)
    try:
        there: dict[str, Any] = {"cloud": "aws", "region": "us-east-1", "bucket": "labapp"}
        there |= {"endpoint_url": proxy.url, "wait_seconds": 1}
        ended = local_lab.run("client.py", "numbers", "1,2", code=4, **there)
        assert "the lab session is over" in ended.stderr
        worker = local_lab.spawn("server.py", "--plain", "--log-format", "json", **there)
        (told,) = worker.wait_for("trouble")
        assert "Start the lab again" in told["message"]
        assert "keys under [default]" in told["message"]

        renew("SECOND")
        worker.wait_for("ready")

        faults.ahead = 7380.0
        done = local_lab.run("client.py", "numbers", "1,2", **there)
        assert "this machine's clock is 2 h 3 min behind: set it" in done.stderr
        worker.wait_for("clock")
        worker.process.terminate()
        assert worker.end() == 143
    finally:
        proxy.close()
