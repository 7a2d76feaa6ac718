"""How a program ends: streams that hold, signals that unwind, and what is said of what failed."""

from __future__ import annotations

import atexit
import errno
import gc
import io
import os
import sys
import traceback
from typing import NoReturn

from labapp import __version__, replacing, settings


def steady_streams() -> None:
    """See to it that a stream that is closed, or lacks a character, ends no program."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def end_quickly() -> None:
    """Have Python end without a search of all that is loaded for what could be freed.

    What ends with the process needs none: it is 0.2 s of CPU time between Ctrl-C and the shell.
    """
    atexit.unregister(gc.freeze)  # once, also where tests run programs in their own process
    atexit.register(gc.freeze)


def terminate(*_: object) -> NoReturn:
    """End by SystemExit, which unwinds what holds locks and terminals; SIGTERM alone would not."""
    raise SystemExit(143)


def what_failed(error: OSError) -> str:
    """Return what this machine refused; with no file named, it is our own output."""
    if error.errno == errno.ENOSPC and not error.filename:
        return f"cannot write the output: {error.strerror}. Make room there, or write it elsewhere."
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror or error}"


def keep_traceback() -> str:
    """Keep the traceback of an unforeseen error for who mends it; return what to tell the user."""
    text = traceback.format_exc()
    last = text.strip().splitlines()[-1]
    path = settings.data_dir() / "last-error.txt"
    try:
        replacing.write_text(path, f"labapp {__version__}, Python {sys.version}\n{text}")
    except OSError:
        return f"an unforeseen error: {last}"
    return f"an unforeseen error: {last}. Please report it with what stands in {path}."
