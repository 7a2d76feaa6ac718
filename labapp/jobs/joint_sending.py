"""Jobs that several threads send at the same time go in one request, ten at most.

Each thread waits for its own, and is told what became of it, as if it had sent it alone.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from labapp.cloud.abilities import BATCH
from labapp.errors import CloudError
from labapp.jobs.kind import JobKind
from labapp.jobs.session import ClientSession
from labapp.jobs.wire import Request

#: Seconds for which the first waits for others.
LINGER = 0.02


@dataclass
class _Item:
    request: Request
    note: str
    done: threading.Event = field(default_factory=threading.Event)
    error: BaseException | None = None


class JointSending:
    """Sends jobs of a kind for several threads.

    Args:
        session: who is answered.
        kind: the kind of the jobs.
    """

    def __init__(self, session: ClientSession, kind: JobKind) -> None:
        self._session = session
        self._kind = kind
        self._items: list[_Item] = []
        self._changed = threading.Condition()
        #: Threads that are about to send: the first waits for no more than these.
        self._coming = 0

    def coming(self) -> None:
        """Say that this thread is going to send, or to be `gone`."""
        with self._changed:
            self._coming += 1

    def gone(self) -> None:
        """Say that this thread sends nothing any more."""
        with self._changed:
            self._coming -= 1
            self._changed.notify_all()

    def send(self, request: Request, note: str) -> None:
        """Send a job, whose `note` is kept with it.

        Raises:
            CloudError: it could not be sent; a late answer to it is still shown.
        """
        mine = _Item(request, note)
        with self._changed:
            self._items.append(mine)
            self._changed.notify_all()
            if is_first := len(self._items) == 1:
                self._changed.wait_for(self._is_full, LINGER)
                items, self._items = self._items, []
        if is_first:
            self._send(items)
        mine.done.wait()
        if mine.error is not None:
            raise mine.error

    def _is_full(self) -> bool:
        return len(self._items) >= min(BATCH, max(self._coming, 1))

    def _send(self, items: Sequence[_Item]) -> None:
        try:
            self._try(items)
        except BaseException as error:  # noqa: BLE001 - raised where each waits
            for one in items:
                one.error = error
        finally:
            for one in items:
                one.done.set()

    def _try(self, items: Sequence[_Item]) -> None:
        ledger, kind = self._session.ledger, self._kind
        requests = [one.request for one in items]
        notes = {one.request.job: one.note for one in items}
        self._session.require_replies()
        ledger.add_requests(requests, kind.name, notes.__getitem__)
        try:
            failed = self._session.put(kind, requests)
        except CloudError:
            ledger.mark_unsent(notes)
            raise
        ledger.mark_unsent(requests[place].job for place in failed)
        name = kind.request_queue_name(self._session.cloud.settings)
        for place in failed:
            items[place].error = CloudError(f"{name} did not take the job", "Send it again.")
