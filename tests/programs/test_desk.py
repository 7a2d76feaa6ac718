"""What stands on top of every page is where things really go."""

from __future__ import annotations

import argparse
import threading
from types import SimpleNamespace
from typing import Any

import pytest

from labapp import settings
from labapp.errors import CredentialsError
from labapp.programs.cli import Context
from labapp.programs.screens import desk as desk_module
from labapp.programs.screens.desk import Desk
from tests.support.waiting import PATIENCE


def header_of(**values: str) -> str:
    loaded = settings.load({"region": "eu-west-1", **values})
    return Desk(Context("admin.py", argparse.Namespace(), loaded), "admin").header().cloud


def test_another_address_than_amazons_is_in_the_header() -> None:
    assert header_of(cloud="aws", endpoint_url="http://127.0.0.1:4566") == "aws at 127.0.0.1:4566"
    assert header_of(cloud="aws") == "aws"
    assert header_of(cloud="local") == "local"


def test_a_notice_replaces_the_last_one_about_the_same() -> None:
    loaded = settings.load({})
    desk = Desk(Context("admin.py", argparse.Namespace(), loaded), "admin")
    desk.announce("the cloud runs", about="cloud")
    desk.announce("uploaded")
    desk.announce("the cloud is stopped", about="cloud")
    assert [notice.text for notice in desk.notices()] == ["uploaded", "the cloud is stopped"]


def test_renewed_credentials_are_taken_up_while_the_menu_is_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    renewed = threading.Event()
    place = SimpleNamespace(region="eu-west-1")
    cloud: Any = SimpleNamespace(
        is_local=False, refresh=renewed.set, place=place, bucket_name="lab"
    )

    def opened(desk: Desk, *, start: bool = True) -> Any:
        desk._cloud = cloud
        if not renewed.is_set():
            raise CredentialsError("the token has expired", "Renew the credentials.")
        return cloud

    monkeypatch.setattr(Desk, "opened", opened)
    monkeypatch.setattr(desk_module, "AFTER_TROUBLE", 0.01)
    monkeypatch.setattr(desk_module, "count_workers", lambda _: 1)
    loaded = settings.load({"cloud": "aws"})
    desk = Desk(Context("admin.py", argparse.Namespace(), loaded), "admin")
    desk.frame.painted.set()
    desk.start()
    try:
        assert renewed.wait(PATIENCE)
    finally:
        desk.close()
    assert "the token has expired. Renew the credentials." in {n.text for n in desk.notices()}
