"""What is made behind a page: the latest, in another thread, and what goes wrong with it."""

from __future__ import annotations

import threading

import pytest

from labapp.console import behind
from labapp.console.behind import Behind, Latest
from tests.support.waiting import until


def test_what_is_quick_is_there_at_once() -> None:
    threads: list[str] = []

    def make(wanted: int) -> str:
        threads.append(threading.current_thread().name)
        return f"made {wanted}"

    assert Behind(make, lambda: None).made(1) == "made 1"
    assert threads == ["behind"]


def test_what_is_slow_is_told_of_and_what_was_passed_over_is_not_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(behind, "AT_FIRST", 0)
    may, made, told = threading.Event(), list[int](), threading.Event()

    def make(wanted: int) -> int:
        made.append(wanted)
        may.wait()
        return wanted

    slow = Behind(make, told.set)
    for wanted in (1, 2, 3):
        assert slow.made(wanted) is None
    until(lambda: bool(made), "the first to be begun")
    may.set()
    until(lambda: slow.made(3) == 3, "the last to be made")
    assert made[-1] == 3
    assert len(made) <= 2
    until(told.is_set, "the word of it")


def test_what_cannot_be_made_is_raised_where_it_is_wanted() -> None:
    def make(wanted: int) -> int:
        raise ZeroDivisionError(wanted)

    with pytest.raises(ZeroDivisionError):
        Behind(make, lambda: None).made(1)


def test_what_nobody_foresaw_is_told_and_the_next_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[threading.ExceptHookArgs] = []
    monkeypatch.setattr(threading, "excepthook", told.append)
    done: list[int] = []
    latest = Latest[int](lambda wanted: done.append(10 // wanted), "latest")
    latest.want(0)
    until(lambda: told, "the error")
    latest.want(5)
    until(lambda: done == [2], "what is wanted after it")
    assert [one.exc_type for one in told] == [ZeroDivisionError]


def test_what_stops_does_nothing_more_and_is_told_by_what_it_does() -> None:
    may, done = threading.Event(), list[int]()

    def do(wanted: int) -> None:
        done.append(wanted)
        may.wait()

    latest = Latest(do, "stopped")
    latest.want(1)
    until(lambda: done == [1], "the first to be begun")
    assert not latest.is_overtaken
    latest.want(2)
    latest.stop()
    latest.want(3)
    assert latest.is_overtaken
    may.set()
    until(lambda: all(one.name != "stopped" for one in threading.enumerate()), "its end")
    assert done == [1]
