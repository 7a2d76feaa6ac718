"""The folder whose pictures the menu shows, remembered between sessions."""

from __future__ import annotations

from pathlib import Path

from labapp.files import typed_paths
from labapp.programs.menus import remembered

#: The name under which the folder is remembered.
FOLDER = "pictures folder"

#: The name under which it is remembered whether folders in it are meant, too.
DEEP = "pictures of folders in it"


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
    """Have another folder shown.

    Args:
        place: the folder.
        deep: whether pictures of folders in it are shown, too.
    """
    remembered.remember(FOLDER, str(place.absolute()))
    remembered.remember(DEEP, "yes" if deep else "no")


def look_deeper() -> None:
    """Have pictures of folders in the folder shown, too."""
    remembered.remember(DEEP, "yes")
