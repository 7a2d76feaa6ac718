"""What the files that hold an admin's decisions have in common: none is read by half.

A key that this version does not know may change how answers count, and writing the file again would
lose it. So a file with one is refused.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from labapp.errors import RefusedError

#: What is said beside each key that is not known.
NEWER = "A newer labapp may know more."


def check_keys(found: Iterable[str], known: Collection[str], of: str, remedy: str) -> None:
    """See to it that all keys of a file are known.

    Args:
        found: its keys.
        known: those that there are.
        of: what they are keys of.
        remedy: what is to be done beside asking a newer labapp.

    Raises:
        RefusedError: one is not; names it.
    """
    if unknown := set(found) - set(known):
        raise RefusedError(f"{min(unknown)!r} is no key of {of}", f"{NEWER} {remedy}")
