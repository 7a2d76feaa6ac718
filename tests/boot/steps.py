"""Steps that are told as they end, and what they hold."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Steps:
    """Steps taken one after the other, each told as it ends with the seconds that it took."""

    def __init__(self) -> None:
        self.failed: list[str] = []

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Take one step; what does not hold in it is told, and ends the lane."""
        begun = time.monotonic()
        try:
            yield
        except Exception as error:
            self.failed.append(title)
            print(f"FAILED {title}: {error}", flush=True)
            raise
        print(f"ok {time.monotonic() - begun:6.1f} s  {title}", flush=True)


def hold(condition: bool, told: object) -> None:
    """See to it that something holds."""
    if not condition:
        raise AssertionError(told)


def until(condition: Callable[[], object], seconds: float, what: str) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not condition():
        hold(time.monotonic() < end, f"not {what} within {seconds:.0f} s")
        time.sleep(0.5)
