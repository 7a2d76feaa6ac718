"""The backlog of each queue of requests, counted once a minute for metrics.

It costs one request a queue and minute, so nobody counts where neither JSON lines nor Prometheus
were asked for. Each worker of a fleet counts for itself, and all find the same.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping, Sequence

from labapp.cloud.queues import Counts, Queue
from labapp.cloud.session import Cloud
from labapp.errors import CloudError, CredentialsError, ForbiddenError, UnreachableError

log = logging.getLogger(__name__)

#: Seconds before the first count, so that a worker that ends soon counts nothing; between counts.
FIRST, EVERY = 5.0, 60.0

#: What other credentials may mend, or another address: the local cloud's changes when it restarts.
_RENEWED = (CredentialsError, UnreachableError)

#: Seconds after which a count tells nothing any more: two were missed.
KEPT = 3 * EVERY


class Backlog:
    """Counts what waits in queues and is in flight.

    Args:
        cloud: where the queues are.
        names: which they are.
        logged: whether each count is logged, as JSON lines are to have it.
    """

    def __init__(self, cloud: Cloud, names: Sequence[str], *, logged: bool) -> None:
        self._cloud = cloud
        self._names = names
        self._logged = logged
        self._counts: dict[str, tuple[float, Counts]] = {}

    @property
    def counts(self) -> Mapping[str, Counts]:
        """The last counts by the names of their queues, as far as they still tell something."""
        since = time.monotonic() - KEPT
        return {name: held for name, (at, held) in self._counts.copy().items() if at >= since}

    def run(self, ended: threading.Event) -> None:
        """Count until the end: the body of a thread."""
        wait = FIRST
        while not ended.wait(wait):
            self.count()
            wait = EVERY

    def count(self) -> None:
        """Count now; a queue that cannot be counted is left out."""
        for name in self._names:
            try:
                held = Queue(self._cloud, name).counts()
            except CloudError as error:
                log.debug("%s is not counted: %s", name, error)
                if isinstance(error, _RENEWED) and not isinstance(error, ForbiddenError):
                    self._renew()
                    return
                continue
            self._counts[name] = time.monotonic(), held
            if self._logged:
                told = {"queue": name, "visible": held.visible, "in_flight": held.in_flight}
                log.info("%s: %d waiting, %d in flight", name, held.visible, held.in_flight,
                         extra={"event": "backlog", **told})  # fmt: skip

    def _renew(self) -> None:
        """Read credentials and address anew: where workers are children, nobody else here does."""
        try:
            self._cloud.refresh()
        except CloudError as error:
            log.debug("still no cloud: %s", error)
