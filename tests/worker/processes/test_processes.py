"""What children tell comes to their parent, and how they ended is told in words."""

from __future__ import annotations

import signal
from types import SimpleNamespace
from typing import Any

import pytest

from labapp.cloud.session import Cloud
from labapp.worker import processes
from labapp.worker.processes import Child
from labapp.worker.stats import WorkerStats
from tests.support.platforms import posix_only


def test_children_receive_nothing_while_their_parent_is_stopped(bare_cloud: Cloud) -> None:
    parent: Any = processes.Processes(bare_cloud)
    told: list[str] = []
    parent._children = [SimpleNamespace(tell=told.append)]

    parent.halt(False)  # continued, though nobody heard of a stop
    assert told == []
    parent.halt(True)
    parent.halt(False)
    assert told == ["pause", "pause"]
    parent.toggle_pause()
    parent.halt(True)
    parent.halt(False)
    assert told == ["pause"] * 3, "paused it was, and paused it stays"


@pytest.mark.parametrize("as_text", [False, True])
def test_children_write_text_where_nobody_wants_more(
    bare_cloud: Cloud, monkeypatch: pytest.MonkeyPatch, as_text: bool
) -> None:
    monkeypatch.setattr(processes, "Child", lambda _number, _cloud, _stats, words: words)
    parent: Any = processes.Processes(bare_cloud, as_text=as_text)
    assert parent._start(1)[1:3] == ["--log-format", "text" if as_text else "json"]


def test_a_childs_events_come_to_the_parents_board() -> None:
    child: Any = Child.__new__(Child)
    child._stats = WorkerStats()

    child._take({"event": "trouble", "message": "away"}, 30)
    assert child._stats.trouble == "away"
    child._take({"event": "recovered", "message": "back"}, 20)
    child._take(
        {"event": "job", "kind": "numbers", "job": "a", "client": "c", "status": "done",
         "seconds": 0.25, "text": "fine"},
        20,
    )  # fmt: skip

    snapshot = child._stats.snapshot()
    assert snapshot.trouble == ""
    assert snapshot.counts == {"done": 1}
    assert (snapshot.recent[0].job, snapshot.recent[0].seconds) == ("a", 0.25)


def test_what_children_have_in_hand_is_added_up_and_no_line_of_the_log() -> None:
    stats = WorkerStats()
    children: list[Any] = [Child.__new__(Child), Child.__new__(Child)]
    for number, child in enumerate(children, 1):
        child.number, child._stats = number, stats

    children[0]._take({"event": "hands", "message": "3 in hand", "in_hand": 3}, 20)
    children[1]._take({"event": "hands", "message": "4 in hand", "in_hand": 4}, 20)
    assert stats.snapshot().in_flight == 7
    children[0]._take({"event": "hands", "message": "0 in hand", "in_hand": 0}, 20)
    assert stats.snapshot().in_flight == 4


def test_the_end_of_a_process_on_windows_is_told_in_words() -> None:
    told = "was ended by Windows with 0xC0000005: access violation"
    assert processes.how_it_ended(0xC000_0005) == told
    assert "certutil -error" in processes.how_it_ended(0xC000_0420)


@posix_only("signals end processes on POSIX alone")
@pytest.mark.parametrize(
    ("code", "told"),
    [
        (0, "ended with exit code 0"),
        (1, "ended with exit code 1"),
        (-9, "was ended by SIGKILL: somebody killed it, or the system did as memory ran out"),
        (-11, "was ended by SIGSEGV: it crashed in native code"),
        ("SIGTERM", "was ended by SIGTERM: somebody ended it"),
        ("SIGABRT", "was ended by SIGABRT: it crashed in native code"),
        ("SIGBUS", "was ended by SIGBUS: it crashed in native code, or a disk is full"),
        ("SIGXCPU", "was ended by SIGXCPU: its limit of processor time is used up"),
        (-63, "was ended by signal 63: somebody ended it"),
    ],
)
def test_the_end_of_a_process_is_told_in_words(code: int | str, told: str) -> None:
    number = -signal.Signals[code] if isinstance(code, str) else code
    assert processes.how_it_ended(number).startswith(told)
