"""A worker: one poller per queue, so that numbers never wait behind pictures, and what they share.

Threads, and who may touch the network: each queue's poller receives; its pool of threads does the
jobs, stores, answers and deletes; its lease extends; the reporter writes the report. Each is
supervised: a thread that ends by a fault is logged and started again. They stop in this order:
pollers first, since nothing new may come in; then the pools, within the grace period; leases last,
since they keep ours what is still in flight.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial

from labapp import utc
from labapp.cloud.bucket import Bucket
from labapp.cloud.session import Cloud
from labapp.errors import CloudError, ForbiddenError
from labapp.waits import delay
from labapp.worker import health
from labapp.worker.control import TICK, Runnable
from labapp.worker.handlers import Handler
from labapp.worker.job_logs import CHOSEN
from labapp.worker.local_workers import Registration
from labapp.worker.outages import OutageGuard, wait_for_cloud
from labapp.worker.poller import SHORT_WAIT, Poller
from labapp.worker.processor import Processor
from labapp.worker.reports import PREFIX, Reporter
from labapp.worker.stepping import NO_STEPS, Steps

log = logging.getLogger(__name__)

#: Seconds a stopping worker waits for a poll of the local cloud to end. That cloud notices when a
#: poll's connection is gone and hands nothing out to it; Amazon's may, so there it is awaited.
LOCAL_POLL = 0.3

#: Seconds beyond its wait after which a poll counts as lost when the worker stops: nothing answers.
LATE_POLL = 1.5

#: Seconds that a stopping worker spends on handing jobs back and on its last report. Where the
#: cloud does not answer it would wait for minutes; the jobs then come back by themselves.
LAST_WORDS = 3.0

#: Seconds after which jobs are visible again where a poll is cut off by the end of the process:
#: that comes after the last words at the latest, and the cloud is to have noticed it.
ONCE_GONE = 4

#: Empty polls of every queue in a row, and empty counts, before `until_idle` believes them: the
#: counts of SQS are approximate, and a message may be between two workers.
IDLE_POLLS = 2

#: What it is called where the worker may not write its report.
REPORTING = f"write {PREFIX}"


class Worker(Runnable):
    """Does the jobs of a cloud's queues until stopped.

    Args:
        cloud: where the queues and the bucket are.
        handlers: the kinds of jobs it does.
        until_idle: end by itself once the queues are empty.
        background: whether a program started it, for `admin.py cloud stop` to end it.
        away: whether the cloud did not answer of late, and is waited for before anything begins.
        steps: told of the steps that jobs reach.
    """

    def __init__(
        self,
        cloud: Cloud,
        handlers: Sequence[Handler],
        *,
        until_idle: bool = False,
        background: bool = False,
        away: bool = False,
        steps: Steps = NO_STEPS,
    ) -> None:
        settings = cloud.settings
        super().__init__()
        self._cloud = cloud
        self._settings = settings
        self._until_idle = until_idle
        self._background = background
        self._away = away
        self._said = -health.EVERY
        self._clock_notice = ""
        self._registration: Registration | None = None
        self._stop = threading.Event()
        self._leases_end = threading.Event()
        cloud.abilities.listen(lambda text: log.warning(text, extra={"event": "lacking"}))
        bucket = Bucket(cloud)
        outages = OutageGuard(cloud, self._stop, self.stats, steps)
        self._refusals = outages.refusals
        self._processors = [Processor(handler, bucket, outages) for handler in handlers]
        steps.attend(self._stop, self._processors)
        every = settings.report_seconds
        self._reporter = Reporter(bucket, self.stats, every, self._pulse, settings.log)
        # A poll is never broken off, so one that outlasts the grace period would hold up the end.
        longest = max(SHORT_WAIT, int(settings.grace_seconds))
        # Where there is one hand for all queues, it goes from one to the next between two polls.
        short = until_idle or bool(steps.most)
        self._wait = SHORT_WAIT if short else min(settings.wait_seconds, longest)
        self._pollers = [
            Poller(processor, self._paused, self._wait) for processor in self._processors
        ]

    def run(self) -> None:
        """Work until stopped; returns once everything is settled or handed back.

        Raises:
            CloudError: the cloud was away, and now that it is there one cannot work in it.
        """
        grace = self._settings.grace_seconds
        registration = Registration(self._cloud.home, background=self._background, grace=grace)
        self._registration = registration
        try:
            if self._away:
                wait_for_cloud(self._cloud, self.stats, lambda: self.stopping, self._look_around)
            if self.stopping:
                self.stats.state = "stopped"
            else:
                self._work()
        finally:
            registration.leave()

    def _work(self) -> None:
        threads = [
            self._thread(poller.run, f"poller-{i}") for i, poller in enumerate(self._pollers)
        ]
        for i, processor in enumerate(self._processors):
            self._thread(partial(processor.lease.run, self._leases_end), f"lease-{i}")
        self._thread(self._report, "reporter")
        name, queues = self._reporter.worker, ", ".join(self._queue_names())
        chosen = CHOSEN[self._settings.log]
        more = f"; {chosen}" if chosen else ""
        log.info("worker %s is ready on %s%s", name, queues, more, extra={"event": "ready"})
        while not self.stopping:
            self._look_around()
            time.sleep(TICK)
            if self._until_idle and self._is_idle():
                self.stop()
        self._stop.set()
        self._wind_down(threads)

    def _look_around(self) -> None:
        """Hear whether somebody asks for the end; leave a word about itself now and then."""
        self._hear()
        self._tell_of_clock()
        if time.monotonic() - self._said >= health.EVERY:
            self._said = time.monotonic()
            health.write(self._cloud.home, self._pulse())

    def _tell_of_clock(self) -> None:
        """Log once that this machine's clock is wrong, or right again."""
        notice = utc.clock_notice()
        if notice != self._clock_notice:
            self._clock_notice = notice
            text = notice or "this machine's clock is right again"
            log.log(logging.WARNING if notice else logging.INFO, text, extra={"event": "clock"})

    def _wind_down(self, threads: list[threading.Thread]) -> None:
        """End the polls, finish what fits in the grace period, hand the rest back."""
        log.info("stopping: finishing the jobs in hand", extra={"event": "stopping"})
        grace = time.monotonic() + self._settings.grace_seconds
        longest = LOCAL_POLL if self._cloud.is_local else self._wait + LATE_POLL
        last_poll = time.monotonic() + longest
        for thread in threads:
            while thread.is_alive() and time.monotonic() < last_poll and not self._at_once:
                thread.join(TICK)
        for poller in self._pollers:
            while not self._at_once and not poller.drain(time.monotonic() + TICK):
                if time.monotonic() > grace:
                    break
            poller.close()
        self._leases_end.set()
        # Side by side, each in a thread that the end of the process cuts off.
        last: list[Callable[[], None]] = [self._last_report]
        for poller in self._pollers:
            # Its poll that is still open would receive what is handed back, and take it along.
            seconds = ONCE_GONE if poller.is_polling else 0
            last.append(partial(poller.processor.hand_back_all, seconds))
        last_words = [threading.Thread(target=word, daemon=True) for word in last]
        self.stats.state = "stopped"
        until = time.monotonic() + LAST_WORDS
        for thread in last_words:
            thread.start()
        for thread in last_words:
            thread.join(max(0.0, until - time.monotonic()))
        log.info("stopped", extra={"event": "stopped"})

    def _last_report(self) -> None:
        try:
            self._reporter.write()
        except CloudError as error:
            log.warning("no last report: %s", error, extra={"event": "report"})

    def _hear(self) -> None:
        """Stop where others on this machine ask for it; a signal that asked as well counts once."""
        if self._registration:
            while self._stops_asked < self._registration.stops_asked():
                self.stop()

    @property
    def _at_once(self) -> bool:
        self._hear()
        return self._stops_asked > 1

    def _is_idle(self) -> bool:
        pollers = [poller for poller in self._pollers if not poller.is_awaiting]
        if any(p.empty_polls < IDLE_POLLS or p.in_flight for p in pollers):
            return False
        for poller in pollers:  # counting costs a request: not again before the next polls
            poller.empty_polls = 0
        try:
            counts = [poller.processor.queue.counts() for poller in pollers]
        except CloudError:
            return False
        return not any(c.visible or c.in_flight or c.delayed for c in counts)

    def _pulse(self) -> health.Pulse:
        stats, queues = self.stats, self._queue_names()
        worker = stats.name.worker
        return health.pulse_of(stats.snapshot(), queues, stats.started, self._wait, worker)

    def _queue_names(self) -> list[str]:
        return [processor.queue.name for processor in self._processors]

    def _report(self) -> None:
        while True:
            try:
                self._reporter.write()
                self._refusals.note_passed("", REPORTING)
            except ForbiddenError as error:
                self._refusals.note_refused("", REPORTING, error)
            except CloudError as error:
                log.debug("no report: %s", error)
            if self._stop.wait(self._settings.report_seconds):
                return

    def _thread(self, target: Callable[[], None], name: str) -> threading.Thread:
        """Start a thread that is started again when a fault ends it."""

        def supervised() -> None:
            attempt = 0
            while not self._leases_end.is_set():
                try:
                    target()
                except CloudError as error:  # a queue that is gone
                    log.warning("%s starts again: %s", name, error, extra={"event": "fault"})
                except Exception:
                    log.exception("%s failed; it starts again", name, extra={"event": "fault"})
                else:
                    return
                attempt += 1
                self._stop.wait(delay(attempt))

        thread = threading.Thread(target=supervised, name=name, daemon=True)
        thread.start()
        return thread
