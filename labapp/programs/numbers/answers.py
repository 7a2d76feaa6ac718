"""The answer to a list as a document of JSON."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from labapp.programs.shell.table import Document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from labapp.jobs.entry import Entry

_LISTED = re.compile(r"(?<![^,])-?(?:0|[1-9][0-9]*)(?![^,])", re.ASCII)

#: What `numbers` writes with --json.
ANSWER = Document(
    ("job", "status", "result", "error", "seconds", "numbers"),
    notes={"error": "where it was not done", "numbers": "the list that was sent"},
)


def answer_json(entry: Entry, error: str = "") -> str:
    """Return an answer as one JSON document; its numbers are exactly those of the worker.

    `error` is why there is none yet, where the job is still to be answered.
    """
    done = entry.status == "done"
    parts = {
        "job": json.dumps(entry.job),
        "status": json.dumps(entry.status),
        "result": entry.result if done and entry.values else "null",
        "error": "null" if done else json.dumps(error or entry.reply),
        "seconds": "null" if entry.seconds is None else f"{entry.seconds:.3f}",
        "numbers": f"[{', '.join(_LISTED.findall(entry.body))}]",  # as `send_numbers` wrote them
    }
    return "{" + ", ".join(f'"{name}": {value}' for name, value in parts.items()) + "}"


def unsent_json(status: str, error: str, values: Sequence[int] = ()) -> str:
    """Return the document of a list that was not sent, and why."""
    found = dict.fromkeys(("job", "status", "result", "error", "seconds", "numbers"))
    return json.dumps(found | {"status": status, "error": error, "numbers": list(values) or None})
