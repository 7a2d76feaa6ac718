"""Numbers: where the list comes from, and its answer as a table with the round-trip time."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from labapp import numbers
from labapp.console import figures, prompts, tables
from labapp.console.page import show
from labapp.jobs.number_kind import NUMBERS
from labapp.programs import jobs
from labapp.programs.jobs.client_session import ClientMenuSession
from labapp.programs.jobs.round_trip import answer_to
from labapp.programs.menus import history
from labapp.programs.menus.actions import items_of, refusal_of, run_menu
from labapp.programs.numbers import COMMANDS, MENU, READY_MADE, lists, present_file
from labapp.programs.shell.command import lines_of

if TYPE_CHECKING:
    from labapp.jobs.entry import Entry
    from labapp.jobs.session import ClientSession

HELP = """A list is up to {most} integers, separated by commas, semicolons or spaces.

It goes to the queue {queue}, a worker sums it up, and the answer comes back on a queue that \
only you read. You can leave the wait with Esc: the job goes on and its answer is shown when it \
comes.

Many lists, one on each line of a file, are answered by: client.py numbers --lines FILE"""

ANSWER_HELP = """A worker computed this from the list that you sent. The mean is exact to the \
digits shown; the median of an even number of integers is the middle between the two in the \
middle.

Jobs, in the first menu, keeps every answer."""

#: What the answer's values are called on the screen, in this order.
TITLES = {
    "min": "minimum",
    "max": "maximum",
    "mean": "mean",
    "median": "median",
    "sum": "sum",
    "count": "count",
}


def run(menu: ClientMenuSession) -> None:
    """Show the menu until the user goes back."""
    menu.prepare()
    settings = menu.context.settings
    text = HELP.format(most=settings.max_integers, queue=NUMBERS.request_queue_name(settings))
    lines = lines_of((*COMMANDS, *jobs.COMMANDS), MENU)
    run_menu(MENU, partial(items_of, menu, lines), menu.frame, help_text=text)


def send_typed(menu: ClientMenuSession) -> None:
    """Ask for a list, send it and show its answer."""
    rules = lists.rules(menu.context.settings)

    def wrong(text: str) -> str:
        return refusal_of(lambda: numbers.check(numbers.parse(text), rules))

    hint = f"(up to {rules.max_integers} integers, such as 1,12,55,4)"
    text = prompts.text("List:", check=wrong, hint=hint, title="Type a list", frame=menu.frame,
                        history=history.LISTS)  # fmt: skip
    _send(menu, text)


def send_file(menu: ClientMenuSession) -> None:
    """Ask for a file of integers, send them and show their answer."""
    path = prompts.path(
        "File:", kind="file", endings=lists.ENDINGS, default=present_file(), title="From a file",
        frame=menu.frame, history=history.NUMBER_FILES,
    )  # fmt: skip
    _send(menu, lists.read_list_file(str(path)))


def send_random(menu: ClientMenuSession) -> None:
    """Ask how many random integers are sent, send them and show their answer."""
    rules = lists.rules(menu.context.settings)
    length = prompts.integer(
        "How many?", minimum=1, maximum=rules.max_integers, default=min(5, rules.max_integers),
        title="Random numbers", frame=menu.frame, history=history.LENGTHS,
    )  # fmt: skip
    _send(menu, ",".join(map(str, lists.random_list(length, rules))))


def send_ready_made(menu: ClientMenuSession) -> None:
    """Send the ready-made list and show its answer."""
    _send(menu, READY_MADE)


def _send(menu: ClientMenuSession, text: str) -> None:
    """Send a list and show its answer."""
    values = numbers.parse(text)
    numbers.check(values, lists.rules(menu.context.settings))
    with menu.claim_job() as claim:

        def send(session: ClientSession) -> None:
            lists.send_numbers(session, values, claim.identity(session))

        entry = answer_to(menu, claim, send=send)
    if entry:
        _show_answer(menu, entry)


def _show_answer(menu: ClientMenuSession, entry: Entry) -> None:
    """Show an answer until it is dismissed."""
    from rich.console import Group
    from rich.text import Text

    list_line = Text.assemble(("list  ", "muted"), figures.one_line(entry.body))
    if entry.status != "done":
        body = Group(list_line, Text(""), tables.told("bad", f"{entry.status}: {entry.reply}"))
        show("Not taken", body, frame=menu.frame, help=ANSWER_HELP)
        return
    values = entry.values_as_written
    pairs = {title: values[name] for name, title in TITLES.items() if name in values}
    took = figures.duration(entry.seconds or 0)
    timing = Text(f"answered in {took}, there and back", style="muted")
    body = Group(list_line, Text(""), tables.key_values(pairs), Text(""), timing)
    show("Answer", body, frame=menu.frame, help=ANSWER_HELP)
