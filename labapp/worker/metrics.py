"""A worker's metrics for Prometheus, served to this machine alone.

Loaded only where they are asked for (`server.py --metrics PORT`). Of several processes the parent
serves them: it hears of each job that one of them ended, so one port has the sums.
"""

from __future__ import annotations

import contextlib
import functools
import os
import threading
from collections.abc import Iterable, Iterator
from socketserver import ThreadingTCPServer

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    MetricsHandler,
    disable_created_metrics,
)
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from labapp import __version__, addresses
from labapp.errors import LabappError
from labapp.jobs import kinds
from labapp.worker.backlog import Backlog
from labapp.worker.embedded_metrics import ENDS
from labapp.worker.stats import Finished, WorkerStats

#: The only address that metrics are served on: they are for a Prometheus, or an agent, of this
#: machine, and nobody is asked who he is.
LOOPBACK = "127.0.0.1"

#: Seconds in which who asks is to have asked, and taken the answer.
ANSWERED = 10

#: The states of a worker, as its reports have them.
STATES = ("running", "paused", "stopping", "stopped")

#: Upper bounds of a job's wait in seconds: a long poll hands it over in tens of milliseconds, a
#: fleet that must grow first takes minutes.
WAITS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800)

#: Those of the seconds it took: a list some milliseconds, a picture up to its deadline.
SECONDS = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)

#: Those of how often it was received: once, unless a worker died of it or failed.
RECEIVES = (1, 2, 3, 5, 10)

#: What stands for a kind or a status that there is none of: an event of a child may say anything,
#: and each other word would be a series for ever.
_OTHER = "other"


class JobMetrics:
    """Counts jobs as they end; hears of them from `WorkerStats`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # a series more of each, which only OpenMetrics has a use for
        self._kinds = {kind.name for kind in kinds.all_kinds()}
        self._jobs = Counter(
            "labapp_jobs", "Jobs that ended, by how.", ("kind", "status"), registry=registry
        )
        self._waits, self._seconds, self._receives = (
            Histogram(name, text, ("kind",), registry=registry, buckets=bounds)
            for name, text, bounds in (
                ("labapp_job_wait_seconds", "Time a job waited in its queue.", WAITS),
                ("labapp_job_duration_seconds", "Time it took to do a job.", SECONDS),
                ("labapp_job_receives", "How often a job's message was received.", RECEIVES),
            )
        )
        # To look a series up takes as long as to count in it.
        self._count_of = functools.cache(self._jobs.labels)
        self._histograms_of = functools.cache(self._histograms)
        for kind in self._kinds:  # a rate needs the 0 before the first job
            for status in ENDS.values():
                self._count_of(kind, status)

    def _histograms(self, kind: str) -> tuple[Histogram, Histogram, Histogram]:
        waits, seconds, receives = (
            one.labels(kind) for one in (self._waits, self._seconds, self._receives)
        )
        return waits, seconds, receives

    def note(self, job: Finished) -> None:
        """Count one job."""
        kind = job.kind if job.kind in self._kinds else _OTHER
        self._count_of(kind, ENDS.get(job.status, _OTHER)).inc()
        waits, seconds, receives = self._histograms_of(kind)
        waits.observe(job.wait)
        seconds.observe(job.seconds)
        receives.observe(job.receives)


class WorkerMetrics(Collector):
    """Tells how a worker is, as it is when asked."""

    def __init__(self, stats: WorkerStats, backlog: Backlog) -> None:
        self._stats = stats
        self._backlog = backlog

    def collect(self) -> Iterable[Metric]:
        """Return the gauges."""
        snapshot = self._stats.snapshot()
        held = GaugeMetricFamily(
            "labapp_jobs_in_hand", "Jobs received and not yet settled.", snapshot.in_flight
        )
        trouble = GaugeMetricFamily(
            "labapp_worker_trouble",
            "1 while something keeps the worker from its work.",
            int(bool(snapshot.trouble)),
        )
        state = GaugeMetricFamily(
            "labapp_worker_state", "1 for the state that the worker is in.", labels=("state",)
        )
        for one in STATES:
            state.add_metric((one,), int(snapshot.state == one))
        name = self._stats.name
        worker = InfoMetricFamily("labapp_worker", "The worker.")
        worker.add_metric((), {"worker": name.worker, "host": name.host, "version": __version__})
        return (held, _messages(self._backlog), state, trouble, worker)


def _messages(backlog: Backlog) -> GaugeMetricFamily:
    messages = GaugeMetricFamily(
        "labapp_queue_messages",
        "Messages of a queue of requests, and its dead letters, counted once a minute.",
        labels=("queue", "state"),
    )
    for queue, held in backlog.counts.items():
        messages.add_metric((queue, "visible"), held.visible)
        messages.add_metric((queue, "in_flight"), held.in_flight)
    for queue, count in backlog.dead.items():
        messages.add_metric((queue, "dead"), count)
    return messages


class _Handler(MetricsHandler):
    """Answers a request for metrics, unless a page on the web had a browser ask by another name."""

    timeout = ANSWERED

    def do_GET(self) -> None:  # noqa: N802 - http.server's own name
        """Answer."""
        host = addresses.split(f"//{self.headers.get('Host', LOOPBACK)}").hostname
        if addresses.is_loopback(host or ""):
            super().do_GET()
        else:
            self.send_error(403)


class _Server(ThreadingTCPServer):
    """Answers Prometheus, and whoever else is on this machine."""

    # On Windows a port could else be shared with who has it.
    allow_reuse_address = os.name != "nt"
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing where an answer cannot be given: log lines and the console are on stderr."""


def registry_of(stats: WorkerStats, backlog: Backlog) -> CollectorRegistry:
    """Return all metrics of a worker, which are counted from now on."""
    registry = CollectorRegistry()
    stats.listen(JobMetrics(registry).note)
    registry.register(WorkerMetrics(stats, backlog))
    return registry


@contextlib.contextmanager
def served(stats: WorkerStats, backlog: Backlog, port: int) -> Iterator[str]:
    """Serve a worker's metrics while the block runs; yield their address.

    Raises:
        LabappError: the port cannot be had.
    """
    try:
        server = _Server((LOOPBACK, port), _Handler.factory(registry_of(stats, backlog)))
    except OSError as error:
        raise LabappError(
            f"metrics cannot be served on port {port} of {LOOPBACK}: {error.strerror or error}",
            "Another worker may serve its own there. Name another port: --metrics PORT.",
        ) from error
    with server:
        thread = threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True)
        thread.start()
        try:
            yield f"http://{LOOPBACK}:{server.server_address[1]}/metrics"
        finally:
            server.shutdown()
