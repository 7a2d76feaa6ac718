"""What is said of a purge; also where the ledger is damaged, the menu does as the command does."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from labapp import settings
from labapp.cloud.session import Cloud
from labapp.console import prompts
from labapp.jobs.number_kind import NUMBERS
from labapp.jobs.session import LEDGER_FILE, ClientSession, Purged
from labapp.programs.jobs.client_session import ClientMenuSession
from labapp.programs.jobs.commands import purged_lines
from labapp.programs.jobs.page import purge_replies
from labapp.programs.shell.context import Context


def test_what_was_done_is_the_last_line_and_all_that_is_of_note_is_before_it() -> None:
    assert purged_lines(Purged(["a"], 0)) == ["purged; 1 pending job given up"]
    aside, cleared, done = purged_lines(Purged([], 2, Path("old.db")), dry=True)
    assert aside.endswith("old.db")
    assert cleared == "would purge 2 rows of the ledger that cannot be a job's"
    assert done == "would purge; 0 pending jobs given up"


@pytest.mark.parametrize("damaged", [False, True])
def test_the_menu_purges_as_the_command_does(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, damaged: bool
) -> None:
    with ClientSession(cloud) as session:
        session.submit(NUMBERS, ["1,2"])
    if damaged:
        (cloud.home / LEDGER_FILE).write_bytes(b"no ledger")
    menu = ClientMenuSession(Context("client.py", argparse.Namespace(), settings.load({})))

    def at_once(message: str, action: Callable[[], Any], title: str = "") -> Any:
        return action()

    monkeypatch.setattr(prompts, "confirm", lambda question, **_: True)
    monkeypatch.setattr(menu, "wait", at_once)
    monkeypatch.setattr(menu, "open_cloud", lambda: cloud)
    try:
        purge_replies(menu)
    finally:
        menu._sent.set()
        if menu._session is not None:
            menu._session.__exit__(None, None, None)
    told = [notice.text for notice in menu.notices()]
    assert told[-1] == f"purged; {'0 pending jobs' if damaged else '1 pending job'} given up"
    assert any("set aside" in text for text in told) == damaged
