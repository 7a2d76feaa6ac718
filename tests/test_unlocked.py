"""A value is found once for each object, and nobody waits for another object's."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from labapp.unlocked import cached_property


@dataclass(frozen=True)
class Slow:
    found: list[int] = field(default_factory=list)
    begun: threading.Event = field(default_factory=threading.Event)
    may_end: threading.Event = field(default_factory=threading.Event)

    @cached_property
    def value(self) -> int:
        """What is found."""
        self.begun.set()
        assert self.may_end.wait(60)
        self.found.append(1)
        return len(self.found)


def test_a_value_is_found_once() -> None:
    one = Slow()
    one.may_end.set()
    assert [one.value, one.value, one.value] == [1, 1, 1]
    assert isinstance(Slow.value, cached_property)
    assert Slow.value.__doc__ == "What is found."


def test_an_object_does_not_wait_for_another() -> None:
    held, free = Slow(), Slow()
    thread = threading.Thread(target=lambda: held.value)
    thread.start()
    try:
        assert held.begun.wait(60)
        free.may_end.set()
        assert free.value == 1
    finally:
        held.may_end.set()
        thread.join()
