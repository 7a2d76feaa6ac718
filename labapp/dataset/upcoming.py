"""What an annotator is shown next, drawn ahead in a thread, without end.

Whoever labels waits for no draw: some pictures are ready whenever one is asked for. What was
answered meanwhile, and is perhaps not in the bucket yet, is not asked again: `said` tells of it.
"""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from labapp.cloud.bucket import Bucket
from labapp.dataset import counting as counts
from labapp.dataset.sampler import Sampler
from labapp.errors import LabappError
from labapp.labels.classes import Order
from labapp.labels.effective import Counting
from labapp.labels.label_file import Entry, Label
from labapp.labels.predictions import Prediction

#: Pictures that are ready: more than are fetched ahead, and few enough to follow a change soon.
AHEAD = 8


@dataclass(frozen=True)
class Shown:
    """A picture to show.

    Attributes:
        key: the picture's.
        gold: the code of its class where an admin knows it; None where it is no gold. It is for
            what is told after the answer, and only where the scheme has feedback.
        hint: what a model says of it, where the scheme has hints; else None.
        is_again: whether this annotator has skipped it before.
    """

    key: str
    gold: int | None = None
    hint: Prediction | None = None
    is_again: bool = False


@dataclass(frozen=True)
class Progress:
    """How far an annotator is.

    Attributes:
        mine: pictures that this annotator has answered, as far as is known by now.
        of: pictures of the dataset; None until they are counted.
        is_exact: whether there are no more of `mine`: not all label files of a large dataset may
            have been looked into. Else say 'at least'.
    """

    mine: int
    of: int | None = None
    is_exact: bool = False


class Upcoming:
    """The pictures that one annotator is shown, one after the other; use it in a `with` block.

    Args:
        bucket: the bucket.
        annotator: who labels, as a token.
        order: which come first; the scheme's own order unless given.
        rng: where chance comes from.
    """

    def __init__(
        self,
        bucket: Bucket,
        annotator: str,
        *,
        order: Order | None = None,
        rng: random.Random | None = None,
    ) -> None:
        self._bucket = bucket
        self._annotator = annotator
        self._order = order
        self._sampler = Sampler(bucket, rng=rng)
        self._counting: Counting | None = None
        self._ready: deque[Shown] = deque()
        #: Given out, or ready, and not to be drawn again; those given back are ready first.
        self._out: dict[str, Shown] = {}
        self._answered: set[str] = set()
        #: What was skipped since this began, which comes back after all others, in its order.
        self._skipped: dict[str, None] = {}
        self._nothing_left = False
        self._error: LabappError | None = None
        self._closed = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._work, name="upcoming", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Draw no more; a draw that is under way ends by itself."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._sampler.close()

    @property
    def counting(self) -> Counting:
        """How answers count there, as it was at the beginning; the first time it is waited for.

        Raises:
            LabappError: it cannot be read.
        """
        if self._counting is None:
            self._counting = counts.of(self._bucket)
        return self._counting

    @property
    def order(self) -> Order:
        """Which pictures come first."""
        return self._order or self.counting.scheme.order

    @property
    def progress(self) -> Progress:
        """How far the annotator is, as far as is known by now."""
        return Progress(len(self._answered))

    def take(self, seconds: float | None = None) -> Shown | None:
        """Return the next picture, waiting for it if need be; None: there is none left.

        A picture is not taken twice until it is given back, or was skipped and all others are done.

        Args:
            seconds: to wait at most; unless given, as long as it takes.

        Raises:
            LabappError: it cannot be drawn; calling again tries again.
            TimeoutError: it is not there after `seconds`.
        """
        until = None if seconds is None else time.monotonic() + seconds
        with self._changed:
            self._nothing_left = False
            self._changed.notify_all()
            while not self._ready:
                if self._error is not None:
                    error, self._error = self._error, None
                    self._changed.notify_all()
                    raise error
                if self._nothing_left or self._closed:
                    return None
                left = 0.2 if until is None else min(0.2, until - time.monotonic())
                if left <= 0:
                    raise TimeoutError
                self._changed.wait(left)  # not without end: Ctrl-C would wait on Windows
            shown = self._ready.popleft()
            self._changed.notify_all()
            return shown

    def peek(self, n: int) -> tuple[str, ...]:
        """Return the keys of pictures that are ready next, so many at most, without waiting."""
        with self._changed:
            return tuple(one.key for one in [*self._ready][:n])

    def give_back(self, key: str) -> None:
        """Have a picture come next: its answer was undone or failed, or it was not shown."""
        with self._changed:
            self._skipped.pop(key, None)
            self._answered.discard(key)
            known = self._out.get(key) or Shown(key)
            self._ready = deque([known, *(one for one in self._ready if one.key != key)])
            self._out[key] = known
            self._changed.notify_all()

    def said(self, key: str, entry: Entry) -> None:
        """Tell what was said of a picture here, though the bucket may not have it yet."""
        with self._changed:
            self._skipped.pop(key, None)
            if entry.is_answer:
                self._answered.add(key)
            elif entry.label is Label.SKIP:
                self._skipped[key] = None

    def pass_over(self, key: str) -> None:
        """Leave a picture out that cannot be shown, or of which no answer is taken."""
        with self._changed:
            self._skipped.pop(key, None)

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._closed and (
                    len(self._ready) >= AHEAD or self._nothing_left or self._error
                ):
                    self._changed.wait()
                if self._closed:
                    return
                without = {*self._out, *self._answered}
            try:
                draw = self._sampler.draw(self._annotator, AHEAD, without)
            except LabappError as error:
                with self._changed:
                    self._error = error
                    self._changed.notify_all()
                continue
            self._add(Shown(key, is_again=key in draw.skipped) for key in draw.keys)

    def _add(self, drawn: Iterable[Shown]) -> None:
        with self._changed:
            found = [one for one in drawn if one.key not in self._out]
            if not found:
                waiting = {one.key for one in self._ready}
                again = [key for key in self._skipped if key not in waiting]
                found = [Shown(key, is_again=True) for key in again]
                for key in again:
                    del self._skipped[key]
            self._ready += found
            self._out |= {one.key: one for one in found}
            self._nothing_left = not found
            self._changed.notify_all()
