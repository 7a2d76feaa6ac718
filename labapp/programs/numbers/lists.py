"""Lists of integers on their way in: typed, of a file, piped in, made at random; and sent."""

from __future__ import annotations

import random
import sys
from typing import TYPE_CHECKING, BinaryIO

from labapp import numbers
from labapp.errors import UsageError, os_errors_as
from labapp.files import typed_paths
from labapp.files.text import decode_text
from labapp.settings import Settings

if TYPE_CHECKING:
    from labapp.jobs.proof import Identity
    from labapp.jobs.session import ClientSession

#: Random integers are drawn from 0 to this.
GREATEST_RANDOM = 100

#: How files end that lists are looked for in, unless one is named.
ENDINGS = (".txt", ".csv", ".tsv", ".dat", ".lst")

#: Bytes of a list's file that are read; a list of the most integers allowed is far smaller.
MOST_FILE = 5_000_000


def rules(settings: Settings) -> numbers.Rules:
    """Return the rules that the settings give for lists."""
    return numbers.Rules(settings.max_integers, settings.allow_negative)


def read_list_file(path: str) -> str:
    """Return the text of a list's file.

    Raises:
        UsageError: it cannot be read as text.
    """
    if not path.strip():
        raise UsageError("no file is named", "Name a text file of integers behind --file.")
    with (
        os_errors_as(UsageError, f"cannot read {path}", "Name a text file of integers."),
        typed_paths.parse(path).open("rb") as file,
    ):
        return _list_text(file, path)


def read_list_input() -> str:
    """Return the text of a list that is piped in.

    Raises:
        UsageError: it is no text.
    """
    return _list_text(sys.stdin.buffer, "standard input")


def random_list(length: int, rules: numbers.Rules) -> list[int]:
    """Return `length` random integers from 0 to 100.

    Raises:
        UsageError: no list has that length.
        RefusedError: the rules take no list that long.
    """
    if length < 1:
        raise UsageError(f"a list of {length} integers cannot be made", "Ask for 1 or more.")
    if length > rules.max_integers:
        raise numbers.too_many(length, rules)
    return [random.randint(0, GREATEST_RANDOM) for _ in range(length)]


def send_numbers(session: ClientSession, values: list[int], new: Identity | None = None) -> str:
    """Send one list; return the id of its job, which is `new` unless none is given."""
    from labapp.jobs.number_kind import NUMBERS

    (job,) = session.submit(NUMBERS, [",".join(map(str, values))], [new] if new else ())
    return job


def _list_text(file: BinaryIO, name: str) -> str:
    """Read a list's text, as any shell and editor writes it."""
    data = file.read(MOST_FILE + 1)
    if len(data) > MOST_FILE:
        raise UsageError(f"{name} has more than {MOST_FILE:,} bytes", "Send a shorter list.")
    try:
        return decode_text(data)
    except UnicodeDecodeError as error:
        raise UsageError(f"{name} is not text", "Give a text of integers.") from error
