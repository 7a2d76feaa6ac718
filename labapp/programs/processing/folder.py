"""The folder whose pictures the menu shows, remembered between sessions."""

from __future__ import annotations

from pathlib import Path

from labapp.files import typed_paths
from labapp.programs.menus import remembered

#: The names under which are remembered: the folder; whether folders in it are meant, too; whether
#: results of labapp in it are; and the folder of the results, where they have one.
FOLDER, DEEP, RESULTS = "pictures folder", "pictures of folders in it", "results in it"
OUT = "folder of results"


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


def takes_results() -> bool:
    """Return whether results of labapp are taken, too, where several pictures are chosen."""
    return remembered.recall(RESULTS) == "yes"


def change(place: Path, *, deep: bool, results: bool) -> None:
    """Have another folder shown, as `is_deep` and `takes_results` say from now on."""
    remembered.remember(FOLDER, str(place.absolute()))
    remembered.remember(DEEP, "yes" if deep else "no")
    remembered.remember(RESULTS, "yes" if results else "no")


def look_deeper() -> None:
    """Have pictures of folders in the folder shown, too."""
    remembered.remember(DEEP, "yes")


def results_folder() -> Path | None:
    """Return the folder where results are saved; None: beside each picture."""
    kept = remembered.recall(OUT)
    return Path(kept) if kept and Path(kept).is_dir() else None


def save_results_in(place: Path | None) -> None:
    """Have results saved in a folder; None: beside each picture."""
    remembered.remember(OUT, str(place.absolute()) if place else "")
