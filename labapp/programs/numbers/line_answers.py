"""The answers to the lists of a file: a line each, to standard output or to a file of its own."""

from __future__ import annotations

import contextlib
import errno
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from labapp.errors import JobFailedError, LabappError, RefusedError, UsageError
from labapp.programs.numbers.answers import answer_json, unsent_json
from labapp.programs.shell import output
from labapp.programs.shell.table import Field, Table
from labapp.visible import visible_json

if TYPE_CHECKING:
    from labapp.jobs.entry import Entry
    from labapp.programs.shell.context import Context

#: How answers are written.
JSON, CELLS = "json", "cells"

#: Characters on a terminal: of a line's number, of a status, and of a value at most.
_LINE, _STATUS, _NUMBER = 7, 7, 20

#: What each status makes the program exit with; of several, the greatest.
CODES = {"done": 0, "refused": RefusedError.exit_code, "failed": JobFailedError.exit_code,
         "unsent": LabappError.exit_code, "pending": 5}  # fmt: skip

#: The number of its line, and its status, as each form of an answer begins.
_HEADS = {
    JSON: re.compile(rb'\{"line": ([0-9]{1,15}), "job": [^,]*, "status": "([a-z]+)", .*\}'),
    CELLS: re.compile(rb"([0-9]{1,15})\t([a-z]+)\t.*"),
}


@dataclass(frozen=True)
class Outcome:
    """What became of the list of one line.

    Attributes:
        line: its number, from 1.
        digest: of this line and all before it.
        status: the answer's; `pending` where none came in time, `refused` or `unsent` where it was
            not sent.
        job: the id of its job; empty where it was not sent.
        entry: the job as the ledger has it; None where it was not sent.
        error: why it was not done.
    """

    line: int
    digest: str
    status: str
    job: str = ""
    entry: Entry | None = field(default=None, repr=False)
    error: str = ""

    @cached_property
    def values(self) -> Mapping[str, str]:
        """The answer's values, exactly as the worker wrote them."""
        return self.entry.values_as_written if self.entry and self.status == "done" else {}

    @property
    def json(self) -> str:
        """The answer as a document on a line."""
        if self.entry is None:
            return f'{{"line": {self.line}, {unsent_json(self.status, self.error)[1:]}'
        return f'{{"line": {self.line}, {answer_json(self.entry, self.error)[1:]}'


def _value(name: str) -> Field[Outcome]:
    return Field(name, lambda one: one.values.get(name, ""), look="number")


LINES: Table[Outcome] = Table(
    fields=(
        Field("line", look="number"),
        Field("job", look="id"),
        Field("status", look="word"),
        Field("result", lambda one: one.values or None),
        Field("error", look="remark", rare=True),
        Field("seconds", lambda one: one.entry.seconds if one.entry else None),
        Field("numbers", lambda one: one.entry.body if one.entry else None),
        *map(_value, ("min", "max", "mean", "median", "sum")),
    ),
    empty="No lists.",
    columns=("line", "status", "min", "max", "mean", "median", "sum", "error"),
    hidden=frozenset({"min", "max", "mean", "median", "sum"}),
)


#: What `numbers --lines` writes with --json.
LINES_LISTED = replace(LINES.listing, lead="a document a line:", flag="--lines")


class Sink(Protocol):
    """Where answers are written."""

    #: How long the file is; 0 where it is none.
    octets: int

    def write(self, outcomes: Sequence[Outcome]) -> None:
        """Write answers, in this order."""

    def sync(self) -> None:
        """See to it that what is written outlives a power failure, where that can be."""


class Output:
    """Standard output: on a terminal in columns that stay as they are, else lines."""

    octets = 0

    def __init__(self, context: Context) -> None:
        self._context = context
        self._columns: Columns | None = None

    def write(self, outcomes: Sequence[Outcome]) -> None:
        """Write answers, in this order."""
        if self._context.arguments.json:
            self._context.json_text("\n".join([one.json for one in outcomes]))
        elif self._context.on_terminal:
            self._print(outcomes)
        else:
            self._context.rows(map(LINES.row, outcomes))

    def _print(self, outcomes: Sequence[Outcome]) -> None:
        from labapp.console import theme

        if self._columns is None:
            console = theme.stdout()
            self._columns = Columns(console.width)
            console.print(self._columns.heading, style="muted", soft_wrap=True)
        for one in outcomes:
            self._context.line(self._columns.line(one))

    def sync(self) -> None:
        """Do nothing: it is written at once."""


class Columns:
    """Lines of a table whose columns stay as they are, and whose cells are never cut.

    A cell that has no room in its column makes its line longer; the terminal goes on with it below.

    Args:
        width: of the terminal.
    """

    def __init__(self, width: int) -> None:
        *heads, last = self._names = LINES.columns
        del last  # the error has what is left
        room = (width - 1 - _LINE - _STATUS - len(heads) + 1) // (len(heads) - 2)
        numbers = min(room, _NUMBER) if room >= len("median") else 0
        self._widths = [_LINE, -_STATUS, *[numbers] * (len(heads) - 2)] if numbers else []
        self.heading = self._laid_out(heads)

    def line(self, one: Outcome) -> str:
        """Return the line of an answer, without an end."""
        cells = ["" if cell is None else output.cell(cell) for cell in LINES.row(one)]
        if one.status != "done":
            return f"{self._laid_out(cells[:2])} {cells[-1]}"
        return self._laid_out(cells)

    def _laid_out(self, cells: Sequence[str]) -> str:
        widths = self._widths or [0] * len(cells)
        pairs = zip(cells, widths, strict=False)
        return " ".join(c.rjust(w) if w >= 0 else c.ljust(-w) for c, w in pairs)


class File:
    """A file of answers, which is gone on with where it is whole.

    Args:
        path: the file.
        form: how answers are written.
        octets: how long it was when the ledger was told last; None: it is a new one.

    Raises:
        UsageError: it is there already; or it is not what was written then.
        LabappError: it cannot be written.
    """

    def __init__(self, path: Path, form: str, octets: int | None = None) -> None:
        self._path = path
        self._form = form
        #: The lines that were written and the ledger was not told of, with their statuses.
        self.tail: dict[int, str] = {}
        with self._speaking():
            # An empty one was made by a run that could not even begin.
            is_new = octets is None and not (path.is_file() and is_free(path))
            self._file: BinaryIO = path.open("xb" if is_new else "r+b")
            self.octets = 0 if octets is None else self._whole(octets)

    def _whole(self, octets: int) -> int:
        """Read what was written last, cut off what is half a line; return how long it is then."""
        if self._file.seek(0, os.SEEK_END) < octets:
            self._file.close()
            raise self._changed()
        self._file.seek(octets)
        for text in self._file:
            if not text.endswith(b"\n"):
                break
            if not (found := _HEADS[self._form].fullmatch(text[:-1])):
                self._file.close()
                raise self._changed()
            self.tail[int(found[1])] = found[2].decode()
            octets += len(text)
        self._file.seek(octets)
        self._file.truncate()
        return octets

    def _changed(self) -> UsageError:
        return UsageError(
            f"{self._path} was changed since: it is not what was written there",
            "Give it back its lines, or begin anew without --resume and with another --out.",
        )

    def write(self, outcomes: Sequence[Outcome]) -> None:
        """Write answers, in this order."""
        if self._form == JSON:
            lines = [visible_json(one.json) for one in outcomes]
        else:
            lines = [output.row(LINES.row(one)) for one in outcomes]
        data = ("\n".join(lines) + "\n").encode("utf-8", "backslashreplace")
        with self._speaking():
            self._file.write(data)
            self._file.flush()
        self.octets += len(data)

    def sync(self) -> None:
        """See to it that what is written outlives a power failure."""
        with self._speaking():
            os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close it; what it cannot hold was told by `write`."""
        with contextlib.suppress(OSError):
            self._file.close()

    @contextlib.contextmanager
    def _speaking(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            help_of = _HELP.get(error.errno or 0, "Name")
            raise LabappError(
                f"cannot write {self._path}: {error.strerror or error}",
                f"{help_of} another file with --out.",
            ) from error


#: What helps against each thing that the system says of a file, besides naming another.
_HELP = {
    **dict.fromkeys((errno.ENOENT, errno.ENOTDIR), "Make its folder, or name"),
    **dict.fromkeys(
        (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)), "Make room there, or name"
    ),
}


def is_free(path: Path) -> bool:
    """Tell whether answers may be written to a file: it is not there, or nothing is in it."""
    return not path.exists() or (path.is_file() and path.stat().st_size == 0)
