"""The admin's menu: queues, logs, workers, the cloud."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from labapp.console.menu import MenuItem
from labapp.dataset.sample_set import SAMPLE
from labapp.programs.menus.actions import Action, later, run_session, show_settings
from labapp.programs.menus.session import MenuSession
from labapp.programs.menus.welcome import greet

if TYPE_CHECKING:
    from labapp.programs.shell.context import Context

HELP = """Here you look after the lab.

Label statistics: how far the labelling is, how good, by whom, and what needs a look.
Upload: puts pictures in the bucket to be labelled. Export: takes the labels out.
Import: puts exported labels back, none twice. Remove: takes pictures out; if they are uploaded \
again, their labels come back.
Queues: how much waits, is in flight, or lies in the dead letters; each can be purged.
Logs: what was asked and answered, newest first.
Workers: who is at work, and when each was last seen.
Cloud: what exists, and making what is missing; the local cloud can be stopped and emptied.

A number or a letter acts at once; arrows and Enter work too; Esc goes one step back."""


def run(context: Context) -> int:
    """Show the menu until the admin quits."""
    menu = MenuSession(context, "admin", ("statistics.screen", "export.screen", "queues.page"))
    return run_session(
        menu,
        "What would you like to look after?",
        partial(items, menu),
        help_text=HELP,
        first=partial(greet, menu, "admin", first_steps(menu)),
    )


def first_steps(menu: MenuSession) -> list[MenuItem[Action]]:
    """Return what an admin wants who is new here."""
    return [
        MenuItem("1", "Upload the sample set",
                 later("dataset.upload_screen", "upload_sample", menu),
                 note="20 pictures to be labelled"),
        MenuItem("2", "See how the labelling goes", later("statistics.screen", "run", menu)),
        MenuItem("3", "See what waits in the queues", later("queues.page", "run", menu)),
    ]  # fmt: skip


def items(menu: MenuSession) -> list[MenuItem[Action]]:
    """Return the lines of the menu."""
    return [
        MenuItem("1", "Label statistics", later("statistics.screen", "run", menu)),
        MenuItem(
            "2",
            "Upload pictures",
            later("dataset.upload_screen", "run", menu, str(SAMPLE)),
            note="the sample set, or your own",
        ),
        MenuItem("3", "Export the labels", later("export.screen", "run", menu)),
        MenuItem("4", "Queues", later("queues.page", "run", menu)),
        MenuItem("5", "Logs", later("logs.page", "run", menu)),
        MenuItem("6", "Workers", later("workers.page", "run", menu)),
        MenuItem("7", "Cloud", later("cloud.menu", "run", menu)),
        MenuItem("8", "Import labels", later("dataset.import_screen", "run", menu),
                 note="what was exported, or Label Studio's"),
        MenuItem("9", "Remove pictures", later("dataset.remove_screen", "run", menu),
                 note="their labels are kept"),
        MenuItem("s", "Settings", partial(show_settings, menu)),
    ]  # fmt: skip
