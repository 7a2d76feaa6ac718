"""The rules of CloudWatch's embedded metric format, as they are written down here, do refuse."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.embedded_metrics import metrics_of


def _event() -> dict[str, Any]:
    directive = {
        "Namespace": "labapp",
        "Dimensions": [["queue"]],
        "Metrics": [{"Name": "wait", "Unit": "Seconds"}],
    }
    at = int(time.time() * 1000)
    return {"queue": "q", "wait": 1.5, "_aws": {"Timestamp": at, "CloudWatchMetrics": [directive]}}


def _directive(event: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = event["_aws"]["CloudWatchMetrics"][0]
    return found


SPOILT: dict[str, Callable[[dict[str, Any]], object]] = {
    "a value that is a text": lambda e: e.update(wait="1.5"),
    "a value that is no number": lambda e: e.update(wait=float("nan")),
    "a value that is not there": lambda e: e.pop("wait"),
    "a dimension that is a number": lambda e: e.update(queue=1),
    "a dimension that is empty": lambda e: e.update(queue=""),
    "a dimension that is no ASCII": lambda e: e.update(queue="zoë"),
    "a time in seconds": lambda e: e["_aws"].update(Timestamp=int(time.time())),
    "a time with a fraction": lambda e: e["_aws"].update(Timestamp=time.time() * 1000),
    "a member too many": lambda e: e["_aws"].update(Version=1),
    "a unit that there is none of": lambda e: _directive(e)["Metrics"][0].update(Unit="seconds"),
    "Amazon's own namespace": lambda e: _directive(e).update(Namespace="AWS/SQS"),
    "no metrics": lambda e: _directive(e).update(Metrics=[]),
    "too many metrics": lambda e: _directive(e).update(Metrics=_directive(e)["Metrics"] * 101),
    "too many dimensions": lambda e: _directive(e).update(Dimensions=[["queue"] * 31]),
    "no set of dimensions": lambda e: _directive(e).update(Dimensions=[]),
}


def test_an_event_that_keeps_the_rules_is_read() -> None:
    assert metrics_of(json.dumps(_event())) == {("q", "wait"): 1.5}


@pytest.mark.parametrize("spoilt", SPOILT)
def test_an_event_that_breaks_a_rule_is_refused(spoilt: str) -> None:
    event = _event()
    SPOILT[spoilt](event)
    with pytest.raises((AssertionError, KeyError)):
        metrics_of(json.dumps(event))


def test_a_text_before_or_after_the_event_is_refused() -> None:
    for line in ("INFO " + json.dumps(_event()), json.dumps(_event()) + " x"):
        with pytest.raises(ValueError, match=r"Extra data|Expecting value"):
            metrics_of(line)
