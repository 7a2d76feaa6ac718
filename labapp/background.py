"""Processes of ours: what they are given, without a window and out of reach of Ctrl-C; their end.

On Windows a program for the console that has none gets a new one, in a black window. A process
without any (DETACHED_PROCESS) has none to pass on, so each child opens a window of its own, and a
virtual environment's python.exe is but a launcher with the real one as its child. CREATE_NO_WINDOW
gives a console without a window, which children share. CREATE_NEW_PROCESS_GROUP keeps Ctrl-C away.

A process that has no use for a secret is not given it, nor a token or a proxy: what is not in its
memory, nobody who takes it over can read.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

#: Flags of CreateProcess ("Process Creation Flags" at Microsoft), which `subprocess` names on
#: Windows alone.
_NEW_PROCESS_GROUP, _NO_WINDOW = 0x0000_0200, 0x0800_0000

#: What Python and the platform need, and nothing of AWS, of proxies or of another MiniStack.
_INHERITED = (
    *("APPDATA", "COMSPEC", "HOME", "LANG", "LOCALAPPDATA", "PATH", "PATHEXT", "SYSTEMDRIVE"),
    *("SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "TZ", "USERPROFILE", "VIRTUAL_ENV", "WINDIR"),
)
_INHERITED_PREFIXES = ("DYLD_", "LC_", "LD_", "PYTHON")


def popen_options(platform: str = sys.platform) -> dict[str, Any]:
    """Return what of `subprocess.Popen` keeps a child apart: no window, and no Ctrl-C of ours.

    It lives on when this program and its terminal end.
    """
    if platform == "win32":
        return {"creationflags": _NO_WINDOW | _NEW_PROCESS_GROUP}
    return {"start_new_session": True}


def ask_to_end(pid: int) -> bool:
    """Ask a process to end, by the signal for it; return whether it was asked.

    It was not where it is gone or another account's, nor on Windows, where no signal asks.
    """
    if sys.platform == "win32":
        return False
    try:
        os.kill(pid, signal.SIGTERM)
    except (OSError, OverflowError):
        return False
    return True


def kill(pid: int) -> None:
    """End a process at once, if it is there and may be ended by us; whoever cares looks whether.

    One that is gone is OSError on Windows (ERROR_INVALID_PARAMETER), where SIGTERM asks nobody: it
    is TerminateProcess.
    """
    with contextlib.suppress(OSError, OverflowError):
        os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))


def stop_here() -> None:
    """Stop this process, as Ctrl-Z does, until a shell continues it; in the main thread, on POSIX.

    Its own answer to Ctrl-Z is set aside for as long.
    """
    if sys.platform != "win32":
        handler = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        # To this thread: told to the process, another one may hear of it a moment later.
        signal.pthread_kill(threading.get_ident(), signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, handler)


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
