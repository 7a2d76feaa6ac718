"""Names of the files that results are saved in, which every file system takes."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

from labapp.labels.object_keys import DEVICES
from labapp.pictures.pipeline import MAX_LABEL

#: Bytes of a file's name that file systems take (NAME_MAX of POSIX), and of those the part at its
#: end that is kept of a longer one: the steps, and a number.
MOST_NAME, _TAIL = 255, MAX_LABEL + 8

#: Bytes with which a name still tells something: its beginning, the steps, a number, an ending.
LEAST_NAME = _TAIL + 16

#: Characters of a whole path that Windows takes of any program (MAX_PATH, less the zero at its
#: end: Microsoft Learn, Maximum Path Length Limitation).
MOST_PATH = 259

#: Signs beside letters and digits that any file system and any shell takes in a name.
_PLAIN = frozenset(" ._-+,=@()")

#: What joins signs to one, or says how the one before is drawn.
_JOINERS = "\u200d\ufe0e\ufe0f"


def harmless(stem: str) -> str:
    """Return a name, less its ending, that somebody else gave, as one of a file within a folder.

    What separates folders, names a drive or a stream, or steers a terminal, on any platform,
    becomes an underscore; a name that Windows keeps for a device gets `result_` in front. Empty
    where nothing is left.
    """
    kept = "".join(sign if sign.isalnum() or sign in _PLAIN else "_" for sign in stem)
    kept = kept.strip(". ")
    return f"result_{kept}" if DEVICES.fullmatch(kept.split(".")[0]) else kept


def room_in(folder: Path) -> int:
    """Return the bytes of a name in a folder with which no path is too long on any platform."""
    return min(MOST_NAME, MOST_PATH - 1 - len(str(folder.absolute())))


def fitting(stem: str, ending: str, most: int = MOST_NAME) -> str:
    """Return a file's name that file systems take, its middle left out where it is too long.

    What stands at its end tells what was done, and sets numbered names apart. The ending has its
    dot; `most` are the bytes of both, `LEAST_NAME` or more.
    """
    room = most - len(os.fsencode(ending))
    if len(os.fsencode(stem)) <= room:
        return stem + ending
    tail = ""
    for sign in reversed(stem):
        if len(os.fsencode(sign + tail)) > _TAIL:
            break
        tail = sign + tail
    # An accent, or what else belongs to the sign before it, is not torn off.
    while tail and _is_joined(tail[0]):
        tail = tail[1:]
    room -= len(os.fsencode(tail))
    kept = len(stem)
    while kept and len(os.fsencode(stem[:kept])) > room:
        kept -= 1
    while kept and _is_joined(stem[kept]):
        kept -= 1
    return stem[:kept] + tail + ending


def _is_joined(sign: str) -> bool:
    return bool(unicodedata.combining(sign)) or sign in _JOINERS
