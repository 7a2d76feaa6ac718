"""Consent to settings files of working folders, which may send data and credentials elsewhere.

A file named `labapp.toml` may lie beside pictures that somebody else packed. What it says of places
and credentials counts only once the user has consented to that very content at that very path, as
direnv and git have it: each change asks again, and so does a copy elsewhere. Consents are kept in
one file of ours in the config folder.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from labapp.errors import LabappError
from labapp.files import private

#: The file in the config folder that keeps the consents.
FILE_NAME = "trusted.json"

#: Consents that are kept; the oldest go.
MOST = 200

#: Bytes of that file that are read: 200 paths of the 4,096 bytes that Linux and macOS take.
MOST_BYTES = 1_000_000

#: Seconds to wait while another program consents.
BUSY_TIMEOUT = 10.0


@dataclass(frozen=True)
class FolderFile:
    """The settings file of the working folder, as the bytes were that its settings come from.

    Attributes:
        path: where it is: the folder with its links resolved, and the file's name in it.
        digest: SHA-256 of its bytes, in hex.
        trusted: whether the user consented to these bytes at this path.
        asks: what it says of settings that need the consent.
        trouble: why none of the consents can be read; empty where they can.
    """

    path: Path
    digest: str
    trusted: bool = False
    asks: Mapping[str, object] = field(default_factory=dict)
    trouble: str = ""


def look(path: Path, data: bytes, asks: Mapping[str, object], config: Path) -> FolderFile:
    """Return what is known of a settings file.

    Args:
        path: the file; its own links are not followed: they could point elsewhere tomorrow.
        data: its bytes, from which `asks` was read.
        asks: what it says of settings that need consent; where empty, no consent is looked for.
        config: the config folder.
    """
    import hashlib  # here, as most folders have no such file

    place, digest = _place(path), hashlib.sha256(data).hexdigest()
    if not asks:
        return FolderFile(place, digest)
    try:
        known, trouble = _known(config), ""
    except LabappError as error:
        known, trouble = {}, str(error)
    return FolderFile(place, digest, known.get(_name(place, known)) == digest, asks, trouble)


def allow(file: FolderFile, config: Path) -> None:
    """Keep the consent to a file as it was read.

    Raises:
        LabappError: it cannot be kept.
    """
    _change(config, file.path, file.digest)


def withdraw(path: Path, config: Path) -> bool:
    """Take back the consent to a file, which may be gone by now; tell whether there was one.

    Raises:
        LabappError: it cannot be taken back.
    """
    return _change(config, _place(path), "")


def _place(path: Path) -> Path:
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
    from labapp import foreign, settings_file  # only where a folder has such a file

    path = config / FILE_NAME
    data = settings_file.read_bytes(path, MOST_BYTES, "the list of trusted files")
    if data is None:
        return {}
    try:
        found = foreign.read_object(data, MOST_BYTES)
    except foreign.ForeignError as error:
        what = f"the list of trusted files {path} {error}"
        raise LabappError(what, "Files that are trusted anew are kept in a new one.") from None
    files = foreign.table(found.get("files"))
    return {name: digest for name, digest in files.items() if isinstance(digest, str)}


def _change(config: Path, place: Path, digest: str) -> bool:
    """Keep a digest for a path, or none; return whether one was kept before."""
    import json

    from filelock import Timeout

    path = config / FILE_NAME
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
                newest = dict(list(known.items())[-MOST:])
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
