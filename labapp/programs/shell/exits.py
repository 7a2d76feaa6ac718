"""How a program ends: streams that hold, signals that unwind, and what is said of what failed."""

from __future__ import annotations

import atexit
import contextlib
import errno
import gc
import io
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from labapp import __version__, settings
from labapp.cloud.embedded import disk
from labapp.console import terminal
from labapp.files import private, typed_paths
from labapp.programs.shell.streams import EXACT, LEGIBLE, steady
from labapp.visible import visible

#: Seconds within which a second signal is the same wish: a terminal that is closed says it twice.
_SAME_MOMENT = 1.0


def steady_streams() -> None:
    """See to it that a stream that is closed, or lacks a character, ends no program.

    Nor does one whose reader has had enough, as `head` has: what is asked for is done all the same,
    and the exit code tells of that.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper):
            setattr(sys, name, steady(stream, EXACT if name == "stdout" else LEGIBLE))


def end_quickly() -> None:
    """Have Python end without a search of all that is loaded for what could be freed.

    What ends with the process needs none: it is 0.2 s of CPU time between Ctrl-C and the shell.
    """
    atexit.unregister(gc.freeze)  # once, also where tests run programs in their own process
    atexit.register(gc.freeze)


def terminating() -> list[int]:
    """Return the signals by which a program is asked to end, but for Ctrl-C and SIGHUP.

    Windows knows SIGTERM by name only: Ctrl-Break is what can be sent there.
    """
    return [signal.SIGTERM, *filter(None, [getattr(signal, "SIGBREAK", None)])]


def as_told(number: int) -> int:
    """Return the signal that the exit code tells of: Ctrl-Break's has a number of Windows alone."""
    return signal.SIGTERM if number in terminating() else number


def hear_signals() -> list[int]:
    """Have SIGTERM, Ctrl-Break, and SIGHUP from a terminal that goes away, unwind the program.

    A SIGHUP that is ignored from the start, as under nohup, stays so.

    Returns:
        The list that the signals are noted in.
    """
    received: list[int] = []
    last = [-_SAME_MOMENT]

    def terminate(number: int, _: object) -> None:
        received.append(as_told(number))
        now, before = time.monotonic(), last[0]
        last[0] = now
        if now - before >= _SAME_MOMENT:
            # SystemExit unwinds what holds locks and terminals; the signal alone would not.
            raise SystemExit(128 + as_told(number))

    for number in terminating():
        signal.signal(number, terminate)
    if sys.platform != "win32" and signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        signal.signal(signal.SIGHUP, terminate)
    return received


def let_go_of_lost_streams() -> None:
    """Write to nowhere where nobody takes it: else the exit code on a lost terminal were 120."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            with contextlib.suppress(OSError, ValueError):  # a stream that is no file
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


class ThreadErrors:
    """Tells of threads that end by an unforeseen error, without a traceback on the screen.

    Args:
        tell: writes a line on standard error; not while a part is on the terminal.
    """

    def __init__(self, tell: Callable[[str], object]) -> None:
        self._tell = tell
        self._untold: list[str] = []

    def __call__(self, ended: threading.ExceptHookArgs) -> None:
        """Keep the traceback of a thread's error, and tell of it as soon as that may be."""
        if ended.exc_value is not None and not isinstance(ended.exc_value, SystemExit):
            self._untold.append(keep_traceback(ended.exc_value))
            if not terminal.is_held():
                self.tell()

    def tell(self) -> None:
        """Tell what has not been told yet."""
        while self._untold:
            self._tell(self._untold.pop(0))


def what_failed(error: OSError) -> str:
    """Return what this machine refused; with no file named, it is our own output."""
    if error.errno == errno.ENOSPC and not error.filename:
        return f"cannot write the output: {error.strerror}. Make room there, or write it elsewhere."
    home = settings.data_dir() / "local"
    if error.filename and home in Path(os.fsdecode(error.filename)).parents:
        what = disk.sentence(error, home)
        return f"{what}. {disk.remedy(what)}"
    if not error.filename and typed_paths.working_folder() is None:
        return "the folder in which it was started is gone. Change to one that is there, with cd."
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror or error}"


def keep_traceback(error: BaseException) -> str:
    """Keep the traceback of an unforeseen error for who mends it; return what to tell the user."""
    text = "".join(traceback.format_exception(error))
    last = visible(text.strip().splitlines()[-1])
    path = settings.data_dir() / "last-error.txt"
    try:
        private.write_text(path, f"labapp {__version__}, Python {sys.version}\n{text}")
    except OSError:
        return f"an unforeseen error: {last}"
    return f"an unforeseen error: {last}. Please report it with what stands in {path}."
