"""Waits in short steps, as on Windows, end with what is waited for, and by Ctrl-C."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue

import pytest

from labapp import waits
from labapp.pictures.answers import Answer
from labapp.pictures.line import LOOK_SECONDS, GoneError, LateError
from labapp.pictures.sandbox import Caps, Child, Sandbox
from labapp.pictures.started import OverPipes
from tests.support.waiting import until


@pytest.fixture(autouse=True)
def short_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waits, "STEP", 0.01)


class Late(Future[int]):
    """A future that is there after some steps."""

    def __init__(self, error: BaseException | None = None) -> None:
        super().__init__()
        self.steps = 0
        self._late = error

    def result(self, timeout: float | None = None) -> int:
        self.steps += 1
        if self.steps == 3:
            self.set_exception(self._late) if self._late else self.set_result(7)
        return super().result(timeout)


def test_a_future_is_waited_for_in_steps() -> None:
    late = Late()
    assert waits.result(late) == 7
    assert late.steps == 3


def test_what_a_future_raises_is_raised_if_it_is_a_timeout_too() -> None:
    with pytest.raises(TimeoutError, match="of the work"):
        waits.result(Late(TimeoutError("of the work")))


def test_a_queue_and_an_event_are_waited_for_in_steps() -> None:
    queue, event = SimpleQueue[str](), threading.Event()
    looked = threading.Event()

    def answer() -> None:
        looked.wait(60)
        queue.put("first")
        event.set()

    thread = threading.Thread(target=answer)
    thread.start()
    looked.set()
    assert waits.get(queue) == "first"
    waits.wait(event)
    assert event.is_set()
    thread.join()


def test_a_child_that_was_begun_ahead_is_waited_for_in_steps() -> None:
    waits: list[float | None] = []

    class Prefetcher(Future[Child]):
        def result(self, timeout: float | None = None) -> Child:
            waits.append(timeout)
            return super().result(timeout)

    sandbox, ahead = Sandbox(Caps(1, 1), ""), Prefetcher()
    ahead.set_exception(LateError())
    sandbox._next = ahead
    with pytest.raises(LateError):
        sandbox._begun_ahead()
    assert waits == [0.01]


def test_a_childs_answer_over_pipes_is_waited_for_in_steps() -> None:
    waits: list[float | None] = []

    class Told(SimpleQueue[Answer | Exception]):
        def get(self, block: bool = True, timeout: float | None = None) -> Answer | Exception:
            waits.append(timeout)
            return super().get(block, timeout)

    told, child = Told(), OverPipes.__new__(OverPipes)
    child._most = None  # nobody looks at its memory meanwhile
    told.put(GoneError())
    assert isinstance(child._heard(told, time.monotonic() + 60), GoneError)
    assert waits == [LOOK_SECONDS]


@pytest.mark.parametrize(
    "wait",
    [
        lambda: waits.result(Future()),
        lambda: waits.get(SimpleQueue()),
        lambda: waits.wait(threading.Event()),
    ],
    ids=["future", "queue", "event"],
)
def test_ctrl_c_ends_a_wait_for_what_never_comes(wait: Callable[[], object]) -> None:
    waits = threading.Event()

    def interrupt() -> None:
        until(waits.is_set)
        signal.raise_signal(signal.SIGINT)  # from another thread, it wakes no lock: as on Windows

    def waiting() -> None:
        waits.set()
        wait()

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    thread = threading.Thread(target=interrupt)
    thread.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            waiting()
    finally:
        thread.join()
        signal.signal(signal.SIGINT, before)
