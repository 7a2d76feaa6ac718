"""Clean stop: finish what fits in the grace period, hand the rest back with visibility 0."""

from __future__ import annotations

import os
import signal
import sys

from labapp.jobs.wire import Request
from tests.end_to_end.lab import ROOT, Lab, on_one_cloud, until
from tests.support.terminal import Terminal

#: Longer than any test waits: what is seen before it runs out was handed back.
LONG = 300


def _send_held(lab: Lab, count: int) -> list[str]:
    lab.make_queue("responseQueue-tester")
    jobs = [f"job-{number}" for number in range(count)]
    for number, job in enumerate(jobs):
        lab.send(Request(f"{number},1", job, "tester"))
    return jobs


@on_one_cloud
def test_what_is_in_hand_is_finished_within_the_grace_period(lab: Lab) -> None:
    _send_held(lab, 1)
    worker = lab.held_server(visibility_timeout=LONG, grace_seconds=LONG)
    until(lab.started, "the job to begin")

    worker.process.send_signal(signal.SIGTERM)
    worker.wait_for("stopping")
    lab.let_go()

    assert worker.end() == 0
    assert [reply.job for reply in lab.replies("tester")] == ["job-0"]
    lab.wait_until_empty()
    assert worker.events("handed back") == []


def test_what_does_not_fit_is_handed_back_begun_or_not(lab: Lab) -> None:
    jobs = _send_held(lab, 4)
    # Quick jobs that come together are done by one hand: one is begun, the others wait behind it.
    worker = lab.held_server("--quick", visibility_timeout=LONG, grace_seconds=1)
    until(lambda: lab.queue("requestQueue").counts().in_flight == 4, "all to be in hand")
    until(lab.started, "the first job to begin")

    worker.process.send_signal(signal.SIGTERM)

    assert worker.end() == 0
    again = lab.take("requestQueue", 4)
    assert sorted(message.attributes["job"] for message in again) == jobs
    assert worker.events("job") == []


@on_one_cloud
def test_a_second_signal_hands_back_at_once(lab: Lab) -> None:
    jobs = _send_held(lab, 1)
    worker = lab.held_server(visibility_timeout=LONG, grace_seconds=LONG)
    until(lab.started, "the job to begin")

    worker.process.send_signal(signal.SIGTERM)
    worker.wait_for("stopping")
    worker.process.send_signal(signal.SIGTERM)

    assert worker.end() == 0
    assert [message.attributes["job"] for message in lab.take("requestQueue")] == jobs


@on_one_cloud
def test_an_idle_worker_stops_on_sigterm_and_on_ctrl_c(lab: Lab) -> None:
    for number, code in ((signal.SIGTERM, 143), (signal.SIGINT, 130)):
        worker = lab.server()

        worker.process.send_signal(number)

        assert worker.end() == code
        assert worker.events("stopped")


def test_a_terminal_that_goes_away_is_a_clean_stop(local_lab: Lab) -> None:
    worker = local_lab.server(processes=2)

    worker.process.send_signal(signal.SIGHUP)

    assert worker.end() == 128 + signal.SIGHUP
    assert len(worker.events("stopped")) == 2


def test_under_nohup_a_worker_stays(local_lab: Lab) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does; children inherit it
    try:
        worker = local_lab.server()
    finally:
        signal.signal(signal.SIGHUP, before)

    worker.process.send_signal(signal.SIGHUP)

    assert local_lab.json("client.py", "numbers", "1,2")["status"] == "done"
    assert worker.events("stopping") == []


def test_the_console_of_a_lost_connection_stops_cleanly_too(local_lab: Lab) -> None:
    own = {name: text for name, text in os.environ.items() if name.startswith("LABAPP_")}
    with Terminal([sys.executable, ROOT / "server.py"], env=own) as screen:
        screen.wait_for("running")

        assert screen.hang_up() == 128 + signal.SIGHUP

    (report,) = local_lab.json("admin.py", "workers")
    assert report["state"] == "stopped"
