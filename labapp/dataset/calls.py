"""Many calls to the cloud: side by side, and each again through a short outage."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from queue import Empty, SimpleQueue
from typing import Any, ParamSpec, TypeVar

from labapp import waits
from labapp.errors import UnreachableError
from labapp.waits import delay

#: Objects fetched at once: enough to hide a network's delay, below the connections of a `Cloud`.
READERS = 32

#: Times that something is tried. botocore tries each call three times by itself; with the pauses
#: below this rides out an outage of about ten seconds, after which a person wants to know.
ATTEMPTS = 5

#: Seconds before the second attempt, and between any two, at most.
FIRST, MOST = 0.5, 5.0

T = TypeVar("T")
R = TypeVar("R")
P = ParamSpec("P")


class Threads(Executor):
    """Threads that make calls in their order; who quits the program does not wait for them.

    Not a ThreadPoolExecutor: the interpreter joins its threads at its end, so that whoever quits
    while the network hangs would wait until each call under way gives up. Else it is as that one.

    Args:
        most: how many work at once; they are started when first needed.
        name: what they are called.
    """

    def __init__(self, most: int, name: str = "calls") -> None:
        self._most = most
        self._name = name
        self._tasks: SimpleQueue[_Task | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._idle = threading.Semaphore(0)
        self._is_over = False

    def submit(self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Have a call made by a free thread, or by the first that becomes free.

        Raises:
            RuntimeError: it was shut down.
        """
        if self._is_over:
            raise RuntimeError("no call is made after the end")
        future: Future[T] = Future()
        self._tasks.put((future, lambda: future.set_result(work(*args, **kwargs))))
        if not self._idle.acquire(blocking=False) and len(self._threads) < self._most:
            self._threads.append(threading.Thread(target=self._run, name=self._name, daemon=True))
            self._threads[-1].start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Let the threads end once the calls before this are made, or those under way."""
        self._is_over = True
        while cancel_futures:
            try:
                task = self._tasks.get_nowait()
            except Empty:
                break
            if task is not None:
                task[0].cancel()
        for _ in self._threads:
            self._tasks.put(None)
        for each in self._threads if wait else ():
            each.join()

    def _run(self) -> None:
        while (task := self._tasks.get()) is not None:
            future, call = task
            if future.set_running_or_notify_cancel():
                try:
                    call()
                except BaseException as error:  # noqa: BLE001 - raised where it is waited for
                    future.set_exception(error)
            del task, future, call  # what came of it is not held until the next one
            self._idle.release()


_Task = tuple[Future[Any], Callable[[], object]]


def never() -> bool:
    """Say that nobody wants to stop."""
    return False


def parallel_map(
    work: Callable[[T], R],
    items: Iterable[T],
    threads: int,
    stop: Callable[[], bool] = never,
) -> Iterator[R]:
    """Yield what `work` gives for each item, as it comes, however many there are.

    Items are drawn when there is room for them: at most two for each thread are in hand. After an
    error, or once `stop` says so, no other item is begun; what is under way is finished and
    yielded, then the first error is raised.

    Args:
        work: called in threads.
        items: drawn in the caller's thread.
        threads: how many work at once.
        stop: whether to begin nothing more; asked before each item.
    """
    ended: SimpleQueue[Future[R]] = SimpleQueue()
    running: set[Future[R]] = set()
    rest = iter(items)
    failed: BaseException | None = None
    more = True
    with Threads(threads) as pool:
        try:
            while True:
                more = more and not stop() and failed is None
                for item in itertools.islice(rest, 2 * threads - len(running) if more else 0):
                    future = pool.submit(work, item)
                    running.add(future)
                    future.add_done_callback(ended.put)
                if not running:
                    break
                future = waits.get(ended)
                running.discard(future)
                error = future.exception()
                if error is None:
                    yield future.result()
                else:
                    failed = failed or error
        finally:
            # Left early, by an error here or by the caller: what has not begun never will.
            pool.shutdown(wait=False, cancel_futures=True)
    if failed is not None:
        raise failed


def with_retries(work: Callable[[], T]) -> T:
    """Do something that may be done twice, again while the cloud cannot be reached.

    Raises:
        UnreachableError: the last of `ATTEMPTS` attempts failed too.
    """
    for attempt in range(1, ATTEMPTS):
        try:
            return work()
        except UnreachableError:
            pause(attempt, FIRST, MOST)
    return work()


def pause(attempt: int, first: float, most: float) -> None:
    """Wait before another attempt, for a time left all to chance; arguments as of `delay`."""
    # An event and not a sleep: a program that is ended does not wait for it on Windows either.
    threading.Event().wait(delay(attempt, first, most, steady=0.0))
