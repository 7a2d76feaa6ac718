"""Dialects under Cloud: one is looked at and tried, and one proposed of a request that waits."""

from __future__ import annotations

from pathlib import Path

import pytest

from labapp.cloud.queues import Outgoing, Queue
from labapp.message_attribute import Attribute
from tests.menus.conftest import Open, programs_cloud


@pytest.mark.usefixtures("bucket")
def test_a_small_window_leads_from_a_request_to_a_file(opened: Open, tmp_path: Path) -> None:
    queue = Queue(programs_cloud(), "requestQueue")
    queue.send(Outgoing("1,2 \x9b2J", typed={"Kind": Attribute("String", "Mean")}))
    with opened("admin.py", columns=40, rows=16) as screen:
        screen.wait_for("Queues")
        screen.send("7")
        screen.wait_for("Dialects")
        screen.send("9")
        screen.wait_for("Look at one")
        screen.send("4")
        screen.wait_for("All request queues")
        screen.send("1")
        screen.wait_for("1 foreign request")
        screen.send("esc")
        screen.wait_for("Proposed of")
        assert queue.counts().visible == 1, "it is there again"
        screen.send("s")
        screen.wait_for("mylab.toml")
        screen.send("enter")
        screen.wait_for("wrote mylab.toml")
        screen.send("2")
        screen.wait_for("File to check")
        screen.send("mylab.toml", "enter")
        screen.wait_for("is right")
        screen.send("t")
        screen.wait_for("Body:")
        screen.send("4,5,6", "enter")
        screen.wait_for("Attribute")
        for typed in ("Kind=Mean", ""):
            screen.send("\x15", typed, "enter")
        screen.wait_for("It would be answered")
        screen.send("esc", "esc", "esc")
        screen.wait_for("Look at one")
    assert "\x9b2J".encode() not in screen.raw
    assert "[[request]]" in (tmp_path / "mylab.toml").read_text("utf-8")
