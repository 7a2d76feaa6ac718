"""What clients did and saw, line by line as it happened: it outlives a client that is killed.

A line is written whole or not at all, so who is killed in the middle leaves nothing half said.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


class Journal:
    """One process's pen; its threads share it."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def write(self, what: str, **fields: Any) -> None:
        """Write one line."""
        line = json.dumps({"what": what, "pid": os.getpid()} | fields) + "\n"
        with self._lock:
            os.write(self._file, line.encode())


@dataclass
class Told:
    """All journals read together.

    Attributes:
        owner: for each job, the client that meant to send it.
        expected: for each number job, the sum that is the right answer; None where it is to be
            refused.
        accepted: jobs that the cloud took: these must come back.
        shown: for each job, how often a client showed an answer to it.
        seen_by: for each job, the clients that showed it.
        wrong: jobs whose answer was not the right one.
        statuses_of: how each job's last answer ended.
        seconds: for each job, from sending to the first answer.
        pictures: the jobs that are pictures.
        labels: for each picture, the ids of the answers that were taken.
    """

    owner: dict[str, str] = field(default_factory=dict)
    expected: dict[str, int | None] = field(default_factory=dict)
    accepted: set[str] = field(default_factory=set)
    shown: Counter[str] = field(default_factory=Counter)
    seen_by: dict[str, set[str]] = field(default_factory=dict)
    wrong: set[str] = field(default_factory=set)
    statuses_of: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    pictures: set[str] = field(default_factory=set)
    labels: dict[str, set[str]] = field(default_factory=dict)


def read(paths: Iterable[Path]) -> Told:
    """Read journals."""
    told = Told()
    for path in paths:
        last: dict[str, dict[str, Any]] = {}
        for line in path.read_text().splitlines():
            with contextlib.suppress(ValueError):
                _take(told, json.loads(line), last)
    return told


def _take(told: Told, line: dict[str, Any], last: dict[str, dict[str, Any]]) -> None:
    what = line["what"]
    if what == "intent":
        for job in line["jobs"]:
            told.owner[job] = line["client"]
        told.expected |= line.get("expected", {})
        if line["kind"] == "pictures":
            told.pictures |= set(line["jobs"])
    elif what == "accepted":
        told.accepted |= set(line["jobs"])
    elif what == "shown":
        _shown(told, line, last)
    elif what == "label":
        told.labels.setdefault(line["picture"], set()).add(line["answer"])


def _shown(told: Told, line: dict[str, Any], last: dict[str, dict[str, Any]]) -> None:
    """Count one showing.

    A client that is killed right after it showed an answer cannot have noted that it did: the one
    that follows it shows that answer again, which is no fault.
    """
    job, client = line["job"], line["client"]
    before = last.get(client)
    last[client] = line
    if before and before["job"] == job and before["pid"] != line["pid"]:
        return
    told.shown[job] += 1
    told.statuses_of[job] = line["status"]
    told.seconds.setdefault(job, float(line["seconds"] or 0))
    told.seen_by.setdefault(job, set()).add(client)
    expected = told.expected.get(job, -1)
    if line["status"] == "done" and expected != -1:
        right = expected is not None and f'"sum": {expected},' in line["result"]
        if not right:
            told.wrong.add(job)
