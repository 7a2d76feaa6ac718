"""Prometheus is told what a worker's stats know, by its own rules, and nobody else is."""

from __future__ import annotations

import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from labapp.cloud.queues import Counts
from labapp.errors import LabappError
from labapp.worker import metrics
from labapp.worker.stats import Finished, WorkerStats
from tests.support.scrapes import samples
from tests.worker.worker_fakes import instead, message


def _finished(status: str = "done", kind: str = "numbers", **more: Any) -> Finished:
    return Finished(time.time(), kind, "a", "tester", status, 0.02, "fine", **more)


def _samples(registry: CollectorRegistry) -> dict[tuple[str, ...], float]:
    return samples(generate_latest(registry).decode())


@pytest.fixture
def stats() -> WorkerStats:
    return WorkerStats()


@pytest.fixture
def backlog() -> Any:
    return instead(counts={"requestQueue": Counts(5, 2, 0)}, dead={"requestQueue": 1})


@pytest.fixture
def registry(stats: WorkerStats, backlog: Any) -> CollectorRegistry:
    return metrics.registry_of(stats, backlog)


def test_jobs_are_counted_by_kind_and_by_how_they_ended(
    registry: CollectorRegistry, stats: WorkerStats
) -> None:
    for status in ("done", "done", "refused", "put aside"):
        stats.note_finished(_finished(status))
    found = _samples(registry)
    counts = {end: found["labapp_jobs_total", "numbers", end]
              for end in ("done", "refused", "failed", "put_aside")}  # fmt: skip
    assert counts == {"done": 2, "refused": 1, "failed": 0, "put_aside": 1}
    assert found["labapp_jobs_total", "pictures", "done"] == 0, "a rate begins at 0"


def test_waits_seconds_and_receives_are_histograms(
    registry: CollectorRegistry, stats: WorkerStats
) -> None:
    stats.note_finished(_finished(wait=0.3))
    stats.note_finished(_finished(wait=40.0, receives=3))
    found = _samples(registry)
    waits = "labapp_job_wait_seconds_bucket"
    assert found[waits, "numbers", "0.25"] == 0
    assert found[waits, "numbers", "0.5"] == 1
    assert found[waits, "numbers", "60.0"] == found[waits, "numbers", "+Inf"] == 2
    assert found["labapp_job_wait_seconds_sum", "numbers"] == 40.3
    assert found["labapp_job_duration_seconds_count", "numbers"] == 2
    assert found["labapp_job_receives_bucket", "numbers", "1.0"] == 1
    assert found["labapp_job_receives_sum", "numbers"] == 4


def test_how_the_worker_is_is_told_as_it_is_when_asked(
    registry: CollectorRegistry, stats: WorkerStats
) -> None:
    stats.in_hand.take([message(name) for name in "abc"], "requestQueue", "numbers")
    stats.holds("process 2", 4)
    stats.state, stats.trouble = "paused", "no network"
    found = _samples(registry)
    assert found["labapp_jobs_in_hand",] == 7
    assert found["labapp_worker_trouble",] == 1
    states = {name: found["labapp_worker_state", name] for name in metrics.STATES}
    assert states == {"running": 0, "paused": 1, "stopping": 0, "stopped": 0}
    assert found["labapp_queue_messages", "requestQueue", "visible"] == 5
    assert found["labapp_queue_messages", "requestQueue", "in_flight"] == 2
    assert found["labapp_queue_messages", "requestQueue", "dead"] == 1


def test_words_that_labapp_does_not_know_make_one_series(
    registry: CollectorRegistry, stats: WorkerStats
) -> None:
    before = len(_samples(registry))
    stats.note_finished(_finished("odd", "odder"))
    after = len(_samples(registry))
    stats.note_finished(_finished("stranger", "strangest"))
    assert len(_samples(registry)) == after > before
    assert _samples(registry)["labapp_jobs_total", "other", "other"] == 2


def test_names_are_as_prometheus_has_them(registry: CollectorRegistry, stats: WorkerStats) -> None:
    """Its rules: a prefix, base units, counters end in `_total`, and each metric has its help."""
    stats.note_finished(_finished())
    families = [*text_string_to_metric_families(generate_latest(registry).decode())]
    for family in families:
        assert family.name.startswith("labapp_")
        assert family.documentation.endswith(".")
        assert not family.name.endswith(("_ms", "_milliseconds", "_count", "_sum", "_bucket"))
    assert not [one for one in families if one.name.endswith("_created")]
    names = {sample.name for family in families if family.type == "counter"
             for sample in family.samples}  # fmt: skip
    assert names == {"labapp_jobs_total"}


@pytest.fixture
def address(stats: WorkerStats, backlog: Any) -> Iterator[str]:
    with metrics.served(stats, backlog, 0) as address:
        yield address


def _status(address: str, host: str) -> int:
    request = urllib.request.Request(address, headers={"Host": host})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_a_scrape_on_loopback_has_all(address: str, stats: WorkerStats) -> None:
    stats.note_finished(_finished())
    assert address.startswith("http://127.0.0.1:")
    with urllib.request.urlopen(address, timeout=30) as answer:
        text = answer.read().decode()
    found = {family.name for family in text_string_to_metric_families(text)}
    assert {"labapp_jobs", "labapp_job_wait_seconds", "labapp_queue_messages"} <= found


def test_a_page_on_the_web_whose_name_leads_here_is_not_answered(address: str) -> None:
    port = address.rpartition(":")[2].removesuffix("/metrics")
    for host, status in (
        *((f"localhost:{port}", 200), (f"127.0.0.1:{port}", 200), ("localhost", 200)),
        *((f"evil.example:{port}", 403), (f"127.0.0.1.evil.example:{port}", 403), ("[", 403)),
    ):
        assert _status(address, host) == status, host


def test_a_port_that_is_taken_is_named_with_what_to_do(stats: WorkerStats, backlog: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(LabappError, match=rf"port {port} of 127.0.0.1.*--metrics PORT"),
            metrics.served(stats, backlog, port),
        ):
            pass


def test_nothing_is_served_any_more_once_the_worker_has_ended(
    stats: WorkerStats, backlog: Any
) -> None:
    with metrics.served(stats, backlog, 0) as address:
        pass
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(address, timeout=5)


def test_who_hangs_up_in_the_middle_leaves_no_traceback_on_the_workers_stderr(
    stats: WorkerStats, backlog: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    with metrics.served(stats, backlog, 0) as address:
        port = int(address.rpartition(":")[2].removesuffix("/metrics"))
        for request in (b"GET /metrics HTTP/1.1\r\n", b"\x16\x03\x01\x00\r\n\r\n"):
            with socket.create_connection(("127.0.0.1", port)) as asking:
                asking.sendall(request)
        assert _status(address, f"127.0.0.1:{port}") == 200
    assert capfd.readouterr().err == ""
