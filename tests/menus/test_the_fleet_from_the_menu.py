"""A fleet is planned, made and parked on its page, in an 80x24 terminal and in a 40x12 one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from labapp import settings
from labapp.cloud.session import Cloud
from tests.clouds.servers import served
from tests.menus.conftest import Open
from tests.support.ministack_aws import IMAGES
from tests.support.ports import free_port
from tests.support.terminal import ROOT
from tests.support.worker_thread import at_work


@pytest.fixture
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """Have a server stand for AWS; give the variables with which programs find it."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    found = {
        "LABAPP_CLOUD": "aws",
        "AWS_ENDPOINT_URL": url,
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
    }
    argv = [sys.executable, "-m", "tests.support.fleet_aws", str(port)]
    with served(argv, f"{url}/_ministack/health", tmp_path / "aws", {}, ROOT):
        for name, value in found.items():
            monkeypatch.setenv(name, value)
        yield found


def test_a_fleet_is_planned_made_and_parked(
    account: dict[str, str], opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud = Cloud(settings.load({}).settings)
    for name, image in IMAGES.items():
        cloud.client("ssm").put_parameter(Name=name, Value=image, Type="String")
    with opened("admin.py", **account) as screen:  # type: ignore[arg-type] # variables alone
        screen.wait_for("7  Cloud")
        screen.send("7")
        screen.wait_for("f  Fleet on AWS")
        screen.send("f")
        screen.wait_for("no fleet labapp in us-east-1")
        screen.send("1")
        screen.wait_for("at about $12.80 a month while 1")
        screen.wait_for("in all")
        assert "20 to add; all of it stands below" in screen.text
        screen.send("x")
        screen.wait_for("How many at most?")
        screen.send("backspace", "5", "enter")
        screen.wait_for("instance runs, $62 at most?")
        screen.send("y")
        screen.wait_for("stack: done")
        screen.wait_for("fleet: updating")
        screen.wait_for("CREATE_COMPLETE")
        assert "about $12.80 a month while 1 instance runs, $62 at most" in screen.text
        screen.resize(40, 12)
        screen.wait_gone("CREATE_COMPLETE")
        screen.wait_for("first worker")
        with at_work(cloud, monkeypatch, ""):
            screen.wait_for("first answer: minimum is 1")
        screen.send("b")
        screen.wait_for("fleet labapp in us-east-1: 1 of 1 to")
        assert "fleet: updating" not in screen.text
        screen.send("2")
        screen.wait_for("parked: 1 instance drains and goes;")
        screen.wait_for("No instance runs.")
        assert max(map(len, screen.lines)) <= 40
        screen.send("esc", "esc", "q")
        assert screen.finish() == 0
