"""The admin's menu: queues, logs, workers, the cloud."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from labapp.errors import SettingError
from labapp.programs.admin import PROGRAM
from labapp.programs.menus.actions import items_of, run_session
from labapp.programs.menus.session import MenuSession
from labapp.programs.menus.welcome import greet
from labapp.programs.shell.command import Line, lines_of

if TYPE_CHECKING:
    from labapp.programs.shell.context import Context
    from labapp.settings import Settings

HELP = """Here you look after the lab.

Label statistics: how far the labelling is, how good, by whom, and what needs a look.
Upload: puts pictures in the bucket to be labelled. Export: takes the labels out.
Import: puts exported labels back, none twice. Remove: takes pictures out; if they are uploaded \
again, their labels come back.
Classes and question: what annotators are asked, and by which keys they answer.
Gold pictures: those whose class you know, which tell how far annotators are right.
Queues: how much waits, is in flight, or lies in the dead letters; each can be purged.
Logs: what was asked and answered, newest first.
Workers: who is at work, and when each was last seen.
Live: queues, workers and jobs as they are at this moment, for a class on the projector.
Cloud: what exists, and making what is missing; dialects, for labs' own clients; the local cloud \
can be stopped and emptied.

A number or a letter acts at once; arrows and Enter work too; Esc goes one step back."""

#: What an admin wants who is new here.
FIRST_STEPS = (
    Line(
        "Upload the sample set",
        "dataset.screens:upload_sample",
        note="20 pictures to be labelled",
    ),
    Line("See how the labelling goes", "statistics.screen:run"),
    Line("See what waits in the queues", "queues.page:run"),
)


def run(context: Context) -> int:
    """Show the menu until the admin quits."""
    menu = MenuSession(context, "admin", ("statistics.screen", "export.screen", "queues.page"))
    fault = _fault_of(context.settings)
    if fault:
        menu.announce(fault, "failed", "the dialect")
    return run_session(
        menu,
        "What would you like to look after?",
        partial(items_of, menu, lines_of(PROGRAM.commands)),
        help_text=HELP,
        first=partial(greet, menu, "admin", partial(items_of, menu, FIRST_STEPS)),
    )


def _fault_of(settings: Settings) -> str:
    """Return what is wrong with the dialect; empty where nothing is: else no queue can be named."""
    if not settings.dialect:
        return ""
    from labapp.jobs import dialect_checks

    try:
        dialect_checks.check(settings)
    except SettingError as error:
        return f"The dialect is wrong: see Cloud, Dialects, Check a file. {error.message}"
    return ""
