"""Which answers and which pictures an export has, where not all are wanted.

What chooses answers, time and annotator, comes first: pictures are counted anew by the answers that
are left, as if there were no others. A picture without any of them is left out, but for one that is
settled in that time. What chooses pictures, class, status and probability, then goes by that count,
and each picture that is left has all of its chosen answers.

A picture that somebody says is broken is left out unless that status is asked for.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

from labapp import utc
from labapp.errors import RefusedError, UsageError
from labapp.labels.classes import Scheme
from labapp.labels.effective import Counting, PictureLabels
from labapp.labels.export.format import Labels
from labapp.labels.label_file import Entry
from labapp.labels.tally import Status, tally
from labapp.labels.tokens import ANONYMOUS, annotator_name, person, token_of

#: Statuses as they are typed.
STATUSES = {each.value.replace(" ", "-"): each for each in Status}

#: How long ago, as it is typed, and the seconds of its units.
_AGO = re.compile(r"([0-9]{1,6})([smhd])", re.ASCII)
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}

#: Names that a message tells of those there are.
_MOST_NAMES = 10


@dataclass(frozen=True)
class Choice:
    """What is wanted; the one without arguments is all but broken pictures.

    Attributes:
        since: answers of this moment and later ones, with a time zone; None: of any before.
        until: answers before this moment; None: of any after.
        annotators: names as typed, of people whose answers are wanted; empty: of all.
        classes: names or codes of classes that pictures are taken for; empty: of any, or none.
        statuses: of pictures, each of `STATUSES`; empty: all but broken.
        min_probability: the least probability, by the model, of the class that a picture is taken
            for; 0: any, or none.
    """

    since: datetime | None = None
    until: datetime | None = None
    annotators: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    min_probability: float = 0.0

    def check(self) -> None:
        """See to it that something can be meant by it, before anything is read.

        Raises:
            UsageError: there is no such status or probability, or no time between the two.
        """
        if self.since and self.until and self.since >= self.until:
            raise UsageError("--since is not before --until", "Turn them round.")
        if unknown := next((one for one in self.statuses if one not in STATUSES), ""):
            raise UsageError(f"there is no status {unknown!r}", f"Choose of {', '.join(STATUSES)}.")
        if not 0 <= self.min_probability <= 1:
            raise UsageError(
                f"--min-probability is {self.min_probability:g}", "Give one from 0 to 1."
            )

    @property
    def has_answers(self) -> bool:
        """Whether it chooses answers."""
        return bool(self.since or self.until or self.annotators)

    def answers_of(self, pictures: Sequence[PictureLabels]) -> list[PictureLabels]:
        """Return pictures with the chosen answers alone, all of them where all are.

        Raises:
            UsageError: nobody is called so.
            RefusedError: whose answers are wanted is left out.
        """
        if not self.has_answers:
            return list(pictures)
        people = self.people(pictures)
        return [one for picture in pictures if (one := self._narrowed(picture, people))]

    def _narrowed(self, picture: PictureLabels, people: frozenset[str]) -> PictureLabels | None:
        """Return a picture with the chosen answers; None where it is left out."""
        of = picture.counting.person

        def chosen(said: Iterable[Entry]) -> tuple[Entry, ...]:
            return tuple(
                one
                for one in said
                if self._is_of_the_time(one) and (not people or of(one.annotator) in people)
            )

        verdict = picture.verdict
        if verdict and self.until and (verdict.at is None or verdict.at >= self.until):
            verdict = None
        narrowed = replace(
            picture,
            answers=chosen(picture.answers),
            skips=chosen(picture.skips),
            broken=tuple(one for one in picture.broken if not self._is_later(one)),
            verdict=verdict,
        )
        is_in = narrowed.answers or (verdict and not people and self._is_of_the_time(verdict))
        is_in = is_in or (self._wants(Status.BROKEN) and chosen(picture.broken))
        return narrowed if is_in or self._wants(Status.UNTOUCHED) else None

    def _is_of_the_time(self, entry: Entry) -> bool:
        if entry.at is None:
            return not (self.since or self.until)
        return not (self.since and entry.at < self.since) and not self._is_later(entry)

    def _is_later(self, entry: Entry) -> bool:
        return bool(self.until and entry.at and entry.at >= self.until)

    def _wants(self, status: Status) -> bool:
        return any(STATUSES[one] is status for one in self.statuses)

    def people(self, pictures: Sequence[PictureLabels]) -> frozenset[str]:
        """Return the persons whose answers are wanted, none for all; errors as of `answers_of`."""
        if not self.annotators:
            return frozenset()
        counting = pictures[0].counting if pictures else Counting()
        said = itertools.chain.from_iterable((*p.answers, *p.skips, *p.broken) for p in pictures)
        known = {one.annotator: counting.person(one.annotator) for one in said}
        return frozenset(_person(name, counting, known) for name in self.annotators)

    def pictures_of(self, labels: Labels) -> list[PictureLabels]:
        """Return the chosen pictures, with tallies by the answers that they still have.

        Raises:
            UsageError: there is no such class.
        """
        codes = {code_of(name, labels.scheme) for name in self.classes}
        wanted = {STATUSES[one] for one in self.statuses} or set(Status) - {Status.BROKEN}
        found = []
        for picture in labels.pictures:
            counted = tally(picture, labels.layout)
            if counted.status(labels.target) not in wanted:
                continue
            if codes or self.min_probability:
                taken = labels.class_of(counted)
                if codes and (taken is None or taken.code not in codes):
                    continue
                if self.min_probability > (labels.probability_of(counted) or 0.0):
                    continue
            found.append(picture)
        return found


def _person(name: str, counting: Counting, known: dict[str, str]) -> str:
    """Return who a typed name is; `known` are those who answered, by their tokens."""
    who = counting.person(token_of(name))
    people = set(known.values())
    if who in people:
        return who
    is_nobody = person(name) == ANONYMOUS
    if is_nobody and "" in people:
        return ""
    if (who and who in counting.left_out) or (is_nobody and "" in counting.left_out):
        raise RefusedError(
            f"the answers of {name} are left out",
            f"'admin.py annotators take-back {name}' has them count again.",
        )
    shown = sorted({annotator_name(token) for token in known})
    there = ", ".join(shown[:_MOST_NAMES]) + (", …" if shown[_MOST_NAMES:] else "")
    raise UsageError(
        f"no answer is of {name!r}", f"There are some of {there}." if there else "There are none."
    )


def code_of(name: str, scheme: Scheme) -> int:
    """Return the code of a class by name or code; UsageError where there is none."""
    if (found := scheme.called(name)) is None:
        raise UsageError(f"there is no class {name!r}", f"Choose of {scheme.meanings}.")
    return found.code


def moment(text: str, *, is_end: bool = False) -> datetime:
    """Return the moment that a typed date or time of UTC means, or so long ago.

    Args:
        text: `2026-11-21`, or with a time `2026-11-21T10:00` and, if it is not of UTC, a zone; or
            how long ago, such as `90s`, `5m`, `2h` or `1d`.
        is_end: whether it ends a span: a date then means the whole day, so the next one's begin.

    Raises:
        UsageError: it is none.
    """
    wrong = UsageError(
        f"{text!r} is no date",
        "Give one like 2026-11-21, a time of UTC like 2026-11-21T10:00, or how long ago, like 5m,"
        " 2h or 1d.",
    )
    try:
        if ago := _AGO.fullmatch(text.strip()):
            so_long = timedelta(seconds=int(ago[1]) * _SECONDS[ago[2]])
            return utc.now().replace(microsecond=0) - so_long
        found = datetime.fromisoformat(text.strip())
        if len(text.strip()) <= len("2026-11-21"):  # a date alone
            found = datetime.combine(found.date(), time()) + timedelta(days=is_end)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise wrong from None
