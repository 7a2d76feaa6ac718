"""What is kept of an answer's values: those that its kind of job has, and no others.

Who could read the request can answer it, and a worker may be of any version; so nothing is stored
as a value that is none.
"""

from __future__ import annotations

import re

from labapp import foreign, numbers
from labapp.jobs.wire import MOST_RESULT

#: What the ledger calls the job whose answer is values.
NUMBERS = "numbers"

#: How a worker refuses a step that is to be exact where it knows no such thing.
_OLDER = re.compile(r"step [0-9]+: [a-z_]+ has no parameter 'exact'\.[^\n]*")

#: What that means.
TOO_OLD = "the worker is older than --exact. Update it, or send the picture without --exact."


def told(text: str) -> str:
    """Return the text of an answer, in the words of today where an older worker has none."""
    return TOO_OLD if _OLDER.fullmatch(text) else text


def kept(kind: str, result: str) -> str:
    """Return the values of an answer to a job of a kind, as JSON; empty where there are none."""
    if kind != NUMBERS:
        return result
    return numbers.known_values(foreign.object_or_empty(result, MOST_RESULT, as_written=True))
