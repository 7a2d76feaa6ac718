"""A clock that goes on only while somebody sleeps: no test waits for seconds that it can count."""

from __future__ import annotations

from collections.abc import Callable


class Clock:
    """Stands for the module `time`: time passes by sleeping alone, and each rest is kept."""

    def __init__(self, now: float = 1000.0) -> None:
        self.began = self.now = now
        self.rests: list[float] = []
        #: What happens once somebody has slept.
        self.slept: Callable[[], object] = lambda: None
        self._looks = 0

    def monotonic(self) -> float:
        self._looks += 1
        assert self._looks < 10_000, "it waits without a sleep"
        return self.now

    def perf_counter(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self._looks = 0
        self.rests.append(seconds)
        self.now += seconds
        assert len(self.rests) < 5_000, "it never ends"
        self.slept()

    @property
    def passed(self) -> float:
        return self.now - self.began
