r"""Untrusted text for people: what is invisible or reorders the text in it is escaped.

A name may hold marks that turn its direction, letters without width, spaces that are none, ends of
lines. On a screen it is then another name than it is: `a<U+202E>gnp.exe` reads as `aexe.png`. Such
characters are shown as escapes, `\u202e`; everyday text of any language is left as it is. Where the
escape stands in a text itself, it looks the same: it does no harm, and `--json` tells them apart.

The rule is that of Unicode's reports on deceiving text, UTS #36 and UTS #55 (characters that are
not seen, or reorder what is: UAX #9), and of UTS #39, 5.4 (no more than four marks on a letter).
"""

from __future__ import annotations

import codecs
import functools
import re
import unicodedata
from collections.abc import Callable

#: Marks upon one letter; the next ones are escaped. UTS #39, 5.4 has it so: no language needs more,
#: and a hundred cover the lines above and below.
MOST_MARKS = 4

#: What is drawn as nothing, or as a blank, though Unicode counts it among letters, marks and signs
#: (Default_Ignorable_Code_Point, and the empty pattern of Braille).
_UNSEEN = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"
    + "".join(map(chr, range(0xFE00, 0xFE10)))
    + "".join(map(chr, range(0xE0100, 0xE01F0)))
)

#: Bytes of a file's name that are no UTF-8, as Python has them (PEP 383).
_RAW = frozenset(map(chr, range(0xDC80, 0xDD00)))

#: All but the printable signs of ASCII.
_UNUSUAL = re.compile(r"[^\x20-\x7e]+")

#: What ends a line or steers a terminal has no place in a message or a log line (C0, DEL, C1, line
#: separators), and what is no character has none in a message of SQS; nor have those bytes.
_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff\udc80-\udcff]")

#: What could move the cursor or recolour the screen, in texts whose lines and tabs stay.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")

_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")

#: What a mark cannot stand on: it would change the sign before the name, or the gap.
_NO_BASE = frozenset(" \"'([{<=:,;/\\|\t\n")


def visible(text: str) -> str:
    """Return a text on one line, with all that would not be seen in it escaped."""
    return _shown(text, frozenset())


def visible_lines(text: str) -> str:
    """Return the same of a text of several lines: breaks and tabs stay.

    So do the bytes of a file's name that are no text, which streams know how to write.
    """
    return _shown(text, _LINES)


def visible_cell(text: str) -> str:
    """Return the same on one line, where only the bytes that are no text stay as they are."""
    return _shown(text, _RAW)


def printable(text: str) -> str:
    """Return what somebody sent, or named a file, on one line and fit for a message.

    Control characters and bytes that are no text are escaped; all else stays, so that a key or a
    name without them is what it was. What people are shown goes through `visible` besides.
    """
    if text.isascii() and text.isprintable():  # as most are, and asked of many in each job
        return text
    clean = _UNFIT.sub(lambda found: _escape(found[0]), text)
    return clean.encode("utf-8", "backslashreplace").decode()


def legible(text: str) -> str:
    """Return `text` with `?` for control characters, so that foreign text cannot steer a screen."""
    return _CONTROLS.sub("?", text)


def visible_json(document: str) -> str:
    r"""Escape the same in a JSON document, as JSON does: whoever reads it gets the texts exactly.

    What is no character, as those bytes, is escaped too, since it cannot be written.
    """
    if document.isascii():  # JSON escapes the controls below the blank itself
        return document.replace("\x7f", "\\u007f")
    return _UNUSUAL.sub(lambda found: _run(found, _escape_json, frozenset("\n")), document)


def ascii_json(document: str) -> str:
    """Escape in a JSON document all that is no printable ASCII, which every encoding has."""
    return _BEYOND_ASCII.sub(lambda found: _escape_json(found[0]), visible_json(document))


def is_utf8(encoding: str | None) -> bool:
    """Tell whether a stream's encoding is UTF-8; a stream that has none holds all as well."""
    return not encoding or codecs.lookup(encoding).name == "utf-8"


def is_unseen(sign: str) -> bool:
    """Tell whether a character is no sign that one sees, alone and as what it is."""
    # Python's `isprintable` is false of controls, format characters, halves, private use, what is
    # no character yet (Cc, Cf, Cs, Co, Cn), and of each separator but the blank (Zl, Zp, Zs).
    return not sign.isprintable() or sign in _UNSEEN


_LINES = _RAW | {"\n", "\t"}


def _shown(text: str, kept: frozenset[str]) -> str:
    if text.isascii() and text.isprintable():
        return text
    return _UNUSUAL.sub(lambda found: _run(found, _escape, kept), text)


def _run(found: re.Match[str], escape: Callable[[str], str], kept: frozenset[str]) -> str:
    """Return some characters in a row that are no ASCII, escaped where they would not be seen."""
    before = found.string[found.start() - 1] if found.start() else " "
    stands, marks, shown = before not in _NO_BASE, 0, []
    for sign in found[0]:
        if _is_mark(sign):
            marks += 1
            keeps = stands and marks <= MOST_MARKS
        else:
            stands = keeps = sign in kept or not is_unseen(sign)
            stands, marks = stands and sign not in kept, 0
        shown.append(sign if keeps else escape(sign))
    return "".join(shown)


@functools.lru_cache(maxsize=4096)
def _is_mark(sign: str) -> bool:
    return unicodedata.category(sign) in ("Mn", "Me") and sign not in _UNSEEN


def _escape(sign: str) -> str:
    number = ord(sign) - (0xDC00 if sign in _RAW else 0)
    if number <= 0xFF:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"


def _escape_json(sign: str) -> str:
    units = sign.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
