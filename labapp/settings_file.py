"""Read and parse the settings file, and say in plain words what is wrong with it.

It may lie in a folder that somebody else packed: what is no plain file is not waited for, and no
more is read than a settings file can have.
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from labapp.errors import SettingError, fault_at
from labapp.files import replacing
from labapp.files.text import decode_text

#: Bytes of a settings file at most; one with every setting and a comment for each has some 8,000.
MOST_BYTES = 64_000

#: Dots in one of its lines at most. A key of names in names, as TOML has it, takes Python's reader
#: time by the square of their number: 32,000 in one line 17 s.
MOST_DOTS = 500

#: A pipe in the file's place would keep a program waiting; Windows would end a line at two bytes.
_READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def read_bytes(path: Path, most: int = MOST_BYTES, what: str = "the settings file") -> bytes | None:
    """Return the bytes of a file; None where there is none.

    Args:
        path: the file.
        most: bytes that it may have.
        what: what an error calls it.

    Raises:
        SettingError: it cannot be read, is no plain file, or is too large.
    """
    try:
        descriptor = replacing.with_retries(lambda: os.open(path, _READ))
        with os.fdopen(descriptor, "rb") as file:
            plain = stat.S_ISREG(os.fstat(descriptor).st_mode)
            data = file.read(most + 1) if plain else b""
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SettingError(
            f"{what} {path} cannot be read: {error.strerror or error}",
            "Make it readable, or move it away.",
        ) from error
    if not plain:
        raise SettingError(f"{what} {path} is no plain file", "Move it away.")
    if len(data) > most:
        raise SettingError(f"{what} {path} has more than {most:,} bytes", "Move it away.")
    return data


def parse(path: Path, data: bytes) -> dict[str, object]:
    """Return what the bytes of the file say.

    Raises:
        SettingError: they are no TOML.
    """
    try:
        text = decode_text(data)
    except UnicodeDecodeError as error:
        raise SettingError(
            f"the settings file {path} is not text in UTF-8", "Save it as UTF-8."
        ) from error
    if max(line.count(".") for line in text.split("\n")) > MOST_DOTS:
        raise SettingError(
            f"the settings file {path} has a line of more than {MOST_DOTS} dots", "Move it away."
        )
    import tomllib  # here, as most people have no such file

    try:
        return tomllib.loads(text.replace("\r\n", "\n"))
    except (ValueError, RecursionError) as error:  # integers and nesting have limits
        raise SettingError(
            f"the settings file {path} is not TOML{_place(error)}",
            'Write lines such as cloud = "local".',
        ) from error


def _place(error: ValueError | RecursionError) -> str:
    """Return where a text is no TOML, which Python tells only in a sentence for programmers."""
    found = re.search(r"at line (\d+), column (\d+)", str(error))
    return fault_at(column=int(found[2]), line=int(found[1])) if found else ""
