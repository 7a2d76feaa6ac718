"""The admin's pages show what is there, and the worker's console follows the work."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import Any

import pytest

from labapp.cloud.bucket import Bucket
from labapp.cloud.queues import Outgoing, Queue
from labapp.cloud.session import local_home
from labapp.jobs import logbook
from labapp.jobs.wire import DONE, Reply, Request
from labapp.programs.logs import page
from labapp.worker import local_workers
from tests.menus.conftest import Open, programs_cloud
from tests.support.terminal import ROOT


def send_numbers(numbers: str) -> None:
    subprocess.run(
        [sys.executable, ROOT / "client.py", "numbers", numbers], check=True, capture_output=True
    )


def test_queues_are_shown_live_and_purged(opened: Open) -> None:
    with opened("admin.py") as screen:
        screen.wait_for("Queues")
        screen.send("4")
        screen.wait_for("requestQueue")
        Queue(programs_cloud(), "requestQueue").send(Outgoing("1,2"))
        screen.wait_until(
            lambda: _cells(screen.text, "requestQueue")[1:2] == ["1"], "the count of 1"
        )
        screen.send("p")
        screen.wait_for("Which queue is purged?")
        screen.send("requ", "enter")
        screen.wait_for("Delete 1 message of requestQueue?")
        screen.send("y")
        screen.wait_until(
            lambda: _cells(screen.text, "requestQueue")[1:2] == ["0"], "the count of 0"
        )


def test_a_dead_letter_of_several_lines_stands_in_one(opened: Open) -> None:
    with opened("admin.py", columns=100) as screen:
        screen.wait_for("no worker")
        Queue(programs_cloud(), "requestQueue-dlq").send(Outgoing("1,2\n3,4\tend"))
        screen.send("4")
        screen.wait_for("d dead letters")
        screen.send("d")
        screen.wait_for("1,2\\x0a3,4\\x09end")
        screen.wait_for("1 of 1")
        screen.send("enter")
        screen.wait_for("any key goes back")
        screen.wait_for("1,2\\x0a3,4\\x09end")
        screen.send("esc")
        screen.wait_for("x delete")
        screen.send("x")
        screen.wait_for("Delete '1,2\\x0a3,4\\x09end' for good?")
        screen.send("y")
        screen.wait_for("1 message deleted")
        screen.wait_for("No dead letters")


def test_logs_and_workers_are_shown(opened: Open) -> None:
    send_numbers("5,7")
    with opened("admin.py", columns=120) as screen:
        screen.wait_for("Logs")
        screen.send("5")
        screen.wait_for("5,7")
        screen.wait_for("minimum is 5 maximum is 7")
        screen.send("esc")
        screen.wait_for("Workers")
        screen.send("6")
        screen.wait_for("✓ running")


def test_a_log_beyond_the_page_is_found_and_the_page_says_that_it_is_cut(
    opened: Open, bucket: Bucket
) -> None:
    for number in range(page.NEWEST + 5):
        request = Request(f"{7000 + number}", f"job-{number:03}", "ada", sent_at=1.7e9 + number)
        reply = Reply(f"sum is {7000 + number}", request.job, DONE)
        logbook.store(bucket, "numbers", request, reply)
    with opened("admin.py", columns=100) as screen:
        screen.wait_for("Logs")
        screen.send("5")
        screen.wait_for("1 of 100; o searches the newest 1,000")
        assert "7104" in screen.text
        screen.send("o")
        screen.wait_for("105 of 105")
        screen.send("7001")
        screen.wait_for("1 of 105")
        screen.send("enter")
        screen.wait_for("sum is 7001")


def test_the_cloud_is_reset_only_when_its_name_is_typed(opened: Open) -> None:
    send_numbers("5,7")
    with opened("admin.py") as screen:
        screen.wait_for("Cloud")
        screen.send("7")
        screen.wait_for("Reset")
        screen.send("5")
        screen.wait_for("(type reset)")
        screen.send("yes", "enter")
        screen.wait_for("that is not reset")
        screen.send("\x15", "reset", "enter")
        screen.wait_for("the local cloud is empty")
        screen.send("esc")
        screen.wait_for("Logs")
        screen.send("5")
        screen.wait_for("No jobs are logged yet")
    assert local_workers.alive(local_home()) == []


def test_the_workers_console_follows_the_work(opened: Open) -> None:
    with opened("server.py", columns=100, rows=30) as screen:
        screen.wait_for("✓ running")
        send_numbers("5,7")
        screen.wait_for("1 done · 0 refused · 0 failed")
        screen.wait_for("minimum is 5 maximum is 7")
        screen.send("?")
        screen.wait_for("queues dead says why.")
        screen.wait_for("could not be done; python")
        screen.wait_for("key closes")
        screen.send("?")
        screen.wait_gone("key closes")
        screen.send("p")
        screen.wait_for("! paused")
        screen.send("p")
        screen.wait_for("✓ running")
        screen.send("q")
        assert screen.finish() == 0
        assert not screen.cursor_hidden


def test_the_consoles_help_can_be_read_to_its_end_in_a_small_window(opened: Open) -> None:
    with opened("server.py", columns=40, rows=12) as screen:
        screen.wait_for("✓ running")
        screen.send("?")
        screen.wait_for("Jobs come from requestQueue and")
        screen.wait_for("any other key closes  ↑↓ scroll")
        screen.send("space", "space")
        screen.wait_for("hand. Paused: all are done.")
        screen.send("ctrl-c")  # also while it is read
        assert screen.finish() == 130


@pytest.mark.parametrize(
    ("name", "code"),
    [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)],
    ids=["Ctrl-C", "SIGTERM", "SIGHUP"],
)
def test_the_console_ends_cleanly_on_signals(opened: Open, name: str, code: int) -> None:
    with opened("server.py", columns=100, rows=30) as screen:
        screen.wait_for("✓ running")
        screen.kill(signal.Signals[name])
        assert screen.finish() == code
        assert not screen.cursor_hidden
    assert local_workers.alive(local_home()) == []


def test_the_console_follows_a_window_of_another_height(opened: Open) -> None:
    with opened("server.py", columns=100, rows=30) as screen:
        screen.wait_for("q stop")
        for rows in (12, 30, 16):
            screen.resize(100, rows)
            screen.wait_until(lambda: screen.text.count("q stop") == 1, "one line of keys")
            screen.wait_until(lambda: screen.text.count("labapp worker") == 1, "one header")
            screen.send("p")  # drawn anew at once: nothing of the old is left
            screen.wait_for("! paused")
            screen.send("p")
            screen.wait_for("✓ running")
            assert screen.text.count("labapp worker") == 1
            assert screen.text.count("q stop") == 1


def test_names_are_those_of_the_settings_and_hints_lead_to_the_same_lab(opened: Open) -> None:
    names: dict[str, Any] = {
        "LABAPP_REQUEST_QUEUE": "ourNumbers",
        "LABAPP_RESPONSE_QUEUE": "ourReplies",
    }
    with opened("server.py", "--image-inbox", "ourPictures", columns=100, **names) as screen:
        screen.wait_for("Send one: python client.py --image-inbox ourPictures numbers 1,2")
        screen.send("?")
        screen.wait_for("Jobs come from ourNumbers and ourPictures.")
        screen.send("x", "q")
        screen.finish()
    with opened("admin.py", columns=100, **names) as screen:
        screen.wait_for("Queues")
        screen.send("4")
        screen.wait_for("ourReplies")
        screen.send("?")
        screen.wait_for("has a queue ourReplies-<client>")


def _cells(text: str, name: str) -> list[str]:
    """Return the cells of the row that begins with a queue's name."""
    return next((line.split() for line in text.splitlines() if line.split()[:1] == [name]), [])


def test_what_other_programs_need_is_shown_for_each_shell(opened: Open) -> None:
    with opened("admin.py") as screen:
        screen.wait_for("Logs")
        screen.send("7")
        screen.wait_for("For other programs")
        screen.send("7")
        screen.wait_for("AWS_PROFILE")
        screen.send("d")
        screen.wait_for("AWS_SESSION_TOKEN=")
        assert "AWS_PROFILE" not in screen.text
        screen.send("p")
        screen.wait_for("$env:AWS_ACCESS_KEY_ID = ")
        screen.send("esc")
        screen.wait_for("everything is kept")
