"""One client's many pictures do not keep another's single one waiting."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest

from labapp.worker import concurrency as turns_module
from labapp.worker.concurrency import FairTurns
from tests.support.waiting import until

#: As it is outside of these tests.
LOOK_AGAIN = turns_module.LOOK_AGAIN


@pytest.fixture(autouse=True)
def unheard(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody look again by himself: who waits goes on since he was told."""
    monkeypatch.setattr(turns_module, "LOOK_AGAIN", 1000.0)


class Room:
    """Jobs that take a turn each, and hold it until the test ends them in order."""

    def __init__(self, most: int) -> None:
        self.turns = FairTurns(most)
        self.begun: list[str] = []
        self._ends: dict[str, threading.Event] = {}

    def ask(self, name: str, client: str) -> None:
        """Ask for a turn, and wait until it is asked for or had."""
        self._ends[name] = threading.Event()
        before = len(self.turns._waiting) + len(self.begun)

        def job() -> None:
            with self.turns.of(client):
                self.begun.append(name)
                self._ends[name].wait(60)

        threading.Thread(target=job, daemon=True).start()
        until(lambda: len(self.turns._waiting) + len(self.begun) > before)

    def end(self, name: str) -> None:
        self._ends[name].set()

    def has_begun(self, count: int) -> list[str]:
        until(lambda: len(self.begun) >= count)
        return self.begun


def test_a_single_job_goes_before_the_rest_of_a_flood() -> None:
    room = Room(2)
    for number in range(5):
        room.ask(f"flood-{number}", "a")
    room.ask("single", "b")

    room.end("flood-0")

    assert room.has_begun(3)[2] == "single"


def test_one_client_alone_has_all_turns() -> None:
    room = Room(3)
    for number in range(4):
        room.ask(str(number), "a")

    assert sorted(room.has_begun(3)) == ["0", "1", "2"]
    room.end("1")
    assert room.has_begun(4)[3] == "3"


def test_while_another_asks_one_turn_is_kept_free_of_a_flood() -> None:
    room = Room(2)
    room.ask("single", "b")
    room.end("single")
    until(lambda: not room.turns._under_way)
    for number in range(3):
        room.ask(f"flood-{number}", "a")

    assert room.has_begun(2) == ["single", "flood-0"]
    room.ask("another", "b")
    assert room.has_begun(3)[2] == "another"


def test_once_others_no_longer_ask_a_flood_has_all_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns_module, "LOOK_AGAIN", 0.01)
    room = Room(2)
    room.ask("single", "b")
    room.end("single")
    until(lambda: not room.turns._under_way)
    for number in range(2):
        room.ask(f"flood-{number}", "a")
    assert room.has_begun(2) == ["single", "flood-0"]

    monkeypatch.setattr(turns_module, "ASKING", 0.0)

    assert room.has_begun(3)[2] == "flood-1"


def test_who_waits_for_a_turn_looks_again_soon_and_rests_in_between(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(turns_module, "LOOK_AGAIN", LOOK_AGAIN)
    turns, rests = FairTurns(1), []

    def rest(seconds: float) -> None:
        rests.append(seconds)
        turns._free = 1

    turns._free = 0
    monkeypatch.setattr(turns._changed, "wait", rest)
    with turns.of("a"):
        pass

    (seconds,) = rests
    assert 0.1 <= seconds <= 1, "a turn kept free for nobody is not lost for long"


def test_one_turn_in_all_is_no_clients_to_leave() -> None:
    room = Room(1)
    room.ask("first", "a")
    room.ask("second", "b")
    room.end("first")

    assert room.has_begun(2)[1] == "second"


def test_a_turn_is_given_back_by_a_job_that_fails() -> None:
    turns = FairTurns(1)
    with pytest.raises(ValueError, match="broken"), turns.of("a"):
        int("broken")

    with turns.of("b"):
        assert dict(turns._under_way) == {"b": 1}
    assert dict(turns._under_way) == {}


def test_a_client_asks_for_two_seconds_after_its_last_job_and_no_longer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [1000.0]
    monkeypatch.setattr(turns_module, "time", SimpleNamespace(monotonic=lambda: now[0]))
    turns = FairTurns(2)
    with turns.of("single"):
        pass
    with turns.of("flood"):
        now[0] += 1.99
        assert not turns._may("flood"), "the second turn is kept free"
        assert turns._may("single")
        now[0] = 1002.0
        assert turns._may("flood")
    assert set(turns._asked) == {"flood"}
