"""The page of reply queues: it shows all with the reason why they stay, and deletes the others."""

from __future__ import annotations

from typing import Any

import pytest

from labapp.console import prompts
from labapp.jobs import reply_queues
from labapp.jobs.reply_queues import ReplyQueue
from labapp.programs.queues import page

GONE = ReplyQueue("responseQueue-ada-1", "ada-1", 1.7e9)
KEPT = ReplyQueue("responseQueue-bob-1", "bob-1", 1.7e9, 1, "messages in it: 1")


class Menu:
    """What the page needs of a menu; what is announced is noted."""

    frame = None

    def __init__(self) -> None:
        self.announced: list[str] = []

    def cloud(self) -> None:
        return None

    def wait(self, _: str, work: Any) -> Any:
        return work()

    def announce(self, text: str, *_: str) -> None:
        self.announced.append(text)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Press x and say yes, where that is asked; return what was shown, asked and deleted."""
    seen: dict[str, Any] = {"deleted": [], "keys": [], "asked": []}

    def show(_title: str, shown: Any, *, keys: Any, **_: Any) -> Any:
        seen["keys"] = [key.words for key in keys]
        return keys[0] if keys else None

    def prune(_: Any, found: list[ReplyQueue], *, named: bool) -> Any:
        assert not named
        seen["deleted"] = [one.name for one in found if one.is_gone]
        return (one for one in found if one.is_gone)

    monkeypatch.setattr(page, "show", show)
    monkeypatch.setattr(prompts, "confirm", lambda text, **_: not seen["asked"].append(text))
    monkeypatch.setattr(reply_queues, "prune", prune)
    return seen


def test_those_that_are_gone_are_deleted_once_that_is_confirmed(
    asked: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reply_queues, "look", lambda _: [GONE, KEPT])
    menu: Any = Menu()
    page.show_reply_queues(menu)
    assert asked["keys"] == ["delete 1"]
    assert asked["asked"] == ["Delete 1 reply queue of a client that is gone, for good?"]
    assert asked["deleted"] == [GONE.name]
    assert menu.announced == ["1 reply queue deleted"]


def test_where_none_is_gone_there_is_nothing_to_press(
    asked: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reply_queues, "look", lambda _: [KEPT])
    menu: Any = Menu()
    page.show_reply_queues(menu)
    assert (asked["keys"], asked["deleted"], menu.announced) == ([], [], [])
