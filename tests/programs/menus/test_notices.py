"""Notices on top of pages: which are shown, and for how long."""

from __future__ import annotations

import threading
import time

import pytest

from labapp.console.accessible import mode
from labapp.console.stage import Notice
from labapp.programs.menus.notices import SECONDS, Notices


def test_a_notice_replaces_the_last_one_about_the_same() -> None:
    notices = Notices()
    notices.add(Notice("the cloud runs", "info"), "cloud")
    notices.add(Notice("uploaded", "info"))
    notices.add(Notice("the cloud is stopped", "info"), "cloud")
    assert [one.text for one in notices.current()] == ["uploaded", "the cloud is stopped"]


def test_a_notice_tells_for_how_long_it_stays() -> None:
    notices = Notices("what lasts")
    assert notices.seconds_left() is None
    notices.add(Notice("done", "done"))
    notices.add(Notice("started", "info"))
    left = notices.seconds_left()
    assert left is not None
    assert 0 < left <= SECONDS["info"]
    assert [one.text for one in notices.current()] == ["what lasts", "done", "started"]


def test_what_is_over_is_shown_no_longer() -> None:
    notices = Notices()
    notices.add(Notice("away", "failed"), "cloud")
    notices.add(Notice("uploaded", "info"), "upload")
    notices.drop("cloud")
    assert [one.text for one in notices.current()] == ["uploaded"]


def test_notices_that_are_dismissed_or_old_can_be_read_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    notices = Notices("what lasts")
    notices.add(Notice("old", "info"))
    now = time.monotonic()
    monkeypatch.setattr("time.monotonic", lambda: now + SECONDS["info"])
    notices.add(Notice("failed", "failed"))
    assert [one.text for one in notices.current()] == ["what lasts", "failed"]
    notices.dismiss()
    assert notices.current() == []
    assert notices.seconds_left() is None
    assert [line.rpartition(": ")[2] for line in notices.earlier()] == ["failed", "old"]
    assert notices.is_known(Notice("failed", "failed")), "it is not told again by itself"
    assert not notices.is_known(Notice("old", "info"))


def test_the_same_notice_is_there_once() -> None:
    notices = Notices()
    for _ in range(3):
        notices.add(Notice("there is nothing to undo yet"))
    assert len(notices.current()) == 1


def test_what_is_told_while_others_are_dropped_is_kept() -> None:
    notices = Notices()
    notices.add(Notice("away", "failed"), "cloud")
    other = threading.Thread(target=notices.add, args=(Notice("uploaded"),))

    class Slow(str):
        """Compared while another thread has something to tell."""

        def __ne__(self, another: object) -> bool:
            if not other.ident:
                other.start()
                other.join(0.1)
            return super().__ne__(another)

        __hash__ = str.__hash__

    notices.drop(Slow("cloud"))
    other.join()
    assert [one.text for one in notices.current()] == ["uploaded"]


def test_where_notices_are_said_none_goes_before_somebody_asks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mode, "_reason", "a test asks for it")
    notices = Notices()
    notices.add(Notice("b-blur.jpg is back", "done"))
    now = time.monotonic()
    monkeypatch.setattr("time.monotonic", lambda: now + 3600)
    assert [one.text for one in notices.current()] == ["b-blur.jpg is back"]
