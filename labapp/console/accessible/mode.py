"""Whether the accessible mode is on, decided once for the process, when the settings are known."""

from __future__ import annotations

import os
import sys

#: What TERM is where no cursor can be moved; without any value only Windows has pages.
UNABLE = ("", "dumb", "unknown")

_reason = ""


def is_on() -> bool:
    """Whether parts are numbered lines."""
    return bool(_reason)


def reason() -> str:
    """Return why it is on, as a phrase for `config` and `doctor`; empty where it is not."""
    return _reason


def cannot_move() -> bool:
    """Whether the terminal says that it cannot move its cursor."""
    term = os.environ.get("TERM", "").lower()
    return term in UNABLE and bool(term or sys.platform != "win32")


def by_terminal() -> str:
    """Return why a terminal at standard input asks for it by itself; empty where none does."""
    try:
        is_terminal = sys.stdin.isatty()
    except (AttributeError, ValueError):  # closed, or pythonw.exe, which has none
        return ""
    if not (is_terminal and cannot_move()):
        return ""
    term = os.environ.get("TERM", "")
    return f"TERM is {term}" if term else "TERM is not set"


def decide(*, asked: bool) -> None:
    """Turn it on where the user asked for it, or the terminal can do no other; else off."""
    global _reason
    _reason = "the setting accessible" if asked else by_terminal()
