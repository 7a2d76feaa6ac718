"""A cloud that was opened for a class is used by everybody on the machine, and by no page.

It is open by its owner's word alone, it is seen that it is, and it is closed when it is stopped.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from labapp import settings
from labapp.cloud.embedded import launcher
from labapp.cloud.session import local_home
from labapp.console import header
from labapp.programs.menus.session import MenuSession
from labapp.programs.shell.context import Context
from tests.cloud.embedded.embedded_kit import kill
from tests.security.local_clouds import sent, with_keys
from tests.support.commands import admin

Capture = pytest.CaptureFixture[str]


def run(capsys: Capture, line: str) -> tuple[str, str]:
    assert admin(*line.split()) == 0
    out, err = capsys.readouterr()
    return out, err


def is_open() -> bool:
    """Tell whether a student's key lets them in."""
    running = launcher.find(local_home())
    assert running
    try:
        with_keys(running, "sqs", "student", "any").list_queues()
        with_keys(running, "s3", "student", "any").list_buckets()
    except ClientError as error:
        return error.response["Error"]["Code"] != "InvalidAccessKeyId"
    return True


def shown() -> str:
    """Return what stands on top of every page."""
    context = Context("admin.py", argparse.Namespace(), settings.load({}))
    top = MenuSession(context, "admin").header()
    return "".join(text for line in header.lines(top, 80, 24) for _, text in line)


def test_it_is_open_from_the_owners_word_until_it_is_stopped(home: Path, capsys: Capture) -> None:
    _, err = run(capsys, "cloud start")
    assert "shared" not in err
    assert not is_open()
    assert "shared" not in shown()
    assert json.loads(run(capsys, "cloud status --json")[0])["shared"] is False

    _, err = run(capsys, "cloud start --share")
    assert "everybody with an account on this machine may read and delete everything" in err
    assert is_open()
    assert "local (shared)" in shown()
    assert json.loads(run(capsys, "cloud start --json")[0])["shared"] is True, "it stays so"
    assert json.loads(run(capsys, "cloud --json")[0])["shared"] is True
    running = launcher.find(home)
    assert running
    page = "GET /labapp HTTP/1.1\r\nHost: evil.test\r\n\r\n"
    assert sent(running, page.encode()).startswith(b"HTTP/1.1 403")
    scripted = "GET /labapp HTTP/1.1\r\nHost: localhost\r\nOrigin: http://a.test\r\n\r\n"
    assert sent(running, scripted.encode()).startswith(b"HTTP/1.1 403")

    kill(running)
    launcher.ensure(home, running.port)
    assert is_open(), "a crash changes nothing of it"

    run(capsys, "cloud stop")
    assert "shared" not in shown()
    run(capsys, "cloud start")
    assert not is_open()


def test_a_reset_ends_the_sharing_and_says_so(home: Path, capsys: Capture) -> None:
    run(capsys, "cloud start --share")
    assert "shared" not in run(capsys, "cloud reset --dry-run")[1]
    assert is_open()

    assert "shared no more" in run(capsys, "cloud reset --yes")[1]
    run(capsys, "cloud start")
    assert not is_open()
    assert "shared" not in run(capsys, "cloud reset --yes")[1]
