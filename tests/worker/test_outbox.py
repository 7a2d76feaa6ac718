"""Messages for many queues: at once, side by side, and in batches that threads share."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from labapp.cloud.queues import Outgoing
from labapp.worker import outbox as outbox_module
from labapp.worker.outbox import Outbox, Taken

#: Seconds for what comes about by itself.
SOON = 10.0


class Post:
    """Takes messages; what a test gates waits there."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, list[str]]] = []
        self.threads: set[str] = set()
        self.gates: dict[str, threading.Event] = {}
        self.arrived = threading.Semaphore(0)
        self.answers: dict[str, Callable[[Sequence[Outgoing]], Taken]] = {}
        self.outbox = Outbox(self.deliver, "test")

    def deliver(self, name: str, messages: Sequence[Outgoing]) -> Taken:
        self.threads.add(threading.current_thread().name)
        self.sent.append((name, [message.body for message in messages]))
        self.arrived.release()
        if gate := self.gates.get(name):
            assert gate.wait(SOON)
        return self.answers[name](messages) if name in self.answers else {}

    def send(self, **parts: str) -> dict[str, Taken]:
        """Send messages of one letter each."""
        letters = {name: [Outgoing(letter) for letter in text] for name, text in parts.items()}
        return self.outbox.send(letters)

    def begin(self, **parts: str) -> Sending:
        """Send them from another thread."""
        return Sending(self, parts)

    def wait_until_sent(self, letters: str) -> None:
        """Wait until these have gone, in whatever order."""
        while set("".join(body for _, bodies in self.sent for body in bodies)) != set(letters):
            assert self.arrived.acquire(timeout=SOON), self.sent

    def wait_until_gathered(self, name: str, count: int) -> None:
        """Wait until so many messages wait for a queue."""
        for _ in range(int(SOON * 1000)):
            if len(self.outbox._waiting.get(name, ())) >= count:
                return
            threading.Event().wait(0.001)
        raise AssertionError(f"nothing waits for {name}")


class Sending:
    """A thread that sends."""

    def __init__(self, post: Post, parts: dict[str, str]) -> None:
        self.taken: Any = None
        self.fault: Exception | None = None
        self._post, self._parts = post, parts
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.taken = self._post.send(**self._parts)
        except Exception as error:  # noqa: BLE001 - told to the test
            self.fault = error

    def end(self) -> Any:
        self._thread.join(SOON)
        assert not self._thread.is_alive()
        return self.taken


def test_a_lone_message_is_sent_at_once_by_who_has_it() -> None:
    post = Post()
    assert post.send(a="x", b="yz") == {"a": {}, "b": {}}
    assert post.sent == [("a", ["x"]), ("b", ["y", "z"])]
    assert post.threads == {threading.current_thread().name}
    assert not post.outbox._waiting
    assert not post.outbox._to


def test_more_than_a_batch_goes_in_several_and_each_is_told_by_its_place() -> None:
    post = Post()
    post.answers["a"] = lambda messages: {
        at: "no" for at, message in enumerate(messages) if message.body in "bz"
    }
    assert post.send(a="abcdefghijklmnopqrstuvwxyz") == {"a": {1: "no", 25: "no"}}
    assert [len(bodies) for _, bodies in post.sent] == [10, 10, 6]


def test_what_gathers_while_one_batch_is_on_its_way_goes_together() -> None:
    post = Post()
    post.gates["a"] = threading.Event()
    post.answers["a"] = lambda messages: {
        at: "no" for at, message in enumerate(messages) if message.body == "4"
    }
    first = post.begin(a="1")
    assert post.arrived.acquire(timeout=SOON)
    others = [post.begin(a="2"), post.begin(a="34"), post.begin(a="5")]
    post.wait_until_gathered("a", 4)
    post.gates["a"].set()
    assert [one.end() for one in (first, *others)].count({"a": {}}) == 3
    assert others[1].taken == {"a": {1: "no"}}, "each is told of its own"
    assert [sorted(bodies) for _, bodies in post.sent] == [["1"], ["2", "3", "4", "5"]]


def test_a_full_batch_does_not_wait_for_another() -> None:
    post = Post()
    post.gates["a"] = threading.Event()
    first = post.begin(a="1")
    assert post.arrived.acquire(timeout=SOON)
    second = post.begin(a="abcdefghij")
    assert post.arrived.acquire(timeout=SOON), "the first is still on its way"
    post.gates["a"].set()
    assert first.end() == second.end() == {"a": {}}


def test_a_queue_that_keeps_an_order_gets_one_batch_after_another() -> None:
    post, name = Post(), "a.fifo"
    post.gates[name] = threading.Event()
    first = post.begin(**{name: "1"})
    assert post.arrived.acquire(timeout=SOON)
    second = post.begin(**{name: "abcdefghijk"})
    post.wait_until_gathered(name, 11)
    assert len(post.sent) == 1
    post.gates[name].set()
    first.end(), second.end()
    assert [bodies for _, bodies in post.sent] == [["1"], list("abcdefghij"), ["k"]]


@pytest.mark.parametrize("most", [1, 16])
def test_one_queue_that_hangs_holds_up_nobody_else(
    monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(outbox_module, "MOST", most)
    monkeypatch.setattr(outbox_module, "STUCK", 0.01)
    post = Post()
    post.gates["bad"] = threading.Event()
    hung = post.begin(bad="x", good="1")
    post.wait_until_sent("x1")
    assert post.send(good="2", other="3") == {"good": {}, "other": {}}
    with_it = post.begin(bad="y", good="4", other="5")
    post.wait_until_sent("x12345")
    assert hung.taken is with_it.taken is None
    post.gates["bad"].set()
    assert hung.end() == {"bad": {}, "good": {}}
    assert with_it.end() == {"bad": {}, "good": {}, "other": {}}


def test_what_waited_behind_another_batch_is_not_held_up_by_a_queue_that_hangs_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outbox_module, "STUCK", 0.01)
    post = Post()
    post.gates = {"bad": threading.Event(), "good": threading.Event()}
    before = post.begin(good="1")
    post.wait_until_sent("1")
    hung = post.begin(bad="x", good="2")
    post.wait_until_sent("1x")
    post.gates["good"].set()
    post.wait_until_sent("1x2")
    post.gates["bad"].set()
    assert (before.end(), hung.end()) == ({"good": {}}, {"bad": {}, "good": {}})


def test_where_sending_takes_long_other_threads_help() -> None:
    post = Post()
    together = threading.Barrier(5, timeout=SOON)

    def meet(_messages: Sequence[Outgoing]) -> Taken:
        together.wait()
        return {}

    post.answers = dict.fromkeys("abcde", meet)
    post.outbox._limit.seconds = 1.0
    post.send(a="1", b="2", c="3", d="4", e="5")
    assert len(post.threads) == 5
    assert sorted(name for name, _ in post.sent) == list("abcde"), "each once"


def test_a_queue_that_is_not_there_is_told_and_nothing_else_is_touched() -> None:
    post = Post()
    post.answers["gone"] = lambda _messages: None
    assert post.send(a="1", gone="23", b="4") == {"a": {}, "gone": None, "b": {}}


def test_a_fault_is_raised_by_whose_messages_it_hit_once_the_others_are_sent() -> None:
    post = Post()

    def fail(_messages: Sequence[Outgoing]) -> Taken:
        raise ValueError("a fault")

    post.answers["bad"] = fail
    post.gates["bad"] = threading.Event()
    first = post.begin(bad="1", good="2")
    assert post.arrived.acquire(timeout=SOON)
    second = post.begin(bad="3", good="4")
    third = post.begin(good="5")
    assert third.end() == {"good": {}}
    post.gates["bad"].set()
    first.end(), second.end()
    assert str(first.fault) == str(second.fault) == "a fault"
    good = [body for name, bodies in post.sent if name == "good" for body in bodies]
    assert sorted(good) == ["2", "4", "5"]
    assert not post.outbox._going
