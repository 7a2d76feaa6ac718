"""A client's wait for its answers: outages pass in it, and it ends when it was told to.

The jobs are done whether or not anybody waits, so a fault of the network is no reason to give up,
and a script that gave up would send its jobs again. A call that hangs is left to its own thread.
"""

from __future__ import annotations

import contextlib
import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

from labapp.dataset.calls import pause
from labapp.errors import CloudError, LabappError, TimedOutError, UnreachableError

if TYPE_CHECKING:
    from labapp.jobs.entry import Entry
    from labapp.jobs.session import ClientSession

#: Seconds between two looks while the cloud cannot be reached: at first, and at most.
FIRST, MOST = 0.5, 5.0

#: Seconds beyond its wait that a look may take before it counts as hanging.
LATE = 1.0

T = TypeVar("T")


class Wait:
    """One wait of at most so many seconds.

    Args:
        seconds: how long; `renew` begins it anew.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until = time.monotonic() + seconds
        self._attempt = 0
        self._looking: threading.Thread | None = None
        self._error: Exception | None = None
        self._came: Sequence[Entry] = ()
        self._has_looked = False
        #: Why the cloud could not be reached when last asked; empty where it could.
        self.trouble = ""

    @property
    def left(self) -> float:
        """Seconds that are left."""
        return self._until - time.monotonic()

    @property
    def is_over(self) -> bool:
        """Whether the time is up; never before the first look, however short the wait."""
        return self._has_looked and self.left <= 0

    def renew(self) -> None:
        """Begin anew: something came."""
        self._until = time.monotonic() + self._seconds

    def collect(self, session: ClientSession, longest: float) -> Sequence[Entry]:
        """Take in answers for at most `longest` seconds; an outage is waited in.

        Returns:
            The jobs that are answered now and were not before; those of a look that hung, by the
            next that does not.

        Raises:
            LabappError: it failed in a way that no waiting mends.
        """
        self._has_looked = True
        if self._looking is None or not self._looking.is_alive():
            wait = int(min(longest, math.ceil(max(0.0, self.left))))
            self._looking = threading.Thread(target=self._look, args=[session, wait], daemon=True)
            self._looking.start()
        self._looking.join(max(0.0, min(longest, self.left)) + LATE)
        if self._looking.is_alive():
            self.trouble = self.trouble or "the cloud does not answer"
            return ()
        error, self._error = self._error, None
        if error is None:
            self._over()
            came, self._came = self._came, ()
            return came
        if not isinstance(error, UnreachableError):
            raise error
        self._pause(error)
        with contextlib.suppress(CloudError):  # the local cloud may be elsewhere by now
            session.cloud.refresh()
        return ()

    def _look(self, session: ClientSession, wait: int) -> None:
        try:
            self._came = session.collect(wait=wait)
        except Exception as error:  # noqa: BLE001 - raised again in the thread that waits
            self._error = error

    def until_reached(self, action: Callable[[], T]) -> T:
        """Do something that may be done twice until the cloud can be reached for it.

        Raises:
            TimedOutError: the time was up before.
            LabappError: it failed in a way that no waiting mends.
        """
        while True:
            try:
                result = action()
            except UnreachableError as error:
                if self.left <= 0:
                    raise TimedOutError(error.message, error.remedy) from error
                self._pause(error)
            else:
                self._over()
                return result

    def timed_out(self, what: str, remedy: str) -> TimedOutError:
        """Return the error that says what was not there in time, and why that may be."""
        why = f"; {self.trouble}" if self.trouble else ""
        return TimedOutError(f"{what} within {self._seconds:g} seconds{why}", remedy)

    def _pause(self, error: UnreachableError) -> None:
        self.trouble = error.message
        self._attempt += 1
        pause(self._attempt, FIRST, max(0.0, min(MOST, self.left)))

    def _over(self) -> None:
        self.trouble = ""
        self._attempt = 0


def with_job(error: LabappError, job: str, *, sent: bool = True) -> LabappError:
    """Return an error that names the job that it is about.

    Args:
        error: what happened.
        job: the job's id.
        sent: whether it was sent; else it may have been, as far as can be told.
    """
    if job in str(error):
        return error
    goes = "The job goes on" if sent else "The job may have been sent all the same"
    remedy = f"{error.remedy} {goes}: 'client.py wait {job}' waits for its answer."
    return type(error)(f"job {job}: {error.message}", remedy.strip())


@contextlib.contextmanager
def errors_with_job(job: str, *, sent: bool = True) -> Iterator[None]:
    """Have every error inside the block name the job; arguments as of `with_job`."""
    try:
        yield
    except LabappError as error:
        raise with_job(error, job, sent=sent) from error
