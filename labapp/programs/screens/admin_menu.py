"""The admin's menu: queues, logs, workers, the cloud."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from labapp.console.menu import MenuItem
from labapp.programs.dataset import SAMPLE
from labapp.programs.screens.desk import Desk
from labapp.programs.screens.parts import Action, later, run_desk, show_settings
from labapp.programs.screens.welcome import greet

if TYPE_CHECKING:
    from labapp.programs.cli import Context

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
    desk = Desk(context, "admin", ("statistics_screen", "export_screen", "admin_pages"))
    return run_desk(
        desk,
        "What would you like to look after?",
        partial(items, desk),
        help_text=HELP,
        first=partial(greet, desk, "admin", first_steps(desk)),
    )


def first_steps(desk: Desk) -> list[MenuItem[Action]]:
    """Return what an admin wants who is new here."""
    return [
        MenuItem("1", "Upload the sample set", later("upload_screen", "upload_sample", desk),
                 note="20 pictures to be labelled"),
        MenuItem("2", "See how the labelling goes", later("statistics_screen", "run", desk)),
        MenuItem("3", "See what waits in the queues", later("admin_pages", "show_queues", desk)),
    ]  # fmt: skip


def items(desk: Desk) -> list[MenuItem[Action]]:
    """Return the lines of the menu."""
    return [
        MenuItem("1", "Label statistics", later("statistics_screen", "run", desk)),
        MenuItem(
            "2",
            "Upload pictures",
            later("upload_screen", "run", desk, str(SAMPLE)),
            note="the sample set, or your own",
        ),
        MenuItem("3", "Export the labels", later("export_screen", "run", desk)),
        MenuItem("4", "Queues", later("admin_pages", "show_queues", desk)),
        MenuItem("5", "Logs", later("admin_pages", "show_logs", desk)),
        MenuItem("6", "Workers", later("admin_pages", "show_workers", desk)),
        MenuItem("7", "Cloud", later("cloud_menu", "run", desk)),
        MenuItem("8", "Import labels", later("import_screen", "run", desk),
                 note="what was exported, or Label Studio's"),
        MenuItem("9", "Remove pictures", later("remove_screen", "run", desk),
                 note="their labels are kept"),
        MenuItem("s", "Settings", partial(show_settings, desk.context, desk.frame)),
    ]  # fmt: skip
