"""What CloudWatch asks of a log event in its embedded metric format, written down as rules.

Sources: "Specification: Embedded metric format" in the CloudWatch user guide (document structure,
and the JSON schema at its end), and what PutMetricData and `MetricDatum` take of names and values
in the CloudWatch API reference. Where both limit a thing, the narrower limit stands here.
"""

from __future__ import annotations

import json
import math
import time
from typing import Any

#: Bytes of an event: what CloudWatch Logs took before it raised that to a megabyte.
MOST_BYTES = 256 * 1024

#: Metrics of one directive, and values of one metric.
MOST_METRICS, MOST_VALUES = 100, 100

#: Dimensions of one set, and characters of their names and values.
MOST_DIMENSIONS, MOST_DIMENSION_NAME, MOST_DIMENSION_VALUE = 30, 250, 1024

#: Characters of a namespace and of a metric's name.
MOST_NAME = 255

#: How long ago a metric may be, and how far ahead, in milliseconds.
PAST, FUTURE = 14 * 24 * 3600 * 1000, 2 * 3600 * 1000

_SIZES = [f"{prefix}{what}" for what in ("bytes", "bits") for prefix in ("", "kilo", "mega", "giga",
          "tera")]  # fmt: skip
UNITS = {
    *("Seconds", "Microseconds", "Milliseconds", "Percent", "Count", "Count/Second", "None"),
    *(size.capitalize() for size in _SIZES),
    *(f"{size.capitalize()}/Second" for size in _SIZES),
}


def metrics_of(line: str) -> dict[tuple[str, str], float]:
    """Return what CloudWatch makes of a log event: values by dimension value and metric name.

    Raises:
        AssertionError: the event breaks a rule.
    """
    assert len(line.encode()) <= MOST_BYTES
    event = json.loads(line, parse_constant=_no_constant)  # nothing before or after the object
    assert isinstance(event, dict)
    metadata = event["_aws"]
    assert metadata.keys() == {"Timestamp", "CloudWatchMetrics"}
    at = metadata["Timestamp"]
    assert type(at) is int
    assert -PAST < at - time.time() * 1000 < FUTURE
    found: dict[tuple[str, str], float] = {}
    for directive in metadata["CloudWatchMetrics"]:
        assert directive.keys() == {"Namespace", "Dimensions", "Metrics"}
        assert _is_name(directive["Namespace"], MOST_NAME)
        assert not directive["Namespace"].startswith(("AWS/", ":"))
        dimensions = [_dimensions(event, names) for names in directive["Dimensions"]]
        assert dimensions, "a directive has a set of dimensions, if only an empty one"
        assert 0 < len(directive["Metrics"]) <= MOST_METRICS
        for metric in directive["Metrics"]:
            value = _value(event, metric)
            found |= {(" ".join(one), metric["Name"]): value for one in dimensions}
    return found


def _dimensions(event: dict[str, Any], names: list[str]) -> list[str]:
    """Return the values of a set of dimensions, which are texts at the root of the event."""
    assert len(names) <= MOST_DIMENSIONS
    assert len(set(names)) == len(names)
    for name in names:
        assert _is_name(name, MOST_DIMENSION_NAME)
        assert not name.startswith(":")
        assert _is_name(event[name], MOST_DIMENSION_VALUE)
    return [event[name] for name in names]


def _value(event: dict[str, Any], metric: dict[str, Any]) -> float:
    """Return the value of a metric, which is a number at the root of the event, or several."""
    assert metric.keys() <= {"Name", "Unit", "StorageResolution"}
    assert _is_name(metric["Name"], MOST_NAME)
    assert metric.get("Unit", "None") in UNITS
    assert metric.get("StorageResolution", 60) in (1, 60)
    value = event[metric["Name"]]
    values = value if isinstance(value, list) else [value]
    assert 0 < len(values) <= MOST_VALUES
    for one in values:
        assert type(one) in (int, float)
        assert math.isfinite(one)
        assert abs(one) <= 2.0**360
    return sum(values)


def _is_name(text: object, most: int) -> bool:
    """Tell whether a text is what CloudWatch takes: printable ASCII, not only blanks."""
    return (
        isinstance(text, str)
        and 0 < len(text) <= most
        and text.isascii()
        and text.isprintable()
        and not text.isspace()
    )


def _no_constant(name: str) -> None:
    raise AssertionError(f"{name} is no JSON")
