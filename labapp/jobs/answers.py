"""What is kept of an answer: of a worker's words as many as an answer has, of its values the known.

Who could read the request can answer it, and a worker may be of any version; so nothing is taken
for a value that is none.
"""

from __future__ import annotations

import json
from dataclasses import replace

from labapp import numbers
from labapp.jobs.wire import Reply

#: The kinds of jobs, as the ledger calls them: an answer of values; one that is a file to fetch.
NUMBERS, PICTURES = "numbers", "pictures"

#: Characters of an answer's sentence, and of its values, that are kept.
MOST_REPLY, MOST_RESULT = 10_000, 10_000


def kept(kind: str, reply: Reply) -> Reply:
    """Return an answer to a job of a kind with what is kept of it."""
    body = reply.body
    if len(body) > MOST_REPLY:
        body = f"{body[:MOST_REPLY]}..."
    if len(reply.result) > MOST_RESULT:
        result = ""
    elif kind == NUMBERS:
        result = numbers.known_values(reply.result)
    else:
        result = reply.result if is_object(reply.result) else ""
    return replace(reply, body=body, result=result)


def is_object(text: str) -> bool:
    """Return whether a text is one JSON object, as every program reads it."""
    try:
        return isinstance(json.loads(text, parse_constant=_refuse), dict)
    except (ValueError, RecursionError):
        return False


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
