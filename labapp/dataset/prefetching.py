"""Pictures fetched and made ready ahead of the one that is shown, in threads of their own.

They are kept in a folder of this machine. A key names the bytes by their hash, so a file that has
this hash is not fetched again, and one that was cut short is.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Generic, Self, TypeVar

from labapp import waits
from labapp.cloud.bucket import Bucket
from labapp.dataset.stored_pictures import fetch
from labapp.errors import LabappError, to_tell

T = TypeVar("T")

#: Pictures in hand besides the one that is shown. On a slow network they are what a fast annotator
#: has before each picture is waited for; of 2 MB each when they are made ready.
AHEAD = 8

#: Those among them that are also finished, for the screen as it is now.
FINISHED = 2

#: Fetched at once. One has all of a narrow network; a second hides the delay of a long one.
_AT_ONCE = 2

#: Seconds after another picture is wanted for which nothing new is begun: it is put on the screen.
_REST = 0.08

#: Pictures kept on this machine: two hundred of 1 MB are little to a disk, and hours of labelling;
#: and how many are fetched before the folder is looked at again.
KEPT, _TIDIED = 200, 50


class Prefetcher(Generic[T]):
    """Fetches pictures in the order in which they will be asked for; use it in a `with` block.

    Args:
        bucket: the bucket.
        keys: the pictures that are wanted first, as of `want`.
        prepare: makes of a picture's file what is asked for, in another thread.
        folder: where the files go; the cloud's own on this machine unless given.
    """

    def __init__(
        self,
        bucket: Bucket,
        keys: Sequence[str],
        prepare: Callable[[Path], T],
        folder: Path | None = None,
    ) -> None:
        self._bucket = bucket
        self._prepare = prepare
        self._folder = folder or bucket.cloud.home / "pictures"
        self._changed = threading.Condition()
        self._wanted = list(keys)
        #: What is fetched or was; and of which the work has begun.
        self._coming: dict[str, Future[T]] = {}
        self._begun: set[str] = set()
        #: What is done to pictures that are made, for what, and to which it was.
        self._finish: Callable[[T], object] | None = None
        self._finish_for: Hashable = None
        self._finished: set[str] = set()
        self._begin_at = 0.0
        self._fetched = 0
        self._closed = False

    def __enter__(self) -> Self:
        for _ in range(_AT_ONCE):
            threading.Thread(target=self._work, name="ahead", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._changed:  # who leaves does not wait
            self._closed = True
            self._changed.notify_all()
        _tidy(self._folder)

    def want(self, keys: Sequence[str]) -> None:
        """Have pictures fetched: the one that is shown now, and those that may be shown next.

        The first alone, then the others in their order. All else is let go. What could not be
        fetched before is tried again.
        """
        with self._changed:
            self._wanted = list(dict.fromkeys(keys))
            for key in [*self._coming]:
                future = self._coming[key]
                failed = future.done() and future.exception() is not None
                if failed or (key not in self._wanted and key not in self._begun - self._done()):
                    self._forget(key)
            first = self._coming.get(self._wanted[0]) if self._wanted else None
            rest = _REST if first is not None and first.done() else 0.0
            self._begin_at = time.monotonic() + rest
            self._changed.notify_all()

    def begin(self, key: str) -> Future[T]:
        """Begin to fetch a picture before all others; return the future of what is made of it."""
        with self._changed:
            if self._wanted[:1] != [key]:
                self._wanted = [key, *(one for one in self._wanted if one != key)]
            self._begin_at = 0.0
            self._changed.notify_all()
            return self._future(key)

    def ready(self, key: str) -> T | None:
        """Return what is made of a picture's file if it is there, without waiting."""
        future = self._coming.get(key)
        if future is None or not future.done() or future.exception() is not None:
            return None
        return future.result()

    def get(self, key: str) -> T:
        """Return what is made of a picture's file, waiting for it if need be.

        Raises:
            MissingResourceError: the picture is no longer there.
            CloudError: it cannot be fetched.
            LabappError: the file cannot be written.
        """
        try:
            return waits.result(self.begin(key))
        except LabappError:
            with self._changed:
                self._forget(key)  # the next call tries again
            raise

    def finish_next(self, wanted_for: Hashable, finish: Callable[[T], object]) -> None:
        """Have the pictures that come next made as the screen needs them, in the threads.

        Args:
            wanted_for: what they are made for, such as the size; as long as it is the same,
                nothing is made twice.
            finish: makes it.
        """
        with self._changed:
            if self._finish_for != wanted_for:
                self._finished.clear()
            self._finish, self._finish_for = finish, wanted_for
            self._begin_at = max(self._begin_at, time.monotonic() + _REST)
            self._changed.notify_all()

    def _work(self) -> None:
        while (task := self._next()) is not None:
            try:
                task()
            except Exception as error:  # noqa: BLE001 - it is made again where it is shown
                to_tell(error)
            with self._changed:
                self._changed.notify_all()

    def _next(self) -> Callable[[], object] | None:
        """Return what is to be done next, once there is anything; None: nothing any more."""
        with self._changed:
            while not self._closed:
                left = self._begin_at - time.monotonic()
                task = self._task() if left <= 0 else None
                if task is not None:
                    return task
                self._changed.wait(left if left > 0 else None)
        return None

    def _task(self) -> Callable[[], object] | None:
        """Return what is to be done now, if anything; for who has the lock."""
        done = self._done()
        for place, key in enumerate(self._wanted):
            if place and self._wanted[0] not in done:
                return None
            if key in done:
                if (finishing := self._finishing(place, key)) is not None:
                    return finishing
            elif key not in self._begun:
                self._begun.add(key)
                future = self._future(key)
                return lambda: self._fetch(key, future)
        return None

    def _finishing(self, place: int, key: str) -> Callable[[], object] | None:
        finish, future = self._finish, self._coming[key]
        is_next = 0 < place <= FINISHED and key not in self._finished
        if finish is None or not is_next or future.exception() is not None:
            return None
        self._finished.add(key)
        return lambda: finish(future.result())

    def _fetch(self, key: str, future: Future[T]) -> None:
        try:
            future.set_result(self._prepare(fetch(self._bucket, key, self._folder)))
        except BaseException as error:  # noqa: BLE001 - raised where the picture is asked for
            future.set_exception(error)
        self._fetched += 1
        if self._fetched % _TIDIED == 0:
            _tidy(self._folder)

    def _future(self, key: str) -> Future[T]:
        return self._coming.setdefault(key, Future())

    def _done(self) -> set[str]:
        return {key for key, future in self._coming.items() if future.done()}

    def _forget(self, key: str) -> None:
        self._coming.pop(key, None)
        self._begun.discard(key)
        self._finished.discard(key)


def _tidy(folder: Path) -> None:
    """Delete all but the youngest files of the folder; another program may do so too."""
    with contextlib.suppress(OSError):
        files = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime)
        for path in files[:-KEPT]:
            with contextlib.suppress(OSError):  # Windows keeps what somebody has open
                path.unlink(missing_ok=True)
