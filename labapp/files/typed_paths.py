r"""Paths on the command line: `~`, glob patterns, and what the shells of Windows make of quotes.

bash replaces `*.jpg` by names before a program starts; cmd and PowerShell hand it over as it is.
Both take the backslash in `"C:\pictures\"` for one that belongs to the quote, and hand over
`C:\pictures"`, with the words that follow where there are any.
"""

from __future__ import annotations

import contextlib
import fnmatch
import os
import re
import shlex
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from labapp.errors import UsageError

WINDOWS = sys.platform == "win32"

#: What makes a pattern of a name.
_SIGNS = re.compile(r"[*?\[]")

#: What has a drive and no root, `D:` and `D:photos`: to a shell it is where the drive stands.
_OF_DRIVE = re.compile(r"[A-Za-z]:(?![\\/]).*", re.DOTALL)

#: A word into which a closing quote took the flag behind it.
_RUN_ON = re.compile(r'[^"]*\S" -.*', re.DOTALL)


def parse(text: str, *, windows: bool = WINDOWS) -> Path:
    """Return the path that a word means.

    `~` is the user's folder, and on POSIX `~ana` that of another; as in a shell it is a sign of a
    name else, as in `~$report.png`. `D:` is a whole path: `Path` can neither make it one nor go up.

    Raises:
        UsageError: there is a quote in it, where no name can have one.
    """
    text = _mended(text, windows)
    if windows and _OF_DRIVE.fullmatch(text):
        return Path(os.path.abspath(text))  # noqa: PTH100 - which knows where each drive stands
    path = Path(text)
    first = path.parts[0] if path.parts else ""
    if first != "~" and (windows or not first.startswith("~") or _is_there(path)):
        return path
    with contextlib.suppress(RuntimeError):  # nobody is called so
        return path.expanduser()
    return path


def working_folder() -> Path | None:
    """Return the working folder; None where somebody has deleted it since the program began."""
    try:
        return Path.cwd()
    except OSError:
        return None


def is_path(word: str, ending: str) -> bool:
    r"""Tell whether a word is a path, by a `/` or `\` in it or the ending of such files."""
    return "/" in word or "\\" in word or word.lower().endswith(ending)


def is_folder(text: str, *, windows: bool = WINDOWS) -> bool:
    r"""Tell whether a word says by its end, `out/` or `out\`, that it means a folder."""
    return _mended(text, windows).endswith(("/", "\\") if windows else "/")


def without_quotes(word: str, *, windows: bool = WINDOWS) -> str:
    """Return a word without single quotes around it, which are none to cmd: it hands them over."""
    is_quoted = windows and len(word) > 2 and word[0] == word[-1] == "'"
    return word[1:-1] if is_quoted else word


def parse_pasted(text: str, *, windows: bool = WINDOWS) -> Path:
    """Return the path that an answer means; errors as of `parse`.

    Terminals put quotes around one that is dropped there, or backslashes before its blanks.
    """
    word = text.strip()
    if not windows and (path := _as_a_shell_reads(word)):
        return path
    if len(word) > 2 and word[0] == word[-1] and word[0] in "\"'" and not _is_there(Path(word)):
        word = word[1:-1]
    return parse(word, windows=windows)


def _as_a_shell_reads(word: str) -> Path | None:
    """Return the path that a word with quotes or backslashes is to a shell, if that is there."""
    if not set(word) & set("\"'\\") or _is_there(Path(word)):
        return None
    try:
        words = shlex.split(word)
    except ValueError:  # a quote is not closed
        return None
    path = parse(words[0], windows=False) if len(words) == 1 else None
    return path if path and _is_there(path) else None


def check_words(words: Sequence[str], *, windows: bool = WINDOWS) -> None:
    """See to it that no word of a command has swallowed those behind it.

    Raises:
        UsageError: one has.
    """
    for word in words if windows else ():
        if _RUN_ON.fullmatch(word):
            raise _quoted(word)


def glob(text: str, *, windows: bool = WINDOWS) -> list[Path]:
    """Return what a word means: the file or folder of that name, or what a pattern fits.

    As in bash `*` fits no hidden name, and folders may be patterns too. A name that is there is
    taken as it is, whatever signs it has. On Windows capitals make no difference. All paths are
    there, in order of their names; errors are those of `parse`.
    """
    path = parse(text, windows=windows)
    if _is_there(path):
        return [path]
    path = parse(without_quotes(text, windows=windows), windows=windows)
    if not _SIGNS.search(str(path)):
        return [path] if _is_there(path) else []
    found = [Path(path.anchor)]
    for part in path.parts[1 if path.anchor else 0 :]:
        found = [inner for folder in found for inner in _inner(folder, part, windows)]
    return found


def is_unmatched_pattern(text: str, *, windows: bool = WINDOWS) -> bool:
    """Tell of a word that means nothing whether it is a pattern in a folder that is there."""
    path = parse(without_quotes(text, windows=windows), windows=windows)
    return bool(_SIGNS.search(path.name)) and path.parent.is_dir()


def _inner(folder: Path, part: str, ignore_case: bool) -> Iterator[Path]:
    if _is_there(folder / part):
        yield folder / part
        return
    if not _SIGNS.search(part) or not folder.is_dir():
        return
    fits = re.compile(fnmatch.translate(part), re.IGNORECASE if ignore_case else 0).match
    try:
        names = os.listdir(folder)  # noqa: PTH208 - the names alone, also of the working folder
    except OSError:  # may not be read: as in a shell, it has nothing that fits
        return
    for name in sorted(names, key=str.lower if ignore_case else str):
        if fits(name) and (part.startswith(".") or not name.startswith(".")):
            yield folder / name


def _is_there(path: Path) -> bool:
    """Tell whether there is such a file or folder; of a name that cannot be one, that it is not."""
    return os.path.exists(path)  # noqa: PTH110 - Path.exists raises for a name that is too long


def _mended(text: str, windows: bool) -> str:
    if not windows or '"' not in text:
        return text
    if text.endswith('"') and text.count('"') == 1:
        return text[:-1] + "\\"
    raise _quoted(text)


def _quoted(text: str) -> UsageError:
    return UsageError(
        f"there is a quote in {text!r}: the backslash before it has kept it from closing",
        "Leave out that backslash, or write a slash instead.",
    )
