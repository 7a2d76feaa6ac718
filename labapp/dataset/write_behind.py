"""Answers on their way to the bucket, while the next picture is looked at: a few, and none lost.

What is said of a picture is kept on this machine's disk before the next one is shown, and sent in
threads. It is forgotten here once it is in the bucket, so what a program could not send any more,
as it was ended or the network was gone, is sent by the next one (see `unsent`). An entry has an id,
so that sending it twice doubles nothing.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Self

from labapp.cloud.bucket import Bucket
from labapp.dataset import answers, layouts
from labapp.dataset.unsent import Journal, Unsent, may_pass
from labapp.errors import LabappError, to_tell
from labapp.labels.label_file import Entry
from labapp.waits import delay

#: Answers that may be on their way at once: with more, an outage would be noticed too late.
MOST = 3

#: Seconds before an answer is sent: the next picture is put on the screen meanwhile.
_REST = 0.05

#: Seconds that whoever leaves waits for what is on its way, and who is ended by a signal.
LEAVE_WITHIN, END_WITHIN = 5.0, 2.0


class WriteBehind:
    """Sends what is said of pictures in one bucket; use it in a `with` block.

    Of one picture it is sent in its order; of several at once, as a slow network's delay is that of
    one answer then, and not of all.

    Args:
        bucket: where it goes.
        failed: told, in another thread, of what the bucket does not take, and will not: its picture
            is to be shown again.
        replaced: told of answers of the same person that counted until then, with the picture.
        prepare: is called before each is sent: a stopped cloud may be started. What it raises
            is why nothing is sent.
        sent: told, in another thread, of what is in the bucket now.
        changed: told, in another thread, whenever another number is unsent, or the problem another.
    """

    def __init__(
        self,
        bucket: Bucket,
        failed: Callable[[Unsent], object] = lambda one: None,
        replaced: Callable[[str, Entry], object] = lambda key, before: None,
        prepare: Callable[[], object] = lambda: None,
        sent: Callable[[Unsent], object] = lambda one: None,
        changed: Callable[[], object] = lambda: None,
    ) -> None:
        self._bucket = bucket
        self._failed = failed
        self._replaced = replaced
        self._prepare = prepare
        self._sent = sent
        self._tell = changed
        self._journal = Journal(bucket)
        self._coming: list[Unsent] = []
        #: The pictures of which something is being sent just now.
        self._sending: set[str] = set()
        self._changed = threading.Condition()
        self._closed = False
        self._problem: LabappError | None = None

    def __enter__(self) -> Self:
        self._journal.open()
        for _ in range(MOST):
            threading.Thread(target=self._work, name="answers", daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.close(LEAVE_WITHIN if kind is None else END_WITHIN)

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
        if self._problem is not None:
            self._tell()

    def try_now(self) -> None:
        """Try again at once what could not be sent."""
        with self._changed:
            self._problem = None
            self._changed.notify_all()

    def flush(self, seconds: float) -> int:
        """Wait until all is sent, for some seconds at most; return how much is not."""
        self._wait(lambda: not self._coming, seconds)
        return self.unsent

    def settle(self, seconds: float) -> None:
        """Wait for what is on its way, for some seconds at most; not while nothing can be sent."""
        self._wait(lambda: self._closed or not self._coming or self._problem is not None, seconds)

    def close(self, seconds: float = LEAVE_WITHIN) -> int:
        """End, after waiting as `settle` does; return how much the next program will send."""
        self.settle(seconds)
        with self._changed:
            self._closed, left = True, self.unsent
            self._journal.close(is_empty=not left)
            self._changed.notify_all()
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
        while (one := self._next()) is not None:
            time.sleep(_REST)
            error = self._send(one)
            if error is not None and may_pass(error):
                attempt += 1
                self._pause(error, attempt)
                self._sending.discard(one.key)
                continue
            attempt = 0
            try:
                self._end(one, error)
            except Exception as unforeseen:  # noqa: BLE001 - the next answers are sent all the same
                to_tell(unforeseen)

    def _next(self) -> Unsent | None:
        """Return what is to be sent next, once there is any; None: nothing any more.

        Of a picture of which something is being sent, what was said later waits.
        """
        with self._changed:
            while not self._closed:
                for one in self._coming:
                    if one.key not in self._sending:
                        self._sending.add(one.key)
                        return one
                self._changed.wait()
        return None

    def _end(self, one: Unsent, error: LabappError | None) -> None:
        """Forget what was sent, or refused, and tell of it, unless the end came first.

        Then the next program sends it again, which doubles nothing.
        """
        with self._changed:
            if self._closed:
                return
        try:
            # First: who waits for all to be sent knows of it then.
            if error is not None:
                self._failed(Unsent(one.key, one.entry, error))
            else:
                self._sent(one)
        finally:
            with self._changed:
                self._sending.discard(one.key)
                if not self._closed:
                    self._problem = None
                    self._coming.remove(one)
                    self._journal.forget(one.entry, is_last=not self._coming)
                self._changed.notify_all()
        self._tell()

    def _send(self, one: Unsent) -> LabappError | None:
        try:
            self._prepare()
            answers.write(
                self._bucket, one.key, one.entry, lambda before: self._replaced(one.key, before)
            )
        except Exception as error:  # noqa: BLE001 - else nobody would know, and all would wait
            return to_tell(error)
        return None

    def _pause(self, error: LabappError, attempt: int) -> None:
        """Wait before another attempt, or until somebody wants one."""
        until = time.monotonic() + delay(attempt)
        with self._changed:
            self._problem = error
            self._changed.notify_all()
        self._tell()
        with self._changed:
            while self._problem is not None and not self._closed:
                left = until - time.monotonic()
                if left <= 0:
                    return
                self._changed.wait(left)
