"""Several worker processes are one worker: watched, started again, and ended with their parent."""

from __future__ import annotations

import signal
import urllib.request

import psutil

from labapp.jobs.wire import Request
from tests.end_to_end.lab import Lab, on_one_cloud, until
from tests.support.embedded_metrics import metrics_of
from tests.support.ports import free_port
from tests.support.processes import alive
from tests.support.scrapes import samples


def _children(pid: int) -> set[int]:
    return {child.pid for child in psutil.Process(pid).children()}


def _scraped(port: int) -> dict[tuple[str, ...], float]:
    """Return what Prometheus would read."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
        return samples(answer.read().decode())


def _gone(pids: set[int]) -> bool:
    return not any(alive(pid) for pid in pids)


@on_one_cloud
def test_two_processes_share_the_work_and_a_killed_one_is_started_again(lab: Lab) -> None:
    lab.make_queue("responseQueue-tester")
    port = free_port()
    worker = lab.server("--metrics", str(port), processes=2)
    children = _children(worker.pid)
    assert len(children) == 2

    for number in range(60):
        lab.send(Request(f"{number}", f"job-{number}", "tester"))
    assert len({reply.job for reply in lab.replies("tester", 60)}) == 60
    assert len(worker.jobs(60)) == 60
    lines = [line for line in worker.lines if '"kind": "numbers"' in line]
    assert sum(metrics_of(line)["requestQueue", "done"] for line in lines) == 60
    assert _scraped(port)["labapp_jobs_total", "numbers", "done"] == 60, "one port has the sums"
    reported = {row["pid"] for row in lab.json("admin.py", "workers")}
    assert reported == children

    victim = min(children)
    psutil.Process(victim).kill()
    worker.wait_for("ready", 3)
    now = until(lambda: _children(worker.pid) - {victim}, "the children")
    assert len(now) == 2
    assert len(now & children) == 1

    worker.process.terminate()
    assert worker.end() == 143
    assert _gone(now)
    assert len(worker.events("stopped")) == 2


@on_one_cloud
def test_children_end_when_their_parent_is_killed(lab: Lab) -> None:
    worker = lab.server(processes=2)
    children = _children(worker.pid)

    worker.process.send_signal(signal.SIGKILL)
    worker.process.wait()

    until(lambda: _gone(children), "the children to end")


@on_one_cloud
def test_a_signal_to_the_whole_group_still_lets_jobs_finish(lab: Lab) -> None:
    worker = lab.server(processes=2)
    children = _children(worker.pid)

    # As service managers do: each child has the signal itself before its parent's word.
    for pid in (*children, worker.pid):
        psutil.Process(pid).terminate()

    assert worker.end() == 143
    assert _gone(children)
