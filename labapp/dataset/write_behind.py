"""Answers on their way to the bucket, while the next picture is looked at: a few, and none lost.

What is said of a picture is kept on this machine's disk before the next one is shown, and sent in a
thread. It is forgotten here once it is in the bucket, so what a program could not send any more, as
it was ended or the network was gone, is sent by the next one. An entry has an id, so that sending
it twice doubles nothing.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self
from urllib.parse import quote, unquote_to_bytes

from ulid import ULID

from labapp.cloud.bucket import Bucket
from labapp.dataset import answers, layouts
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
from labapp.labels.label_file import Entry, format_line, parse_line
from labapp.waits import delay

if TYPE_CHECKING:
    from filelock import FileLock

#: Answers that may be on their way at once: with more, an outage would be noticed too late.
MOST = 3

#: Seconds that whoever leaves waits for what is on its way.
LEAVE_WITHIN = 5.0

#: The folder, on this machine, of what is not sent yet; the ending of its files and of their locks.
FOLDER, ENDING, LOCK = "unsent", ".txt", ".lock"

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


class WriteBehind:
    """Sends what is said of pictures in one bucket, in its order; use it in a `with` block.

    Args:
        bucket: where it goes.
        failed: told, in another thread, of what the bucket does not take, and will not: its picture
            is to be shown again.
        replaced: told of answers of the same person that counted until then, with the picture.
    """

    def __init__(
        self,
        bucket: Bucket,
        failed: Callable[[Unsent], object] = lambda one: None,
        replaced: Callable[[str, Entry], object] = lambda key, before: None,
    ) -> None:
        self._bucket = bucket
        self._failed = failed
        self._replaced = replaced
        self._journal = _Journal(_folder(bucket) / f"{_prefix(bucket)}{ULID()}{ENDING}")
        self._coming: deque[Unsent] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._problem: LabappError | None = None
        self._thread = threading.Thread(target=self._work, name="answers", daemon=True)

    def __enter__(self) -> Self:
        self._journal.open()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def unsent(self) -> int:
        """How much is not in the bucket yet."""
        return len(self._coming)

    @property
    def problem(self) -> LabappError | None:
        """Why nothing is sent just now; None where it is."""
        return self._problem

    @property
    def has_room(self) -> bool:
        """Whether another may be kept without waiting."""
        return self.unsent < MOST

    def wait_for_room(self, seconds: float) -> bool:
        """Wait until another may be kept, for some seconds at most; return whether it may."""
        return self._wait(lambda: self.has_room, seconds)

    def keep(self, key: str, entry: Entry) -> None:
        """Keep on this machine what is said of a picture, and have it sent.

        Raises:
            RefusedError: this layout is read only.
            LabappError: it cannot be kept here; then it is not sent either.
        """
        layouts.writable(self._bucket)
        with self._changed:
            self._journal.add(key, entry)
            self._coming.append(Unsent(key, entry))
            self._changed.notify_all()

    def try_now(self) -> None:
        """Try again at once what could not be sent."""
        with self._changed:
            self._problem = None
            self._changed.notify_all()

    def flush(self, seconds: float) -> int:
        """Wait until all is sent, for some seconds at most; return how much is not."""
        self._wait(lambda: not self._coming, seconds)
        return self.unsent

    def close(self, seconds: float = LEAVE_WITHIN) -> int:
        """End, after waiting for what is on its way; return how much the next program will send."""
        left = self.flush(seconds) if self._thread.is_alive() else self.unsent
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._journal.close(is_empty=not left)
        return left

    def _wait(self, condition: Callable[[], bool], seconds: float) -> bool:
        until = time.monotonic() + seconds
        with self._changed:
            while not condition():
                left = until - time.monotonic()
                if left <= 0:
                    return False
                self._changed.wait(min(left, 0.2))  # Ctrl-C ends no longer wait on Windows
        return True

    def _work(self) -> None:
        attempt = 0
        while True:
            with self._changed:
                while not (self._coming or self._closed):
                    self._changed.wait()
                if self._closed:
                    return
                one = self._coming[0]
            error = self._send(one)
            if error is not None and _may_pass(error):
                attempt += 1
                self._pause(error, attempt)
                continue
            attempt = 0
            with self._changed:
                self._problem = None
                if self._closed:  # the next program sends it again, which doubles nothing
                    return
                self._coming.popleft()
                if not self._coming:
                    self._journal.clear()
                self._changed.notify_all()
            if error is not None:
                self._failed(Unsent(one.key, one.entry, error))

    def _send(self, one: Unsent) -> LabappError | None:
        try:
            answers.write(
                self._bucket, one.key, one.entry, lambda before: self._replaced(one.key, before)
            )
        except LabappError as error:
            return error
        return None

    def _pause(self, error: LabappError, attempt: int) -> None:
        """Wait before another attempt, or until somebody wants one."""
        until = time.monotonic() + delay(attempt)
        with self._changed:
            self._problem = error
            self._changed.notify_all()
            while self._problem is not None and not self._closed:
                left = until - time.monotonic()
                if left <= 0:
                    return
                self._changed.wait(left)


def _may_pass(error: LabappError) -> bool:
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
                    if _may_pass(error):
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


@contextlib.contextmanager
def _taken(path: Path) -> Iterator[list[tuple[str, Entry]]]:
    """Give what a file holds, nothing if another program has taken it, and remove the file then."""
    from filelock import Timeout

    place = path.with_suffix(LOCK)
    try:
        lock = private.lock(place, blocking=False)
        lock.acquire()
    except Timeout:
        yield []
        return
    try:
        with os_errors_as(LabappError, f"cannot read {path}", _REMEDY):
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
    layout = layouts.of(bucket)
    named = "\n".join((bucket.name, layout.images, layout.labels))
    return hashlib.sha256(named.encode(errors="replace")).hexdigest()[:16] + "-"


def _lines(path: Path) -> list[tuple[str, Entry]]:
    """Return what a file holds; a line that a crash has cut short was never told as kept."""
    try:
        lines = read(path).splitlines()
    except FileNotFoundError:  # its program, or another's, has just sent it
        return []
    parted = (line.partition(b" ") for line in lines)
    entries = ((key, parse_line(said)) for key, _, said in parted)
    return [(unquote_to_bytes(key).decode(errors="replace"), one) for key, one in entries if one]


class _Journal:
    """The file of what one program has not sent yet, locked while it is at work."""

    def __init__(self, path: Path) -> None:
        self._path = path
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
        line = quote(key, safe="/").encode() + b" " + format_line(entry)
        with self._writing():
            size = os.fstat(self._descriptor).st_size
            try:
                _write_whole(self._descriptor, line)
            except OSError:
                with contextlib.suppress(OSError):
                    os.ftruncate(self._descriptor, size)
                raise

    def clear(self) -> None:
        """Forget all lines."""
        with contextlib.suppress(OSError):  # sent again, they double nothing
            os.ftruncate(self._descriptor, 0)

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
            with contextlib.suppress(OSError):
                self._path.with_suffix(LOCK).unlink(missing_ok=True)

    def _writing(self) -> contextlib.AbstractContextManager[None]:
        return os_errors_as(LabappError, f"cannot write {self._path}", _REMEDY)


def _write_whole(descriptor: int, line: bytes) -> None:
    """Write all of a line to the disk, or raise OSError: a disk that gets full takes a part."""
    if os.write(descriptor, line) < len(line):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    os.fsync(descriptor)
