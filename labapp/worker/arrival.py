"""Start-up of a worker whose cloud is away: it waits for it, as it does in any outage."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable

from labapp.backoff import delay
from labapp.cloud.session import Cloud
from labapp.errors import CloudError, UnreachableError
from labapp.jobs import lab
from labapp.worker.stats import WorkerStats

log = logging.getLogger(__name__)

#: Seconds between looks at whether the worker is to stop.
TICK = 0.1


def wait(
    cloud: Cloud, stats: WorkerStats, stopping: Callable[[], bool], meanwhile: Callable[[], None]
) -> None:
    """Wait until the cloud answers and all that a worker needs is there, or until `stopping`.

    `meanwhile` is called every `TICK`. A call that hangs does not hold up a stop.

    Raises:
        CloudError: it answers, but what is needed is not there, or may not be used.
    """
    attempt = 0
    while not stopping():
        found: list[CloudError | None] = []
        asking = threading.Thread(target=_ask, args=[cloud, found], daemon=True)
        asking.start()
        while asking.is_alive() and not stopping():
            meanwhile()
            asking.join(TICK)
        if not found:
            return
        if not (error := found[0]):
            stats.trouble = ""
            log.info("the cloud answers", extra={"event": "recovered"})
            return
        if not isinstance(error, UnreachableError):
            raise error
        if not attempt:
            log.warning("waiting for the cloud: %s", error, extra={"event": "trouble"})
        stats.trouble = str(error)
        attempt += 1
        until = time.monotonic() + delay(attempt)
        while time.monotonic() < until and not stopping():
            meanwhile()
            time.sleep(TICK)


def _ask(cloud: Cloud, found: list[CloudError | None]) -> None:
    try:
        with contextlib.suppress(UnreachableError):  # the local cloud, which is not there yet
            cloud.refresh()
        lab.require(cloud)
    except CloudError as error:
        found.append(error)
    else:
        found.append(None)
