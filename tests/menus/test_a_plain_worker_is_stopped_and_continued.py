"""Ctrl-Z on a worker with log lines alone: all its processes wait until fg."""

from __future__ import annotations

import sys

from labapp.cloud.bucket import Bucket
from tests.support.terminal import Spawn

PROMPT = "ready$"


def test_the_processes_of_a_stopped_worker_take_no_job_until_it_goes_on(
    terminal: Spawn, bucket: Bucket
) -> None:
    names = {"LABAPP_PORT": str(bucket.cloud.settings.port), "PYTHON": sys.executable}
    screen = terminal(
        ["bash", "--norc", "--noprofile", "-i"],
        env={"PS1": f"{PROMPT} ", "LABAPP_WAIT_SECONDS": "1", **names},
    )
    screen.wait_for(PROMPT)
    screen.send('"$PYTHON" server.py --plain --processes 2\r')
    screen.wait_until(lambda: screen.text.count("is ready on") == 2, "both processes")
    screen.send("ctrl-z")
    screen.wait_for("Stopped")

    screen.send('clear; "$PYTHON" client.py numbers 1,54 --timeout 2\r')
    screen.wait_for("no answer to job")

    screen.send("clear; fg\r")
    screen.wait_for(" done from ")
    screen.send("ctrl-c")
    screen.wait_for(PROMPT)
