"""What the three programs share at the prompt: parsing, settings, output, errors, exit codes.

A program is a list of `Command`. Parsing and `--help` import neither boto3 nor rich nor
questionary: each command imports what it needs when it runs. Results go to stdout, everything else
to stderr.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from labapp import settings, utc
from labapp.console import terminal
from labapp.console.accessible import mode
from labapp.console.graphics import choice
from labapp.console.graphics.choice import Choice
from labapp.errors import LabappError
from labapp.files import typed_paths
from labapp.jobs import kinds
from labapp.programs.shell import exits, output
from labapp.programs.shell.command import Command
from labapp.programs.shell.context import Context
from labapp.programs.shell.parsing import build, commas_again, join_values, switches, values_apart


@dataclass(frozen=True)
class Program:
    """One of the three programs.

    Attributes:
        name: `client.py`, `admin.py` or `server.py`.
        summary: what it is for, as one sentence.
        commands: its sub-commands.
        default: what it does without a sub-command; None: it opens nothing and shows its usage.
        default_arguments: adds the default's own arguments.
        examples: lines shown by `--help`, less the program's name.
        settings: settings that its `--help` lists besides those that matter everywhere.
        needs_dialect: whether the default does nothing while something in the dialect is wrong.
    """

    name: str
    summary: str
    commands: tuple[Command, ...]
    default: Callable[[Context], int | None]
    default_arguments: Callable[[argparse.ArgumentParser], None] = lambda parser: None
    examples: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    needs_dialect: bool = True

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
        return build(self, self.commands)

    def _run(self, words: list[str]) -> int:
        # A menu opens a few milliseconds sooner without the commands that nobody named.
        typed_paths.check_words(words)
        parser = build(self, self.commands if words else (), words)
        arguments = parser.parse_args(values_apart(commas_again(switches(words))))
        join_values(arguments)
        flags = {name: getattr(arguments, f"setting_{name}", None) for name in settings.names()}
        settings.guard_folders()
        context = Context(self.name, arguments, settings.load(flags), self.parser)
        kinds.check_queues(context.settings)
        if arguments.needs_dialect and context.settings.dialect:
            from labapp.jobs import dialect_checks  # few labs have one

            dialect_checks.check(context.settings)
        told = context.left_out
        if told and arguments.command and not arguments.command.startswith("config "):
            context.say(f"{self.name}: {told}")
        mode.decide(asked=context.settings.accessible)
        if context.settings.color != "auto" or context.settings.accessible:
            from labapp.console import theme

            theme.configure(context.settings.color)  # type: ignore[arg-type] # checked by settings
            if context.settings.accessible:
                theme.speak()
        choice.decide_by(partial(_first_choice, context))
        gc.enable()
        try:
            code = arguments.run(context)
        except KeyboardInterrupt:
            if arguments.command and sys.stderr.isatty():  # else the shell's prompt follows on ^C
                context.say("")
            raise
        finally:
            if arguments.command:  # menus tell these themselves
                self._tell_of_clouds(context)
        sys.stdout.flush()
        return int(code or 0)

    def _tell_of_clouds(self, context: Context) -> None:
        """Tell what is wrong with the clock, and what a cloud was found to lack."""
        if notice := utc.clock_notice():
            self._tell(notice)
        for cloud in context.opened:
            cloud.abilities.listen(self._tell)

    def _failed(self, message: str, code: int) -> int:
        terminal.give_back()
        self._tell(message)
        return code

    def _tell(self, message: str) -> None:
        with contextlib.suppress(OSError):
            print(f"{self.name}: {message}", file=sys.stderr, flush=True)  # noqa: T201


def _first_choice(context: Context) -> Choice:
    """Return how pictures are shown, by the settings and what can be seen at once."""
    from labapp.console.graphics import question

    chosen, origin = context.settings, context.loaded.origins["images"]
    wished_by = "" if origin.kind == "default" else str(origin)
    return question.first_choice(chosen.images, wished_by, chosen.color)
