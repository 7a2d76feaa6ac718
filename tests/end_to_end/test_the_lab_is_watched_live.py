"""A class sees a killed worker's jobs come back: on the page, and in what `--json` streams."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from typing import Any

from labapp.jobs.number_kind import NUMBERS
from labapp.jobs.session import ClientSession
from tests.end_to_end.lab import Lab, Program, until
from tests.support.terminal import ROOT, Spawn, Terminal
from tests.support.terminal import terminal as terminal

JOBS, HIDDEN = 30, 6


def _looks(stream: Program) -> list[dict[str, Any]]:
    return [json.loads(line) for line in list(stream.lines)]


def _requests(look: dict[str, Any]) -> dict[str, Any]:
    return next(queue for queue in look["queues"] if queue["name"] == "requestQueue")


def _wait_for(screen: Terminal, text: str, pid: int) -> None:
    """Wait for a text in which `{}` is a worker's id, or the part of it that is shown."""
    name = rf"(\S+-)?{pid}(-[0-9a-f]{{4}})?"
    found = re.compile(re.escape(text).replace(r"\{\}", name))
    screen.wait_until(lambda: any(map(found.search, screen.lines)), found.pattern)


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
        _wait_for(screen, "✓ {}", first.pid)

        mine, *_ = session.submit(NUMBERS, ["1,2"] * JOBS)
        screen.wait_for(f"0 wait, {JOBS} in flight")
        _wait_for(screen, f"✓ {{}} ● {JOBS}", first.pid)
        screen.send("f")
        screen.wait_for("Follow which job?")
        screen.send(mine[-8:], "enter")
        _wait_for(screen, "worker {} has it: received", first.pid)

        second = local_lab.held_server(**settings)
        _wait_for(screen, "✓ {}", second.pid)
        counts = local_lab.queue("requestQueue").counts()
        until(lambda: _requests(_looks(stream)[-1])["in_flight"] == counts.in_flight == JOBS)
        first.process.send_signal(signal.SIGKILL)
        _wait_for(screen, "✗ {} gone", first.pid)
        _wait_for(screen, f"worker {{}} is gone: the job comes back within {HIDDEN} s", first.pid)
        _wait_for(screen, f"✓ {{}} ● {JOBS}", second.pid)
        _wait_for(screen, "received for the 2nd time by worker {}", second.pid)
        _wait_for(screen, "worker {} has it for the 2nd time", second.pid)
        assert "in hand" in screen.text
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
