"""Which clients have a queue for their answers: asked of those whose messages bear no mark.

Clients by the wire of before there were marks name themselves just as other labs' clients do that
have attributes called `client` and `job`. By its queue such a one is known, which it makes first.
"""

from __future__ import annotations

import threading
import time

from labapp.cloud import provision
from labapp.cloud.queues import Queue
from labapp.cloud.session import Cloud
from labapp.worker.outages import OutageGuard
from labapp.worker.refusals import Deed

#: Clients remembered: another lab's may call itself anew with each message.
MOST = 10_000

#: Seconds for which it is remembered that a client has a queue, and that it has none: that one may
#: make it at any moment.
HAS, HAS_NONE = 60.0, 1.0


class OlderClients:
    """Tells which clients have queues; shared by the threads of one queue of requests.

    Args:
        cloud: where the queues are.
        requests: the queue whose messages are asked of.
        outages: waits out what keeps a look from an answer.
    """

    def __init__(self, cloud: Cloud, requests: str, outages: OutageGuard) -> None:
        self._cloud = cloud
        self._requests = requests
        self._outages = outages
        #: For each client whether it has one, and until when that is believed.
        self._known: dict[str, tuple[bool, float]] = {}
        self._lock = threading.Lock()

    def have(self, client: str) -> bool:
        """Return whether a client has a queue for its answers.

        Raises:
            StoppingError: the worker is to stop.
            CloudError: that cannot be seen.
        """
        found, until = self._known.get(client, (False, 0.0))
        if time.monotonic() < until:
            return found
        queue = Queue(self._cloud, provision.reply_queue_name(self._cloud.settings, client))
        what = "find the clients' own queues"
        found = self._outages.call(Deed(self._requests, what, queue.exists, single=True))
        with self._lock:
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[client] = found, time.monotonic() + (HAS if found else HAS_NONE)
        return found
