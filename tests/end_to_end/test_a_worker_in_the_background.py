"""On the local cloud somebody always answers: clients that find no worker start one, not more."""

from __future__ import annotations

from labapp.worker import local_workers
from tests.end_to_end.lab import Lab, until
from tests.support.processes import alive


def test_four_clients_at_once_start_one_worker_that_ends_with_the_cloud(local_lab: Lab) -> None:
    lab = local_lab
    clients = [lab.spawn("client.py", "numbers", f"{n},1") for n in range(4)]

    assert [client.end() for client in clients] == [0] * 4, [c.lines for c in clients]
    said = [line for client in clients for line in client.lines if "in the background" in line]
    assert len(said) == 1
    (worker,) = local_workers.alive(lab.cloud.home)
    assert f"(pid {worker.pid})" in said[0]
    assert [row["pid"] for row in lab.json("admin.py", "workers")] == [worker.pid]

    stopped = lab.run("admin.py", "cloud", "stop")

    assert f"(pid {worker.pid})" in stopped.stdout
    until(lambda: not alive(worker.pid), "the worker's process to end")


def test_no_worker_is_started_while_one_is_alive(local_lab: Lab) -> None:
    local_lab.server()

    answered = local_lab.run("client.py", "numbers", "1,2")

    assert answered.stderr == ""
    assert len(local_workers.alive(local_lab.cloud.home)) == 1


def test_a_worker_of_this_machine_that_was_killed_is_gone_at_once(local_lab: Lab) -> None:
    worker = local_lab.server()
    (row,) = until(lambda: local_lab.json("admin.py", "workers"), "the report")
    assert row["state"] == "running"

    worker.process.kill()
    worker.process.wait()

    (row,) = local_lab.json("admin.py", "workers")
    assert row["state"] == "gone"


def test_the_worker_in_the_background_has_the_settings_of_who_started_it(local_lab: Lab) -> None:
    eleven = ",".join("1" * 11)

    answered = local_lab.run("client.py", "numbers", eleven, "--max-integers", "20", processes=3)

    assert "sum is 11" in answered.stdout
    assert len(local_workers.alive(local_lab.cloud.home)) == 1
