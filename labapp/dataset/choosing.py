"""Choose what an annotator is shown: list the dataset, look into label files, draw, page by page.

Each call does a little, so that whoever calls can draw in between: first from what is listed after
a moment, later from all. It belongs to one thread.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from labapp.cloud.bucket import Bucket
from labapp.dataset import counting as counts
from labapp.dataset import layouts, predictions
from labapp.dataset.calls import Threads
from labapp.dataset.label_reader import LabelFiles
from labapp.dataset.pages import Pages
from labapp.dataset.pool import Pool, Rules
from labapp.labels.classes import Order, Scheme
from labapp.labels.effective import Counting
from labapp.labels.predictions import Prediction, Predictions
from labapp.labels.sampling import POOL, gold_places

#: Seconds of listing before the first picture is chosen, unless all is listed by then.
PATIENCE = 0.6

#: Label files that are looked into at once while nobody waits: two requests' time.
LOOKS = 64

#: Label files read from S3, in one session, only to tell how much an annotator has done: 0.1 cents.
#: To find what is most disputed all are read, once on each machine: 4 cents for 100,000.
READS = 2_500

#: Seconds after which a listing is old, and that many times as long as it took, so that a large
#: dataset is not listed all the time.
OLD, SHARE = 60.0, 20.0


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


class _Look:
    """One listing of the dataset, under way or whole, and what may be drawn from it."""

    def __init__(self, pages: Pages, pool: Pool, began: float) -> None:
        self.pages = pages
        self.pool = pool
        self.began = began
        self.ended = began

    def list_on(self) -> None:
        """List another page."""
        self.pool.add(self.pages.next())
        self.ended = time.monotonic()
        if self.pages.is_over:
            self.pool.complete()

    @property
    def is_old(self) -> bool:
        """Whether it is whole, and much may have happened since."""
        age = time.monotonic() - self.ended
        return self.pages.is_over and age > max(OLD, SHARE * (self.ended - self.began))


class Chooser:
    """Chooses for one annotator in one bucket.

    Args:
        bucket: the bucket.
        files: reads its label files; whoever made it closes it.
        annotator: who, as a token.
        order: which pictures come first; the scheme's own order unless given.
        rng: where chance comes from.
        patience: seconds of listing before the first picture is chosen.
        done: told of a picture whether it turns out to be answered by the annotator, by a listing
            that began at a time (of `time.monotonic`).
    """

    def __init__(
        self,
        bucket: Bucket,
        files: LabelFiles,
        annotator: str,
        order: Order | None,
        rng: random.Random,
        patience: float,
        done: Callable[[str, bool, float], object],
    ) -> None:
        self._bucket = bucket
        self._layout = layouts.of(bucket)
        self._files = files
        self._annotator = annotator
        self._order = order
        self._rng = rng
        self._patience = patience
        self._done = done
        self._gold: Mapping[str, int] = {}
        self._predictions = Predictions()
        self._scheme: Scheme | None = None
        self._rules: Rules | None = None
        self._places: Iterator[bool] = iter(())
        self._owes_gold = False
        self._look: _Look | None = None
        #: The next look, which takes the place of this one once it is whole.
        self._next: _Look | None = None

    def begin(self, counting: Callable[[], Counting]) -> None:
        """Begin, where it has not: read what decides, and list the first page meanwhile.

        Raises:
            LabappError: something cannot be read.
        """
        if self._look is not None:
            return
        began = time.monotonic()
        pages = Pages(self._bucket, self._layout, self._rng)
        with Threads(1) as pool:
            first = pool.submit(pages.next)
            rules = self._read_rules(counting())
        self._look = _Look(pages, self._pool(rules, began), began)
        self._look.pool.add(first.result())
        if pages.is_over:
            self._look.pool.complete()

    def _read_rules(self, counting: Counting) -> Rules:
        scheme = self._scheme = counting.scheme
        order = self._order or scheme.order
        if scheme.gold_every or scheme.has_feedback:
            self._gold = counts.gold_of(self._bucket).by(scheme)
        if scheme.has_hints or order is Order.UNCERTAIN:
            self._predictions = predictions.of(self._bucket)
        self._files.read_as(scheme)
        self._places = gold_places(scheme.gold_every, self._rng)
        own_turn = self._gold if scheme.gold_every else ()
        asked = self._predictions if order is Order.UNCERTAIN else Predictions()
        self._rules = Rules(self._annotator, order, counting, own_turn, asked)
        return self._rules

    def _pool(self, rules: Rules, began: float, before: Pool | None = None) -> Pool:
        def done(key: str, is_done: bool) -> None:
            self._done(key, is_done, began)

        return Pool(self._bucket, self._files, rules, self._rng, done, before)

    @property
    def _current(self) -> _Look:
        assert self._look is not None, "begin comes first"
        return self._look

    @property
    def may_draw(self) -> bool:
        """Whether enough is listed to draw from."""
        look = self._current
        has_enough = look.pool.total >= POOL and look.ended - look.began >= self._patience
        return look.pages.is_over or has_enough

    @property
    def is_whole(self) -> bool:
        """Whether all is listed."""
        return self._current.pages.is_over

    @property
    def is_old(self) -> bool:
        """Whether much may have happened since all was listed."""
        return self._current.is_old

    @property
    def of(self) -> int | None:
        """How many pictures there are; None until all are listed."""
        return self._current.pool.total if self.is_whole else None

    @property
    def began(self) -> float:
        """When the listing began that is drawn from, as of `time.monotonic`."""
        return self._current.began

    def may_be_done(self, key: str) -> bool:
        """Tell whether a picture is listed, and anything that may say that it was answered."""
        return self._current.pool.may_be_done(key)

    @property
    def is_exact(self) -> bool:
        """Whether it is known of each picture whether the annotator has answered it."""
        return self.is_whole and not self._current.pool.unread

    def list_on(self) -> None:
        """List another page; errors as of `draw`."""
        self._current.list_on()

    def list_anew(self) -> None:
        """Begin another listing, and draw from no other."""
        self._look, self._next = self._new_look(), None

    def _new_look(self) -> _Look:
        assert self._rules is not None, "begin comes first"
        pages, began = Pages(self._bucket, self._layout, self._rng), time.monotonic()
        return _Look(pages, self._pool(self._rules, began, self._current.pool), began)

    def improve(self, *, is_used: bool) -> bool:
        """Do some of what makes later draws better; return whether there was anything.

        Args:
            is_used: whether anything was taken since all was listed; else it is not listed anew.

        Raises:
            CloudError: the bucket cannot be read.
        """
        pool = self._current.pool
        is_by_answers = self._rules is not None and self._rules.order is Order.DISPUTED
        if not self.is_whole:
            self.list_on()
        elif self._next is not None:
            self._next.list_on()
            if self._next.pages.is_over:
                self._look, self._next = self._next, None
        elif pool.unread and (is_by_answers or self._files.fetched < READS):
            pool.look(LOOKS)
        elif is_used and self.is_old:
            self._next = self._new_look()
        else:
            return False
        return True

    def draw(self, count: int, gone: Collection[str]) -> list[Shown]:
        """Take out the pictures that come next; none where nothing that is listed is left.

        Args:
            count: how many.
            gone: what is left out.

        Raises:
            CloudError: the bucket cannot be read.
        """
        pool = self._current.pool
        turns = [next(self._places) for _ in range(count)]
        if self._owes_gold:
            turns[0] = True
        gold: list[str] = []
        while len(gold) < sum(turns) and (key := pool.draw_gold(gone)):
            gold.append(key)
        # None is listed yet, or all are answered: one comes as soon as there is one, not several.
        self._owes_gold = len(gold) < sum(turns)
        drawn = pool.draw(count - len(gold), gone)
        found: list[Shown] = []
        for is_gold in turns:
            if gold and (is_gold or not drawn):
                found.append(self.shown(gold.pop()))
            elif drawn:
                key, is_again = drawn.pop(0)
                found.append(self.shown(key, is_again=is_again))
        return found

    def shown(self, key: str, *, is_again: bool = False) -> Shown:
        """Return a picture with what there is to know of it."""
        return Shown(key, self._gold.get(key), self._hint(key), is_again)

    def _hint(self, key: str) -> Prediction | None:
        said = self._predictions.of(key)
        if said is None or self._scheme is None or not self._scheme.has_hints:
            return None
        counted = self._scheme.by_code.get(said.code)  # one that is retired counts as another
        return None if counted is None else said._replace(code=counted.code)
