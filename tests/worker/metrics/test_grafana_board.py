"""The board for Grafana asks for metrics that there are, by labels that they have."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from labapp.cloud.queues import Counts
from labapp.worker import embedded_metrics, logs, metrics
from labapp.worker.stats import Finished, WorkerStats
from tests.worker.worker_fakes import instead

PATH = Path(__file__).parents[3] / "labapp" / "help" / "grafana-board.json"
BOARD: dict[str, Any] = json.loads(PATH.read_text("utf-8"))
QUERIES = [target["expr"] for panel in BOARD["panels"] for target in panel["targets"]]


@pytest.fixture(scope="module")
def labels() -> dict[str, dict[str, set[str]]]:
    """Give the labels of every series that Prometheus gets, with their values."""
    stats = WorkerStats()
    backlog: Any = instead(counts={"requestQueue": Counts(5, 2, 0)}, dead={"requestQueue": 1})
    registry = metrics.registry_of(stats, backlog)
    stats.note_finished(Finished(time.time(), "numbers", "a", "c", "done", 0.1, ""))
    found: dict[str, dict[str, set[str]]] = {}
    for family in text_string_to_metric_families(generate_latest(registry).decode()):
        for sample in family.samples:
            of = found.setdefault(sample.name, {})
            for name, value in sample.labels.items():
                of.setdefault(name, set()).add(value)
    return found


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_of_the_board_asks_for_what_there_is(
    query: str, labels: dict[str, dict[str, set[str]]]
) -> None:
    names = set(re.findall(r"labapp_\w+", query))
    assert names
    assert names <= labels.keys()
    for name, chosen in re.findall(r"(labapp_\w+)\{([^}]*)\}", query):
        for label, values in re.findall(r'(\w+)=~?"([^"]*)"', chosen):
            assert set(values.split("|")) <= labels[name][label], query
    for grouped in re.findall(r"by \(([^)]*)\)", query):
        assert all({*grouped.split(", ")} <= labels[name].keys() for name in names), query


def test_the_board_shows_every_metric_but_what_a_worker_is_called(
    labels: dict[str, dict[str, set[str]]],
) -> None:
    shown = set(re.findall(r"labapp_\w+", " ".join(QUERIES)))
    stems = {re.sub(r"_(bucket|count|sum)$", "", name) for name in labels}
    assert {re.sub(r"_(bucket|count|sum)$", "", name) for name in shown} == stems - {
        "labapp_worker_info"
    }


def test_panels_lie_beside_each_other_and_have_numbers_of_their_own() -> None:
    places = [panel["gridPos"] for panel in BOARD["panels"]]
    cells = [
        (x, y)
        for place in places
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24, "Grafana's grid has 24 columns"
    numbers = [panel["id"] for panel in BOARD["panels"]]
    assert len(numbers) == len(set(numbers))
    sources = {one["datasource"]["uid"] for panel in BOARD["panels"]
               for one in (panel, *panel["targets"])}  # fmt: skip
    assert sources == {"${datasource}"}


def test_the_manual_tells_of_every_metric_and_of_no_other(
    labels: dict[str, dict[str, set[str]]],
) -> None:
    page = PATH.with_name("operators.md").read_text("utf-8")
    told = re.search(r"## Metrics and alarms\n(.*?)\n## ", page, re.DOTALL)
    assert told
    names = {re.sub(r"_(bucket|count|sum)$", "", name) for name in labels}
    assert {re.sub(r"_bucket$", "", name) for name in re.findall(r"labapp_\w+", told[1])} == names
    for name, listed in re.findall(r"`(labapp_\w+)\{([\w,]+)\}`", told[1]):
        shown = labels.get(name) or labels[f"{name}_count"]
        assert {*listed.split(",")} == shown.keys(), name
    for name in (*embedded_metrics.ENDS.values(), *embedded_metrics.JOB, *embedded_metrics.BACKLOG):
        assert f"`{name}`" in told[1]
    for name in (*embedded_metrics.JOB, embedded_metrics.DIMENSION):
        assert name in logs.FIELDS
