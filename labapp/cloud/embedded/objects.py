"""The objects of one bucket of the local cloud, each in one file.

A file holds a line of JSON (the key and all that is known of the object) and behind it the bytes.
It is written beside its place and renamed there, so that whatever ends this process, an object is
there whole, as it was, or not at all. Its name is the SHA-256 of its key: any key will do on any
platform, and no two meet in one file (on disk, `a` and `a/b` could not both be).
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from labapp import foreign
from labapp.cloud.embedded.state import NEWER
from labapp.files import replacing

Record = dict[str, Any]

#: Bytes of what is kept of an object beside its body: names of 1 KB, metadata of 2, tags, an ACL.
MOST_HEAD = 1_000_000

#: The form of the files; a higher one is not read.
FORMAT = 1

_log = logging.getLogger("labapp.local")


class Objects(dict[str, Record]):
    """What MiniStack has of a bucket's objects by key; changed on disk first, then here.

    Every method raises OSError where the disk does not do its part; all is as it was then.

    Args:
        folder: the bucket's own.
        more: what else is to be kept of the object with this key (tags and the like).
    """

    def __init__(self, folder: Path, more: Callable[[str], Any] = lambda key: None) -> None:
        super().__init__()
        self._folder = folder
        self._more = more

    def __setitem__(self, key: str, record: Record) -> None:
        """Keep an object; its bytes leave memory."""
        self._write(key, record, record["body"])
        record["body"] = None
        super().__setitem__(key, record)

    def pop(self, key: str, *default: Any) -> Any:
        """Delete an object."""
        if key in self:
            replacing.remove(self._path(key), missing_ok=True)
        return super().pop(key, *default)

    def rewrite(self, key: str) -> None:
        """Write an object anew, since what else is kept of it has changed."""
        self._write(key, self[key], self.body(key))

    def body(self, key: str) -> bytes:
        """Return an object's bytes."""
        return read_file(self._path(key))[1]

    def load(self, found: Callable[[str, Any], None] = lambda key, more: None) -> list[Path]:
        """Read what the folder holds of all objects, and clear away what a kill left half written.

        `found` is told of what else was kept of each. Returned are the files that are damaged,
        whose objects are left out.
        """
        left_out = []
        for path in self._folder.glob("*/*"):
            if path.suffix == ".part":
                replacing.remove(path)
                continue
            try:
                key, record, more = _head(path)
            except (OSError, ValueError, TypeError, KeyError) as error:
                _log.error("the object in %s is damaged, and left out: %s", path, error)
                left_out.append(path)
            else:
                super().__setitem__(key, record)
                found(key, more)
        return left_out

    def _write(self, key: str, record: Record, body: bytes) -> None:
        facts = {name: value for name, value in record.items() if name != "body"}
        head = {"form": FORMAT, "key": key, "record": facts, "more": self._more(key)}
        write_file(self._path(key), head, body)

    def _path(self, key: str) -> Path:
        name = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
        return self._folder / name[:2] / name[2:]


def write_file(path: Path, head: dict[str, Any], body: bytes) -> None:
    """Replace a file by a line of JSON, and bytes behind it.

    Raises:
        OSError: it cannot be written; it is as it was.
    """
    with replacing.replacing(path) as part, part.open("wb") as file:
        file.write(json.dumps(head).encode("ascii") + b"\n")
        file.write(body)


def read_file(path: Path) -> tuple[bytes, bytes]:
    """Return the line of JSON of such a file, and the bytes behind it.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        return file.readline(), file.read()


def _head(path: Path) -> tuple[str, Record, Any]:
    """Read an object's key, its record and what else is kept of it."""
    with path.open("rb") as file:
        head = foreign.read(file.readline(MOST_HEAD), MOST_HEAD, halves=True)
    if head["form"] > FORMAT:
        raise ValueError(f"it {NEWER}")
    return head["key"], {**head["record"], "body": None}, head["more"]


def clear(folder: Path) -> None:
    """Delete a folder with all in it, in one step for whoever reads it at a start.

    Raises:
        OSError: it cannot be deleted; it is as it was.
    """
    part = replacing.beside(folder)
    with contextlib.suppress(FileNotFoundError):
        replacing.move(folder, part)
        replacing.clear_away(part)
