"""What was said of pictures and is not in the bucket yet: kept on this machine until it is.

Each program that labels has a file of its own, locked while it is at work. What it has not sent by
its end, however it ends, the next program that labels in this bucket sends: see `send_leftovers`.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ulid import ULID

from labapp.cloud.bucket import Bucket
from labapp.dataset import answers, kept_lines
from labapp.errors import (
    CertificateError,
    ClockError,
    CredentialsError,
    EmbeddedCloudError,
    ForbiddenError,
    LabappError,
    StorageError,
    UnreachableError,
    os_errors_as,
)
from labapp.files import private
from labapp.files.replacing import read
from labapp.labels.label_file import Entry

if TYPE_CHECKING:
    from filelock import FileLock

#: The folder, on this machine, of what is not sent yet; the ending of its files and of their locks.
FOLDER, ENDING, LOCK = "unsent", ".txt", ".lock"

#: What stands before the id of a line that was sent; no key begins so, as a blank follows.
_MARK = b"sent "

_REMEDY = "Set LABAPP_DATA_DIR to a folder that you may write in."


@dataclass(frozen=True)
class Unsent:
    """What was said of a picture and is not in the bucket yet.

    Attributes:
        key: the picture's.
        entry: the line.
        error: why it cannot be; None while it is tried.
    """

    key: str
    entry: Entry
    error: LabappError | None = None


def may_pass(error: LabappError) -> bool:
    """Tell whether what cannot be sent now may be later: after an outage, or a new session."""
    return isinstance(error, _PASSING) and not isinstance(error, ForbiddenError)


_PASSING = (
    *(CredentialsError, ClockError, CertificateError, UnreachableError),
    *(StorageError, EmbeddedCloudError),
)


@dataclass(frozen=True)
class Leftovers:
    """What became of what earlier programs could not send.

    Attributes:
        sent: how much is in the bucket now.
        refused: what it will never take, each with the reason; it is forgotten.
    """

    sent: int = 0
    refused: tuple[Unsent, ...] = ()


def send_leftovers(bucket: Bucket) -> Leftovers:
    """Send what earlier programs could not, if there is anything.

    What another program still has in hand is left to it.

    Raises:
        CloudError: the bucket cannot be written now; what was not sent stays.
        LabappError: this machine's files cannot be read.
    """
    sent, refused = 0, list[Unsent]()
    for path in leftovers(bucket):
        with _taken(path) as those:
            for key, entry in those:
                try:
                    answers.write(bucket, key, entry)
                    sent += 1
                except LabappError as error:
                    if may_pass(error):
                        raise
                    refused.append(Unsent(key, entry, error))
    return Leftovers(sent, tuple(refused))


def leftovers(bucket: Bucket) -> list[Path]:
    """Return the files of what programs that are gone have not sent, oldest first.

    Raises:
        LabappError: this machine's files cannot be read.
    """
    with os_errors_as(LabappError, "cannot read what is unsent", _REMEDY):
        found = sorted(_folder(bucket).glob(f"{_prefix(bucket)}*{ENDING}"))
        return [path for path in found if not private.is_held(path.with_suffix(LOCK))]


def count_left(bucket: Bucket) -> int:
    """Return how much programs that are gone have not sent; errors as of `leftovers`."""
    with os_errors_as(LabappError, "cannot read what is unsent", _REMEDY):
        return sum(len(_lines(path)) for path in leftovers(bucket))


@contextlib.contextmanager
def _taken(path: Path) -> Iterator[list[tuple[str, Entry]]]:
    """Give what a file holds, nothing if another program has taken it, and remove the file then."""
    from filelock import Timeout

    place = path.with_suffix(LOCK)
    reading = partial(os_errors_as, LabappError, f"cannot read {path}", _REMEDY)
    lock = private.lock(place, blocking=False)
    try:
        with reading():
            lock.acquire()
    except Timeout:
        yield []
        return
    try:
        with reading():
            those = _lines(path)
        yield those
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
    finally:
        lock.release()
        with contextlib.suppress(OSError):
            place.unlink(missing_ok=True)


def _folder(bucket: Bucket) -> Path:
    return Path(bucket.cloud.home) / FOLDER


def _prefix(bucket: Bucket) -> str:
    return f"{kept_lines.name_of(bucket)}-"


def _lines(path: Path) -> list[tuple[str, Entry]]:
    """Return what a file holds; a line that a crash has cut short was never told as kept."""
    try:
        lines = read(path).splitlines()
    except FileNotFoundError:  # its program, or another's, has just sent it
        return []
    sent = {line.removeprefix(_MARK) for line in lines if line.startswith(_MARK)}
    return [one for one in kept_lines.entries(lines) if one[1].answer_id.encode() not in sent]


class Journal:
    """The file of what one program has not sent yet, locked while it is at work.

    Args:
        bucket: where it is to be sent.
    """

    def __init__(self, bucket: Bucket) -> None:
        self._path = _folder(bucket) / f"{_prefix(bucket)}{ULID()}{ENDING}"
        self._lock: FileLock | None = None
        self._descriptor = -1

    def open(self) -> None:
        """Make the file; errors as of `add`."""
        with self._writing():
            private.folder(self._path.parent)
            self._lock = private.lock(self._path.with_suffix(LOCK))
            self._lock.acquire()
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
            self._descriptor = private.opener(str(self._path), flags)

    def add(self, key: str, entry: Entry) -> None:
        """Add a line, which is on the disk once this returns.

        Raises:
            LabappError: the file cannot be written.
        """
        line = kept_lines.line_of(key, entry)
        with self._writing():
            self._write(line, is_durable=True)

    def forget(self, entry: Entry, *, is_last: bool) -> None:
        """Forget a line, or all where it is the last one that was not forgotten.

        Where there is always another one, the next start would else send all of a long sitting.
        """
        with contextlib.suppress(OSError):  # sent again, it doubles nothing
            if is_last:
                os.ftruncate(self._descriptor, 0)
            else:
                self._write(_MARK + entry.answer_id.encode() + b"\n")

    def close(self, *, is_empty: bool) -> None:
        """Let go of the file; an empty one goes."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
        if is_empty:
            with contextlib.suppress(OSError):
                self._path.unlink(missing_ok=True)
        if self._lock is not None:
            self._lock.release()
            self._lock = None  # from now on it is another program's
            with contextlib.suppress(OSError):
                self._path.with_suffix(LOCK).unlink(missing_ok=True)

    def _write(self, line: bytes, *, is_durable: bool = False) -> None:
        """Add all of a line, or nothing and raise OSError: a disk that gets full takes a part."""
        size = os.fstat(self._descriptor).st_size
        try:
            _write_whole(self._descriptor, line)
            if is_durable:
                os.fsync(self._descriptor)
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self._descriptor, size)
            raise

    def _writing(self) -> contextlib.AbstractContextManager[None]:
        return os_errors_as(LabappError, f"cannot write {self._path}", _REMEDY)


def _write_whole(descriptor: int, line: bytes) -> None:
    if os.write(descriptor, line) < len(line):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
