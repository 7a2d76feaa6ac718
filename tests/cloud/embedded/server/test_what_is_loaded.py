"""What the local cloud's process has before it answers anybody."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import runpy
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock
import pytest
from ministack.core import persistence
from ministack.services import sqs

from labapp.cloud.embedded import server
from labapp.cloud.embedded.disk import Disk
from labapp.cloud.embedded.receiving import CLIENT_GONE
from tests.cloud.embedded.queues.test_queues import call
from tests.cloud.embedded.s3.test_s3 import legacy
from tests.cloud.embedded.s3_kit import as_it_was, good


@contextmanager
def loaded(home: Path) -> Iterator[None]:
    """Have MiniStack hold what is in `home`, as after a start."""
    with as_it_was():
        queues, _ = server._load(home, Disk(home))
        yield
        queues.close()


def test_what_was_kept_and_what_an_earlier_labapp_kept_is_there_and_handed_out_fairly(
    tmp_path: Path,
) -> None:
    home = tmp_path / "local"
    legacy(tmp_path)
    with as_it_was():
        call("CreateQueue", QueueName="a")
        kept = json.dumps({"payload": sqs.get_state()}, default=persistence._json_default)
    (home / "state/sqs.json").write_text(kept)
    with loaded(home):
        assert good("GET", "/bkt/images/a.png") == b"picture"
        assert [path.name for path in (home / "state").iterdir()] == ["queues.journal"]
        good("PUT", "/bkt/new", b"new")
        for group in (*("flood",) * 20, "single"):
            call("SendMessage", queue="a", MessageBody=group, MessageGroupId=group)
    with loaded(home):
        assert good("GET", "/bkt/new") == b"new"
        CLIENT_GONE.set(asyncio.Event().wait)  # as the gateway says of one who stays
        answer = call("ReceiveMessage", queue="a", MaxNumberOfMessages=10)
        assert "single" in [message["Body"] for message in answer["Messages"]]
    assert sorted(path.name for path in home.iterdir()) == ["buckets", "state"]


def test_no_garbage_is_looked_for_while_it_loads_nor_among_what_was_loaded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    frozen: list[bool] = []
    monkeypatch.setattr(gc, "freeze", lambda: frozen.append(gc.isenabled()))
    with server._nothing_collected():
        assert not gc.isenabled()
    assert (frozen, gc.isenabled()) == ([False], True)
    with pytest.raises(OSError, match="full"), server._nothing_collected():
        raise OSError("full")
    assert (frozen, gc.isenabled()) == ([False], True)


def test_it_is_run_with_its_folder_and_its_port(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Path] = []

    def busy(path: Path, **_: float) -> None:
        asked.append(path)
        raise filelock.Timeout(str(path))

    monkeypatch.setattr(filelock, "FileLock", busy)
    monkeypatch.setattr(os, "umask", lambda mask: 0)
    monkeypatch.setattr(sys, "argv", ["embedded_server", str(tmp_path), "4566"])
    with pytest.raises(SystemExit, match="another process serves this folder already"):
        runpy.run_path(server.__file__, run_name="__main__")
    assert asked == [tmp_path / "cloud.lock"]
