"""Pictures: one page on which they are found, seen, processed, and their results looked at."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from labapp.dataset.sample_set import SAMPLE
from labapp.programs.desk.desk import Desk
from labapp.programs.desk.files_panel import FilesPanel

if TYPE_CHECKING:
    from labapp.programs.jobs.client_session import ClientMenuSession


def run(menu: ClientMenuSession) -> None:
    """Show the desk, with the folder that was open last, until the user goes back."""
    _show(menu)


def try_sample(menu: ClientMenuSession) -> None:
    """Show the desk with the sample pictures, whose results are saved in the working folder."""
    _show(menu, SAMPLE)


def _show(menu: ClientMenuSession, folder: Path | None = None) -> None:
    desk = Desk(menu, folder)
    menu.prepare()
    desk.start()
    try:
        desk.split.run(FilesPanel(desk))
    finally:
        desk.close()
