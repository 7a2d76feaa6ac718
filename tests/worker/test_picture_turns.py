"""Turns of pictures: small ones share one, and a slow one keeps only its own thread."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from labapp.errors import RefusedError
from labapp.pictures.held import HeldTask
from labapp.pictures.limits import Limits
from labapp.pictures.sandbox import EndedError
from labapp.worker import picture_turns
from labapp.worker.picture_turns import MOST_HANDS, PictureTurns
from tests.support.waiting import until


def task(name: str, size: int = 10) -> HeldTask:
    return HeldTask(bytes(size), "[]", Limits(), "", name)


class FakeSandbox:
    """Does tasks, each once the test lets it."""

    together = 10

    def __init__(self) -> None:
        self.given: list[list[str]] = []
        self.alone: list[str] = []
        self._let: dict[str, threading.Event] = {}

    def go_on(self, name: str) -> threading.Event:
        """Return what a task waits for: the same, whichever thread asks first."""
        return self._let.setdefault(name, threading.Event())

    def run(self, one: HeldTask) -> str:
        self.alone.append(one.name)
        return f"{one.name} done"

    def run_all(
        self,
        tasks: Sequence[HeldTask],
        tell: Callable[[int, object], None],
        leave: Callable[[list[int]], None],
    ) -> None:
        self.given.append([one.name for one in tasks])
        for place, one in enumerate(tasks):
            if one.name == "slow":
                leave(list(range(place + 1, len(tasks))))
            assert self.go_on(one.name).wait(30)
            if one.name == "bug":
                raise ZeroDivisionError
            bad = one.name == "bad"
            tell(place, RefusedError("no", "Send another.") if bad else f"{one.name} done")
            if one.name == "slow":
                return


class Room:
    """Threads that have pictures processed."""

    def __init__(self, at_once: int) -> None:
        self.turns = PictureTurns(at_once)
        self.sandbox: Any = FakeSandbox()
        self.done: dict[str, object] = {}

    def ask(self, name: str, client: str = "ada") -> None:
        def run() -> None:
            try:
                self.done[name] = self.turns.run(task(name), client, self.sandbox)
            except Exception as error:  # noqa: BLE001 - looked at
                self.done[name] = error

        threading.Thread(target=run, daemon=True).start()
        until(lambda: name in self.places())

    def places(self) -> list[str]:
        waiting = [one.task.name for line in self.turns._waiting.values() for one in [*line]]
        return [*waiting, *itertools.chain(*self.sandbox.given)]

    def let_go(self, *names: str) -> None:
        for name in names:
            self.sandbox.go_on(name).set()


def test_a_single_picture_goes_at_once_and_those_that_come_meanwhile_together() -> None:
    room = Room(1)
    room.ask("a")
    until(lambda: room.sandbox.given == [["a"]])
    for name in ("b", "bad", "c"):
        room.ask(name)
    room.let_go("a", "b", "bad", "c")
    until(lambda: len(room.done) == 4)
    assert room.sandbox.given == [["a"], ["b", "bad", "c"]]
    assert isinstance(room.done.pop("bad"), RefusedError)
    assert room.done == {name: f"{name} done" for name in "abc"}
    until(lambda: not room.turns._leading)
    assert not room.turns._waiting, "of who comes and goes nothing is kept"


def test_no_more_go_together_than_a_child_is_given() -> None:
    room = Room(1)
    room.ask("first")
    until(lambda: room.sandbox.given == [["first"]])
    for number in range(12):
        room.ask(str(number))
    room.let_go("first", *map(str, range(12)))
    until(lambda: len(room.done) == 13)
    assert [len(some) for some in room.sandbox.given] == [1, 10, 2]


def test_pictures_of_two_clients_never_share_a_turn() -> None:
    room = Room(1)
    room.ask("a", "ada")
    until(lambda: room.sandbox.given == [["a"]])
    for name, client in (("b", "bob"), ("c", "ada"), ("d", "bob")):
        room.ask(name, client)
    room.let_go("a", "b", "c", "d")
    until(lambda: len(room.done) == 4)
    assert sorted(room.sandbox.given[1:]) == [["b", "d"], ["c"]]


def test_those_behind_a_slow_one_are_done_in_another_turn_while_it_goes_on() -> None:
    room = Room(2)
    room.ask("x")
    until(lambda: room.sandbox.given == [["x"]])
    room.ask("y")
    until(lambda: len(room.sandbox.given) == 2)
    for name in ("slow", "b", "c"):
        room.ask(name)
    room.let_go("x")
    until(lambda: ["slow", "b", "c"] in room.sandbox.given)
    room.let_go("y", "b", "c")
    until(lambda: len(room.done) == 4)
    assert room.sandbox.given[3] == ["b", "c"]
    room.let_go("slow")
    until(lambda: room.done.get("slow") == "slow done")


def test_whatever_happens_in_a_turn_nobody_waits_for_ever() -> None:
    room = Room(1)
    room.ask("bug")
    room.let_go("bug", "a")
    until(lambda: "bug" in room.done)
    assert isinstance(room.done["bug"], EndedError)
    room.ask("a")
    until(lambda: room.done.get("a") == "a done")


def test_a_larger_picture_has_a_turn_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_turns, "SMALL", 9)
    room = Room(1)
    room.turns.run(task("a"), "ada", room.sandbox)
    assert (room.sandbox.alone, room.sandbox.given) == (["a"], [])


def test_hands_are_as_many_as_pictures_are_soon_done() -> None:
    turns = PictureTurns(2)
    assert turns.hands == 5, "before anything is known"
    for seconds, hands in ((0.002, MOST_HANDS), (0.15, 5), (0.02, 10), (30, 5)):
        for _ in range(40):
            turns._learn(seconds)
        assert turns.hands == hands
    assert PictureTurns(40).hands == PictureTurns(40).most_hands == 43
