"""Draw up the figures of the admin's first look at the labels: progress, balance, quality, people.

`summarise` gives all of them at once; the time is passed in, so the same files give the same
figures.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from labapp.labels.agreement import Agreement, agreement
from labapp.labels.annotators import AnnotatorReport, annotator_reports
from labapp.labels.classes import LabelClass
from labapp.labels.effective import PictureLabels, as_of, labels_of
from labapp.labels.layout import OWN, Layout
from labapp.labels.tally import Status, Tally, tally

#: What `since yesterday` means: the last 24 hours.
RECENT = timedelta(hours=24)
#: Least time a rate is taken over, so that the first answers of the day give no absurd one.
_RATE_LEAST = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the labelling is; the six statuses add up to `pictures`.

    Attributes:
        pictures: pictures to label.
        decided: those with the target's answers and a majority.
        in_progress: those with a majority but too few answers.
        disputed: those with a tie.
        untouched: those without an answer.
        answers: answers that count.
        useful: the same, but on each picture at most the target, so that many answers on one do
            not hide that another has none.
        wanted: the target times the pictures, but for those that are settled or broken.
        majorities: pictures that are taken for a class, by verdict or by majority at any number of
            answers, by its code.
        unreadable_lines: lines of label files that could not be read.
        unreadable_files: label files with such lines.
        settled: those with a verdict of the admin's.
        broken: those that an annotator says are broken, without a verdict.
    """

    pictures: int
    decided: int
    in_progress: int
    disputed: int
    untouched: int
    answers: int
    useful: int
    wanted: int
    majorities: Mapping[int, int]
    unreadable_lines: int
    unreadable_files: int
    settled: int = 0
    broken: int = 0

    @property
    def share(self) -> float:
        """Useful answers against those wanted, 0 to 1; 0 where nothing is wanted."""
        return self.useful / self.wanted if self.wanted else 0.0

    def count(self, label_class: LabelClass) -> int:
        """Return how many pictures are taken for a class."""
        return self.majorities.get(label_class.code, 0)

    def balance(self, label_class: LabelClass) -> float | None:
        """Return the share of a class among those taken for one, 0 to 1; None without any."""
        total = sum(self.majorities.values())
        return self.count(label_class) / total if total else None


@dataclass(frozen=True, slots=True)
class Activity:
    """What has been done in the last 24 hours.

    Attributes:
        answers: answers given that still stand.
        skips: skips that still stand.
        annotators: people who answered, skipped, flagged a picture or undid.
        decided: pictures decided now that were not decided then.
        answers_per_hour: `answers` over the hours since the first of them, at least one hour.
    """

    answers: int
    skips: int
    annotators: int
    decided: int
    answers_per_hour: float


@dataclass(frozen=True, slots=True)
class Summary:
    """All figures of the admin's first look.

    Attributes:
        progress: how far the labelling is.
        activity: what has been done since yesterday.
        quality: agreement over all pictures.
        annotators: a report on each, the most answers first.
        tallies: the pictures' tallies, in the order of the pictures given.
    """

    progress: Progress
    activity: Activity
    quality: Agreement
    annotators: tuple[AnnotatorReport, ...]
    tallies: tuple[Tally, ...]


def summarise(
    pictures: Sequence[PictureLabels],
    *,
    target: int,
    now: datetime,
    layout: Layout = OWN,
    gold: Mapping[str, int] = MappingProxyType({}),
) -> Summary:
    """Draw up all figures.

    Args:
        pictures: every picture of the dataset, those without a label file included.
        target: answers wanted for each picture, 1 or more.
        now: the present time, with a time zone.
        layout: where the pictures lie.
        gold: the code of each gold picture's class, by key.
    """
    tallies = tuple(tally(picture, layout) for picture in pictures)
    return Summary(
        progress=progress(tallies, target=target),
        activity=activity(pictures, target=target, now=now),
        quality=agreement(each.counts for each in tallies),
        annotators=annotator_reports(pictures, gold),
        tallies=tallies,
    )


def progress(tallies: Iterable[Tally], *, target: int) -> Progress:
    """Count how far the labelling is, by each picture's tally; `target` as of `summarise`."""
    every = list(tallies)
    status = Counter(each.status(target) for each in every)
    asked = [each for each in every if not (each.is_settled or each.broken)]
    return Progress(
        pictures=len(every),
        decided=status[Status.DECIDED],
        in_progress=status[Status.IN_PROGRESS],
        disputed=status[Status.DISPUTED],
        untouched=status[Status.UNTOUCHED],
        answers=sum(each.answers for each in every),
        useful=sum(min(each.answers, target) for each in asked),
        wanted=target * len(asked),
        majorities=Counter(one.code for each in every if (one := each.decision)),
        unreadable_lines=sum(each.unreadable for each in every),
        unreadable_files=sum(each.unreadable > 0 for each in every),
        settled=status[Status.SETTLED],
        broken=status[Status.BROKEN],
    )


def activity(pictures: Iterable[PictureLabels], *, target: int, now: datetime) -> Activity:
    """Count what has been done in the 24 hours before `now`.

    Lines dated later than `now`, by a laptop whose clock is fast, are left for a later look; bare
    lines have no time and are never recent. Arguments as of `summarise`.
    """
    since = now - RECENT
    skips = decided = 0
    people: set[str] = set()
    answered: list[datetime] = []
    for picture in pictures:
        fresh = {
            picture.counting.person(e.annotator)
            for e in picture.file.entries
            if _within(e.at, since, now) and not e.is_admins
        } - picture.counting.left_out
        if not fresh:
            continue
        people |= fresh
        answered += [e.at for e in picture.answers if e.at and since < e.at <= now]
        skips += sum(_within(e.at, since, now) for e in picture.skips)
        then = labels_of(picture.key, as_of(picture.file, since), counting=picture.counting)
        is_decided, was_decided = (
            tally(each).status(target) is Status.DECIDED for each in (picture, then)
        )
        decided += is_decided and not was_decided
    return Activity(len(answered), skips, len(people), decided, _per_hour(answered, now))


def _within(at: datetime | None, since: datetime, now: datetime) -> bool:
    return at is not None and since < at <= now


def _per_hour(times: Sequence[datetime], now: datetime) -> float:
    """Return how many of these times there are per hour since the first of them."""
    if not times:
        return 0.0
    return len(times) / (max(now - min(times), _RATE_LEAST) / timedelta(hours=1))
