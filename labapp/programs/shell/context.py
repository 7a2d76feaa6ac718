"""One run of one command: what was asked, the settings, and where output goes.

Results go to stdout, everything else to stderr.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from labapp import settings
from labapp.console.figures import local, plural
from labapp.errors import LabappError, UsageError
from labapp.programs.shell import output
from labapp.visible import visible_json

if TYPE_CHECKING:
    from labapp.cloud.bucket import Bucket
    from labapp.cloud.endpoints import Endpoints
    from labapp.cloud.patience import Patience
    from labapp.cloud.session import Cloud
    from labapp.console.tables import Cell, Column
    from labapp.programs.shell.table import Table
    from labapp.worker.local_workers import Beginning

T = TypeVar("T")


@dataclass
class Context:
    """One run of one command: what was asked, the settings, and where output goes."""

    program: str
    arguments: argparse.Namespace
    loaded: settings.Loaded
    #: Gives the program's whole parser, as completion draws from it.
    parser: Callable[[], argparse.ArgumentParser] = argparse.ArgumentParser
    #: The clouds that were opened: what they were found to lack is told at the end.
    opened: list[Cloud] = field(default_factory=list)
    #: The worker that was started while the cloud was opened, until somebody waits for it.
    beginning: Beginning | None = None

    @property
    def settings(self) -> settings.Settings:
        """The settings in force."""
        return self.loaded.settings

    def cloud(
        self, *, start: bool = True, require: bool = True, bucket_only: bool = False
    ) -> Cloud:
        """Open the cloud.

        Args:
            start: whether a local cloud that is not running is started.
            require: whether bucket and queues must be there; the local cloud makes them.
            bucket_only: whether the queues need not be there, nor may be asked for.

        Raises:
            CloudError: it cannot be reached, or lacks what must be there.
        """
        from labapp.cloud import session

        cloud = session.Cloud(self.settings, start=start)
        self.opened.append(cloud)
        if require:
            self.require(cloud, bucket_only=bucket_only)
        return cloud

    def require(self, cloud: Cloud, *, bucket_only: bool = False, enough: str = "") -> None:
        """See to it that what programs use is there; arguments and errors as of `lab.require`."""
        from labapp.jobs import lab

        lab.require(cloud, bucket_only=bucket_only, patience=self.patience, enough=enough)

    @property
    def patience(self) -> Patience:
        """What waits for the cloud's minute: a command counts down, a menu's own pages do it."""
        from labapp.cloud.patience import PATIENT
        from labapp.programs.shell import countdown

        command = getattr(self.arguments, "command", "")
        return countdown.patience(self.say) if command else PATIENT

    def endpoints(self) -> Endpoints:
        """Return where the services are, as far as they can be told without asking anybody."""
        from labapp.cloud import endpoints

        if self.settings.cloud == "aws" and endpoints.are_in_files():  # boto3's way to read them
            with contextlib.suppress(LabappError):  # told when the cloud is opened
                return self.cloud(start=False, require=False).place.endpoints
        return endpoints.known(self.settings)

    def bucket(self) -> Bucket:
        """Open the cloud for its bucket alone; errors as of `cloud`."""
        from labapp.cloud.bucket import Bucket

        return Bucket(self.cloud(bucket_only=True))

    def say(self, text: str) -> None:
        """Tell the person at the terminal something that is not a result."""
        print(output.line(text), file=sys.stderr, flush=True)  # noqa: T201

    def line(self, text: str) -> None:
        """Write one line of the result."""
        # Names and keys are anybody's, and a terminal may stand at the end of a pipe as well.
        print(output.line(text), flush=True)  # noqa: T201

    def row(self, *cells: str | float | None) -> None:
        """Write one line of the result: cells between tabs, each on one line whatever it holds.

        In a pipe the names of files keep bytes that are no text, so that they can be used again.
        """
        self.rows([cells])

    def rows(self, rows: Iterable[Sequence[str | float | None]]) -> None:
        """Write several such lines at once."""
        print("\n".join(map(output.row, rows)), flush=True)  # noqa: T201

    def json(self, document: object) -> None:
        """Write the result as the one JSON document that it is; an empty text in it is null."""
        self.json_text(output.document(document))

    def json_line(self, document: object) -> None:
        """Write one of several documents, each on a line of its own (JSON Lines)."""
        self.json_text(output.document(document, lines=False))

    def json_text(self, text: str) -> None:
        """Write a document that is JSON already."""
        output.write_document(visible_json(text))

    def show(
        self, table: Table[T], things: Iterable[T], *, empty: str = "", last: object = None
    ) -> None:
        """Write a listing: JSON where that is asked for, a table on a terminal, else rows.

        Args:
            table: what it is a listing of.
            things: the things.
            empty: what to say, on stderr, where there are none, if not what the table says.
            last: what JSON has behind them, such as the totals of all there are.
        """
        things = list(things)
        if self.arguments.json:
            rows: list[object] = [table.document(thing) for thing in things]
            self.json(rows if last is None else [*rows, last])
        elif self.on_terminal:
            shown = table.without_empty(things)
            self.table(shown.heads(), shown.cells(things), empty=empty or table.empty)
        else:
            self.table((), map(table.row, things), empty=empty or table.empty)

    def table(
        self,
        columns: Sequence[Column | str],
        rows: Iterable[Sequence[Cell]],
        *,
        empty: str,
    ) -> None:
        """Write the result as a table on a terminal, else as lines of cells between tabs.

        Where there are no rows, `empty` is said on stderr.
        """
        rows = list(rows)
        if not rows:
            self.say(empty)
        elif self.on_terminal:
            from labapp.console import tables, theme

            theme.stdout().print(tables.table(columns, rows))
        else:
            for row in rows:
                self.row(*row)  # type: ignore[arg-type] # a pipe is given no rich Text

    @property
    def on_terminal(self) -> bool:
        """Whether people read the result where it is written; a pipe gets plain, whole data."""
        return sys.stdout.isatty()

    @property
    def limit(self) -> int:
        """How many rows `-n` asks for.

        Raises:
            UsageError: it is not 1 or more.
        """
        most: int = self.arguments.limit
        if most < 1:
            raise UsageError(f"-n is {most}", "Give the number of rows to show, 1 or more.")
        return most

    def say_if_cut(self, shown: int, total: int | None, what: str) -> None:
        """Say that a listing ends before all is shown, if it does; `what` is one of its things.

        A total of None is more than are shown, and nobody has counted them.
        """
        if total is None:
            self.say(f"the newest {plural(shown, what)}; there are more: -n N shows N")
        elif total > shown:
            self.say(f"the newest {shown:,} of {plural(total, what)}; -n {total} shows all")

    @property
    def left_out(self) -> str:
        """What the working folder's settings file says and does not count, and how to allow it."""
        file, names = self.loaded.folder, ", ".join(self.loaded.left_out)
        if file is None or not names:
            return ""
        trouble = f" ({file.trouble})" if file.trouble else ""
        # The remedy comes first: of a long notice a narrow screen shows the beginning.
        return (
            f"{settings.FILE_NAME} here is not trusted: python {self.program} config trust"
            f" shows and allows what is left out of it, {names}{trouble}"
        )

    @property
    def dry(self) -> bool:
        """Whether `--dry-run` was given: what would be done is told, and nothing is done."""
        return bool(getattr(self.arguments, "dry_run", False))

    def outcome(self, done: str) -> str:
        """Return what became of a thing, such as `deleted`; in a dry run what would."""
        return f"would be {done}" if self.dry else done

    def clock(self, utc: str) -> str:
        """Return a time as its table wants it: local on a terminal, UTC as it stands in a pipe."""
        return local(utc) if utc and self.on_terminal else utc

    def confirm(self, question: str, word: str = "", scripted: str = "--yes") -> bool:
        """Ask before something is destroyed; `--yes` answers for scripts.

        Args:
            question: what is about to happen, ending with a question mark.
            word: what has to be typed, for what cannot be undone; empty: y is enough.
            scripted: what scripts say instead.

        Raises:
            UsageError: there is nobody to ask, and no `--yes`.
        """
        if getattr(self.arguments, "yes", False):
            return True
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise UsageError(
                f"{question} There is no terminal to ask on", f"Say {scripted} to do it."
            )
        return _agrees(question, word)


def _agrees(question: str, word: str) -> bool:
    """Ask on standard error as menus do: Esc and Enter say no, Ctrl-C leaves."""
    from labapp.console import Back, prompts

    try:
        if not word:
            return prompts.confirm(question)
        prompts.confirm_by_name(question, word)
    except Back:
        return False
    return True
