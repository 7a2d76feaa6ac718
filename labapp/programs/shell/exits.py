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
from _thread import start_new_thread
from collections.abc import Callable
from pathlib import Path

from labapp import __version__, settings
from labapp.console import terminal
from labapp.files import private, typed_paths
from labapp.programs.shell.output import EXACT, LEGIBLE, steady
from labapp.visible import visible

#: Seconds within which a second signal is the same wish: a terminal that is closed says it twice.
_SAME_MOMENT = 1.0

#: Seconds after which an end that was asked for and lost is asked for again.
_AGAIN = 0.02

#: CTRL_CLOSE_EVENT; and, for a service, CTRL_LOGOFF_EVENT and CTRL_SHUTDOWN_EVENT.
_CLOSED = frozenset({2, 5, 6})

#: Seconds that the end of a closed window may take: less than Windows gives.
_SECONDS = 4.5

#: What Windows calls when the console is closed, until this process ends.
_kept: list[object] = []


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


def on_signals(act: Callable[[int], object], *others: int) -> list[int]:
    """Have SIGTERM, Ctrl-Break, and SIGHUP from a terminal that goes away, call a function.

    A SIGHUP that is ignored from the start, as under nohup, stays so.

    Args:
        act: is given the number that the exit code tells of: SIGTERM's for Ctrl-Break, whose own
            Windows alone knows.
        others: signals that do so, too.

    Returns:
        The list that the numbers are noted in.
    """
    received: list[int] = []
    # Windows knows SIGTERM by name only: Ctrl-Break is what can be sent there.
    ending = [signal.SIGTERM, *filter(None, [getattr(signal, "SIGBREAK", None)])]

    def heard(number: int, _: object) -> None:
        received.append(signal.SIGTERM if number in ending else number)
        act(received[-1])

    for number in (*ending, *others):
        signal.signal(number, heard)
    if sys.platform != "win32" and signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        signal.signal(signal.SIGHUP, heard)
    return received


def hear_signals() -> list[int]:
    """Have the signals by which a program is asked to end unwind it; return what was heard."""
    last = [-_SAME_MOMENT]

    def terminate(number: int) -> None:
        now, before = time.monotonic(), last[0]
        last[0] = now
        if now - before >= _SAME_MOMENT:
            # SystemExit unwinds what holds locks and terminals; the signal alone would not.
            raise SystemExit(128 + number)

    received = on_signals(terminate)
    others = sys.unraisablehook

    def lost(unraisable: sys.UnraisableHookArgs) -> None:
        """Ask again: what Python frees, or a library calls back, passes no SystemExit on."""
        if not isinstance(unraisable.exc_value, SystemExit) or not received:
            others(unraisable)
            return
        last[0] = -_SAME_MOMENT
        start_new_thread(_signal_soon, (received[-1],))  # takes no lock, as a `Thread` would

    sys.unraisablehook = lost
    return received


def _signal_soon(number: int) -> None:
    time.sleep(_AGAIN)
    if sys.platform == "win32":
        signal.raise_signal(number)
    else:  # it wakes who sleeps
        signal.pthread_kill(threading.main_thread().ident or 0, number)


class ClosedWindow:
    """What is done when a console window of Windows is closed, as at a terminal's SIGHUP elsewhere.

    Windows tells each program in the window, and ends it once its handler returns, or five seconds
    later (Microsoft, "HandlerRoutine callback function"). So the handler, in a thread that Windows
    makes, asks for the end and returns when there is nothing more to do.

    Args:
        stop: asks for the end; twice, since there is no time for what is in hand.
    """

    def __init__(self, stop: Callable[[], object]) -> None:
        self._stop = stop
        self._ended = threading.Event()

    def __call__(self, event: int) -> bool:
        """Take a control event of the console; tell whether that was all to be done about it."""
        if event not in _CLOSED:
            return False
        for _ in range(2):
            self._stop()
        self._ended.wait(_SECONDS)
        return True

    def ended(self) -> None:
        """Say that there is nothing more to do."""
        self._ended.set()


def watch_window(stop: Callable[[], object]) -> ClosedWindow:
    """Have `stop` called where the console's window is closed; say at the end that it is there."""
    closed = ClosedWindow(stop)
    if sys.platform == "win32":
        import ctypes
        from ctypes import wintypes

        handler = ctypes.WINFUNCTYPE(wintypes.BOOL, wintypes.DWORD)(closed)
        ctypes.WinDLL("kernel32").SetConsoleCtrlHandler(handler, True)
        _kept.append(handler)
    return closed


def let_go_of_lost_streams() -> None:
    """Write to nowhere where nobody takes it: else the exit code on a lost terminal were 120."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            with contextlib.suppress(OSError, ValueError):  # a stream that is no file
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


class ThreadErrors:
    """Tells of unforeseen errors in threads, of each once, without a traceback on the screen.

    Args:
        tell: writes a line on standard error; not while a part is on the terminal.

    Attributes:
        announce: tells of them on the open page instead; None where there are no pages.
    """

    def __init__(self, tell: Callable[[str], object]) -> None:
        self._tell = tell
        self.announce: Callable[[str], object] | None = None
        self._untold: list[str] = []
        #: What was met, and where: a thread that goes on may meet it each second.
        self._met: set[object] = set()

    def __call__(self, ended: threading.ExceptHookArgs) -> None:
        """Keep the traceback of a thread's error, and tell of it as soon as that may be."""
        error = ended.exc_value
        if error is None or isinstance(error, SystemExit):
            return
        where = [(one.filename, one.lineno) for one in traceback.extract_tb(error.__traceback__)]
        if (met := (type(error), *where[-1:])) in self._met:
            return
        self._met.add(met)
        told = keep_traceback(error)
        if self.announce is not None:
            self.announce(told)
            return
        self._untold.append(told)
        if not terminal.is_held():
            self.tell()

    def tell(self) -> None:
        """Tell what has not been told yet."""
        while self._untold:
            self._tell(self._untold.pop(0))


def announce_unforeseen(announce: Callable[[str], object] | None) -> None:
    """Have unforeseen errors in threads told on pages from now on; None: no longer."""
    if isinstance(threads := threading.excepthook, ThreadErrors):
        threads.announce = announce


def what_failed(error: OSError) -> str:
    """Return what this machine refused; with no file named, it is our own output."""
    if error.errno == errno.ENOSPC and not error.filename:
        return f"cannot write the output: {error.strerror}. Make room there, or write it elsewhere."
    home = settings.data_dir() / "local"
    if error.filename and home in Path(os.fsdecode(error.filename)).parents:
        from labapp.cloud.embedded import disk

        what = disk.sentence(error, home)
        return f"{what}. {disk.remedy(what)}"
    if not error.filename and typed_paths.working_folder() is None:
        return "the folder in which it was started is gone. Change to one that is there, with cd."
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror or error}"


def keep_traceback(error: BaseException) -> str:
    """Keep the traceback of an unforeseen error for who mends it; return what to tell the user.

    A library that is not installed is foreseen: an instance of a fleet has what its worker takes.
    """
    if isinstance(error, ModuleNotFoundError) and not str(error.name).startswith("labapp"):
        library = str(error.name).partition(".")[0]
        return f"{library} is not installed here: 'pip install -r requirements.txt' brings it."
    text = "".join(traceback.format_exception(error))
    last = visible(text.strip().splitlines()[-1])
    path = settings.data_dir() / "last-error.txt"
    try:
        private.write_text(path, f"labapp {__version__}, Python {sys.version}\n{text}")
    except OSError:
        return f"an unforeseen error: {last}"
    return f"an unforeseen error: {last}. Please report it with what stands in {path}."
