"""The folder whose pictures the menu shows, remembered between sessions."""

from __future__ import annotations

from pathlib import Path

from labapp.files import typed_paths
from labapp.programs.menus import remembered

#: The names under which are remembered: the folder; whether folders in it are meant, too; and the
#: folder of the results, where they have one.
FOLDER, DEEP, OUT = "pictures folder", "pictures of folders in it", "folder of results"


def folder() -> Path:
    """Return the folder whose pictures are shown: the last one used, else the working folder."""
    kept = remembered.recall(FOLDER)
    return Path(kept) if kept and Path(kept).is_dir() else working()


def working() -> Path:
    """Return the working folder, or the user's own where that is gone."""
    return typed_paths.working_folder() or Path.home()


def is_deep() -> bool:
    """Return whether pictures of folders in the folder are shown, too."""
    return remembered.recall(DEEP) == "yes"


def change(place: Path, *, deep: bool) -> None:
    """Have another folder shown, and as `is_deep` says, from now on."""
    remembered.remember(FOLDER, str(place.absolute()))
    remembered.remember(DEEP, "yes" if deep else "no")


def results_folder() -> Path | None:
    """Return the folder where results are saved; None: beside each picture."""
    kept = remembered.recall(OUT)
    return Path(kept) if kept and Path(kept).is_dir() else None


def save_results_in(place: Path | None) -> None:
    """Have results saved in a folder; None: beside each picture."""
    remembered.remember(OUT, str(place.absolute()) if place else "")
