"""A class sees a killed worker's jobs come back: on the page, and in what `--json` streams."""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import Any

from labapp.jobs.number_kind import NUMBERS
from labapp.jobs.session import ClientSession
from tests.end_to_end.lab import Lab, Program, until
from tests.support.terminal import ROOT, Spawn
from tests.support.terminal import terminal as terminal

JOBS, HIDDEN = 30, 6


def _looks(stream: Program) -> list[dict[str, Any]]:
    return [json.loads(line) for line in list(stream.lines)]


def _requests(look: dict[str, Any]) -> dict[str, Any]:
    return next(queue for queue in look["queues"] if queue["name"] == "requestQueue")


def test_the_jobs_of_a_killed_worker_are_seen_to_come_back(local_lab: Lab, terminal: Spawn) -> None:
    settings = {"visibility_timeout": HIDDEN, "concurrency": JOBS + 2}
    own = {name: value for name, value in os.environ.items() if name.startswith("LABAPP_")}
    own["LABAPP_VISIBILITY_TIMEOUT"] = str(HIDDEN)
    with ClientSession(local_lab.cloud) as session:
        first = local_lab.held_server(**settings)
        stream = local_lab.spawn("admin.py", "watch", "--json")
        local_lab.take("imageInbox")  # what S3 told of itself
        argv = [sys.executable, str(ROOT / "admin.py"), "watch"]
        screen = terminal(argv, columns=100, rows=30, env=own)
        screen.wait_for("0 wait, 0 in flight")
        screen.wait_for(f"✓ {first.pid}")

        mine, *_ = session.submit(NUMBERS, ["1,2"] * JOBS)
        screen.wait_for(f"0 wait, {JOBS} in flight")
        screen.wait_for(f"✓ {first.pid} ● {JOBS}")
        screen.send("f")
        screen.wait_for("Follow which job?")
        screen.send(mine[-8:], "enter")
        screen.wait_for(f"worker {first.pid} has it: received")

        second = local_lab.held_server(**settings)
        screen.wait_for(f"✓ {second.pid}")
        counts = local_lab.queue("requestQueue").counts()
        until(lambda: _requests(_looks(stream)[-1])["in_flight"] == counts.in_flight == JOBS)
        first.process.send_signal(signal.SIGKILL)
        screen.wait_for(f"✗ {first.pid} gone")
        screen.wait_for(f"worker {first.pid} is gone: the job comes back within {HIDDEN} s")
        screen.wait_for(f"✓ {second.pid} ● {JOBS}")
        screen.wait_for(f"received by worker {second.pid}")
        screen.wait_for("for the 2nd time")
        assert mine[-8:] in screen.text

        local_lab.let_go()
        screen.wait_for("done, its log is stored: minimum is 1")
        screen.wait_for(f"{JOBS} unread")
        entries = [entry for _ in range(9) for entry in session.collect(wait=1)]
        assert {entry.job for entry in entries} >= {mine}
        screen.wait_for("read by its client")
        local_lab.wait_until_empty()
        until(lambda: _requests(_looks(stream)[-1])["in_flight"] == 0, "the stream to see it")
        screen.send("esc")
    stream.process.send_signal(signal.SIGINT)
    assert stream.end() == 130

    looks = _looks(stream)
    held = [worker["in_hand"] for look in looks for worker in look["workers"]]
    assert {0, JOBS} <= set(held)
    again = [job for look in looks for worker in look["workers"] for job in worker["hands"]]
    assert any(job["receives"] == 2 for job in again)
    assert looks[-1]["workers"][0]["done"] == JOBS
