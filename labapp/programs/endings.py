"""How a program ends: streams that hold, signals that unwind, and what is said of what failed."""

from __future__ import annotations

import atexit
import codecs
import contextlib
import errno
import gc
import io
import os
import signal
import stat
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from labapp import __version__, private, settings, working_folder
from labapp.cloud import embedded_disk
from labapp.console import terminal
from labapp.errors import printable
from labapp.visible import visible

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

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
            if _is_pipe(stream):
                stream = _Piped(stream)
                setattr(sys, name, stream)
            # For other programs a file's name keeps its bytes; people see how they are escaped.
            exact = name == "stdout" and not stream.isatty()
            stream.reconfigure(errors=EXACT if exact else LEGIBLE)


def _escaped(error: UnicodeError) -> tuple[str, int]:
    """Escape what a stream lacks; of a file's name that is no text, byte by byte."""
    assert isinstance(error, UnicodeEncodeError)
    lacking = error.object[error.start : error.end]
    return printable(lacking).encode("ascii", "backslashreplace").decode(), error.end


def _as_it_was(error: UnicodeError) -> tuple[str | bytes, int]:
    """Give back the byte of a file's name that is no text (PEP 383); escape what else lacks."""
    assert isinstance(error, UnicodeEncodeError)
    number = ord(error.object[error.start])
    if 0xDC80 <= number <= 0xDCFF:
        return bytes([number - 0xDC00]), error.start + 1
    return error.object[error.start].encode("ascii", "backslashreplace").decode(), error.start + 1


#: The names under which these are known to streams.
LEGIBLE, EXACT = "labapp.legible", "labapp.exact"
codecs.register_error(LEGIBLE, _escaped)
codecs.register_error(EXACT, _as_it_was)


def end_quickly() -> None:
    """Have Python end without a search of all that is loaded for what could be freed.

    What ends with the process needs none: it is 0.2 s of CPU time between Ctrl-C and the shell.
    """
    atexit.unregister(gc.freeze)  # once, also where tests run programs in their own process
    atexit.register(gc.freeze)


class _Piped(io.TextIOWrapper):
    """A stream into a pipe; what its reader no longer takes is dropped."""

    def __init__(self, stream: io.TextIOWrapper) -> None:
        stream.flush()
        super().__init__(
            io.BufferedWriter(_Pipe(stream.fileno(), "w", closefd=False)),
            encoding=stream.encoding,
            line_buffering=stream.line_buffering,
        )


class _Pipe(io.FileIO):
    def write(self, data: ReadableBuffer, /) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            return memoryview(data).nbytes


def _is_pipe(stream: io.TextIOWrapper) -> bool:
    try:
        return stat.S_ISFIFO(os.fstat(stream.fileno()).st_mode)
    except (OSError, ValueError):  # not a file of the system's
        return False


def hear_signals() -> list[int]:
    """Have SIGTERM, and SIGHUP from a terminal that goes away, unwind the program.

    A SIGHUP that is ignored from the start, as under nohup, stays so.

    Returns:
        The list that the signals are noted in.
    """
    received: list[int] = []
    last = [-_SAME_MOMENT]

    def terminate(number: int, _: object) -> None:
        received.append(number)
        now, before = time.monotonic(), last[0]
        last[0] = now
        if now - before >= _SAME_MOMENT:
            # SystemExit unwinds what holds locks and terminals; the signal alone would not.
            raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, terminate)
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
        what = embedded_disk.sentence(error, home)
        return f"{what}. {embedded_disk.remedy(what)}"
    if not error.filename and working_folder.find() is None:
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
