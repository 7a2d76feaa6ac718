"""Background processes: started without a window and out of reach of Ctrl-C, killed, or stopped.

On Windows a program for the console that has none gets a new one, in a black window. A process
without any (DETACHED_PROCESS) has none to pass on, so each child opens a window of its own, and a
virtual environment's python.exe is but a launcher with the real one as its child. CREATE_NO_WINDOW
gives a console without a window, which children share. CREATE_NEW_PROCESS_GROUP keeps Ctrl-C away.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from typing import Any

#: Flags of CreateProcess ("Process Creation Flags" at Microsoft), which `subprocess` names on
#: Windows alone.
_NEW_PROCESS_GROUP, _NO_WINDOW = 0x0000_0200, 0x0800_0000


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
