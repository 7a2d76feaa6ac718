"""The code that instances run: a zip in the bucket, named after its hash.

The same code makes the same bytes, wherever it is zipped: files in one order, with one date and one
mode, lines that end as on Linux, and nothing that lies beside it or that a program left in it. They
are stored, not compressed: what deflate makes differs from one zlib to the next, and then a fleet
would be changed for nothing.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import zipfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from labapp.cloud.bucket import Bucket
from labapp.cloud.fleet.model import Code
from labapp.errors import LabappError, MissingResourceError, os_errors_as
from labapp.files import typed_paths
from labapp.settings import FILE_NAME
from labapp.settings_table import Settings

#: Where the checkout is that this runs from: the folder of `server.py`.
ROOT = Path(__file__).parents[3]

#: What stands beside `labapp/` in the zip: by its name there, where it lies in a checkout.
BESIDE = {"server.py": "server.py", "worker.lock": "labapp/cloud/fleet/worker.lock"}

#: A lab's own dialect in the zip, and where that is on an instance.
DIALECT = "dialect.toml"
PLACED = f"/opt/labapp/{DIALECT}"

#: Settings of the worker that are sentences: they go along in a file, as a parameter of the
#: template holds words only. None of them says where anything goes, so the file needs no consent.
SENTENCES = ("default_pipeline", "plain_error")

#: How the names of files end that are labapp's; all of them are texts.
KINDS = frozenset({".py", ".json", ".toml", ".md", ".yaml", ".sh", ".service", ".timer"})

#: How files and folders of labapp are named; what editors and file managers leave is not so.
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@-]*")

#: Folders that programs make: caches, and environments by the file that each has.
_CACHE, _ENVIRONMENT = "__pycache__", "pyvenv.cfg"

#: The date of all files: the first that a zip can tell.
_DATE = (1980, 1, 1, 0, 0, 0)

#: Who made the zip, by the number of its system (Unix), and the mode of all files: rw-r--r--.
_UNIX, _MODE = 3, 0o100644

#: Where zips of code lie in the bucket, and how one is named.
PREFIX = "deploy/code-"
_KEY = re.compile(r"deploy/code-([0-9a-f]{16})\.zip")

#: What is noted of a zip in the bucket: its whole hash, and that of its worker.lock.
_WHOLE, _LOCK = "sha256", "lock"

#: Zips of code that are kept: the one in use, and two to go back to.
KEPT = 3


@dataclass(frozen=True)
class Artifact:
    """A zip of the code.

    Attributes:
        key: where it lies in the bucket, `deploy/code-<16 hex>.zip`.
        sha256: the hash of `data`, of which the key has the first 16 digits.
        data: the zip.
        lock: the hash of its worker.lock, of which the key of its wheels is made.
    """

    key: str
    sha256: str
    data: bytes
    lock: str

    @property
    def code(self) -> Code:
        """What a fleet is told of it."""
        return Code(self.key, self.sha256, self.lock)


def dialect_file(setting: str) -> Path | None:
    """Return the file that the setting `dialect` names; None for one that ships, and for none."""
    return typed_paths.parse(setting) if typed_paths.is_path(setting, ".toml") else None


def _of_the_lab(settings: Settings) -> Iterator[tuple[str, bytes]]:
    """Yield what of a lab's own goes along: its dialect's file, and settings that are sentences."""
    if path := dialect_file(settings.dialect):
        yield DIALECT, path.read_bytes()
    told = {name: getattr(settings, name) for name in SENTENCES}
    lines = [
        f"{name} = {json.dumps(text)}\n"
        for name, text in told.items()
        if text != getattr(Settings, name)
    ]
    if lines:
        yield FILE_NAME, "".join(lines).encode()


def build(root: Path = ROOT, settings: Settings | None = None) -> Artifact:
    """Zip the code of a checkout.

    Args:
        root: the folder of `labapp/` and `server.py`.
        settings: those of the lab, of which goes along what the template's parameters cannot hold.

    Raises:
        LabappError: a file cannot be read, or is missing.
    """
    made = io.BytesIO()
    lock = b""
    with (
        os_errors_as(LabappError, f"cannot zip the code below {root}", _WHOLE_CHECKOUT),
        zipfile.ZipFile(made, "w") as archive,
    ):
        bodies = {name: path.read_bytes() for name, path in files(root)}
        bodies |= dict(_of_the_lab(settings or Settings()))
        for name, read in sorted(bodies.items()):
            body = read.replace(b"\r\n", b"\n")
            if name == "worker.lock":
                lock = body
            about = zipfile.ZipInfo(name, _DATE)
            about.create_system, about.external_attr = _UNIX, _MODE << 16
            archive.writestr(about, body, zipfile.ZIP_STORED)
    data = made.getvalue()
    sha256 = hashlib.sha256(data).hexdigest()
    return Artifact(f"{PREFIX}{sha256[:16]}.zip", sha256, data, hashlib.sha256(lock).hexdigest())


def files(root: Path) -> Iterator[tuple[str, Path]]:
    """Yield what belongs in a zip: each file's name there, and where it is."""
    for name, lies in BESIDE.items():
        yield name, root / lies
    for folder, folders, names in os.walk(root / "labapp"):
        here = Path(folder)
        folders[:] = [one for one in folders if _is_ours(here / one)]
        for name in names:
            if _NAME.fullmatch(name) and PurePosixPath(name).suffix in KINDS:
                path = here / name
                yield path.relative_to(root).as_posix(), path


def _is_ours(folder: Path) -> bool:
    is_made = folder.name == _CACHE or (folder / _ENVIRONMENT).exists()
    return bool(_NAME.fullmatch(folder.name)) and not is_made


def upload(bucket: Bucket, artifact: Artifact) -> bool:
    """Store a zip, unless it is there; return whether it was stored.

    Raises:
        CloudError: it cannot be.
    """
    noted = {_WHOLE: artifact.sha256, _LOCK: artifact.lock}
    try:
        found = bucket.head(artifact.key)
        if found.size == len(artifact.data) and dict(found.metadata) == noted:
            return False
    except MissingResourceError:
        pass
    bucket.put(artifact.key, artifact.data, "application/zip", noted)
    return True


def stored(bucket: Bucket) -> list[Code]:
    """Return the zips of code in the bucket, those that were stored last first.

    One whose noted hash is not that of its name is left out: no instance would take it.

    Raises:
        CloudError: they cannot be listed.
    """
    found = []
    entries = sorted(bucket.list(PREFIX), key=lambda entry: entry.modified, reverse=True)
    for entry in entries:
        if not (named := _KEY.fullmatch(entry.key)):
            continue
        try:
            noted = bucket.head(entry.key).metadata
        except MissingResourceError:  # somebody else has just removed it
            continue
        whole, lock = noted.get(_WHOLE, ""), noted.get(_LOCK, "")
        if _HASH.fullmatch(whole) and whole.startswith(named[1]):
            found.append(Code(entry.key, whole, lock if _HASH.fullmatch(lock) else ""))
    return found


_HASH = re.compile(r"[0-9a-f]{64}")


def previous(codes: Collection[Code], in_use: str) -> Code | None:
    """Return the code to go back to from the one in use.

    Args:
        codes: what `stored` gives.
        in_use: the key of the code that is in use.

    Returns:
        The one stored before it; the last of the others where none was; None where there is none.
    """
    keys = [code.key for code in codes]
    older = keys[keys.index(in_use) + 1 :] if in_use in keys else keys
    rest = older or [key for key in keys if key != in_use]
    return next((code for code in codes if rest and code.key == rest[0]), None)


def prune(bucket: Bucket, keep: int = KEPT, in_use: Collection[str] = ()) -> list[str]:
    """Remove zips of code but the last few; return the keys of those that went.

    Args:
        bucket: where they lie.
        keep: how many are kept, those stored last.
        in_use: keys that are kept however old: what instances run, or would boot with.

    Raises:
        CloudError: one cannot be removed.
    """
    entries = sorted(bucket.list(PREFIX), key=lambda entry: entry.modified, reverse=True)
    keys = [entry.key for entry in entries if _KEY.fullmatch(entry.key)]
    gone = [key for key in keys[keep:] if key not in in_use]
    for key in gone:
        bucket.delete(key)
    return gone


_WHOLE_CHECKOUT = "Run it from a whole checkout of labapp."
