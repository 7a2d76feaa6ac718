"""Open a picture in the system's own viewer, where there is one.

The desktop goes by a file's ending and would run a program, while the ending of a key is whatever
its uploader chose. So the viewer gets a copy that is named after the format of the bytes.
"""

from __future__ import annotations

import contextlib
import filecmp
import os
import shutil
import subprocess
import sys
from pathlib import Path

from labapp.errors import LabappError
from labapp.files import private
from labapp.pictures.limits import EXTENSIONS

#: Copies kept: a viewer may read its file again long after it was opened.
KEPT = 20


def show_picture(path: Path, format: str, folder: Path) -> None:
    """Open a picture in the program that the desktop has for it; does not wait for it.

    Args:
        path: the picture's file; its name is not trusted.
        format: what its bytes are, as `reading.inspect` found.
        folder: where the copy that is opened is kept, and nothing else.

    Raises:
        LabappError: there is no such program, which says where the file lies; or no copy can be
            made.
    """
    copy = _copy(path, format, folder)
    try:
        if sys.platform == "win32":
            os.startfile(copy)
            return
        opener = shutil.which("open" if sys.platform == "darwin" else "xdg-open")
        if opener:
            subprocess.Popen(
                [opener, str(copy)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            return
    except OSError:
        pass
    raise LabappError("this system has no viewer that opens pictures", f"The file is {copy}.")


def _copy(path: Path, format: str, folder: Path) -> Path:
    """Copy a picture under an ending that says what it is; the oldest copies go."""
    copy = folder.absolute() / f"{path.stem}{EXTENSIONS[format]}"
    try:
        # Windows lets nobody replace what a viewer still has open; shown again, it is the same.
        if not (copy.exists() and filecmp.cmp(path, copy, shallow=False)):
            with private.replacing(copy) as part:
                shutil.copyfile(path, part)
        old = sorted(folder.iterdir(), key=lambda file: file.stat().st_mtime)[:-KEPT]
    except OSError as error:
        raise LabappError(
            f"cannot write {copy}: {error.strerror or error}",
            "Set LABAPP_DATA_DIR to a folder that you may write in.",
        ) from error
    for file in old:
        with contextlib.suppress(OSError):  # Windows keeps what a viewer has open
            file.unlink()
    return copy
