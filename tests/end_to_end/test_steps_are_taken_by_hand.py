"""`server.py --step`, by its keys on a terminal and by letters in lines; killed, and stopped."""

from __future__ import annotations

import os
import signal
import sys

from labapp.cloud.session import local_home
from labapp.jobs.wire import Request
from labapp.worker import health
from tests.end_to_end.lab import ROOT, Lab
from tests.support.terminal import Terminal


def test_a_job_is_taken_step_by_step_killed_and_finished_by_the_next(local_lab: Lab) -> None:
    local_lab.queue("imageInbox").purge()
    local_lab.send(Request("1,2", "a-job", "tester"))
    local_lab.make_queue("responseQueue-tester")
    own = {name: text for name, text in os.environ.items() if name.startswith("LABAPP_")}
    own["LABAPP_VISIBILITY_TIMEOUT"] = "3"
    with Terminal([sys.executable, ROOT / "server.py", "--step"], env=own) as screen:
        screen.wait_for("step 1 of 7: received")
        screen.wait_until(_is_told, "its health to tell of the step")
        for key, step in (("enter", "2 of 7"), ("space", "3 of 7"), ("enter", "4 of 7")):
            screen.send(key)
            screen.wait_for(f"step {step}")
        screen.send("k")
        screen.wait_for("Kill this worker here")
        screen.send("y")
        assert screen.finish() == 128 + signal.SIGKILL
        assert screen.says("What is stored stays; the answer is not sent.")

    typed = "\n" * 5 + "k\nn\nq\n"
    done = local_lab.run("server.py", "--plain", "--step", typed=typed)
    assert "receive 2 of 5" in done.stdout
    assert "Step 6 of 7: lease stopped. Job a-job." in done.stdout
    assert "It is not killed." in done.stdout
    assert "Step 7" not in done.stdout
    (reply,) = local_lab.replies("tester")
    assert (reply.job, reply.status) == ("a-job", "done")
    local_lab.wait_until_empty()


def _is_told() -> bool:
    well, told = health.verdict(health.read_all(local_home()))
    return well and "is running and stands at the step 'received' of job" in told
