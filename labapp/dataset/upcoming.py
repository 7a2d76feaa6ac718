"""What an annotator is shown next, chosen ahead in a thread, without end.

Whoever labels waits for no draw: some pictures are ready whenever one is asked for. What was
answered meanwhile, and is perhaps not in the bucket yet, is not asked again: `said` tells of it.
"""

from __future__ import annotations

import math
import random
import threading
import time
from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Self

from labapp import waits
from labapp.cloud.bucket import Bucket
from labapp.dataset import counting as counts
from labapp.dataset.cache import Cache
from labapp.dataset.calls import Threads
from labapp.dataset.choosing import PATIENCE, Chooser, Shown
from labapp.dataset.label_reader import LabelFiles
from labapp.errors import LabappError, to_tell
from labapp.labels.classes import Order
from labapp.labels.effective import Counting
from labapp.labels.label_file import Entry, Label

__all__ = ["Progress", "Shown", "Upcoming"]

#: Pictures that are ready: more than are fetched ahead, and few enough to follow a change soon. As
#: many more are chosen at once as are missing when there are fewer than `LOW`.
AHEAD, LOW = 8, 5

#: Seconds until what failed is tried again, while there are pictures ready.
AGAIN = 5.0


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

    Only the thread lists and reads; the methods touch what is ready, and never the network.

    Args:
        bucket: the bucket.
        annotator: who labels, as a token.
        order: which come first; the scheme's own order unless given.
        rng: where chance comes from.
        patience: seconds of listing before the first picture is chosen.
        cache: what is remembered between runs; the bucket's own unless given.
    """

    def __init__(
        self,
        bucket: Bucket,
        annotator: str,
        *,
        order: Order | None = None,
        rng: random.Random | None = None,
        patience: float = PATIENCE,
        cache: Cache | None = None,
    ) -> None:
        self._bucket = bucket
        self._files = LabelFiles(bucket, cache, holds=False)
        self._chooser = Chooser(
            bucket, self._files, annotator, order, rng or random.Random(), patience, self._found
        )
        self._first = Threads(1, "counting")
        self._counting: Future[Counting] | None = None
        #: How often one was asked for, and how often when all was listed last.
        self._takes = self._takes_listed = 0
        # What follows is changed by both threads, under the condition.
        self._changed = threading.Condition()
        self._ready: deque[Shown] = deque()
        #: Given out, ready, or answered here: not to be drawn again.
        self._gone: dict[str, Shown] = {}
        self._mine: set[str] = set()
        #: When what was answered here came to the bucket, endless until it does: what a listing
        #: that began before says of it is out of date.
        self._kept_at: dict[str, float] = {}
        #: When the listing began by which `_mine` was gone through last.
        self._counted = 0.0
        self._taken_back: set[str] = set()
        #: What was skipped since this began, which comes back after all others, in its order.
        self._skipped: dict[str, None] = {}
        self._of: int | None = None
        self._is_exact = False
        self._nothing_left = False
        self._list_anew = False
        self._error: LabappError | None = None
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="upcoming", daemon=True)

    def __enter__(self) -> Self:
        self._begin_counting()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """List and read no more; what is under way ends by itself."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._first.shutdown(wait=False, cancel_futures=True)
        self._files.close()

    @property
    def counting(self) -> Counting:
        """How answers count there, as it was at the beginning; it is waited for.

        Raises:
            LabappError: it cannot be read; asking again tries again.
        """
        with self._changed:
            future = self._counting or self._begin_counting()
        try:
            return waits.result(future)
        except LabappError:
            with self._changed:
                self._counting = None if self._counting is future else self._counting
            raise

    def _begin_counting(self) -> Future[Counting]:
        self._counting = self._first.submit(counts.of, self._bucket)
        return self._counting

    @property
    def progress(self) -> Progress:
        """How far the annotator is, as far as is known by now."""
        with self._changed:
            return Progress(len(self._mine), self._of, self._is_exact)

    def take(self, seconds: float | None = None) -> Shown | None:
        """Return the next picture, waiting for it if need be; None: there is none left.

        A picture is not taken twice until it is given back, or was skipped and all others are done.
        Asking again after None looks anew.

        Args:
            seconds: to wait at most; unless given, as long as it takes.

        Raises:
            LabappError: it cannot be drawn; calling again tries again.
            TimeoutError: it is not there after `seconds`.
        """
        until = None if seconds is None else time.monotonic() + seconds
        with self._changed:
            self._takes += 1
            if self._nothing_left and not self._ready:
                self._nothing_left, self._list_anew = False, True
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
            self._mine.discard(key)
            self._kept_at.pop(key, None)
            self._taken_back.add(key)
            rest = [one for one in self._ready if one.key != key]
            shown = self._gone.setdefault(key, self._chooser.shown(key))
            self._ready = deque([shown, *rest])
            self._changed.notify_all()

    def said(self, key: str, entry: Entry) -> None:
        """Tell what was said of a picture here, though the bucket may not have it yet."""
        with self._changed:
            self._gone.setdefault(key, self._chooser.shown(key))
            self._skipped.pop(key, None)
            self._ready = deque(one for one in self._ready if one.key != key)
            if entry.is_answer:
                self._kept_at[key] = math.inf
                self._mine.add(key)
                self._taken_back.discard(key)
            elif entry.label is Label.SKIP:
                self._skipped[key] = None

    def kept(self, key: str) -> None:
        """Tell that the bucket has what was said of a picture here."""
        with self._changed:
            if key in self._kept_at:
                self._kept_at[key] = time.monotonic()

    def pass_over(self, key: str) -> None:
        """Leave a picture out that cannot be shown, or of which no answer is taken."""
        with self._changed:
            self._gone.setdefault(key, self._chooser.shown(key))
            self._skipped.pop(key, None)
            self._mine.discard(key)
            self._ready = deque(one for one in self._ready if one.key != key)
            self._changed.notify_all()

    # What follows is the thread's.

    def _work(self) -> None:
        while not self._closed:
            try:
                is_idle = not self._step()
            except Exception as error:  # noqa: BLE001 - whoever takes is told, else would wait for ever
                told = to_tell(error)
                with self._changed:
                    self._error = told
                    self._changed.notify_all()
                    self._changed.wait_for(lambda: self._closed or self._error is None, AGAIN)
                    self._error = None
                continue
            with self._changed:
                if is_idle and not self._closed and not self._has_to_draw:
                    self._changed.wait()

    @property
    def _has_to_draw(self) -> bool:
        return len(self._ready) < LOW and not self._nothing_left

    def _step(self) -> bool:
        """Do what is wanted most, and not for long; return whether there was anything."""
        chooser = self._chooser
        chooser.begin(lambda: self.counting)
        if not chooser.may_draw:
            chooser.list_on()
            return True
        if self._has_to_draw and self._fill():
            return True
        was_old, takes = chooser.is_old, self._takes
        is_busy = chooser.improve(is_used=takes > self._takes_listed)
        self._takes_listed = takes if was_old else self._takes_listed
        with self._changed:
            self._of = chooser.of if chooser.is_whole else self._of
            self._is_exact = chooser.is_exact
        if chooser.is_whole and chooser.began != self._counted:
            self._counted = chooser.began
            self._count_anew()
        return is_busy

    def _count_anew(self) -> None:
        """Count pictures no longer that were removed, once others are listed."""
        chooser = self._chooser
        with self._changed:
            mine = [*self._mine]
        removed = [key for key in mine if not chooser.may_be_done(key)]
        with self._changed:
            for key in removed:
                self._forget(key, chooser.began)

    def _fill(self) -> bool:
        """Have some more pictures ready; return whether this was all that could be done."""
        chooser = self._chooser
        found = chooser.draw(AHEAD - len(self._ready), self._gone)
        if found:
            with self._changed:  # one may have been given back, or answered, in this moment
                self._add(one for one in found if one.key not in self._gone)
            return True
        if not chooser.is_whole:
            return False  # which lists on
        with self._changed:
            anew, self._list_anew = self._list_anew or chooser.is_old, False
        if anew:
            chooser.list_anew()
            self._takes_listed = self._takes
            return True
        with self._changed:
            again = [replace(self._gone[key], is_again=True) for key in self._skipped]
            self._skipped.clear()
            self._nothing_left = not again
            self._add(again)
        return True

    def _add(self, found: Iterable[Shown]) -> None:
        """Have pictures ready; under the condition."""
        for one in found:
            self._mine.discard(one.key)
            self._gone[one.key] = one
            self._ready.append(one)
        self._changed.notify_all()

    def _found(self, key: str, is_done: bool, began: float) -> None:
        """Take note of a picture that turns out to be answered, or to be so no longer."""
        with self._changed:
            if not is_done:
                self._forget(key, began)
            elif key not in self._taken_back:
                self._mine.add(key)

    def _forget(self, key: str, began: float) -> None:
        """Count a picture as answered no longer, as a listing has it; under the condition."""
        if key in self._mine and self._kept_at.get(key, 0.0) < began:
            self._mine.discard(key)
            self._gone.pop(key, None)  # it may come again
