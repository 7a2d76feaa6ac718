"""A fair semaphore: turns at what only a few jobs can have at once, shared between clients.

Who asks for many pictures holds most threads, and behind a plain semaphore a single picture of
somebody else would wait for all of them. Here the next turn goes to the client with the fewest
turns under way; among equals, to whoever has waited longest. And while several ask, one turn is
kept free of each: a single picture that a thread was free for then waits for none to end.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

#: Seconds for which a client counts as asking after its last job. What is kept free for it is not
#: used meanwhile.
ASKING = 2.0

#: Seconds between looks at whether others still ask: nobody tells that they no longer do.
LOOK_AGAIN = 0.5


class FairTurns:
    """A fair semaphore of at most `most` turns at once; shared by threads."""

    def __init__(self, most: int) -> None:
        self._free = self._most = most
        self._asked: dict[str, float] = {}
        self._waiting: list[str] = []
        self._under_way: Counter[str] = Counter()
        self._changed = threading.Condition()

    @contextmanager
    def of(self, client: str) -> Iterator[None]:
        """Wait for a turn of `client`, and hold it inside the block."""
        self._take(client)
        try:
            yield
        finally:
            with self._changed:
                self._free += 1
                self._under_way[client] -= 1
                if not self._under_way[client]:
                    del self._under_way[client]
                self._changed.notify_all()

    def _take(self, client: str) -> None:
        with self._changed:
            self._asked[client] = time.monotonic()
            self._waiting.append(client)
            # Those of one client are alike, so it does not matter which of them goes on.
            while not (self._free > 0 and self._next() == client and self._may(client)):
                self._changed.wait(LOOK_AGAIN)
            self._waiting.remove(client)
            self._free -= 1
            self._under_way[client] += 1
            self._changed.notify_all()

    def _may(self, client: str) -> bool:
        """Return whether a client leaves a turn for others, if others ask."""
        since = time.monotonic() - ASKING
        self._asked = {one: at for one, at in self._asked.items() if at > since or one == client}
        return len(self._asked) == 1 or self._under_way[client] < max(1, self._most - 1)

    def _next(self) -> str:
        """Return the client whose turn is next; `min` takes the first among equals."""
        return min(self._waiting, key=self._under_way.__getitem__)
