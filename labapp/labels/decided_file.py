"""What the files that hold an admin's decisions have in common: TOML, and none is read by half.

A key that this version does not know may change how answers count, and writing the file again would
lose it. So a file with one is refused.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable
from typing import Any

from labapp.errors import RefusedError

#: What is said beside each key that is not known.
NEWER = "A newer labapp may know more."


def table(text: str, what: str, known: Collection[str], of: str, remedy: str) -> dict[str, Any]:
    """Return the table that a file is, whose text anybody may have written.

    Args:
        text: the file's.
        what: it says, in the plural.
        known: the keys that there are.
        of: as of `check_keys`.
        remedy: likewise.

    Raises:
        RefusedError: it is no TOML, or has another key.
    """
    try:
        said = tomllib.loads(text)
    except RecursionError:
        raise RefusedError(f"{what} are no TOML: something nests too deep", remedy) from None
    except ValueError as error:  # no TOML, or a number of too many digits
        raise RefusedError(f"{what} are no TOML: {error}", remedy) from None
    check_keys(said, known, of, remedy)
    return said


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
