"""What the threads of a worker share: a pool, fair turns, a limit learnt from times, recent ids."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

log = logging.getLogger(__name__)

#: Seconds of work that are not worth a thread switch.
WORTH_A_THREAD = 0.010

#: Seconds for which a client counts as asking after its last job. What is kept free for it is not
#: used meanwhile.
ASKING = 2.0

#: Seconds between looks at whether others still ask: nobody tells that they no longer do.
LOOK_AGAIN = 0.5

#: The weight of the newest jobs in the running mean of a job's seconds.
NEWEST = 0.3

#: Measured times of which the middle one is what jobs take now, and the second the least.
RECENT = 16

#: Times the least that a job takes beyond which jobs are in each other's way.
CROWDED = 2.0

#: Jobs of a flood in flight at least: more of them than travel at once.
LEAST = 3

#: How much the number of jobs in flight changes at most with each measured time. Down soon, up
#: slow: what the recent times say is late by half of them.
SLOWER, FASTER = 0.8, 1.02

#: How much the least time is forgotten with each measured time: clouds and machines change.
FORGOTTEN = 1.0002


class ThreadPool:
    """At most `most` threads, started when first needed, that take tasks in order.

    Not a ThreadPoolExecutor: that one joins its threads when the interpreter ends, so a single job
    that hangs would keep a stopping worker alive beyond its grace period. These are daemons.
    """

    def __init__(self, most: int, name: str) -> None:
        self._most = most
        self._name = name
        self._tasks: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._idle = threading.Semaphore(0)

    def submit(self, task: Callable[[], None]) -> None:
        """Have a task done by a free thread, or by the first that becomes free."""
        self._tasks.put(task)
        if not self._idle.acquire(blocking=False) and len(self._threads) < self._most:
            name = f"{self._name}-{len(self._threads) + 1}"
            thread = threading.Thread(target=self._run, name=name, daemon=True)
            try:
                thread.start()
            except RuntimeError:  # the system gives no more: those that there are take it in turn
                if not self._threads:
                    raise
            else:
                self._threads.append(thread)

    def do_all(self, tasks: Sequence[Callable[[], object]]) -> None:
        """Have tasks done side by side; return once all are."""
        done = threading.Semaphore(0)

        def do(task: Callable[[], object]) -> None:
            try:
                task()
            finally:
                done.release()

        for task in tasks:
            self.submit(partial(do, task))
        for _ in tasks:
            done.acquire()

    def close(self) -> None:
        """Let the threads end once the tasks before this are done; does not wait for them."""
        for _ in self._threads:
            self._tasks.put(None)

    def _run(self) -> None:
        while (task := self._tasks.get()) is not None:
            try:
                task()
            except Exception:
                log.exception("a task failed", extra={"event": "fault"})
            self._idle.release()


class FairTurns:
    """A fair semaphore: at most `most` turns at once, shared between clients.

    Who asks for many pictures holds most threads, and behind a plain semaphore a single picture of
    somebody else would wait for all of them. Here the next turn goes to the client with the fewest
    turns under way; among equals, to whoever has waited longest. And while several ask, one turn is
    kept free of each: a single picture that a thread was free for then waits for none to end.
    """

    def __init__(self, most: int) -> None:
        self._free = self._most = most
        self._asked: dict[str, float] = {}
        self._waiting: list[str] = []
        self._under_way: Counter[str] = Counter()
        self._changed = threading.Condition()

    @contextmanager
    def of(self, client: str) -> Iterator[None]:
        """Wait for a turn of `client`, and hold it inside the block."""
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
        try:
            yield
        finally:
            with self._changed:
                self._free += 1
                self._under_way[client] -= 1
                if not self._under_way[client]:
                    del self._under_way[client]
                self._changed.notify_all()

    def _may(self, client: str) -> bool:
        """Return whether a client leaves a turn for others, if others ask."""
        since = time.monotonic() - ASKING
        self._asked = {one: at for one, at in self._asked.items() if at > since or one == client}
        return len(self._asked) == 1 or self._under_way[client] < max(1, self._most - 1)

    def _next(self) -> str:
        """Return the client whose turn is next; `min` takes the first among equals."""
        return min(self._waiting, key=self._under_way.__getitem__)


class AdaptiveLimit:
    """How many jobs of one client's flood to have in flight, learnt from the times of jobs.

    Where jobs wait for a network, many at once are done sooner. Where they wait for each other, at
    the processors that worker and cloud share, many at once take as long as one after another, and
    whoever comes next waits for all of them. Which of the two it is shows in what jobs take now
    against the least that they ever took, as in TCP Vegas (Brakmo, O'Malley, Peterson, 1994) and in
    the gradient limits of Netflix's concurrency-limits. Both are taken from several jobs: one that
    was quick by chance, or late in the network, says nothing. Of two times that come at once, one
    may be lost.

    Attributes:
        seconds: the running mean of the time that a thread spends on a job; 0 before the first.
        most: jobs of a flood in flight at most while others ask.
    """

    def __init__(self, most: int) -> None:
        self.seconds = 0.0
        self.most = most
        self._recent: deque[float] = deque(maxlen=RECENT)
        self._least = float("inf")
        self._flood = float(most)

    @property
    def flood(self) -> int:
        """How many jobs of a flood are worth having in flight while others ask."""
        return int(self._flood)

    def learn(self, seconds: float, stored: float = 0.0) -> None:
        """Take in how long a job took that was done, and how long the storing of its log.

        That is stored with those of others, so more threads would spare none of it.
        """
        self.seconds += NEWEST * (seconds - self.seconds)
        self._recent.append(seconds + stored)
        recent = sorted(self._recent)
        self._least = min(self._least * FORGOTTEN, recent[min(1, len(recent) - 1)])
        present = recent[len(recent) // 2]
        room = CROWDED * self._least / present if present > 0 else FASTER
        wanted = self._flood * min(FASTER, max(SLOWER, room))
        self._flood = min(float(self.most), max(min(LEAST, self.most), wanted))


class Recently:
    """A set of the last `most` words, shared by threads; the empty word is never among them."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._words: dict[str, None] = {}
        self._lock = threading.Lock()

    def add(self, words: Iterable[str]) -> None:
        """Remember words, as the newest."""
        with self._lock:
            self._remember(words)

    def is_new(self, word: str) -> bool:
        """Remember a word, as the newest; tell whether it was unknown: to one of all threads."""
        with self._lock:
            known = word in self._words
            self._remember([word])
        return not known

    def drop(self, words: Iterable[str]) -> None:
        """Forget words."""
        with self._lock:
            for word in words:
                self._words.pop(word, None)

    def _remember(self, words: Iterable[str]) -> None:
        for word in words:
            self._words.pop(word, None)
            if word:
                self._words[word] = None
        while len(self._words) > self._most:
            del self._words[next(iter(self._words))]

    def __contains__(self, word: str) -> bool:
        return word in self._words
