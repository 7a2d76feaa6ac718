"""Working side by side: bounded, in the end complete, and orderly when something fails."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from labapp.dataset.calls import Threads, parallel_map
from labapp.errors import RefusedError
from tests.support.waiting import PATIENCE


def test_everything_is_done_once() -> None:
    assert sorted(parallel_map(lambda n: n * n, range(500), 8)) == [n * n for n in range(500)]


def test_items_are_drawn_only_when_there_is_room() -> None:
    drawn = 0

    def items() -> Iterator[int]:
        nonlocal drawn
        for number in range(1000):
            drawn += 1
            yield number

    for done, _ in enumerate(parallel_map(lambda n: n, items(), 4), 1):
        assert drawn <= done + 8
    assert drawn == 1000


def test_after_an_error_what_is_under_way_is_yielded_and_then_it_is_raised() -> None:
    failing = threading.Event()

    def work(number: int) -> int:
        if number == 3:
            failing.set()
            raise RefusedError("three")
        failing.wait(60)
        return number

    done: list[int] = []
    with pytest.raises(RefusedError, match="three"):
        done.extend(parallel_map(work, range(1000), 4))
    assert {0, 1, 2} <= set(done)
    assert len(done) < 20


def test_leaving_early_begins_nothing_more() -> None:
    begun: list[int] = []
    results = parallel_map(lambda n: begun.append(n), range(1000), 2)
    next(results)
    results.close()  # type: ignore[attr-defined] # it is a generator
    assert len(begun) <= 8


def test_work_is_spread_over_threads() -> None:
    barrier = threading.Barrier(4)
    assert len(list(parallel_map(lambda _: barrier.wait(PATIENCE), range(8), 4))) == 8


def test_who_quits_waits_for_no_call() -> None:
    hangs = threading.Event()
    pool = Threads(1)
    under_way, waiting = pool.submit(threading.current_thread), pool.submit(hangs.wait, PATIENCE)
    assert under_way.result(PATIENCE).daemon
    last = pool.submit(hangs.wait)
    pool.shutdown(wait=False, cancel_futures=True)
    assert last.cancelled()
    with pytest.raises(RuntimeError):
        pool.submit(hangs.wait)
    hangs.set()
    pool.shutdown()
    assert waiting.cancelled() or waiting.result(PATIENCE)
