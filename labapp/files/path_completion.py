r"""Completion of a path that is being typed: what there is in its folder that fits.

What is asked for decides which files are offered; where none of them fits what was typed, all that
do are, since a file may be called anything. Folders end with a separator, so that completion goes
on in them; hidden names are offered once their dot is typed.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from labapp.errors import UsageError
from labapp.files import typed_paths

#: Whether the disk takes letters, large and small, for the same.
IGNORES_CASE = sys.platform in ("win32", "darwin")


@dataclass(frozen=True)
class Candidate:
    """What a path may be completed to.

    Attributes:
        text: the whole path, in the place of what was typed.
        name: its last part, with a separator behind a folder's.
    """

    text: str
    name: str


def candidates(
    typed: str, endings: Collection[str] | None = None, *, windows: bool = typed_paths.WINDOWS
) -> list[Candidate]:
    """Return what a typed path may be completed to, in order of the names.

    Args:
        typed: all that was typed; a quote in front of it, which a terminal or a user put there,
            is left out of what is offered.
        endings: of the files that are offered, in small letters, with their dots; None for all,
            empty for none but folders.
        windows: whether backslashes part folders, too.
    """
    bare = _without_quote(typed)
    if bare == "~":
        return [Candidate(f"~{os.sep}", f"~{os.sep}")]
    head, tail = _parted(bare, windows)
    separator = head[-1] if head[-1:] in ("/", "\\") else os.sep
    fitting = tuple(endings or ())
    folders_only = endings is not None and not endings
    found, others = [], []
    for name, is_folder in _entries(head, tail, windows):
        if is_folder:
            found.append(Candidate(head + name + separator, name + separator))
        elif folders_only:
            continue
        elif endings is None or name.lower().endswith(fitting):
            found.append(_file(head, name))
        else:
            others.append(_file(head, name))
    return sorted(found or others, key=lambda one: (one.name.lower(), one.name))


def shared(typed: str, found: Sequence[Candidate]) -> str:
    """Return what a typed path is completed to before one is chosen: how all of them begin."""
    if not found:
        return typed
    # How the first and the last in order begin, all between them do.
    first, last = min(one.text for one in found), max(one.text for one in found)
    same = (place for place, sign in enumerate(first) if last[place : place + 1] != sign)
    common = first[: next(same, len(first))]
    return common if len(common) >= len(_without_quote(typed)) else typed


def _file(head: str, name: str) -> Candidate:
    path = head + name
    # Blanks around an answer count for nothing, unless quotes keep them.
    return Candidate(path if path == path.strip() else f"'{path}'", name)


def _without_quote(typed: str) -> str:
    """Return what was typed without a quote in front, and the one behind that belongs to it."""
    bare = typed.lstrip()
    if bare[:1] not in ("'", '"') or os.path.lexists(bare):
        return bare
    quote, bare = bare[0], bare[1:]
    return bare.removesuffix(quote)


def _parted(path: str, windows: bool) -> tuple[str, str]:
    """Return a path's folder, with the separator behind it, and what was typed of a name."""
    ends = [found.end() for found in re.finditer(r"[\\/]|^[A-Za-z]:" if windows else "/", path)]
    end = max(ends, default=0)
    return path[:end], path[end:]


def _entries(head: str, tail: str, windows: bool) -> Iterator[tuple[str, bool]]:
    """Yield the names in a folder that begin as typed, and whether each is a folder's.

    Where none does, those that differ in large and small letters alone are given.
    """
    try:
        folder = typed_paths.parse(head, windows=windows) if head else "."
        with os.scandir(folder) as listed:
            entries = [one for one in listed if tail[:1] == "." or not one.name.startswith(".")]
    except (OSError, ValueError, UsageError):  # not there, not ours to read, or no path
        return
    begun = [one for one in entries if one.name.startswith(tail)]
    if IGNORES_CASE or not begun:
        small = tail.lower()
        begun = [one for one in entries if one.name.lower().startswith(small)]
    for one in begun:
        is_folder = False
        with contextlib.suppress(OSError):  # a link in a circle, say
            is_folder = one.is_dir()
        yield one.name, is_folder
