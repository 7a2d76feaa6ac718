"""What lies on the terminal now and outlives its page, and how it is taken away."""

from __future__ import annotations

#: A text that was cut off (a signal came while it was written) ends; so does drawing at once.
_ENDED = "\x1b\\\x1b[?2026l"

#: By the number of its place, the codes that take a picture away.
_codes: dict[int, str] = {}

#: Whether any picture was sent since the terminal was given back.
_is_used = False


def note(number: int, codes: str) -> None:
    """Note a picture that is sent, and what takes it away; empty where text over it does."""
    global _is_used
    _is_used = True
    if codes:
        _codes[number] = codes


def take(number: int) -> str:
    """Return what takes one picture away; empty where there is none."""
    return _codes.pop(number, "")


def are_there() -> bool:
    """Whether any picture is to be taken away at some time."""
    return bool(_codes)


def take_all() -> str:
    """Return what takes all pictures away."""
    codes = "".join(_codes.values())
    _codes.clear()
    return codes


def ending() -> str:
    """Return what is to be sent before the terminal is given back."""
    global _is_used
    if not _is_used:
        return ""
    _is_used = False
    return _ENDED + take_all()
