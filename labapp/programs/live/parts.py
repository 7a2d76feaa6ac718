"""The parts of the picture: bars, pipes, dots and lines; each a pure function of what it shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal

from labapp.console import figures, theme
from labapp.console.layout import folded

if TYPE_CHECKING:
    from rich.text import Text

    from labapp.programs.live.model import AnswerNow, QueueNow, WorkerNow
    from labapp.worker.in_hand import JobInHand

#: Messages that a whole bar stands for, the least that holds what waits.
SCALES = (10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)

#: Seconds that the levels of a bar of age stand for; from the third on they are worth a look.
AGES = (1, 5, 15, 60, 180, 600, 3_600)
OLD, VERY_OLD = 60, 600

#: Dots that stand for jobs, at most; and of one pipe.
MOST_DOTS, MOST_MOVING = 8, 5

#: Columns of a client's name, at most.
MOST_NAME = 18

#: Characters of chance at the end of a client's id.
CHANCE = 12

#: Characters of a job's id that tell it from others on a screen: its last ones.
SHORT = 8


def text(*parts: str | tuple[str, str] | Text) -> Text:
    """Return a line of pieces, each plain, with its role in the theme, or a line itself."""
    from rich.text import Text

    return Text.assemble(*parts, no_wrap=True)


def folded_to(said: str, columns: int, most: int) -> list[str]:
    """Return a text on so many lines at most; the last one is cut."""
    lines = folded(said, columns)
    if len(lines) <= most:
        return lines
    return [*lines[: most - 1], figures.cut(" ".join(lines[most - 1 :]), columns)]


def padded(line: Text, width: int) -> Text:
    """Return a line cut or filled to a width."""
    line = line.copy()
    line.truncate(max(width, 0), overflow="crop", pad=True)
    return line


def short(job: str) -> str:
    """Return what a job is called where there is little room."""
    return figures.one_line(job)[-SHORT:]


def ordinal(number: int) -> str:
    """Return which time it is: `1st`, `2nd`, `11th`."""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if number % 100 in (11, 12, 13) else ending}"


def client(name: str, room: int) -> str:
    """Return what a client is called: its user's name, and the end of what chance added to it."""
    user, _, chance = name.rpartition("-")
    is_slot = user and len(chance) == CHANCE and not set(chance) - set("0123456789abcdef")
    return figures.cut_middle(f"{user}-{chance[-4:]}" if is_slot else name, room)


def scale_of(waiting: int) -> int:
    """Return how many messages a whole bar stands for."""
    return next((scale for scale in SCALES if waiting <= scale), max(waiting, 1))


def bar(queue: QueueNow, width: int, scale: int) -> Text:
    """Return a queue's depth: what waits in full, what is in flight in half blocks behind it."""
    spark = theme.current().glyphs.spark
    cells = max(width, 1)
    waits = _cells(queue.waiting + queue.delayed, scale, cells)
    flies = min(_cells(queue.in_flight, scale, cells), cells - waits)
    return text((spark[-1] * waits, "accent"), (spark[3] * flies, "good"))


def _cells(count: int, scale: int, width: int) -> int:
    """Return the cells of a count; whatever is there has one."""
    return min(width, max(1, round(count * width / scale))) if count else 0


def age_of(seconds: int | None) -> Text:
    """Return how long the oldest has waited, as a small bar and in words."""
    if seconds is None:
        return text("")
    spark = theme.current().glyphs.spark
    level = sum(seconds >= limit for limit in AGES)
    role = "bad" if seconds >= VERY_OLD else "warn" if seconds >= OLD else "muted"
    return text((f"{spark[level]} {figures.duration(seconds)}", role))


def dots(count: int, most: int = MOST_DOTS, role: str = "accent") -> Text:
    """Return jobs as dots; of more than there is room for, the number."""
    sign = theme.current().glyphs.knob
    if count <= max(most, 1):
        return text((sign * count, role))
    return text((f"{sign} {figures.count(count)}", role))


def pipe(width: int, moved: int, phase: int) -> Text:
    """Return the way from one part of the lab to the next, with what has just moved along it.

    Args:
        width: cells, 4 or more.
        moved: how many jobs moved between the last two looks.
        phase: of the dots: a step further at each.
    """
    glyphs = theme.current().glyphs
    line = glyphs.bar_full if glyphs.bar_full != glyphs.knob else "-"
    length = width - 1
    told = f" {figures.count(moved)} " if moved else ""
    if length - len(told) < MOST_MOVING:
        told = ""
    cells = [line] * (length - len(told))
    for number in range(min(moved, MOST_MOVING, len(cells))):
        cells[(2 * number + phase) % len(cells)] = glyphs.knob
    parts = [(one, "accent" if one == glyphs.knob else "muted") for one in cells]
    role = "strong" if moved else "muted"
    return text(*parts, (told, "strong"), (glyphs.pointer, role))


def state_of(worker: WorkerNow) -> tuple[Literal["good", "warn", "bad"], str]:
    """Return how good a worker's state is, and the sign of it."""
    kind: Literal["good", "warn", "bad"] = "bad" if worker.state == "gone" else "warn"
    if worker.state == "running" and not worker.trouble:
        kind = "good"
    return kind, theme.current().sign(kind)


def room_for(clients: Iterable[str], width: int) -> int:
    """Return the columns that clients' names are given in lines of a width."""
    longest = max((figures.cell_width(client(name, MOST_NAME)) for name in clients), default=0)
    return max(5, min(longest, width - 38))


def room_of_worker(width: int, who: int) -> int:
    """Return the columns that a worker's name has in a line, beside `who` of the client's."""
    return width - who - 40


def held_line(
    name: str, job: JobInHand, now: float, width: int, who: int, *, back: str = ""
) -> Text:
    """Return one job in hand: where, which, whose, how far, how long, and how often.

    `who` columns are the client's; `back` says when it comes back, of one whose worker is gone.
    """
    glyphs = theme.current().glyphs
    since = figures.duration(int(max(0.0, now - job.since)))
    step = (back, "bad") if back else (f"{figures.one_line(job.step)}, {since}", "good")
    again = f" {glyphs.warning} {ordinal(job.receives)}" if job.receives > 1 else ""
    place = max(5, min(len(name), room_of_worker(width, who)))
    return text(
        (f"{figures.cut_middle(name, place):<{place}} ", "muted"),
        (f"{short(job.job):<{SHORT}}  ", "accent"),
        f"{client(job.client, who):<{who}}  ",
        step,
        (again, "warn"),
    )


def answer_line(one: AnswerNow, width: int, who: int) -> Text:
    """Return one answer: which job's, whose, and what it was."""
    kind = "good" if one.status == "done" else "warn"
    sign = theme.current().sign(kind)
    said = one.answer if one.status == "done" else f"{one.status}: {one.answer}"
    return text(
        (f"{sign} ", kind),
        (f"{short(one.job):<{SHORT}}  ", "accent"),
        f"{client(one.client, who):<{who}}  ",
        (figures.cut(said, max(8, width - who - SHORT - 6)), "muted"),
    )


def cut_off(lines: Sequence[Text], rows: int, more: str) -> list[Text]:
    """Return lines for so many rows; the last says how many there are besides."""
    if len(lines) <= rows:
        return list(lines)
    left = len(lines) - max(rows - 1, 0)
    return [*lines[: max(rows - 1, 0)], text((f"{left} more {more}", "muted"))][: max(rows, 0)]
