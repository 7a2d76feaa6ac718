"""Open a file in the system's own viewer, where there is one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from labapp.errors import LabappError


def show_file(path: Path) -> None:
    """Open a file in the program that the desktop has for it; does not wait for it.

    Raises:
        LabappError: there is none; says where the file lies.
    """
    try:
        if sys.platform == "win32":
            os.startfile(path)
            return
        opener = shutil.which("open" if sys.platform == "darwin" else "xdg-open")
        if opener:
            subprocess.Popen(
                [opener, str(path)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            return
    except OSError:
        pass
    raise LabappError("this system has no viewer that opens pictures", f"The file is {path}.")
