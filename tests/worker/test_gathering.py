"""What is done at the same time is settled together, and nothing waits for long."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import pytest

from labapp.worker import gathering
from labapp.worker.gathering import Gathering
from tests.support.waiting import until


class Settling:
    """Settles outcomes, here words, each group once the test says so."""

    def __init__(self) -> None:
        self.groups: list[list[Any]] = []
        self.go_on = threading.Semaphore(0)
        self.gathering = Gathering(self.settle)

    def settle(self, outcomes: Sequence[Any]) -> None:
        self.groups.append(list(outcomes))
        assert self.go_on.acquire(timeout=30)

    def add(self, word: Any) -> threading.Thread:
        thread = threading.Thread(target=self.gathering.add, args=(word,), daemon=True)
        thread.start()
        return thread


@pytest.fixture
def settling(monkeypatch: pytest.MonkeyPatch) -> Settling:
    monkeypatch.setattr(gathering, "PATIENCE", 60)
    return Settling()


def test_one_is_settled_at_once_and_those_after_it_together(settling: Settling) -> None:
    first = settling.add("a")
    until(lambda: settling.groups == [["a"]])
    second = settling.add("b")
    until(lambda: settling.gathering._is_awaited)
    for word in "cd":
        settling.add(word).join(30)  # each goes along with the one that waits
    assert settling.groups == [["a"]]
    settling.go_on.release()
    until(lambda: settling.groups == [["a"], ["b", "c", "d"]])
    settling.go_on.release()
    for thread in (first, second):
        thread.join(30)
    settling.go_on.release()
    settling.add("e").join(30)
    assert settling.groups[2:] == [["e"]]


def test_a_settling_that_is_stuck_keeps_nobody_waiting(
    settling: Settling, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "PATIENCE", 0.01)
    for word in "abc":
        settling.add(word)
        until(lambda: settling.groups[-1:] == [[word]])  # noqa: B023 - looked at here
    for _ in "abc":
        settling.go_on.release()


def test_what_fails_to_be_settled_holds_up_none_after_it() -> None:
    settled: list[Any] = []

    def settle(outcomes: Sequence[Any]) -> None:
        settled.append(outcomes)
        if len(settled) == 1:
            raise MemoryError

    one, words = Gathering(settle), iter("ab")
    word: Any = next(words)
    with pytest.raises(MemoryError):
        one.add(word)
    word = next(words)
    one.add(word)
    assert settled == [["a"], ["b"]]
