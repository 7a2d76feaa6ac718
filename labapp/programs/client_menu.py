"""The user's menu."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from labapp.cloud.address import shared_at
from labapp.console.menu import MenuItem
from labapp.labels.classes import POSITIVE
from labapp.programs.jobs.client_session import ClientMenuSession
from labapp.programs.menus.actions import Action, later, run_session, show_settings
from labapp.programs.menus.welcome import greet
from labapp.programs.shell.parsing import again

if TYPE_CHECKING:
    from labapp.programs.shell.context import Context

HELP = f"""You send work to the lab's queues; a worker does it and answers you alone.

Numbers: send a list of integers and get minimum, maximum, mean, median and sum.
Pictures: have them blurred, made grey, resized and more; see the effect before you send.
Label: say of four random pictures whether there is {POSITIVE.title} in them.
Jobs: everything you sent from this machine, and what became of it.

A number or a letter acts at once; arrows and Enter work too; Esc goes one step back."""


def run(context: Context) -> int:
    """Show the menu until the user quits."""
    menu = ClientMenuSession(
        context, behind=("numbers.menu", "labelling.screen", "processing.menu", "jobs.page")
    )
    return run_session(
        menu,
        "What would you like to do?",
        partial(items, menu),
        help_text=HELP,
        first=partial(greet, menu, "client", first_steps(menu)),
    )


def first_steps(menu: ClientMenuSession) -> list[MenuItem[Action]]:
    """Return what a user wants who is new here."""
    return [
        MenuItem("1", "Send numbers", later("numbers.menu", "send_ready_made", menu),
                 note="1, 12, 55, 4"),
        MenuItem("2", "Try a picture", later("processing.menu", "try_sample", menu),
                 note="blur it, turn it grey and more"),
        MenuItem("3", f"Label {POSITIVE.plural}", later("labelling.screen", "run", menu),
                 note="four pictures, one key for each"),
    ]  # fmt: skip


def items(menu: ClientMenuSession) -> list[MenuItem[Action]]:
    """Return the lines of the menu, as things stand."""
    pending = f"{menu.pending} waiting for an answer" if menu.pending else ""
    return [
        MenuItem("1", "Numbers", later("numbers.menu", "run", menu)),
        MenuItem("2", "Pictures", later("processing.menu", "run", menu)),
        MenuItem("3", f"Label pictures: {POSITIVE.name} or not",
                 later("labelling.screen", "run", menu)),
        MenuItem("4", f"Upload {POSITIVE.word} pictures",
                 later("dataset.upload_screen", "run", menu)),
        MenuItem("n", "Change my name", later("labelling.screen", "rename", menu),
                 note=_annotator(menu), disabled=_why_no_other_name(menu)),
        MenuItem("j", "Jobs", later("jobs.page", "run", menu), note=pending),
        MenuItem("w", "Start a worker", partial(start_worker, menu), disabled=_why_no_worker(menu)),
        MenuItem("s", "Settings", partial(show_settings, menu.context, menu.frame)),
    ]  # fmt: skip


def _annotator(menu: ClientMenuSession) -> str:
    from labapp.dataset import annotator as names
    from labapp.labels.label_file import annotator_name

    token = names.annotator(menu.context.settings)
    return annotator_name(token) if token else "asked before you label"


def _why_no_other_name(menu: ClientMenuSession) -> str:
    """Return what sets the name, since that goes before the one kept here; empty if nothing."""
    from labapp.labels.label_file import annotator_name, annotator_token

    given = menu.context.settings.annotator
    if not given:
        return ""
    name = annotator_name(annotator_token(given))
    return f"{name}, set by the {menu.context.loaded.origins['annotator']}"


def start_worker(menu: ClientMenuSession) -> None:
    """Start a worker in the background."""
    menu.wait("starting a worker", partial(menu.ensure_worker, menu.cloud()))


def _why_no_worker(menu: ClientMenuSession) -> str:
    if shared_at(menu.context.settings):
        return "on a shared cloud its teacher starts one"
    if menu.context.settings.cloud != "local":
        return f"on AWS, start one with: python server.py{again(menu.context.loaded)}"
    return "" if menu.worker_lacking() else "one is running"
