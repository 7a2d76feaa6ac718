"""The doctor's page: what is not as it should be stands first, and Enter tells what to do."""

from __future__ import annotations

import pytest

from labapp.cloud.queues import Queue
from tests.menus.conftest import Open, programs_cloud


@pytest.mark.usefixtures("bucket")
def test_a_small_window_shows_what_is_wrong_first_and_what_helps(opened: Open) -> None:
    cloud = programs_cloud()
    with opened("client.py", columns=40, rows=12) as screen:
        screen.wait_for("Pictures")
        cloud.sqs.delete_queue(QueueUrl=Queue(cloud, "imageInbox-dlq").url)
        screen.send("d")
        screen.wait_for("redrive")
        first = next(line for line in screen.text.splitlines() if "redrive" in line)
        assert "✗" in first
        screen.send("enter")
        screen.wait_for("SQS has nowhere to move")
        screen.send("down", "down", "down")
        screen.wait_for("which makes it")
        assert "Doctor: redrive imageInbox" in screen.text
        screen.send("esc")
        screen.wait_for("Doctor: 1 of ")
        screen.send("esc")
        screen.wait_for("What would you like to do?")
