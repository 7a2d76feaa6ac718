"""The admin's statistics: how far, how good, who, and what needs a look."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from labapp.console import Back, figures, lists, picture, tables
from labapp.console.page import show
from labapp.console.theme import current
from labapp.dataset.images import Ahead
from labapp.dataset.statistics import Look, Statistics
from labapp.errors import LabappError
from labapp.labels.line import Entry, Label, annotator_name
from labapp.labels.order import FILTERS, SORTS, filter_tallies, most_disputed, sort_tallies
from labapp.labels.tally import Consensus, Tally
from labapp.programs.screens import picture_page, upload_screen
from labapp.programs.screens.parts import show_error

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import RenderableType
    from rich.text import Text

    from labapp.labels.annotators import AnnotatorReport
    from labapp.labels.summary import Summary
    from labapp.programs.screens.desk import Desk

#: Cells of a picture's bar.
BAR = 10

#: Rows of annotators and of disputed pictures on the overview; their own pages show all.
FEW = 3

HELP = """Decided: enough answers (the setting target_answers) and a majority. Disputed: a tie.

alpha is Krippendorff's: 1 is full agreement, 0 is what chance gives; raw is the share of pairs \
of answers that are the same. An annotator is flagged when nearly all answers are one key, or \
when the median time between two answers is below half a second."""

EMPTY_KEYS = [("u", "upload the sample set"), ("r", "refresh")]

KEYS = [("p", "pictures"), ("d", "most disputed"), ("a", "annotators"), ("r", "refresh")]


@dataclass
class Shown:
    """How the table of pictures is sorted and narrowed."""

    sort: str = "disputed"
    filter: str = "all"
    sorts: list[str] = field(default_factory=lambda: list(SORTS))

    def next_sort(self) -> None:
        """Sort by the next order."""
        self.sort = self.sorts[(self.sorts.index(self.sort) + 1) % len(self.sorts)]

    def next_filter(self) -> None:
        """Narrow to the next group."""
        self.filter = FILTERS[(FILTERS.index(self.filter) + 1) % len(FILTERS)]


def run(desk: Desk) -> None:
    """Show the overview until the admin goes back."""
    from labapp.cloud.bucket import Bucket

    target = desk.context.settings.target_answers
    statistics = Statistics(Bucket(desk.cloud()))
    shown = Shown()
    try:
        look = _look(desk, statistics)
        while True:
            summary = look.summary(target)
            body = _overview(look, summary, target)
            keys = KEYS if summary.progress.pictures else EMPTY_KEYS
            key = show("Statistics", body, frame=desk.frame, keys=keys, help=HELP)
            if key is None:
                return
            if key == "p":
                _pictures(desk, statistics, look, summary, shown)
            elif key == "d":
                _open_one(desk, statistics, look, most_disputed(summary.tallies), "Most disputed")
            elif key == "a":
                show("Annotators", _annotators(summary.annotators), frame=desk.frame, help=HELP)
            else:
                if key == "u":
                    upload_screen.upload_sample(desk)
                look = _look(desk, statistics)
    finally:
        statistics.close()


def _look(desk: Desk, statistics: Statistics) -> Look:
    """Read the labels behind a spinner that says how many are read."""
    from labapp.console import waiting

    told = [0, 0]

    def progress(done: int, total: int) -> None:
        told[:] = [done, total]
        if done % 500 == 0 and done:
            desk.announce(f"{figures.count(done)} of {figures.count(total)} label files read")

    done = waiting.wait_for(
        "reading the labels", lambda: (statistics.look(progress),), interval=0, leave="leave",
        title="Statistics", frame=desk.frame,
    )  # fmt: skip
    if done is None:
        raise Back
    return done[0]


def _overview(look: Look, summary: Summary, target: int) -> Callable[[int, int], RenderableType]:
    from rich.console import Group
    from rich.text import Text

    progress, activity, quality = summary.progress, summary.activity, summary.quality
    count = figures.count
    pairs = {
        "progress": f"{_bar(progress.share, 20)} {100 * progress.share:.0f} %   "
        f"{count(progress.useful)} of {count(progress.wanted)} answers, {target} a picture",
        "pictures": f"{count(progress.decided)} decided, "
        f"{count(progress.in_progress)} in progress, {count(progress.disputed)} disputed, "
        f"{count(progress.untouched)} untouched",
        "since yesterday": f"{count(activity.answers)} answers by "
        f"{figures.plural(activity.annotators, 'annotator')}, {count(activity.decided)} decided, "
        f"{activity.answers_per_hour:.0f} an hour",
        "class balance": _balance(progress.hot_dogs, progress.others),
        "agreement": "too few answers to tell"
        if quality.too_few
        else f"alpha {_figure(quality.alpha)}, raw {_percent(quality.raw)}, "
        f"{count(quality.pairs)} pairs",
    }
    if progress.unreadable_files:
        pairs["unreadable"] = (
            f"{figures.plural(progress.unreadable_lines, 'line')} in "
            f"{figures.plural(progress.unreadable_files, 'label file')}"
        )
    if look.orphans:
        pairs["no picture"] = (
            f"{figures.plural(len(look.orphans), 'label file')} without its picture"
        )
    if not progress.pictures:
        pairs = {}
    disputed = most_disputed(summary.tallies, FEW)

    def body(_columns: int, _rows: int) -> RenderableType:
        age = figures.age((datetime.now(UTC) - look.at).total_seconds())
        parts: list[RenderableType] = [tables.key_values({"as of": age, **pairs})]
        if summary.annotators:
            parts += [Text(""), _annotators(summary.annotators[:FEW])]
        if disputed:
            parts += [Text(""), Text("What needs you", style="title"), _table(disputed)]
        if not progress.pictures:
            parts += [Text(""), tables.mark("warn", "No pictures yet: u uploads the sample set.")]
        return Group(*parts)

    return body


def _pictures(
    desk: Desk, statistics: Statistics, look: Look, summary: Summary, shown: Shown
) -> None:
    """Show the table of pictures; s sorts, f narrows, o opens one."""
    target = desk.context.settings.target_answers
    keys = [("s", "sort"), ("f", "filter"), ("o", "open one")]
    while True:
        chosen = filter_tallies(summary.tallies, shown.filter, target=target)
        tallies = sort_tallies(chosen, shown.sort)
        title = f"Pictures: {shown.filter}, {SORTS[shown.sort]}"
        key = show(title, _table(tallies), frame=desk.frame, keys=keys, help=HELP)
        if key is None:
            return
        if key == "s":
            shown.next_sort()
        elif key == "f":
            shown.next_filter()
        else:
            _open_one(desk, statistics, look, tallies, title)


def _open_one(
    desk: Desk, statistics: Statistics, look: Look, tallies: list[Tally], title: str
) -> None:
    """Let the admin choose a picture, and show it with its answers, as often as wanted."""
    if not tallies:
        show(title, tables.mark("good", "There is none."), frame=desk.frame, help=HELP)
        return
    options = [lists.Option(tally.name, tally, _in_words(tally)) for tally in tallies]
    while True:
        try:
            tally = lists.search_list(title, options, frame=desk.frame, help=HELP)
        except Back:
            return
        _show_picture(desk, statistics, look, tally)


def _show_picture(desk: Desk, statistics: Statistics, look: Look, tally: Tally) -> None:
    """Show a picture, and below it what each has said of it."""
    answers = look.picture(tally.key).answers
    with Ahead(statistics.bucket, [tally.key]) as ahead:
        path = desk.wait("fetching the picture", partial(ahead.path, tally.key), tally.name)
    try:
        copy = picture_page.small(path)
    except LabappError as error:
        show_error(tally.name, error, desk.frame)
        return
    rows = [_answer_row(entry) for entry in answers]
    said = tables.table(["annotator", "answer", "when"], rows, empty="No labels yet.")

    def body(columns: int, height: int) -> RenderableType:
        from rich.console import Group
        from rich.text import Text

        room = max(height - len(rows) - 5, height // 2)
        return Group(picture.draw(copy, columns, room), Text(_in_words(tally)), Text(""), said)

    show(tally.name, body, frame=desk.frame, refresh=60, help=HELP)


def _answer_row(entry: Entry) -> tuple[str, str, str]:
    who = annotator_name(entry.annotator) if entry.annotator else "(a lab's own program)"
    when = figures.clock(entry.at) if entry.at else ""
    return who, "hot dog" if entry.label is Label.HOT_DOG else "other", when


def _table(tallies: list[Tally]) -> RenderableType:
    columns = [
        tables.line("picture", least=8),
        tables.number("hot dog %", drop=1),
        tables.number("other %", drop=4),
        tables.number("answers", drop=2),
        tables.number("agreement", drop=3),
        tables.Column("consensus", keep=True),
        tables.Column("", keep=True, drop=5),
    ]
    rows = [
        (
            one.name,
            _share(one.hot_dog_percent),
            _share(one.other_percent),
            one.answers,
            _percent(one.agreement),
            _consensus(one),
            _bar(one.hot_dog / one.answers, BAR) if one.answers else "",
        )
        for one in tallies
    ]
    return tables.table(columns, rows, empty="No picture is like that.")


def _annotators(reports: tuple[AnnotatorReport, ...]) -> RenderableType:
    columns = [
        tables.line("annotator", least=8),
        tables.number("answers"),
        tables.number("hot dog %", drop=2),
        tables.number("with the rest", drop=3),
        tables.Column("last seen", keep=True, drop=4),
        tables.line("flags", drop=1),
    ]
    present = datetime.now(UTC)
    rows = [
        (
            annotator_name(one.annotator),
            one.answers,
            _percent(one.hot_dog_share),
            _percent(one.agreement_with_rest),
            figures.age((present - one.last_at).total_seconds()),
            tables.mark("warn", ", ".join(one.flags)) if one.flags else "",
        )
        for one in reports
    ]
    return tables.table(columns, rows, empty="Nobody has labelled yet: client.py, Label.")


def _consensus(tally: Tally) -> str | Text:
    if tally.consensus is None:
        return "no labels yet"
    kind = tally.consensus
    return tables.mark("warn", kind.value) if kind is Consensus.DISPUTED else kind.value


def _in_words(tally: Tally) -> str:
    if tally.consensus is None:
        return "no labels yet"
    answers = figures.plural(tally.answers, "answer")
    return f"{_share(tally.hot_dog_percent)} % hot dog, {answers}, {tally.consensus.value}"


def _balance(hot_dogs: int, others: int) -> str:
    total = hot_dogs + others
    if not total:
        return "no majority yet"
    bar = _bar(hot_dogs / total, 20)
    return f"{bar} {figures.count(hot_dogs)} hot dogs, {figures.count(others)} others"


def _bar(share: float, cells: int) -> str:
    glyphs = current().glyphs
    full = round(share * cells)
    return glyphs.bar_full * full + glyphs.bar_empty * (cells - full)


def _share(percent: float | None) -> str:
    return "" if percent is None else f"{percent:.0f}"


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.0f} %"


def _figure(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.2f}"
