"""The settings file: read, parsed, and trusted or not; and what is wrong with it in plain words.

It may lie in a folder that somebody else packed: what is no plain file is not waited for, and no
more is read than a settings file can have. What it says of places and credentials counts only once
the user has consented to that very content at that very path, as direnv and git have it: each
change asks again, and so does a copy elsewhere. Consents are kept in one file of ours in the config
folder.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from labapp.errors import LabappError, SettingError, fault_at
from labapp.files import private, replacing, typed_paths
from labapp.files.text import decode_text

#: Bytes of a settings file at most; one with every setting and a comment for each has some 8,000.
MOST_BYTES = 64_000

#: Dots in one of its lines at most. A key of names in names, as TOML has it, takes Python's reader
#: time by the square of their number: 32,000 in one line 17 s.
MOST_DOTS = 500

#: The file in the config folder that keeps the consents.
TRUSTED_FILE = "trusted.json"

#: Consents that are kept; the oldest go.
MOST_TRUSTED = 200

#: Bytes of that file that are read: 200 paths of the 4,096 bytes that Linux and macOS take.
MOST_TRUSTED_BYTES = 1_000_000

#: Seconds to wait while another program consents.
BUSY_TIMEOUT = 10.0

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


def parse(
    path: Path,
    data: bytes,
    what: str = "the settings file",
    example: str = 'cloud = "local"',
) -> dict[str, object]:
    """Return what the bytes of the file say.

    Args:
        path: the file.
        data: its bytes.
        what: the file is, in a sentence.
        example: of a line in such a file.

    Raises:
        SettingError: they are no TOML.
    """
    text = text_of(path, data, what)
    import tomllib  # here, as most people have no such file

    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # integers and nesting have limits
        line, column = place_of(str(error))
        where = fault_at(column, line) if line else ""
        raise SettingError(
            f"{what} {path} is not TOML{where}", f"Write lines such as {example}."
        ) from error


def text_of(path: Path, data: bytes, what: str = "the settings file") -> str:
    """Return the text of a file as Python's reader of TOML is given it; arguments as `read_bytes`.

    Raises:
        SettingError: it is no text, or would take that reader too long.
    """
    try:
        text = decode_text(data)
    except UnicodeDecodeError as error:
        raise SettingError(f"{what} {path} is not text in UTF-8", "Save it as UTF-8.") from error
    if max(line.count(".") for line in text.split("\n")) > MOST_DOTS:
        raise SettingError(
            f"{what} {path} has a line of more than {MOST_DOTS} dots", "Move it away."
        )
    return text.replace("\r\n", "\n")


def place_of(error: str) -> tuple[int, int]:
    """Return the line and the character where a text is no TOML, of what its reader said of it.

    Python tells it only in a sentence for programmers.
    """
    found = re.search(r"at line (\d+), column (\d+)", error)
    return (int(found[1]), int(found[2])) if found else (0, 0)


@dataclass(frozen=True)
class FolderFile:
    """The settings file of the working folder, as the bytes were that its settings come from.

    Attributes:
        path: where it is: the folder with its links resolved, and the file's name in it.
        digest: SHA-256 of its bytes, and of those of the dialect's file that it names, in hex.
        trusted: whether the user consented to these bytes at this path.
        asks: what it says of settings that need the consent.
        trouble: why none of the consents can be read; empty where they can.
    """

    path: Path
    digest: str
    trusted: bool = False
    asks: Mapping[str, object] = field(default_factory=dict)
    trouble: str = ""


def folder_file(path: Path, data: bytes, asks: Mapping[str, object], config: Path) -> FolderFile:
    """Return what is known of a settings file.

    Args:
        path: the file; its own links are not followed: they could point elsewhere tomorrow.
        data: its bytes, from which `asks` was read.
        asks: what it says of settings that need consent; where empty, no consent is looked for.
        config: the config folder.
    """
    import hashlib  # here, as most folders have no such file

    place, seen = _resolved(path), hashlib.sha256(data)
    if named := asks.get("dialect"):
        seen.update(_other_content(path, str(named)))
    digest = seen.hexdigest()
    if not asks:
        return FolderFile(place, digest)
    try:
        known, trouble = _known(config), ""
    except LabappError as error:
        known, trouble = {}, str(error)
    return FolderFile(place, digest, known.get(_name(place, known)) == digest, asks, trouble)


def _other_content(path: Path, named: str) -> bytes:
    """Return the bytes of a file beside a settings file that says, too, where data goes.

    One that cannot be read says nothing; the name of a dialect that ships is that of no file.
    """
    try:
        found = read_bytes(path.parent / typed_paths.parse(named))
    except (LabappError, ValueError):
        return b""
    return b"" if found is None else b"\0" + found


def trust(file: FolderFile, config: Path) -> None:
    """Keep the consent to a file as it was read.

    Raises:
        LabappError: it cannot be kept.
    """
    _change(config, file.path, file.digest)


def distrust(path: Path, config: Path) -> bool:
    """Take back the consent to a file, which may be gone by now; tell whether there was one.

    Raises:
        LabappError: it cannot be taken back.
    """
    return _change(config, _resolved(path), "")


def _resolved(path: Path) -> Path:
    return path.parent.resolve() / path.name


def _name(place: Path, known: Mapping[str, str]) -> str:
    """Return the name by which a file is known, or would be.

    On Windows and macOS a folder may be called in other letters than before: large or small, by
    another drive, composed (NFC) or not. It is the same folder then, as the disk has it.
    """
    name = str(place)
    if name not in known and sys.platform in ("win32", "darwin"):
        for other in known:
            with contextlib.suppress(OSError, ValueError):  # gone meanwhile, or no path
                same = Path(other).name == place.name
                if same and Path(other).parent.samefile(place.parent):
                    return other
    return name


def _known(config: Path) -> dict[str, str]:
    """Return the digest that was consented to, by path.

    Raises:
        LabappError: the file is damaged or cannot be read.
    """
    from labapp import foreign  # only where a folder has such a file

    path = config / TRUSTED_FILE
    data = read_bytes(path, MOST_TRUSTED_BYTES, "the list of trusted files")
    if data is None:
        return {}
    try:
        found = foreign.read_object(data, MOST_TRUSTED_BYTES)
    except foreign.ForeignError as error:
        what = f"the list of trusted files {path} {error}"
        raise LabappError(what, "Files that are trusted anew are kept in a new one.") from None
    files = foreign.table(found.get("files"))
    return {name: digest for name, digest in files.items() if isinstance(digest, str)}


def _change(config: Path, place: Path, digest: str) -> bool:
    """Keep a digest for a path, or none; return whether one was kept before."""
    import json

    from filelock import Timeout

    path = config / TRUSTED_FILE
    try:
        private.folder(config)
        with private.lock(path.with_name(path.name + ".lock"), BUSY_TIMEOUT):
            try:
                known = _known(config)
            except LabappError:  # told before; what it held is asked for again
                known = {}
            was = known.pop(_name(place, known), None) is not None
            if digest:
                known[str(place)] = digest
            if was or digest:
                newest = dict(list(known.items())[-MOST_TRUSTED:])
                text = json.dumps({"form": 1, "files": newest}, indent=1)
                private.write_text(path, text, durable=True)
    except Timeout:
        raise LabappError(f"another program keeps {path} busy", "Try again.") from None
    except OSError as error:
        raise LabappError(
            f"the list of trusted files {path} cannot be written: {error.strerror or error}",
            "Make it writable, or set LABAPP_CONFIG_DIR to another folder.",
        ) from error
    return was
