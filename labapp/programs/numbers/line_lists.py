"""Lists on the lines of a file or a pipe, one each; what is wrong with one ends no other."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from labapp import numbers
from labapp.errors import LabappError, RefusedError, UsageError, os_errors_as
from labapp.files import typed_paths
from labapp.files.lines import CHUNK, RawLine, chunks_of
from labapp.jobs.wire import check_size

if TYPE_CHECKING:
    from io import RawIOBase

#: What stands for standard input.
PIPE = "-"

#: Bytes of a line that are looked at; a list of the most integers that a message holds is shorter.
MOST_LINE = 262_144


@dataclass(frozen=True)
class Source:
    """Where the lists are: a file, or standard input."""

    path: Path | None

    @property
    def name(self) -> str:
        """What it is called in the ledger: the whole path."""
        return known_as(self.path) if self.path else PIPE

    def __str__(self) -> str:
        return str(self.path) if self.path else "standard input"

    @contextmanager
    def opened(self) -> Iterator[RawIOBase | BinaryIO]:
        """Open it for a block, such that what is there can be read at once.

        Raises:
            UsageError: there is no such file, or it cannot be read.
        """
        if self.path:
            with self._speaking():
                file = self.path.open("rb", buffering=0)
            with file:
                yield file
            return
        try:
            # By itself: who waits for a pipe in a buffer's lock keeps Python from its end.
            plain = open(sys.stdin.fileno(), "rb", buffering=0, closefd=False)  # noqa: SIM115
        except OSError:  # not a file of the system's
            yield sys.stdin.buffer
        else:
            yield plain

    def chunks(self, file: RawIOBase | BinaryIO) -> Iterator[bytes]:
        """Yield what it has, as soon as it has it.

        Raises:
            UsageError: it cannot be read on.
        """
        with self._speaking():
            yield from chunks_of(file)

    def _speaking(self) -> AbstractContextManager[None]:
        return os_errors_as(UsageError, f"cannot read {self}", "Name a file of lists.")

    def count(self) -> int | None:
        """Return about how many lines it has; None where nobody can tell."""
        if not (self.path and self.path.is_file()):
            return None
        with self.path.open("rb") as file:
            return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(CHUNK), b""))


def source_of(text: str) -> Source:
    """Return where lists are, by what was typed.

    Raises:
        UsageError: no file is named.
    """
    if text.strip() == PIPE:
        return Source(None)
    if not text.strip():
        raise UsageError("no file is named", "Name a file of lists behind --lines, or -.")
    return Source(typed_paths.parse(text))


def known_as(path: Path) -> str:
    """Return what a file is called in the ledger: its whole path, however Windows lets type it."""
    return os.path.normcase(path.absolute())


def body_of(line: RawLine, rules: numbers.Rules) -> str:
    """Return the list of a line as it is sent.

    Raises:
        RefusedError: it is none, or breaks a rule.
    """
    if line.data is None:
        raise RefusedError(
            f"the line has more than {MOST_LINE:,} bytes, and is passed over up to its end",
            "Write one short list on each line.",
        )
    try:
        text = line.data.decode()
    except UnicodeDecodeError as error:
        raise RefusedError("the line is not text", "Write lists in UTF-8.") from error
    values = numbers.parse(text)
    numbers.check(values, rules)
    body = ",".join(map(str, values))
    check_size(body)
    return body


def changed(source: Source, line: int) -> LabappError:
    """Return the error for a file that is not what it was when its lists were sent."""
    return UsageError(
        f"{source} was changed since: what stands up to line {line:,} is not what was sent then",
        "Give it back its lines, or begin anew without --resume.",
    )


def check_same(source: Source, lines: Iterable[RawLine], told: int, digest: str) -> None:
    """See to it that a source begins with the lines that were told.

    Raises:
        UsageError: it does not.
    """
    found = next((line.digest for line in lines if line.number == told), "") if told else ""
    if found != digest:
        raise changed(source, told)
