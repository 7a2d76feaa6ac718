"""What is listed of labels: pictures with their tallies, answers to one, totals."""

from __future__ import annotations

from functools import cache, partial
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from labapp.console import figures
from labapp.labels.classes import DEFAULT_SCHEME, LabelClass, Scheme
from labapp.labels.tally import Status, Tally
from labapp.labels.tokens import ANONYMOUS
from labapp.programs.dataset.table import short_key
from labapp.programs.shell.table import Field, Table
from labapp.utc import format_time

if TYPE_CHECKING:
    from labapp.dataset.statistics import DatasetSnapshot
    from labapp.labels.label_file import Entry
    from labapp.labels.summary import Activity, Progress, Summary

#: Cells of a picture's bar.
BAR = 10

#: Cells of a name that are kept before any other column is.
NAME = 20

#: Cells of what answers say that are kept before other columns are, where classes are many.
VOTES = 16

#: The most classes that have a column each.
OWN_COLUMNS = 2

#: Classes up to which each is told of, also those that no picture is of.
FEW_CLASSES = 3

#: What stands for the consensus of no answers.
NO_LABELS = "no labels yet"


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def hundredfold(share: float | None) -> float | None:
    """Return a share, 0 to 1, as a number of percent."""
    return None if share is None else 100 * share


def in_percent(share: float | None) -> str:
    """Return a share, 0 to 1, as a percentage; empty for None."""
    return "" if share is None else f"{100 * share:.0f} %"


def whole(percent: float | None) -> str:
    """Return a number of percent as people see it below a heading that says so."""
    return "" if percent is None else f"{percent:.0f}"


def unreadable(progress: Progress) -> str:
    """Return how many lines cannot be read, in how many label files."""
    lines = figures.plural(progress.unreadable_lines, "line")
    return f"{lines} in {figures.plural(progress.unreadable_files, 'label file')}"


def apart(progress: Progress) -> str:
    """Return how many pictures are settled or broken, behind others; empty where none is."""
    counts = {"settled": progress.settled, "broken": progress.broken}
    return "".join(f", {figures.count(count)} {name}" for name, count in counts.items() if count)


def balance(progress: Progress, scheme: Scheme) -> list[tuple[int, LabelClass]]:
    """Return how many pictures are of which class; of many classes those that have any."""
    counts = [(progress.count(each), each) for each in scheme.classes]
    if len(counts) <= FEW_CLASSES:
        return counts
    return sorted((one for one in counts if one[0]), key=lambda one: -one[0])


def bar(share: float, cells: int) -> str:
    """Return a share as a bar of some cells."""
    from labapp.console.theme import current

    glyphs = current().glyphs
    full = round(share * cells)
    return glyphs.bar_full * full + glyphs.bar_empty * (cells - full)


def _percent_field(label_class: LabelClass, *, is_first: bool) -> Field[Tally]:
    """Return the column of a class's share of the answers."""

    def piped(each: Tally) -> str | None:
        percent = each.percent(label_class)
        return None if percent is None else f"{percent:.1f}"

    return Field(
        f"{label_class.field}_percent",
        lambda each: _rounded(each.percent(label_class), 2),
        label_class.column,
        shown=lambda each: whole(each.percent(label_class)),
        piped=piped,
        look="number",
        drop=1 if is_first else 4,
    )


def _agreement_piped(each: Tally) -> str | None:
    if each.agreement is None:
        return "n/a" if each.answers else None
    return f"{each.agreement:.2f}"


def _consensus_shown(each: Tally) -> str:
    """Return the consensus, and that it is a verdict; of a broken picture that it is one."""
    if each.is_settled and each.decision:  # else by a class that is no more
        return f"{each.decision.name}, {Status.SETTLED}"
    return Status.BROKEN if each.broken else each.consensus or NO_LABELS


@cache
def pictures(scheme: Scheme = DEFAULT_SCHEME) -> Table[Tally]:
    """Return what is listed of pictures that are labelled by a scheme."""
    first = scheme.first
    percents = tuple(_percent_field(each, is_first=each is first) for each in scheme.classes)
    names = tuple(field.name for field in percents)
    # Ten columns have room nowhere, and some of them would tell half of it.
    shares = names if len(names) <= OWN_COLUMNS else ("votes",)
    return Table(
        fields=(
            Field("key", shown=short_key, look="id"),
            Field("name", title="picture", least=NAME),
            Field("answers", look="number", drop=2),
            *percents,
            Field("votes", votes, least=VOTES, drop=1),
            Field(
                "agreement",
                lambda each: _rounded(each.agreement, 4),
                shown=lambda each: "n/a" if each.answers == 1 else in_percent(each.agreement),
                piped=_agreement_piped,
                look="number",
                drop=3,
                short="agree",
            ),
            Field(
                "consensus",
                shown=_consensus_shown,
                sign=lambda each: "warn" if each.is_disputed and not each.broken else None,
                piped=lambda each: each.consensus or NO_LABELS,
                look="word",
            ),
            Field(
                "bar",
                lambda each: bar(each.count(first) / each.answers, BAR) if each.answers else "",
                " ",
                look="word",
                drop=5,
            ),
        ),
        empty="No pictures yet. Add some: admin.py upload",
        columns=("key", "answers", *shares, "agreement", "consensus"),
        piped=("key", "answers", *names, "agreement", "consensus"),
        page=(
            *("name", *shares, "answers", "agreement", "consensus"),
            *(["bar"] if shares is names else []),
        ),
        hidden=frozenset({"bar", "votes"}),
    )


def votes(each: Tally) -> str:
    """Return how many answers say what, the most first: `3 ramen, 1 other`."""
    ranked = sorted(each.scheme.classes, key=lambda one: -each.count(one))
    return ", ".join(f"{each.count(one):,} {one.name}" for one in ranked if each.count(one))


#: Who gave an answer without a name.
BARE = "(a lab's own program)"


@cache
def answers(scheme: Scheme = DEFAULT_SCHEME) -> Table[Entry]:
    """Return what is listed of the answers to a picture."""

    def word(entry: Entry) -> str:
        said = None if entry.code is None else scheme.by_code.get(entry.code)
        return said.name if said else ""

    return Table(
        fields=(
            Field("label", attrgetter("code")),
            Field(
                "annotator",
                shown=lambda entry: shown_name(entry.annotator) if entry.annotator else BARE,
                piped=lambda entry: entry.annotator or ANONYMOUS,
            ),
            Field(
                "labelled_at",
                lambda entry: format_time(entry.at) if entry.at else "",
                "time",
                shown=lambda entry: figures.clock(entry.at) if entry.at else "",
                look="word",
            ),
            Field("answer", word, look="word"),
        ),
        empty="No labels yet.",
        columns=("annotator", "answer", "labelled_at"),
        hidden=frozenset({"answer"}),
    )


def shown_name(token: str) -> str:
    """Return an annotator's token as people read it."""
    from labapp.labels.tokens import annotator_name

    return annotator_name(token)


class Figures(NamedTuple):
    """The figures of all pictures, and the look that they were drawn from."""

    summary: Summary
    look: DatasetSnapshot


def _progress(name: str) -> Field[Figures]:
    return Field(name, attrgetter(f"summary.progress.{name}"))


#: What totals have beside classes, that a class's own total may not be called.
_TOTALS = frozenset(("pictures", "answers", "pairs", "unreadable_lines", "unreadable_files"))


def _total_name(each: LabelClass) -> str:
    name = f"{each.field}s"
    return f"{each.field}_class" if name in _TOTALS else name


def _count(label_class: LabelClass, each: Figures) -> int:
    return each.summary.progress.count(label_class)


@cache
def totals_table(scheme: Scheme = DEFAULT_SCHEME) -> Table[Figures]:
    """Return what is told of all pictures together."""
    first = scheme.first
    return Table(
        fields=(
            *map(_progress, ("pictures", "decided", "in_progress", "disputed", "untouched")),
            *map(_progress, ("answers", "useful", "wanted")),
            *(Field(_total_name(each), partial(_count, each)) for each in scheme.classes),
            Field(
                f"{first.field}_percent",
                lambda each: hundredfold(each.summary.progress.balance(first)),
            ),
            Field("alpha", attrgetter("summary.quality.alpha")),
            Field("raw_agreement", attrgetter("summary.quality.raw")),
            Field("pairs", attrgetter("summary.quality.pairs")),
            *map(_progress, ("unreadable_lines", "unreadable_files")),
            Field("without_picture", attrgetter("look.without_picture")),
            *map(_progress, ("settled", "broken")),
        ),
    )


ACTIVITY: Table[Activity] = Table(
    fields=tuple(map(Field, ("answers", "skips", "annotators", "decided", "answers_per_hour"))),
)
