"""The lab as a picture: clients, queues, workers, bucket and answers, and what moves between them.

Pure: a view and a window's size give the lines. From left to right it is the way of a job; below
stand the jobs in hand, and the newest answers or the way of the one that is followed. A window too
small for that has the plain form of `small`, and who has it read out that of `spoken`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import TYPE_CHECKING

from labapp.console import figures, theme
from labapp.programs.live import parts, plain
from labapp.programs.live.model import ANSWERS, REQUESTS, labels
from labapp.programs.live.parts import cut_off, padded, text
from labapp.programs.live.view import LEAST_COLUMNS, View, head
from labapp.programs.live.way import way

if TYPE_CHECKING:
    from rich.text import Text

    from labapp.programs.live.model import QueueNow, WorkerNow

#: Below these rows, too, the picture has its plain form.
LEAST_ROWS = 11

#: Columns from which the bucket has a column of its own, and what is below stands side by side.
WIDE = 100

#: Columns between two parts of the picture, at least.
GAP = 2

#: Rows of a queue with room around it.
ROOMY = 2

#: Seconds from which it is told how old a worker's word is.
OLD_WORD = 10

#: Columns of the jobs of a worker behind its name, at least: a blank, a dot and their number.
LEAST_DOTS = 4

#: Columns of a job in hand from which it is said in full that it comes back.
ROOM_OF_BACK = 60

#: Columns of the words before what stands below the picture.
LABEL = 9


@dataclass(frozen=True)
class _Column:
    """One part of the lab: its name, its sum, its lines for a width and rows, and its way out."""

    title: str
    total: str
    lines: Callable[[int, int], list[Text]]
    width: int
    moved: int = 0


def draw(view: View, columns: int, rows: int) -> list[Text]:
    """Return the picture's lines."""
    if theme.current().spoken:
        return plain.spoken(view)
    is_small = columns < LEAST_COLUMNS or rows < LEAST_ROWS
    lines = plain.small(view, columns, rows) if is_small else _large(view, columns, rows)
    for line in lines:
        line.truncate(columns, overflow="ellipsis" if theme.current().unicode else "crop")
    return lines[:rows]


def _large(view: View, columns: int, rows: int) -> list[Text]:
    lines = [*head(view, columns), text("")]
    room = rows - len(lines) - 1
    below = _below(view, columns)
    share = room * 3 // 5 if view.followed else room // 2
    wanted = min(len(below(columns, rows)), share)
    middle = _picture(view, columns, room - wanted)
    lines += [*middle, text("")]
    return [*lines, *below(columns, rows - len(lines))]


def _columns(view: View, width: int) -> list[_Column]:
    """Return the parts of the lab from left to right; their widths share what there is."""
    lab, moved = view.lab, view.moved
    alive = len(lab.at_work)
    rate = f", {lab.rate:.1f}/s" if lab.rate else ""
    waits = f"{figures.count(lab.waiting)} wait, {figures.count(lab.in_flight)} in flight"
    ended = sum(worker.ended for worker in lab.workers)
    unread = sum(queue.held for queue in (*lab.replies, *lab.of(ANSWERS)))
    queues = _Column("queues", waits, lambda w, r: _queues(view, w, r), 5, moved.taken)
    seen = str(len(lab.clients()))
    found = [
        _Column("clients", seen, lambda w, r: _clients(view, w, r), 3, moved.came),
        queues,
        _Column("workers", f"{alive}{rate}", lambda w, r: _workers(view, w, r), 4, moved.ended),
    ]
    logged = f"{figures.count(ended)} done" if ended else ""
    if width >= WIDE:
        found.append(_Column("bucket", logged, lambda w, r: _logged(view, w, r), 3, moved.ended))
        logged = ""
    total = f"{figures.count(unread)} unread" if unread else logged or "all read"
    wide = width >= WIDE
    found.append(_Column("answers", total, lambda w, r: _unread(view, w, r, logs=not wide), 3))
    shares, room = sum(one.width for one in found), width - GAP * (len(found) - 1)
    return [replace(one, width=room * one.width // shares) for one in found]


def _picture(view: View, width: int, rows: int) -> list[Text]:
    """Return the lab from left to right: ways between the parts, sums below, then what is there."""
    columns = _columns(view, width)
    ways, sums = text(""), text("")
    for number, one in enumerate(columns):
        last = number == len(columns) - 1
        way = one.width + GAP - len(one.title) - 2
        ways.append_text(text((f"{one.title} ", "title")))
        if not last:
            ways.append_text(parts.pipe(way, one.moved, view.phase))
            ways.append(" ")
        total = figures.cut(one.total, one.width)
        sums.append_text(padded(text((total, "muted")), one.width + GAP * (not last)))
    made = [one.lines(one.width, max(rows - 2, 1)) for one in columns]
    lines = [ways, sums]
    for row in range(max(map(len, made))):
        line = text("")
        for one, cells in zip(columns, made, strict=True):
            cell = cells[row] if row < len(cells) else text("")
            line.append_text(padded(cell, one.width))
            line.append(" " * GAP)
        line.rstrip()
        lines.append(line)
    return lines[: max(rows, 2)]


def _clients(view: View, width: int, rows: int) -> list[Text]:
    found = []
    for one in view.lab.clients():
        tail = parts.dots(one.in_hand, 3)
        name = parts.client(one.client, max(4, width - tail.cell_len - 1))
        found.append(text(name, " ", tail))
    return cut_off(found or [_none("none seen", width)], rows, "clients")


def _queues(view: View, width: int, rows: int) -> list[Text]:
    queues = view.lab.of(REQUESTS)
    dead = view.lab.dead
    room = rows - bool(dead)
    roomy = ROOMY * len(queues) <= room
    if roomy:
        found = [line for queue in queues for line in _roomy_queue(view, queue, width)]
    else:
        busy = sorted(queues, key=lambda one: -one.held)[: room - (len(queues) > room)]
        shown = [queue for queue in queues if queue in busy]
        found = _slim_queues(view, shown, width)
        if left := len(queues) - len(shown):
            waits = sum(queue.waiting for queue in queues if queue not in busy)
            more = f"{left} more, {figures.count(waits)} waiting"
            found.append(text((figures.cut(more, width), "muted")))
    if dead:
        sign = theme.current().glyphs.failed
        found.append(text((f"{sign} {figures.plural(dead, 'dead letter')}", "bad")))
    return found


def _roomy_queue(view: View, queue: QueueNow, width: int) -> list[Text]:
    """Return a queue on two lines: its name and counts, its depth and age."""
    counts = figures.count(queue.waiting + queue.delayed)
    flies = f" +{figures.count(queue.in_flight)}" if queue.in_flight else ""
    room = width - len(counts) - len(flies) - 1
    name = figures.cut_middle(queue.name, max(room, 6))
    age = parts.age_of(queue.oldest)
    first = text(f"{name:<{room}} ", (counts, "strong"), (flies, "good"))
    depth = parts.bar(queue, width - (age.cell_len + 1 if age.cell_len else 0), view.scale)
    return [first, text(depth, " " * bool(age.cell_len), age)]


def _slim_queues(view: View, queues: Sequence[QueueNow], width: int) -> list[Text]:
    """Return queues on a line each: name, counts, and a short bar."""
    counts = [_counts_of(queue) for queue in queues]
    longest = max(map(len, counts), default=0)
    bar = min(max(3, width // 4), 12)
    name = max(6, width - longest - bar - 2)
    return [
        text(
            f"{figures.cut_middle(queue.name, name):<{name}} ",
            (f"{count:>{longest}} ", "strong"),
            parts.bar(queue, bar, view.scale),
        )
        for queue, count in zip(queues, counts, strict=True)
    ]


def _counts_of(queue: QueueNow) -> str:
    flies = f" +{figures.count(queue.in_flight)}" if queue.in_flight else ""
    return f"{figures.count(queue.waiting + queue.delayed)}{flies}"


def _workers(view: View, width: int, rows: int) -> list[Text]:
    workers, found = view.lab.workers, []
    told = [_state_and_rate(worker, width) for worker in workers]
    rooms = [width - 3 - len(state) - len(rate) for state, rate in told]
    names = labels(workers, min(rooms, default=0) - LEAST_DOTS)
    for worker, (state, rate), room in zip(workers, told, rooms, strict=True):
        kind, sign = parts.state_of(worker)
        role = "accent" if worker.is_at_work else "bad"
        name = names[worker.worker]
        spare = room - max(6, len(name) + 1)
        held = parts.dots(worker.in_hand, max(0, min(parts.MOST_DOTS, spare)), role)
        name = figures.cut_middle(name, max(4, room - held.cell_len - 1))
        found.append(text((f"{sign} ", kind), name, (state, kind), " ", held, (rate, "muted")))
    return cut_off(found or [_none("none at work", width, "warn")], rows, "workers")


def _state_and_rate(worker: WorkerNow, width: int) -> tuple[str, str]:
    """Return how a worker is, where it is not well, and how fast, or how old its word is."""
    kind, _ = parts.state_of(worker)
    state = "" if kind == "good" else f" {figures.one_line(worker.state)}"
    if worker.is_at_work and worker.age >= OLD_WORD:
        return state, f", {figures.age(worker.age)}"
    return state, f" {worker.rate:.1f}/s" if worker.rate and width >= 24 else ""


def _none(said: str, width: int, role: str = "muted") -> Text:
    return text((figures.cut(said, width), role))


def _logged(view: View, width: int, rows: int) -> list[Text]:
    found = []
    for one in view.lab.answers:
        kind = "good" if one.status == "done" else "warn"
        sign = theme.current().sign(kind)
        found.append(text((f"{sign} ", kind), (parts.short(one.job), "accent")))
    return found[:rows] or [_none("none of late", width)]


def _unread(view: View, width: int, rows: int, *, logs: bool) -> list[Text]:
    """Return the queues in which answers wait, then, with `logs`, the jobs that were logged."""
    found = []
    for queue in (*view.lab.of(ANSWERS), *view.lab.replies):
        if queue.held:
            count = figures.count(queue.held)
            room = max(4, width - len(count) - 1)
            name = parts.client(queue.client, room) or figures.cut_middle(queue.name, room)
            found.append(text(name, (f" {count}", "strong")))
    if logs:
        found += _logged(view, width, rows - len(found)) if rows > len(found) else []
    return found[:rows]


def _below(view: View, width: int) -> Callable[[int, int], list[Text]]:
    """Return what gives the lines below the picture for a width and rows.

    The way of a job that is followed comes first. Of the rows that its facts and the jobs in hand
    would fill, the latter have two thirds, and the newest answers what is left.
    """
    if not view.followed:
        return _jobs(view, width)

    def followed(columns: int, rows: int) -> list[Text]:
        least, held = way(view, columns, rows, facts=0), _held(view, columns, rows)
        left = rows - len(least)
        share = min(len(held), left - max(1, left // 3))
        lines = way(view, columns, rows, facts=max(left - share, 0))
        left = rows - len(lines)
        if left > len(held):
            lines, left = [*lines, text("")], left - 1
        if width >= WIDE:
            return [*lines, *_jobs(view, width)(columns, left)]
        held = _held(view, columns, left)
        return [*lines, *held, *_answers(view, columns, left - len(held))]

    return followed


def _jobs(view: View, width: int) -> Callable[[int, int], list[Text]]:
    """Return what gives the lines of the jobs in hand and the newest answers."""
    half = (width - GAP) // 2
    if width >= WIDE:

        def beside(columns: int, rows: int) -> list[Text]:
            left, right = _held(view, half, rows), _answers(view, half, rows)
            pairs = zip_longest(left, right, fillvalue=text(""))
            return [text(padded(one, half), " " * GAP, two) for one, two in pairs]

        return beside

    def stacked(columns: int, rows: int) -> list[Text]:
        answers = len(_answers(view, columns, rows))
        held = _held(view, columns, max(1, rows - min(answers, rows // 2)))
        return [*held, *_answers(view, columns, rows - len(held))]

    return stacked


def _held(view: View, width: int, rows: int) -> list[Text]:
    """Return the jobs in hand, those first whose worker is gone, then those longest in hand."""
    lab = view.lab
    jobs = sorted(lab.hands(), key=lambda one: (one[0].is_at_work, one[1].since))
    room = width - LABEL
    hidden = f"comes back within {lab.hidden} s" if lab.hidden else "comes back"
    hidden = hidden if room >= ROOM_OF_BACK else hidden.removeprefix("comes ")
    who = parts.room_for([job.client for _, job in jobs], room)
    names = labels(lab.workers, parts.room_of_worker(room, who))
    found = [
        parts.held_line(names[one.worker], job, lab.at, room, who,
                        back="" if one.is_at_work else hidden)
        for one, job in jobs
    ]  # fmt: skip
    none = [text(("nothing at this moment", "muted"))]
    return _labelled("in hand", cut_off(found or none, rows, "in hand"))


def _answers(view: View, width: int, rows: int) -> list[Text]:
    room = width - LABEL
    who = parts.room_for([one.client for one in view.lab.answers], room)
    found = [parts.answer_line(one, room, who) for one in view.lab.answers]
    return _labelled("answers", (found or [text(("none of late", "muted"))])[: max(rows, 0)])


def _labelled(label: str, lines: Sequence[Text]) -> list[Text]:
    """Return lines with what they are before the first of them."""
    named = [label, *[""] * len(lines)]
    return [
        text((f"{name:<{LABEL}}", "muted"), line) for name, line in zip(named, lines, strict=False)
    ]
