"""How many jobs ended how, in one line: at the end of a command that sends many."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from labapp.console.figures import plural

#: The statuses, the good one first.
_ORDER = ("done", "refused", "failed", "unsent", "pending")


def tally(counts: Mapping[str, int], what: str) -> str:
    """Return what is said of things, such as `3 lists: 2 done, 1 refused`.

    Args:
        counts: how many there are of each status.
        what: one of them.
    """
    return f"{plural(sum(counts.values()), what)}: {', '.join(_parts(counts)) or 'none'}"


def _parts(counts: Mapping[str, int]) -> Iterator[str]:
    for status in (*_ORDER, *sorted(set(counts) - set(_ORDER))):
        if counts.get(status):
            yield f"{counts[status]:,} {status}"
