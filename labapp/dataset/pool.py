"""What one annotator may still be shown, as far as the dataset is listed and its answers are read.

Only the label files of pictures that are about to be shown have to be read: a picture without one
cannot have been answered, and one whose file says so is passed over for the next in the draw. The
others are read behind, which makes the order better and tells how much an annotator has done.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

from labapp.cloud.bucket import Bucket, Entry
from labapp.dataset import layouts
from labapp.dataset.label_reader import LabelFiles
from labapp.dataset.own_answers import OwnAnswers
from labapp.labels.classes import Order
from labapp.labels.effective import Counting, labels_of
from labapp.labels.label_file import LabelFile
from labapp.labels.predictions import Predictions
from labapp.labels.sampling import (
    BARE_BYTES,
    LINE_BYTES,
    UNKNOWN,
    Level,
    Levels,
    Stand,
    estimated_answers,
    level,
    stand_of,
)

#: Label files looked into at once, beyond the pictures that are wanted, where those looked into at
#: first, twice as many as are wanted, were mostly answered.
LOOKS = 28


@dataclass(frozen=True)
class Rules:
    """What decides which pictures an annotator is shown.

    Attributes:
        annotator: who, as a token.
        order: which come first.
        counting: how answers count there.
        gold: pictures that come in their own turn, while there are others.
        predictions: what a model says, where the order asks for it.
    """

    annotator: str
    order: Order
    counting: Counting
    gold: Collection[str] = frozenset()
    predictions: Predictions = field(default_factory=Predictions)

    def certainty(self, key: str) -> float:
        """Return how certain a model is of a picture."""
        return self.predictions.certainty(key) if self.predictions else UNKNOWN


class Pool:
    """The pictures that one listing has; see `Rules`.

    Args:
        bucket: where they lie.
        files: reads their label files.
        rules: what decides.
        rng: where chance comes from.
        done: told of a picture whether it turns out to be answered by the annotator.
        before: the pool of an earlier listing: what has not changed since is not read again.
    """

    def __init__(
        self,
        bucket: Bucket,
        files: LabelFiles,
        rules: Rules,
        rng: random.Random,
        done: Callable[[str, bool], object],
        before: Pool | None = None,
    ) -> None:
        self.rules = rules
        #: How many pictures are listed.
        self.total = 0
        self._files = files
        self._layout = layouts.of(bucket)
        self._done = done
        self._own = OwnAnswers(bucket)
        self._given = self._own.standing(rules.annotator)
        self._open, self._gold, self._closed, self._skipped, self._unsure = (
            Levels(rng) for _ in range(5)
        )
        #: Label files that are not read, by their pictures.
        self._unread: dict[str, Entry] = {}
        self._stands: dict[str, tuple[str, Stand]] = {}
        self._before: Mapping[str, tuple[str, Stand]] = before._stands if before else {}
        self._is_whole = False

    def add(self, listed: Iterable[tuple[str, Entry | None]]) -> None:
        """Add pictures, each with what is listed of its label file."""
        line = LINE_BYTES if self._layout.is_own else BARE_BYTES
        for key, entry in listed:
            self.total += 1
            if key in self._given:
                self._done(key, True)
            etag, stand = self._before.get(key, ("", None))
            if entry is not None and entry.size and stand is not None and etag == entry.etag:
                self._stands[key] = etag, stand
                self._place(key, stand)
                continue
            answers = estimated_answers(entry.size, line) if entry else 0
            if answers and entry:
                self._unread[key] = entry
            if key in self.rules.gold:
                self._gold.put(key, ())
            elif self.rules.order is Order.DISPUTED and answers > 1:
                self._unsure.put(key, ())
            else:
                at = level(self.rules.order, answers, certainty=self.rules.certainty(key))
                self._open.put(key, at)

    def complete(self) -> None:
        """Say that all is listed: what comes last may come."""
        self._is_whole = True
        self._before = {}

    @property
    def unread(self) -> int:
        """How many label files are listed and not looked into."""
        return len(self._unread) if self._layout.is_own else len(self._unsure)

    def may_be_done(self, key: str) -> bool:
        """Tell whether a picture is listed, and anything that may say that it was answered."""
        is_told = not self._layout.is_own and key in self._given
        return key in self._stands or key in self._unread or is_told

    def draw(self, count: int, without: Collection[str]) -> list[tuple[str, bool]]:
        """Take out the pictures that come next, with whether the annotator has skipped them before.

        There are fewer than `count` only where there are no more. Those that are named `without`
        are left out.

        Raises:
            CloudError: a label file cannot be read.
        """
        found: list[str] = []
        if self._unsure:
            self._look(self._some(self._unsure, count + LOOKS))
        while len(found) < count and not self._files.is_closed:
            if self._open:
                found += self._sifted(self._open, count - len(found), without)
            elif self._unsure:
                self._look(self._some(self._unsure, count + LOOKS))
            else:
                break
        if self._is_whole and not self._files.is_closed:
            found += self._sifted(self._gold, count - len(found), without)
            found += self._rest(self._closed, count - len(found), without)
            again = self._rest(self._skipped, count - len(found), without)
            return [*((key, False) for key in found), *((key, True) for key in again)]
        return [(key, False) for key in found]

    def draw_gold(self, without: Collection[str]) -> str | None:
        """Take a gold picture out; None where none is left; errors as of `draw`."""
        return next(iter(self._sifted(self._gold, 1, without)), None)

    def look(self, most: int) -> None:
        """Look into some label files that nobody waits for; errors as of `draw`."""
        keys = self._some(self._unsure, most) if self._unsure else [*self._few_unread(most)]
        self._look(keys)

    def _few_unread(self, most: int) -> Iterable[str]:
        return (key for key, _ in zip(self._unread, range(most), strict=False))

    def _some(self, levels: Levels, most: int) -> list[str]:
        """Return pictures to look into, which tells where they belong."""
        drawn = levels.take(most)
        for key, at in drawn:
            levels.put(key, at)  # where an error leaves them
        return [key for key, _ in drawn]

    def _sifted(self, levels: Levels, count: int, without: Collection[str]) -> list[str]:
        """Take pictures out in their order until there are enough, looking into label files."""
        found: list[str] = []
        is_first = True
        while len(found) < count and (
            drawn := self._candidates(levels, count - len(found), count if is_first else LOOKS)
        ):
            self._look([key for key, _ in drawn])
            if self._files.is_closed:
                break  # what was not read would count as not answered
            for key, at in drawn:
                now = levels.level_of(key)
                # At a higher level it has more answers than could be guessed: not yet, but no more
                # than once, since all may be so.
                if now is not None and (now <= at or not is_first) and len(found) < count:
                    levels.drop(key)
                    found += [key] if key not in without else []
            is_first = False
        return found

    def _candidates(self, levels: Levels, count: int, more: int) -> list[tuple[str, Level]]:
        """Return the first pictures, and some more where label files are to be looked into."""
        drawn = levels.take(count)
        if any(key in self._unread for key, _ in drawn):
            drawn += levels.take(more)
        for key, at in drawn:
            levels.put(key, at)  # where an error leaves them
        return drawn

    def _rest(self, levels: Levels, count: int, without: Collection[str]) -> list[str]:
        found: list[str] = []
        while len(found) < count and (drawn := levels.take(count - len(found))):
            found += [key for key, _ in drawn if key not in without]
        return found

    def _look(self, keys: Collection[str]) -> None:
        """Look into the label files of pictures, and put each where it belongs."""
        wanted = {key: self._unread[key] for key in keys if key in self._unread}
        files = self._files.read(wanted.values()) if wanted else {}
        if self._files.is_closed:
            return
        for key in keys:
            entry = wanted.get(key)
            if entry is None and (self._layout.is_own or key in self._stands):
                continue
            self._unread.pop(key, None)
            file = files.get(entry.key, None) if entry else LabelFile()
            if file is None:  # too large to be read, and no answer to it would be taken
                self._drop(key)
                continue
            stand = self._stand(key, file)
            self._stands[key] = entry.etag if entry else "", stand
            self._place(key, stand)

    def _stand(self, key: str, file: LabelFile) -> Stand:
        rules = self.rules
        picture = labels_of(key, file, counting=rules.counting)
        stand = stand_of(picture, rules.annotator, rules.order, rules.certainty(key))
        own = self._own.of(key)
        if own is None:
            return stand
        return stand._replace(
            is_done=own.answered_by(rules.annotator), is_skipped=own.skipped_by(rules.annotator)
        )

    def _drop(self, key: str) -> bool:
        return self._open.drop(key) or self._gold.drop(key) or self._unsure.drop(key)

    def _place(self, key: str, stand: Stand) -> None:
        """Put a picture where it belongs, by what its label file says."""
        self._drop(key)
        self._done(key, stand.is_done)
        if stand.is_done or stand.is_flagged:
            return
        if stand.is_closed and (stand.is_broken or key not in self.rules.gold):
            if not stand.is_skipped:
                self._closed.put(key, stand.level)
        elif stand.is_skipped:
            self._skipped.put(key, ())
        elif key in self.rules.gold:
            self._gold.put(key, ())
        else:
            self._open.put(key, stand.level)
