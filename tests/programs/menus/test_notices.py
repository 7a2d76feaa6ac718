"""Notices on top of pages: which are shown, and for how long."""

from __future__ import annotations

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
