"""The user's menu."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from labapp.labels.classes import DEFAULT_SCHEME, Scheme
from labapp.programs import dataset, doctor, jobs, labelling, numbers, processing
from labapp.programs.jobs.client_session import ClientMenuSession
from labapp.programs.menus.actions import items_of, run_session
from labapp.programs.menus.asked import is_usual
from labapp.programs.menus.welcome import greet
from labapp.programs.shell import commands as shell
from labapp.programs.shell.command import Line, lines_of
from labapp.programs.shell.parsing import again

if TYPE_CHECKING:
    from labapp.programs.shell.context import Context

HELP = """You send work to the lab's queues; a worker does it and answers you alone.

Numbers: send a list of integers and get minimum, maximum, mean, median and sum.
Pictures: have them blurred, made grey, resized and more; see the effect before you send.
Label: {label}
Jobs: everything you sent from this machine, and what became of it.

A number or a letter acts at once; arrows and Enter work too; Esc goes one step back."""


def why_no_worker(menu: ClientMenuSession) -> str:
    """Return why no worker can be started now; empty if one can."""
    if menu.context.settings.cloud != "local":
        if menu.endpoints.are_loopback:
            return "on a shared cloud its teacher starts one"
        where = menu.endpoints.where or "AWS"
        return f"on {where}, start one with: python server.py{again(menu.context.loaded)}"
    if menu.workers is None:
        return "still looking whether one is running"
    return "one is running" if menu.workers else ""


#: A worker is a program of its own, in the menu and on the command line.
WORKER = Line("Start a worker", "client_menu:start_worker", key="w", disabled=why_no_worker)

#: The lines of the menu, thing by thing.
LINES = (
    *lines_of(
        (
            *numbers.COMMANDS,
            *processing.COMMANDS,
            *labelling.COMMANDS,
            *dataset.COMMANDS,
            *jobs.COMMANDS,
        )
    ),
    WORKER,
    *lines_of((doctor.CLIENT,)),
    *lines_of(shell.COMMANDS),
)


def help_text(scheme: Scheme) -> str:
    """Return what `?` shows of the menu."""
    label = f"say of four random pictures whether there is {scheme.first.title} in them."
    if not is_usual(scheme):
        end = "" if scheme.asked.endswith(("?", ".", "!")) else "."
        label = f"say of pictures, one after the other: {scheme.asked}{end}"
    return HELP.format(label=label)


def _label_title(menu: ClientMenuSession) -> str:
    return f"Label {menu.scheme.first.plural if is_usual(menu.scheme) else 'pictures'}"


#: What a user wants who is new here.
FIRST_STEPS = (
    Line("Send numbers", "numbers.menu:send_ready_made", note=numbers.READY_MADE),
    Line("Try a picture", "desk.screen:try_sample", note="blur it, turn it grey and more"),
    Line(
        f"Label {DEFAULT_SCHEME.first.plural}",
        "labelling.screen:run",
        note="four pictures, one key for each",
        titled=_label_title,
    ),
)


def run(context: Context) -> int:
    """Show the menu until the user quits."""
    menu = ClientMenuSession(
        context,
        behind=("numbers.menu", "labelling.screen", "desk.screen", "jobs.page"),
        at_start=("menus.asked:look", "labelling.leftovers:announce"),
    )
    return run_session(
        menu,
        "What would you like to do?",
        partial(items_of, menu, LINES),
        help_text=help_text(menu.scheme),
        first=partial(greet, menu, "client", partial(items_of, menu, FIRST_STEPS)),
    )


def start_worker(menu: ClientMenuSession) -> None:
    """Start a worker in the background."""
    menu.wait("starting a worker", partial(menu.ensure_worker, menu.cloud()))
