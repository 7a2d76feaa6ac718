"""Values that pages read from memory while a thread fetches them."""

from __future__ import annotations

import threading

import pytest

from labapp.programs.menus.refresher import Refresher
from tests.support.waiting import until


def test_a_live_value_tells_of_changes_only() -> None:
    values = iter([1, 1, 2, 2, 3, 3])
    told: list[int] = []
    done = threading.Event()

    def fetch() -> int:
        value = next(values, None)
        if value is None:
            done.set()
            return 3
        return value

    with Refresher(fetch, 0.0, lambda: told.append(1)) as fresh:
        assert done.wait(60)
        assert (len(told), fresh.changes) == (3, 3)


def test_an_error_that_nobody_foresaw_is_shown_and_the_next_value_comes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[threading.ExceptHookArgs] = []
    monkeypatch.setattr(threading, "excepthook", told.append)
    may = threading.Event()

    def fetch() -> int:
        if not told:
            raise ZeroDivisionError
        may.wait()
        return 5

    with Refresher(fetch, 0.0) as fresh:
        assert fresh.came.wait(60)
        assert "ZeroDivisionError" in fresh.error
        may.set()
        until(lambda: fresh.value == 5, "the next value")
    assert [one.exc_type for one in told] == [ZeroDivisionError]
