"""What the three programs share at the prompt: parsing, settings, output, errors, exit codes.

A program is a list of `Command`. Parsing and `--help` import neither boto3 nor rich nor
questionary: each command imports what it needs when it runs. Results go to stdout, everything else
to stderr.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from labapp import settings
from labapp.console import terminal
from labapp.console.figures import plural
from labapp.errors import LabappError, UsageError
from labapp.files import typed_paths
from labapp.programs.shell import exits, output, streams
from labapp.programs.shell.parsing import EXIT_CODES as EXIT_CODES
from labapp.programs.shell.parsing import build, commas_again, join_values, left_out, values_apart

if TYPE_CHECKING:
    from labapp.cloud.session import Cloud
    from labapp.console.tables import Column


@dataclass
class Context:
    """One run of one command: what was asked, the settings, and where output goes."""

    program: str
    arguments: argparse.Namespace
    loaded: settings.Loaded

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
        from labapp.cloud import provision, session

        cloud = session.Cloud(self.settings, start=start)
        if require:
            provision.require(cloud, bucket_only=bucket_only)
        return cloud

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
        self.line("\t".join("" if cell is None else output.cell(cell) for cell in cells))

    def json(self, document: object) -> None:
        """Write the result as the one JSON document that it is; an empty text in it is null."""
        self.json_text(output.document(document))

    def json_text(self, text: str) -> None:
        """Write a document that is JSON already."""
        streams.write_document(output.safe_json(text))

    def table(
        self,
        columns: Sequence[Column | str],
        rows: Iterable[Sequence[str | float | None]],
        *,
        empty: str,
    ) -> None:
        """Write the result as a table on a terminal, else as lines of cells between tabs.

        Args:
            columns: headings, for the terminal only.
            rows: the cells.
            empty: what to say, on stderr, where there are no rows.
        """
        rows = list(rows)
        if not rows:
            self.say(empty)
        elif self.on_terminal:
            from labapp.console import tables, theme

            theme.stdout().print(tables.table(columns, rows))
        else:
            for row in rows:
                self.row(*row)

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
        """Say that a listing ends before all is shown, if it does.

        Args:
            shown: its rows.
            total: how many there are; None: more, and nobody has counted them.
            what: what they are, in the singular.
        """
        if total is None:
            self.say(f"the newest {plural(shown, what)}; there are more: -n N shows N")
        elif total > shown:
            self.say(f"the newest {shown:,} of {plural(total, what)}; -n {total} shows all")

    @property
    def left_out(self) -> str:
        """What the working folder's settings file says and does not count, and how to allow it."""
        return left_out(self.program, self.loaded)

    def say_if_left_out(self) -> None:
        """Say it, if there is any."""
        if told := self.left_out:
            self.say(f"{self.program}: {told}")

    @property
    def dry(self) -> bool:
        """Whether `--dry-run` was given: what would be done is told, and nothing is done."""
        return bool(getattr(self.arguments, "dry_run", False))

    def fate(self, done: str) -> str:
        """Return what became of a thing, such as `deleted`; in a dry run what would."""
        return f"would be {done}" if self.dry else done

    def clock(self, utc: str) -> str:
        """Return a time as its table wants it: local on a terminal, UTC as it stands in a pipe."""
        if not utc or not self.on_terminal:
            return utc
        from labapp.console import figures

        return figures.local(utc)

    def confirm(self, question: str, word: str = "") -> bool:
        """Ask before something is destroyed; `--yes` answers for scripts.

        Args:
            question: what is about to happen.
            word: what has to be typed, for what cannot be undone; empty: y is enough.

        Raises:
            UsageError: there is nobody to ask, and no `--yes`.
        """
        if getattr(self.arguments, "yes", False):
            return True
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise UsageError(f"{question} There is no terminal to ask on", "Say --yes to do it.")
        from labapp.programs.shell import confirm as asking

        return asking.agrees(question, word)


@dataclass(frozen=True)
class Command:
    """One sub-command.

    Attributes:
        name: its words, such as `cloud status`.
        summary: what it does, as one phrase.
        run: does it; returns an exit code, None for 0.
        arguments: adds its own arguments to a parser.
        examples: lines shown by `--help`, less the program's name; they hold in bash, in PowerShell
            and in cmd, which knows no single quotes.
        notes: shown by `--help` below the summary; `PROGRAM` stands for the program's name.
    """

    name: str
    summary: str
    run: Callable[[Context], int | None]
    arguments: Callable[[argparse.ArgumentParser], None] = lambda parser: None
    examples: tuple[str, ...] = ()
    notes: str = ""


@dataclass(frozen=True)
class Program:
    """One of the three programs.

    Attributes:
        name: `client.py`, `admin.py` or `server.py`.
        summary: what it is for, as one sentence.
        commands: its sub-commands; `config` and `completion` come by themselves.
        default: what it does without a sub-command; None: it opens nothing and shows its usage.
        default_arguments: adds the default's own arguments.
        examples: lines shown by `--help`, less the program's name.
        settings: settings that its `--help` lists besides those that matter everywhere.
    """

    name: str
    summary: str
    commands: tuple[Command, ...]
    default: Callable[[Context], int | None]
    default_arguments: Callable[[argparse.ArgumentParser], None] = lambda parser: None
    examples: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    all_commands: tuple[Command, ...] = field(init=False)

    def __post_init__(self) -> None:
        from labapp.programs.shell.config import COMMANDS  # they are commands, as defined here

        object.__setattr__(self, "all_commands", (*self.commands, *COMMANDS))

    def main(self, argv: Sequence[str] | None = None) -> int:
        """Run the program; return its exit code. Nothing that goes wrong ends in a traceback."""
        exits.steady_streams()
        exits.end_quickly()
        received = exits.hear_signals()
        threads = threading.excepthook = exits.ThreadErrors(self._tell)
        words = sys.argv[1:] if argv is None else list(argv)
        try:
            return self._run(words)
        except LabappError as error:
            return self._failed(output.error(error), error.exit_code)
        except (KeyboardInterrupt, EOFError):
            return 130
        except OSError as error:
            if received:  # what failed was to write to a terminal that is gone
                return 128 + received[0]
            with contextlib.suppress(OSError):
                sys.stdout.close()
            return self._failed(output.line(exits.what_failed(error)), 1)
        except Exception as error:  # noqa: BLE001 - the last line of defence: no traceback passes
            return self._failed(exits.keep_traceback(error), 1)
        finally:
            terminal.give_back()
            threads.tell()
            exits.let_go_of_lost_streams()

    def parser(self) -> argparse.ArgumentParser:
        """Return the whole parser, as completion draws from it."""
        return build(self, self.all_commands)

    def _run(self, words: list[str]) -> int:
        # A menu opens a few milliseconds sooner without the commands that nobody named.
        typed_paths.check_words(words)
        parser = build(self, self.all_commands if words else ())
        arguments = parser.parse_args(values_apart(commas_again(words)))
        join_values(arguments)
        flags = {name: getattr(arguments, f"setting_{name}", None) for name in settings.names()}
        settings.guard_folders()
        context = Context(self.name, arguments, settings.load(flags))
        if arguments.command and not arguments.command.startswith("config "):
            context.say_if_left_out()
        if context.settings.color != "auto":
            from labapp.console import theme

            theme.configure(context.settings.color)  # type: ignore[arg-type] # checked by settings
        try:
            code = arguments.run(context)
        except KeyboardInterrupt:
            if arguments.command and sys.stderr.isatty():  # else the shell's prompt follows on ^C
                context.say("")
            raise
        sys.stdout.flush()
        return int(code or 0)

    def _failed(self, message: str, code: int) -> int:
        terminal.give_back()
        self._tell(message)
        return code

    def _tell(self, message: str) -> None:
        with contextlib.suppress(OSError):
            print(f"{self.name}: {message}", file=sys.stderr, flush=True)  # noqa: T201


def timeout_argument(parser: argparse.ArgumentParser) -> None:
    """Add `--timeout`, for commands that wait."""
    parser.add_argument(
        "--timeout",
        dest="setting_timeout",
        metavar="SECONDS",
        default=argparse.SUPPRESS,
        help="how long to wait for the answer; the job goes on without us (default: 60)",
    )


def json_argument(parser: argparse.ArgumentParser) -> None:
    """Add `--json`, for commands with a result."""
    parser.add_argument("--json", action="store_true", help="write one JSON document")


def folder_arguments(parser: argparse.ArgumentParser) -> None:
    """Add `--recursive` and `--results`, for commands that take folders of pictures."""
    parser.add_argument(
        *("-r", "--recursive"),
        action="store_true",
        help="take the pictures of folders in folders, too",
    )
    parser.add_argument(
        "--results", action="store_true", help="take what labapp saved in the folders, too"
    )


def limit_argument(
    parser: argparse.ArgumentParser, default: int, what: str = "how many to show, the newest first"
) -> None:
    """Add `-n`, for listings that may be long; `Context.limit` gives it."""
    parser.add_argument(
        *("-n", "--limit"),
        dest="limit",
        type=int,
        default=default,
        metavar="N",
        help=f"{what} (default: {default:,})",
    )


def yes_argument(parser: argparse.ArgumentParser) -> None:
    """Add `--yes` and `--dry-run`, for commands that destroy something."""
    parser.add_argument("--yes", action="store_true", help="do not ask")
    dry_argument(parser)


def dry_argument(parser: argparse.ArgumentParser) -> None:
    """Add `--dry-run`, for commands that change something."""
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, do nothing")
