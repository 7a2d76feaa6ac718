"""CloudWatch's embedded metric format: what makes metrics of a worker's JSON log lines.

A line says under `_aws` which of its fields are metrics, in which unit, and by which of its fields
they are told apart. Whatever brings the lines to CloudWatch Logs brings the metrics: labapp sends
none itself, and needs no permission for it. What a line must look like: "Specification: Embedded
metric format" in the CloudWatch user guide.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

#: The namespace of labapp's metrics.
NAMESPACE = "labapp"

#: The field that tells metrics apart. One alone: each of its values makes a custom metric of each
#: name, and Amazon charges by the metric. A host or a kind of job as well would multiply them; the
#: names of queues tell kinds of jobs and labs apart already.
DIMENSION = "queue"

#: The fields of a job's line that are metrics, with their units.
JOB = {"wait": "Seconds", "seconds": "Seconds", "receives": "Count"}

#: Those of a line that tells of a queue; and of one whose dead letters could be counted.
BACKLOG = {"visible": "Count", "in_flight": "Count"}
WITH_DEAD = {**BACKLOG, "dead": "Count"}

#: What counts a job, by its status.
ENDS = {"done": "done", "refused": "refused", "failed": "failed", "put aside": "put_aside"}

#: More than any figure of a line can be; CloudWatch takes 2 ** 360.
_MOST = 1e12


def _template(units: Mapping[str, str], count: str = "") -> str:
    """Return what ends a line with these metrics; `%d` stands for its time."""
    metrics = [{"Name": name, "Unit": unit} for name, unit in units.items()]
    if count:
        metrics.insert(0, {"Name": count, "Unit": "Count"})
    directive = {"Namespace": NAMESPACE, "Dimensions": [[DIMENSION]], "Metrics": metrics}
    told = json.dumps({"Timestamp": 0, "CloudWatchMetrics": [directive]})
    more = f', "{count}": 1' if count else ""
    return f'{more}, "_aws": {told.replace("0", "%d", 1)}}}'


# Made once: a worker writes several hundred lines a second.
_JOB = {status: _template(JOB, count) for status, count in ENDS.items()}
_BACKLOG, _WITH_DEAD = _template(BACKLOG), _template(WITH_DEAD)


def with_metrics(line: str, fields: Mapping[str, Any], at: float) -> str:
    """Return a JSON line with what makes metrics of it; as it was, if it tells of none.

    A job that came again was counted before.

    Args:
        line: the line, a JSON object with these fields.
        fields: its fields. Another process may have written them: what is no number is no metric.
        at: when it happened, in seconds since 1970.
    """
    event = fields.get("event")
    if event == "job" and not fields.get("again"):
        units, template = JOB, _JOB.get(fields.get("status", ""), "")
    elif event == "backlog" and "dead" in fields:
        units, template = WITH_DEAD, _WITH_DEAD
    elif event == "backlog":
        units, template = BACKLOG, _BACKLOG
    else:
        return line
    if not (template and fields.get(DIMENSION) and all(_is_figure(fields.get(u)) for u in units)):
        return line
    return line[:-1] + template % (at * 1000)


def _is_figure(value: object) -> bool:
    return type(value) in (int, float) and 0 <= value < _MOST  # type: ignore[operator]
