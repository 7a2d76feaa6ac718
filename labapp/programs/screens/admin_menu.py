"""The admin's menu: queues, logs, workers, the cloud."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from labapp.console.menu import MenuItem
from labapp.programs.screens import (
    admin_pages,
    cloud_menu,
    export_screen,
    statistics_screen,
    upload_screen,
)
from labapp.programs.screens.desk import Desk
from labapp.programs.screens.parts import Action, run_menu, show_settings

if TYPE_CHECKING:
    from labapp.programs.cli import Context

HELP = """Here you look after the lab.

Label statistics: how far the labelling is, how good, by whom, and what needs a look.
Upload: puts pictures in the bucket to be labelled. Export: takes the labels out.
Queues: how much waits, is in flight, or lies in the dead letters; each can be purged.
Logs: what was asked and answered, newest first.
Workers: who is at work, and when each was last seen.
Cloud: what exists, and making what is missing; the local cloud can be stopped and emptied."""


def run(context: Context) -> int:
    """Show the menu until the admin quits."""
    desk = Desk(context, "admin")
    with desk.frame:
        desk.start()
        try:
            run_menu(
                "What would you like to look after?", partial(items, desk), desk.frame,
                help_text=HELP, top=True,
            )  # fmt: skip
        finally:
            desk.close()
    return 0


def items(desk: Desk) -> list[MenuItem[Action]]:
    """Return the lines of the menu."""
    return [
        MenuItem("1", "Label statistics", partial(statistics_screen.run, desk)),
        MenuItem(
            "2", "Upload pictures", partial(_upload, desk), note="the sample set, or your own"
        ),
        MenuItem("3", "Export the labels", partial(export_screen.run, desk)),
        MenuItem("4", "Queues", partial(admin_pages.show_queues, desk)),
        MenuItem("5", "Logs", partial(admin_pages.show_logs, desk)),
        MenuItem("6", "Workers", partial(admin_pages.show_workers, desk)),
        MenuItem("7", "Cloud", partial(cloud_menu.run, desk)),
        MenuItem("s", "Settings", partial(show_settings, desk.context, desk.frame)),
    ]


def _upload(desk: Desk) -> None:
    upload_screen.run(desk, str(upload_screen.SAMPLE))
