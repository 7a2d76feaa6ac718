"""A file of records that is only appended to, or replaced as a whole.

Each line is a JSON value behind its checksum. `append` has handed a record to the operating system
when it returns, by one write, so it outlives the death of this process (kill -9). It is not synced,
so the last seconds may be gone after a power failure: a sync takes longer than all else that a send
does. A write that fails is taken back, and leaves the file as it was.

A line cut off at the end is what a kill in mid write leaves: nobody was told that it was kept, and
it is dropped. Any other line that is bad, or says what nobody here understands, is damage: the file
is set aside before the good lines go on.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import shutil
import time
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from labapp.cloud.embedded.state import DAMAGED
from labapp.files import replacing

_OPEN = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)

#: The file of a journal that is not open.
_CLOSED = -1

_ENCODE = json.JSONEncoder(separators=(",", ":")).encode

_log = logging.getLogger("labapp.local")


class Journal:
    """One file of records, held open by one process.

    Args:
        path: the file; made with its folder, which is its own, where it is missing.

    Attributes:
        size: the file's bytes.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = _CLOSED
        self.size: int  # known once it is open

    def open(self, apply: Callable[[Any], None]) -> bool:
        """Read what was recorded, and make ready to append.

        Args:
            apply: called with each record, oldest first; what it raises of a record that it does
                not understand makes that line a damaged one.

        Returns:
            Whether damaged lines were left out. They are still in the file: `replace` it.

        Raises:
            OSError: the file cannot be read, set aside or opened for writing.
        """
        for left in self._path.parent.glob("*.part"):  # by a kill while one was written anew
            replacing.remove(left)
        unreadable = self._leave_unreadable()
        good = bad = trailing = end = place = 0
        why: Exception | None = None
        with contextlib.suppress(FileNotFoundError), self._path.open("rb") as file:
            for line in file:
                place += len(line)
                value = _value(line)
                if value is None:
                    trailing += 1
                    continue
                bad, trailing = bad + trailing, 0
                end = place
                try:
                    apply(value)
                    good += 1
                except (ValueError, TypeError, LookupError, AttributeError) as error:
                    bad, why = bad + 1, why or error
        damaged = bool(bad) or trailing > 1
        if damaged:
            self._set_aside(good, bad + trailing, why)
        elif trailing:
            _log.warning("the last line of %s was cut off, and is dropped", self._path)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._reopen()
        self.size = end
        if place != end:
            os.ftruncate(self._file, end)
        return damaged or unreadable

    def append(self, record: Any) -> None:
        """Add a record.

        Raises:
            OSError: it could not be written; the file is as it was.
        """
        if os.fstat(self._file).st_size != self.size:  # by a write that could not be taken back
            os.ftruncate(self._file, self.size)
        line = _line(record)
        try:
            written = os.write(self._file, line)
            while written < len(line):  # a disk that is just full takes a part
                written += os.write(self._file, line[written:])
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, self.size)
            raise
        self.size += len(line)

    def replace(self, records: Iterable[Any]) -> None:
        """Have the file hold these records only, in one step.

        Raises:
            OSError: it could not be written; the file is as it was, and can be appended to.
        """
        size = 0
        try:
            # Else a power failure could leave nothing of a file that was renamed just before.
            with replacing.replacing(self._path, durable=True) as part:
                with part.open("wb") as file:
                    for record in records:
                        size += file.write(_line(record))
                self.close()  # Windows gives nobody the name of a file that is open
            self.size = size
        finally:
            if self._file == _CLOSED:
                self._reopen()

    def close(self) -> None:
        """Let go of the file."""
        if self._file != _CLOSED:
            os.close(self._file)
            self._file = _CLOSED

    def _reopen(self) -> None:
        self._file = os.open(self._path, _OPEN, 0o600)

    def _leave_unreadable(self) -> bool:
        """Set aside what cannot be opened: a folder, or another account's; return whether so."""
        try:
            with replacing.with_retries(lambda: self._path.open("rb")):
                return False
        except FileNotFoundError:
            return False
        except (PermissionError, IsADirectoryError) as error:
            aside = name_aside(self._path)
            replacing.move(self._path, aside)
            _log.error("%s cannot be read (%s), and is now %s", self._path, error.strerror, aside)
            return True

    def _set_aside(self, good: int, bad: int, why: Exception | None) -> None:
        aside = name_aside(self._path)
        shutil.copyfile(self._path, aside)
        _log.error(
            "%d lines of %s are damaged%s; the other %d are used, and a copy is at %s",
            *(bad, self._path, f" ({why})" if why else "", good, aside),
        )


def name_aside(path: Path) -> Path:
    """Return the name under which a damaged file is kept."""
    return path.with_name(f"{path.name}{DAMAGED}{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}")


def _line(record: Any) -> bytes:
    text = _ENCODE(record).encode("ascii")
    return b"%08x %s\n" % (zlib.crc32(text), text)


def _value(line: bytes) -> Any:
    """Return what a line records; None of a bad one (no record is null)."""
    mark, _, text = line.rstrip(b"\n").partition(b" ")
    with contextlib.suppress(ValueError, RecursionError):
        if line.endswith(b"\n") and int(mark, 16) == zlib.crc32(text):
            return json.loads(text)
    return None
