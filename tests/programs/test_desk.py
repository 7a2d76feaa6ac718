"""What stands on top of every page is where things really go."""

from __future__ import annotations

import argparse

from labapp import settings
from labapp.programs.cli import Context
from labapp.programs.screens.desk import Desk


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
