"""Draw up the figures of the admin's first look at the labels: progress, balance, quality, people.

`summarise` gives all of them at once; the time is passed in, so the same files give the same
figures.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import comb

from labapp.labels.annotators import AnnotatorReport, annotator_reports
from labapp.labels.classes import NEGATIVE, POSITIVE, LabelClass
from labapp.labels.effective import PictureLabels, as_of, labels_of
from labapp.labels.label_file import person
from labapp.labels.layout import OWN, Layout
from labapp.labels.tally import Status, Tally, tally

#: What `since yesterday` means: the last 24 hours.
RECENT = timedelta(hours=24)
#: Least time a rate is taken over, so that the first answers of the day give no absurd one.
_RATE_LEAST = timedelta(hours=1)
#: Pairs of answers below which a figure would be noise: at 20 pairs the standard error of raw
#: agreement is at most sqrt(0.25 / 20) = 0.11. Two people who answer the 20 pictures make 20.
MIN_PAIRS = 20


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the labelling is; the four statuses add up to `pictures`.

    Attributes:
        pictures: pictures to label.
        decided: those with the target's answers and a majority.
        in_progress: those with a majority but too few answers.
        disputed: those with a tie.
        untouched: those without an answer.
        answers: answers that count.
        useful: the same, but on each picture at most the target, so that many answers on one do
            not hide that another has none.
        wanted: the target times the pictures.
        majorities: pictures whose majority says a class, at any number of answers, by its code.
        unreadable_lines: lines of label files that could not be read.
        unreadable_files: label files with such lines.
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

    @property
    def share(self) -> float:
        """Useful answers against those wanted, 0 to 1; 0 where nothing is wanted."""
        return self.useful / self.wanted if self.wanted else 0.0

    def count(self, label_class: LabelClass) -> int:
        """Return how many pictures have a majority that says a class."""
        return self.majorities.get(label_class.code, 0)

    def balance(self, label_class: LabelClass) -> float | None:
        """Return the share of a class among pictures with a majority, 0 to 1; None without one."""
        total = sum(self.majorities.values())
        return self.count(label_class) / total if total else None


@dataclass(frozen=True, slots=True)
class Activity:
    """What has been done in the last 24 hours.

    Attributes:
        answers: answers given that still stand.
        skips: skips that still stand.
        annotators: people who answered, skipped or undid.
        decided: pictures decided now that were not decided then.
        answers_per_hour: `answers` over the hours since the first of them, at least one hour.
    """

    answers: int
    skips: int
    annotators: int
    decided: int
    answers_per_hour: float


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far annotators agree over all pictures.

    Alpha is 1 for perfect agreement and 0 for what chance alone gives. It falls when nearly all
    pictures are of one kind, however well people agree, so raw agreement is to be shown beside it.

    Attributes:
        alpha: Krippendorff's alpha, at most 1; None where it is undefined (`n/a`).
        raw: share of pairs of answers on one picture that are the same, 0 to 1; None without pairs.
        pairs: how many such pairs there are.
        pictures: how many pictures have at least two answers.
    """

    alpha: float | None
    raw: float | None
    pairs: int
    pictures: int

    @property
    def too_few(self) -> bool:
        """Whether to say `too few` instead of a noisy figure: less than `MIN_PAIRS` pairs."""
        return self.pairs < MIN_PAIRS


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
    pictures: Sequence[PictureLabels], *, target: int, now: datetime, layout: Layout = OWN
) -> Summary:
    """Draw up all figures.

    Args:
        pictures: every picture of the dataset, those without a label file included.
        target: answers wanted for each picture, 1 or more.
        now: the present time, with a time zone.
        layout: where the pictures lie.
    """
    tallies = tuple(tally(picture, layout) for picture in pictures)
    return Summary(
        progress=progress(tallies, target=target),
        activity=activity(pictures, target=target, now=now),
        quality=agreement((each.count(NEGATIVE), each.count(POSITIVE)) for each in tallies),
        annotators=annotator_reports(pictures),
        tallies=tallies,
    )


def progress(tallies: Iterable[Tally], *, target: int) -> Progress:
    """Count how far the labelling is, by each picture's tally; `target` as of `summarise`."""
    every = list(tallies)
    status = Counter(each.status(target) for each in every)
    return Progress(
        pictures=len(every),
        decided=status[Status.DECIDED],
        in_progress=status[Status.IN_PROGRESS],
        disputed=status[Status.DISPUTED],
        untouched=status[Status.UNTOUCHED],
        answers=sum(each.answers for each in every),
        useful=sum(min(each.answers, target) for each in every),
        wanted=target * len(every),
        majorities=Counter(each.majority.code for each in every if each.majority),
        unreadable_lines=sum(each.unreadable for each in every),
        unreadable_files=sum(each.unreadable > 0 for each in every),
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
        fresh = {person(e.annotator) for e in picture.file.entries if _within(e.at, since, now)}
        if not fresh:
            continue
        people |= fresh
        answered += [e.at for e in picture.answers if e.at and since < e.at <= now]
        skips += sum(_within(e.at, since, now) for e in picture.skips)
        then = labels_of(picture.key, as_of(picture.file, since))
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


def agreement(counts: Iterable[tuple[int, int]]) -> Agreement:
    """Measure the agreement of answers 0 and 1.

    Args:
        counts: for each picture how many answers say 0 and how many say 1; pictures with fewer
            than two answers have no part in it.
    """
    usable = [(zeros, ones) for zeros, ones in counts if zeros + ones >= 2]
    pairs = sum(comb(zeros + ones, 2) for zeros, ones in usable)
    equal = sum(comb(zeros, 2) + comb(ones, 2) for zeros, ones in usable)
    return Agreement(alpha(usable), equal / pairs if pairs else None, pairs, len(usable))


def alpha(counts: Iterable[tuple[int, int]]) -> float | None:
    """Compute Krippendorff's alpha for answers 0 and 1.

    With z and o answers on a picture, m = z + o, over pictures with m >= 2, Z and O their sums and
    n = Z + O: alpha = 1 - (n - 1) * sum(z * o / (m - 1)) / (Z * O). (K. Krippendorff, Content
    Analysis: nominal data, two values, any number of annotators, answers may be missing.)

    At most 1; None where it is undefined, since all answers are the same or none is paired.
    `counts` as of `agreement`.
    """
    usable = [(zeros, ones) for zeros, ones in counts if zeros + ones >= 2]
    all_zeros = sum(zeros for zeros, _ in usable)
    all_ones = sum(ones for _, ones in usable)
    if not all_zeros * all_ones:
        return None
    disagreement = sum(zeros * ones / (zeros + ones - 1) for zeros, ones in usable)
    return 1 - (all_zeros + all_ones - 1) * disagreement / (all_zeros * all_ones)
