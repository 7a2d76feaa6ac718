"""The backlog of each queue of requests and its dead letters, counted once a minute for metrics.

It costs a request a minute for each of both, so nobody counts where neither JSON lines nor
Prometheus were asked for. Each worker of a fleet counts for itself, and all find the same.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping, Sequence

from labapp.cloud.queue_names import dead_letters_of
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
    """Counts what waits in queues, is in flight, and lies in their dead letters.

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
        found = self._fresh()
        return {name: found[name] for name in self._names if name in found}

    @property
    def dead(self) -> Mapping[str, int]:
        """How many dead letters each queue has, by its name, likewise."""
        found = self._fresh()
        names = {name: dead_letters_of(name) for name in self._names}
        return {name: found[dead].all for name, dead in names.items() if dead in found}

    def _fresh(self) -> dict[str, Counts]:
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
        try:
            for name in self._names:
                held, dead = self._count(name), self._count(dead_letters_of(name))
                if held and self._logged:
                    self._tell(name, held, dead)
        except _RENEWED as error:
            log.debug("the backlog is not counted: %s", error)
            self._renew()

    def _count(self, name: str) -> Counts | None:
        """Count a queue; None where it cannot be.

        Raises:
            CloudError: other credentials may mend that, or another address.
        """
        try:
            held = Queue(self._cloud, name).counts()
        except CloudError as error:
            if isinstance(error, _RENEWED) and not isinstance(error, ForbiddenError):
                raise
            log.debug("%s is not counted: %s", name, error)
            return None
        self._counts[name] = time.monotonic(), held
        return held

    def _tell(self, name: str, held: Counts, dead: Counts | None) -> None:
        """Log a count, which is a metric where JSON lines are such."""
        told = {"queue": name, "visible": held.visible, "in_flight": held.in_flight}
        text = f"{name}: {held.visible} waiting, {held.in_flight} in flight"
        if dead:
            told["dead"] = dead.all
            text += f", {dead.all} dead"
        log.info("%s", text, extra={"event": "backlog", **told})

    def _renew(self) -> None:
        """Read credentials and address anew: where workers are children, nobody else here does."""
        try:
            self._cloud.refresh()
        except CloudError as error:
            log.debug("still no cloud: %s", error)
