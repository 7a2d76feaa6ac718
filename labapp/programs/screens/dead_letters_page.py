"""Dead letters: each with its reason; one or all are sent back, or deleted for good."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from labapp.console import Back, figures, lists, prompts, tables
from labapp.console.page import show
from labapp.jobs.wire import printable
from labapp.programs import letters
from labapp.programs.screens.parts import moment, open_one

if TYPE_CHECKING:
    from rich.console import RenderableType

    from labapp.jobs.dead_letters import DeadLetter
    from labapp.programs.screens.desk import Desk

HELP = """A message lands here when its job could not be done, or nobody could be answered for \
it.

Send back: it is put in its queue again, to be done once more. Delete: it is gone for good."""

#: Characters of a body that a line shows.
MOST_BODY = 60

KEYS = [
    ("s", "send back"),
    ("a", "send all"),
    ("x", "delete"),
    ("o", "open"),
    ("r", "refresh"),
]


def run(desk: Desk) -> None:
    """Show the dead letters until the admin goes back."""
    while True:
        found = desk.wait("looking at the dead letters", partial(letters.all_letters, desk.cloud()))
        keys = KEYS if found else KEYS[-1:]
        key = show("Dead letters", _table(found), frame=desk.frame, keys=keys, help=HELP)
        if key is None:
            return
        try:
            _act(desk, key, found)
        except Back:
            continue


def _table(found: list[tuple[str, DeadLetter]]) -> RenderableType:
    columns = [
        tables.line("queue", drop=1),
        tables.number("receives", drop=3),
        tables.Column("last", keep=True, drop=2),
        tables.line("body"),
        tables.line("reason", least=16),
    ]
    rows = [
        (queue, one.receives, moment(one.last), _body(one), printable(one.reason))
        for queue, one in found
    ]
    empty = "No dead letters: every job was done, refused or is still waiting."
    table = tables.table(columns, rows, empty=empty)
    return tables.noted(table, letters.cut_note() if letters.is_cut(found) else "")


def _whole(found: tuple[str, DeadLetter]) -> RenderableType:
    queue, one = found
    return tables.key_values(
        {
            "queue": queue,
            "message": one.id,
            "job": one.job,
            "client": one.client,
            "body": printable(one.body),
            "reason": printable(one.reason),
            "receives": one.receives,
            "first": moment(one.first),
            "last": moment(one.last),
        }
    )


def _body(letter: DeadLetter) -> str:
    """Return a body for one line: a line break or a tab would break tables and choosers."""
    return printable(letter.body[:MOST_BODY])


def _act(desk: Desk, key: str, found: list[tuple[str, DeadLetter]]) -> None:
    cloud = desk.cloud()
    if key == "a":
        names = sorted({queue for queue, _ in found})
        if prompts.confirm(f"Send {figures.plural(len(found), 'message')} back?", frame=desk.frame):
            done = desk.wait(
                "sending back",
                lambda: sum(1 for name in names for _ in letters.redrive(cloud, name)),
            )
            desk.announce(f"{figures.plural(done, 'message')} sent back", "done")
        return
    options = [
        lists.Option(_body(one), (queue, one), printable(one.reason)) for queue, one in found
    ]
    if key == "o":
        open_one("Dead letters", options, _whole, desk.frame, HELP)
    elif key in ("s", "x"):
        title = "Send which one back?" if key == "s" else "Delete which one?"
        queue, letter = lists.search_list(title, options, frame=desk.frame, help=HELP)
        if key == "s":
            desk.wait("sending back", lambda: list(letters.redrive(cloud, queue, [letter.id])))
            desk.announce("one message sent back", "done")
        elif prompts.confirm(
            f"Delete '{_body(letter)}' for good?", title="Dead letters", frame=desk.frame
        ):
            desk.wait("deleting", lambda: list(letters.discard(cloud, queue, [letter.id])))
            desk.announce("one message deleted", "done")
