"""Hands take tasks in order, at most so many at once, and outlive a task that fails."""

from __future__ import annotations

import threading
from functools import partial

import pytest

from labapp.worker.concurrency import ThreadPool
from tests.support.waiting import PATIENCE, until


def test_at_most_so_many_tasks_run_at_once() -> None:
    hands, gate, running, done = ThreadPool(3, "hand"), threading.Event(), [0], [0]
    most = [0]
    lock = threading.Lock()

    def task() -> None:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        gate.wait(PATIENCE)
        with lock:
            running[0] -= 1
            done[0] += 1

    for _ in range(7):
        hands.submit(task)
    until(lambda: running[0] == 3)
    assert all(thread.daemon for thread in hands._threads), "none keeps an ending program"
    gate.set()
    until(lambda: done[0] == 7)

    assert most[0] == 3
    hands.close()


def test_a_free_hand_is_used_before_a_new_one_is_started() -> None:
    hands = ThreadPool(10, "hand")
    names: list[str] = []
    for expected in range(1, 6):
        hands.submit(lambda: names.append(threading.current_thread().name))
        until(partial(_has_come_back, hands, names, expected))

    assert set(names) == {"hand-1"}
    hands.close()


def _has_come_back(hands: ThreadPool, names: list[str], count: int) -> bool:
    return len(names) == count and hands._idle._value == 1


def test_a_task_that_fails_costs_no_hand() -> None:
    hands, done = ThreadPool(1, "hand"), []

    def broken() -> None:
        raise ValueError("broken")

    hands.submit(broken)
    hands.submit(lambda: done.append(True))

    until(lambda: done)
    hands.close()


def test_where_the_system_gives_no_more_threads_those_that_there_are_do_the_tasks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hands, gate, done = ThreadPool(3, "hand"), threading.Event(), []

    def wait() -> None:
        gate.wait(PATIENCE)
        done.append(1)

    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuse)
        with pytest.raises(RuntimeError):  # nobody would do it
            hands.submit(lambda: done.append(0))
    hands.submit(wait)
    monkeypatch.setattr(threading.Thread, "start", refuse)
    hands.submit(lambda: done.append(2))
    gate.set()
    until(lambda: done == [0, 1, 2])
    hands.close()


def test_hands_end_once_they_are_let_go() -> None:
    hands, ended = ThreadPool(2, "hand"), threading.Event()
    hands.submit(ended.set)
    until(ended.is_set)

    hands.close()

    until(lambda: not any(thread.is_alive() for thread in hands._threads))


def test_tasks_are_done_side_by_side_and_all_are_waited_for() -> None:
    together, done = threading.Barrier(3), []

    def task() -> None:
        together.wait(PATIENCE)
        done.append(1)

    ThreadPool(3, "test").do_all([task] * 3)
    assert len(done) == 3


def test_a_task_that_fails_is_over_too() -> None:
    def fail() -> None:
        raise ValueError

    ThreadPool(1, "test").do_all([fail, fail])
