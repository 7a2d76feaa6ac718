"""One sitting of labelling: pictures come and answers go, and no key waits for the network.

It knows no page. What is said is kept on this machine and sent behind; what is shown next is drawn,
fetched and made ready ahead. What fails brings its picture back, and is announced.
"""

from __future__ import annotations

import contextlib
import threading
from functools import partial
from typing import TYPE_CHECKING, Self

from ulid import ULID

from labapp import utc
from labapp.console import figures
from labapp.dataset import mine
from labapp.dataset.prefetching import AHEAD, Prefetcher
from labapp.dataset.upcoming import Upcoming
from labapp.dataset.write_behind import END_WITHIN, WriteBehind
from labapp.errors import TooLargeError
from labapp.labels import label_file
from labapp.labels.label_file import Entry, Label
from labapp.programs.labelling import leftovers
from labapp.programs.labelling.asking import picture_name, replaced
from labapp.programs.labelling.table import word_of
from labapp.programs.menus import picture_page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from labapp.cloud.bucket import Bucket
    from labapp.dataset.statistics import DatasetSnapshot
    from labapp.dataset.unsent import Unsent
    from labapp.dataset.upcoming import Shown
    from labapp.labels.classes import Order, Scheme
    from labapp.programs.jobs.client_session import ClientMenuSession
    from labapp.programs.menus.picture_page import Seen

#: What notices of answers that cannot be sent just now are about.
UNSENT = "answers on their way"

#: Of pictures that were answered, so many stay at hand, for undo.
_BEHIND = 1


class Flow:
    """What one annotator does in one sitting; use it in a `with` block.

    Args:
        menu: the program's session.
        bucket: where pictures and answers lie.
        who: the annotator's token.
        order: which pictures come first; the scheme's own order unless given.

    Attributes:
        current: the picture that is shown, and not answered yet; None: it is to be taken.
        said: what was said since the last summary; `earlier` before that.
        left: after the block, how much the next program has to send.
        failures: how much the bucket has not taken.
    """

    def __init__(
        self, menu: ClientMenuSession, bucket: Bucket, who: str, order: Order | None = None
    ) -> None:
        self.menu = menu
        self.bucket = bucket
        self.who = who
        self.upcoming = Upcoming(bucket, who, order=order)
        self.writer = WriteBehind(
            bucket,
            self._failed,
            self._replaced,
            menu.open_cloud,
            lambda one: self.upcoming.kept(one.key),
            self._tell_problem,
        )
        self.pictures: Prefetcher[Seen] = Prefetcher(bucket, [], partial(picture_page.see, menu))
        self.current: Shown | None = None
        self.said: list[tuple[str, Entry]] = []
        self.earlier: list[tuple[str, Entry]] = []
        self.left = self.failures = 0
        #: What was taken back in this sitting, by its id, and whether it was said in it.
        self._taken_back: dict[str, tuple[Entry, bool]] = {}
        #: What was said before it, the latest first.
        self._before: Iterator[tuple[str, Entry]] | None = None
        #: Held by who takes the next picture: one who left may still be at it.
        self._taking = threading.Lock()
        #: For `said` and `earlier`: what failed is taken out in another thread.
        self._lock = threading.Lock()
        #: Held by who tells how much is unsent, so that the last to tell knows the latest.
        self._telling = threading.Lock()
        self._is_over = False
        self._open = contextlib.ExitStack()

    def __enter__(self) -> Self:
        with self._open:
            for one in (self.writer, self.upcoming, self.pictures):
                self._open.enter_context(one)
            self._open = self._open.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with self._open:
            # Who leaves in peace has waited for it before: see the screen.
            self.left = self.writer.close(0.0 if kind is None else END_WITHIN)
        with self._telling:  # a thread may still be at one that was not sent in time
            self._is_over = True
            self.menu.announce_lasting("", UNSENT)
        if self.left:
            self.menu.announce(leftovers.waiting_line(self.left), "warning", UNSENT)

    @property
    def scheme(self) -> Scheme:
        """What is asked; waited for the first time."""
        return self.upcoming.counting.scheme

    @property
    def last(self) -> tuple[str, Entry] | None:
        """What was said last in this sitting; None: nothing yet."""
        return next(iter(self.said[-1:] or self.earlier[-1:]), None)

    @property
    def yours(self) -> str:
        """How far the annotator is: `yours: 37 of 400`."""
        progress = self.upcoming.progress
        least = "" if progress.is_exact or progress.of is None else "at least "
        of = "" if progress.of is None else f" of {figures.count(progress.of)}"
        return f"yours: {least}{figures.count(progress.mine)}{of}"

    def take(self, seconds: float | None = None) -> Shown | None:
        """Return the picture to be shown, taking the next one if need be; None: there is none.

        Raises:
            LabappError: none can be drawn.
            TimeoutError: none is there after so many seconds.
        """
        if not self._taking.acquire(timeout=-1 if seconds is None else seconds):
            raise TimeoutError
        try:
            if self.current is None:
                self.current = self.upcoming.take(seconds)
            return self.current
        finally:
            self._taking.release()

    def fetch_ahead(self) -> None:
        """Have the picture that is shown fetched, and those that may come next."""
        behind = [key for key, _ in self.said[-_BEHIND:]]
        if self.current is not None:
            self.pictures.want([self.current.key, *self.upcoming.peek(AHEAD), *behind])

    def pass_over(self) -> None:
        """Leave the picture out that is shown: nobody can answer it."""
        if self.current is not None:
            self.upcoming.pass_over(self.current.key)
            self.current = None

    def answer(self, label: Label) -> Entry:
        """Keep an answer to the picture that is shown, or a skip.

        Raises:
            LabappError: it cannot be kept on this machine.
        """
        return self._say(label_file.answer(label, utc.now(), self.who, str(ULID())))

    def flag(self, why: str) -> Entry:
        """Keep that the picture that is shown is broken, and why.

        Raises:
            RefusedError: the reason has no letter or digit.
            LabappError: as of `answer`.
        """
        return self._say(label_file.broken(utc.now(), self.who, str(ULID()), why))

    def _say(self, entry: Entry) -> Entry:
        assert self.current is not None  # nobody answers what is not shown
        key = self.current.key
        with self._lock:
            self.said.append((key, entry))
        self.upcoming.said(key, entry)  # before it is sent, as it may fail at once
        try:
            self.writer.keep(key, entry)
        except BaseException:
            self._forget(key, entry)
            self.upcoming.give_back(key)
            raise
        self.current = None
        return entry

    def earlier_answer(self, look: Callable[[], DatasetSnapshot]) -> tuple[str, Entry] | None:
        """Return what the annotator said last before this sitting, and was not taken back; blocks.

        Args:
            look: looks at all labels, where this machine remembers no more.

        Raises:
            CloudError: the bucket cannot be read.
        """
        if self._before is None:
            self._before = mine.latest(self.bucket, self.who, look)
        here = {entry.answer_id for _, entry in [*self.said, *self.earlier]}
        here |= self._taken_back.keys()
        try:
            return next((one for one in self._before if one[1].answer_id not in here), None)
        except BaseException:
            self._before = None  # it goes on from the beginning
            raise

    def take_back(self, key: str, entry: Entry) -> None:
        """Take back what was said of a picture, which is shown next; errors as of `answer`."""
        undo = label_file.retraction(entry, utc.now(), str(ULID()))
        self._taken_back[entry.answer_id] = entry, self._forget(key, entry)
        if self.current is not None:
            self.upcoming.give_back(self.current.key)
        self.upcoming.give_back(key)
        self.current = None
        try:
            self.writer.keep(key, undo)
        except BaseException:
            self._stand_again(key, entry.answer_id)
            raise

    def _stand_again(self, key: str, answer_id: str) -> None:
        """Count as said what could not be taken back, unless the bucket never took it either."""
        entry, was_here = self._taken_back.pop(answer_id, (None, False))
        if entry is None:
            return
        if was_here:
            with self._lock:
                self.said.append((key, entry))
        self._before = None  # which has passed it
        self.upcoming.said(key, entry)

    def end_part(self) -> None:
        """Begin to count anew what is told at the next summary."""
        with self._lock:
            self.earlier += self.said
            self.said = []

    def _forget(self, key: str, entry: Entry) -> bool:
        """Count something as not said; return whether it was."""
        with self._lock:
            for said in (self.said, self.earlier):
                if (key, entry) in said:
                    said.remove((key, entry))
                    return True
        return False

    # What the threads tell.

    def _failed(self, one: Unsent) -> None:
        self.failures += 1
        name = picture_name(self.menu, one.key)
        if one.entry.label is Label.RETRACTION:
            self._stand_again(one.key, one.entry.retracts)
            self.menu.announce(f"{name}: nothing was taken back: {one.error}", "failed")
            return
        self._taken_back.pop(one.entry.answer_id, None)
        word = word_of(one.entry, self.scheme)
        if not self._forget(one.key, one.entry):
            return  # it was taken back meanwhile
        if isinstance(one.error, TooLargeError):  # its label file: no answer to it is taken
            self.upcoming.pass_over(one.key)
            self.menu.announce(f"{name}: {one.error}", "warning")
            return
        self.upcoming.give_back(one.key)
        self.menu.announce(
            f"{name} comes again, as your answer ({word}) was not taken: {one.error}", "failed"
        )

    def _replaced(self, key: str, before: Entry) -> None:
        self.menu.announce(replaced(self.menu, key, before, self.scheme), "warning")

    def _tell_problem(self) -> None:
        with self._telling:
            problem, unsent = self.writer.problem, self.writer.unsent
            told = problem is not None and unsent and not self._is_over
            self.menu.announce_lasting(f"{wait_line(unsent)}: {problem}" if told else "", UNSENT)


def wait_line(unsent: int) -> str:
    """Say that answers are not sent yet."""
    waits = "waits" if unsent == 1 else "wait"
    return f"{figures.plural(unsent, 'answer')} {waits} on this machine to be sent"
