"""The environment of child processes: no credentials, no tokens, no proxies.

A process that has no use for a secret is not given it: what is not in its memory, nobody who takes
it over can read.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

#: What Python and the platform need, and nothing of AWS, of proxies or of another MiniStack.
_INHERITED = (
    *("APPDATA", "COMSPEC", "HOME", "LANG", "LOCALAPPDATA", "PATH", "PATHEXT", "SYSTEMDRIVE"),
    *("SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "TZ", "USERPROFILE", "VIRTUAL_ENV", "WINDIR"),
)
_INHERITED_PREFIXES = ("DYLD_", "LC_", "LD_", "PYTHON")


def missing_library(library: str, program: str) -> str:
    """Return what a program says that is called with a Python which lacks its libraries."""
    first = "First: source .venv/bin/activate"
    if sys.platform == "win32":  # Activate.ps1 is a script, which PowerShell's policy may forbid
        first = rf"Run .venv\Scripts\python.exe {program}"
    return f"{program}: {library} is not installed. {first}"


def for_children() -> dict[str, str]:
    """Return the environment for a process of ours: this one's, less all that is not needed."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name.upper() in _INHERITED or name.upper().startswith(_INHERITED_PREFIXES)
    }
    # labapp is run from its folder, not installed, and their working folder is another.
    paths = [str(Path(__file__).resolve().parents[1]), os.environ.get("PYTHONPATH", "")]
    return {**kept, "PYTHONPATH": os.pathsep.join(filter(None, paths))}


def interpreter() -> tuple[str, dict[str, str]]:
    """Return the program that runs this Python, and what it needs in its environment.

    On Windows the `python.exe` of a venv only starts another process, which is Python: what is told
    to one, as a limit or an end, does not reach the other. So that other one is run at once, and is
    told of the venv as `multiprocessing` tells it.
    """
    base = getattr(sys, "_base_executable", None) or sys.executable
    if sys.platform != "win32" or os.path.normcase(base) == os.path.normcase(sys.executable):
        return sys.executable, {}
    return base, {"__PYVENV_LAUNCHER__": sys.executable}
