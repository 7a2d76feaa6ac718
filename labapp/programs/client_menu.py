"""The user's menu."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from labapp.cloud.address import shared_at
from labapp.console.menu import MenuItem
from labapp.programs.jobs.client_session import ClientDesk
from labapp.programs.menus.actions import Action, later, run_desk, show_settings
from labapp.programs.menus.welcome import greet
from labapp.programs.shell.parsing import again

if TYPE_CHECKING:
    from labapp.programs.shell.program import Context

HELP = """You send work to the lab's queues; a worker does it and answers you alone.

Numbers: send a list of integers and get minimum, maximum, mean, median and sum.
Pictures: have them blurred, made grey, resized and more; see the effect before you send.
Label: say of four random pictures whether there is a hot dog in them.
Jobs: everything you sent from this machine, and what became of it.

A number or a letter acts at once; arrows and Enter work too; Esc goes one step back."""


def run(context: Context) -> int:
    """Show the menu until the user quits."""
    desk = ClientDesk(
        context, behind=("numbers.menu", "labelling.screen", "processing.menu", "jobs.page")
    )
    return run_desk(
        desk,
        "What would you like to do?",
        partial(items, desk),
        help_text=HELP,
        first=partial(greet, desk, "client", first_steps(desk)),
    )


def first_steps(desk: ClientDesk) -> list[MenuItem[Action]]:
    """Return what a user wants who is new here."""
    return [
        MenuItem("1", "Send numbers", later("numbers.menu", "send_ready_made", desk),
                 note="1, 12, 55, 4"),
        MenuItem("2", "Try a picture", later("processing.menu", "try_sample", desk),
                 note="blur it, turn it grey and more"),
        MenuItem("3", "Label hot dogs", later("labelling.screen", "run", desk),
                 note="four pictures, one key for each"),
    ]  # fmt: skip


def items(desk: ClientDesk) -> list[MenuItem[Action]]:
    """Return the lines of the menu, as things stand."""
    pending = f"{desk.pending} waiting for an answer" if desk.pending else ""
    return [
        MenuItem("1", "Numbers", later("numbers.menu", "run", desk)),
        MenuItem("2", "Pictures", later("processing.menu", "run", desk)),
        MenuItem("3", "Label pictures: hot dog or not", later("labelling.screen", "run", desk)),
        MenuItem("4", "Upload hot-dog pictures", later("dataset.upload_screen", "run", desk)),
        MenuItem("n", "Change my name", later("labelling.screen", "rename", desk),
                 note=_annotator(desk), disabled=_why_no_other_name(desk)),
        MenuItem("j", "Jobs", later("jobs.page", "run", desk), note=pending),
        MenuItem("w", "Start a worker", partial(start_worker, desk), disabled=_why_no_worker(desk)),
        MenuItem("s", "Settings", partial(show_settings, desk.context, desk.frame)),
    ]  # fmt: skip


def _annotator(desk: ClientDesk) -> str:
    from labapp.dataset import annotator as names
    from labapp.labels.label_file import annotator_name

    token = names.annotator(desk.context.settings)
    return annotator_name(token) if token else "asked before you label"


def _why_no_other_name(desk: ClientDesk) -> str:
    """Return what sets the name, since that goes before the one kept here; empty if nothing."""
    from labapp.labels.label_file import annotator_name, annotator_token

    given = desk.context.settings.annotator
    if not given:
        return ""
    name = annotator_name(annotator_token(given))
    return f"{name}, set by the {desk.context.loaded.origins['annotator']}"


def start_worker(desk: ClientDesk) -> None:
    """Start a worker in the background."""
    desk.wait("starting a worker", partial(desk.ensure_worker, desk.cloud()))


def _why_no_worker(desk: ClientDesk) -> str:
    if shared_at(desk.context.settings):
        return "on a shared cloud its teacher starts one"
    if desk.context.settings.cloud != "local":
        return f"on AWS, start one with: python server.py{again(desk.context.loaded)}"
    return "" if desk.worker_lacking() else "one is running"
