"""Retry through outages: network errors, throttling, a full disk, expired credentials.

A job is never given up because the cloud is away. While it is, one thread at a time asks whether it
is back, at growing intervals; all others wait behind it, so that an outage costs less than one
request a second however many jobs are in flight.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from labapp.cloud.identity import credential_stamps
from labapp.cloud.session import Cloud
from labapp.errors import (
    CertificateError,
    ClockError,
    CloudError,
    CredentialsError,
    ForbiddenError,
    LabappError,
    MissingResourceError,
    SessionEndedError,
    StorageError,
    UnreachableError,
)
from labapp.jobs import lab
from labapp.waits import delay
from labapp.worker.control import TICK
from labapp.worker.in_hand import NotedSteps
from labapp.worker.refusals import Deed, Refusals
from labapp.worker.stats import WorkerStats
from labapp.worker.stepping import NO_STEPS, Steps

log = logging.getLogger(__name__)

#: Seconds between looks at a stop request, or at the credentials file, while waiting.
STEP = 0.2

#: Seconds between attempts with credentials that were refused, while their file is unchanged.
CREDENTIALS_RETRY = 15.0

#: Seconds between attempts where TLS does not come about: somebody has to mend it.
CERTIFICATE_RETRY = 15.0

#: What is waited out. On a disk that is full, somebody has to make room; a certificate that has run
#: out, somebody has to renew; a clock is set by somebody, or by itself once the network is back.
_PASSING = (
    *(UnreachableError, StorageError, CredentialsError, CertificateError, ClockError),
    MissingResourceError,
)

#: What a worker that starts waits out: what was well once, and is mended by somebody elsewhere.
#: With credentials that were never any good, or certificates, whoever started it is to be told.
ARRIVING = (UnreachableError, SessionEndedError, ClockError)

T = TypeVar("T")


class StoppingError(CloudError):
    """The worker is asked to stop, and what was to be done is not done: hand it back."""


class OutageGuard:
    """Calls the cloud until it answers, for all threads of a worker.

    Args:
        cloud: refreshed whenever its credentials or its address may have changed.
        stop: once set, waiting ends with StoppingError.
        stats: told what the trouble is, and when it is over.
        steps: told, by all that share this, of the steps that jobs reach.
    """

    def __init__(
        self,
        cloud: Cloud,
        stop: threading.Event,
        stats: WorkerStats,
        steps: Steps = NO_STEPS,
    ) -> None:
        self._cloud = cloud
        self.stop = stop
        self.stats = stats
        self.steps = NotedSteps(stats.in_hand, steps)
        self._asking = threading.Lock()
        #: Whether the cloud did not answer when last asked.
        self.is_down = False
        self._told: type[CloudError] | None = None
        self._stamps = credential_stamps()
        #: What is refused at present: waited out too, where a call is a `Deed`.
        self.refusals = Refusals(stats, self._sleep, self._renew)

    def call(self, action: Callable[[], T]) -> T:
        """Do `action`, as often as it takes; a `Deed` also as long as it is refused.

        Returns:
            What it returns.

        Raises:
            StoppingError: the worker is to stop and the cloud is still away.
            CloudError: it failed in a way that no waiting mends.
        """
        if isinstance(action, Deed):
            result: T = self.refusals.call(action, self._call)
            return result
        return self._call(action)

    def _call(self, action: Callable[[], T]) -> T:
        while True:
            if not self.is_down:
                try:
                    return action()
                except _PASSING as error:
                    self._note(error)
            with self._turn():
                # It may have come back while this thread waited for its turn. Then the turn is
                # given up: a long poll made in it would hold up whoever meets the next trouble.
                if self.is_down:
                    return self._ask_until_back(action)

    @contextlib.contextmanager
    def _turn(self) -> Iterator[None]:
        """Be the one thread that asks."""
        while not self._asking.acquire(timeout=STEP):
            if self.stop.is_set():
                raise StoppingError("the worker is stopping")
        try:
            yield
        finally:
            self._asking.release()

    def _ask_until_back(self, action: Callable[[], T]) -> T:
        attempt = 0
        while True:
            try:
                result = action()
            except _PASSING as error:
                self._note(error)
                attempt += 1
                self._wait(error, attempt)
            else:
                self._over()
                return result

    def _note(self, error: CloudError) -> None:
        """Say what is wrong, once for each kind of trouble.

        What only this action may not do, or does not find, is its own fault: were it waited out,
        one picture under a key that is not ours would stop the worker.
        """
        own = isinstance(error, MissingResourceError) and not self._cloud.is_local
        if own or isinstance(error, ForbiddenError):
            raise error
        if type(error) is not self._told:
            log.warning("%s", error, extra={"event": "trouble"})
            self._told = type(error)
        self.stats.trouble = str(error)
        self.is_down = True

    def _over(self) -> None:
        if self.is_down:
            log.info("the cloud answers again", extra={"event": "recovered"})
        self.stats.trouble = ""
        self._told = None
        self.is_down = False

    def _wait(self, error: CloudError, attempt: int) -> None:
        """Wait before the next attempt, and make ready for it."""
        if isinstance(error, CredentialsError):
            self._wait_for_credentials()
        elif isinstance(error, CertificateError):
            self._sleep(CERTIFICATE_RETRY)
        else:
            self._sleep(delay(attempt))
        try:
            self._cloud.refresh()
            if isinstance(error, MissingResourceError):
                lab.require(self._cloud)
        except CloudError as still:
            self._note(still)

    def _renew(self) -> None:
        """Read the credentials anew where their file has changed: botocore keeps what it read."""
        present = credential_stamps()
        if present != self._stamps:
            self._stamps = present
            with contextlib.suppress(CloudError):  # who asks next meets it too
                self._cloud.refresh()

    def _wait_for_credentials(self) -> None:
        """Wait until a credentials file changes, or long enough to ask all the same."""
        before = credential_stamps()
        waited = 0.0
        while waited < CREDENTIALS_RETRY and credential_stamps() == before:
            self._sleep(STEP * 5)
            waited += STEP * 5

    def _sleep(self, seconds: float) -> None:
        if self.stop.wait(seconds):
            raise StoppingError("the worker is stopping")


def wait_for_cloud(
    cloud: Cloud, stats: WorkerStats, stopping: Callable[[], bool], meanwhile: Callable[[], None]
) -> None:
    """Wait until the cloud answers and all that a worker needs is there, or until `stopping`.

    `meanwhile` is called every `TICK`. A call that hangs does not hold up a stop.

    Raises:
        CloudError: it answers, but what is needed is not there, or may not be used; or TLS does not
            come about.
        SettingError: an address or a region is none.
    """
    attempt = 0
    told: type[LabappError] | None = None
    while not stopping():
        found: list[LabappError | None] = []
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
        if not isinstance(error, ARRIVING):
            raise error
        if type(error) is not told:
            log.warning("waiting for the cloud: %s", error, extra={"event": "trouble"})
            told = type(error)
        stats.trouble = str(error)
        attempt += 1
        until = time.monotonic() + delay(attempt)
        while time.monotonic() < until and not stopping():
            meanwhile()
            time.sleep(TICK)


def _ask(cloud: Cloud, found: list[LabappError | None]) -> None:
    try:
        with contextlib.suppress(UnreachableError):  # the local cloud, which is not there yet
            cloud.refresh()
        lab.require(cloud)
        found.append(None)
    except LabappError as error:  # a setting may be wrong too, which shows when the cloud is opened
        found.append(error)
