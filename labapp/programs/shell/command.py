"""A sub-command and its lines in the menus, in one declaration."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse

    from labapp.programs.shell.context import Context
    from labapp.programs.shell.table import Document


def named(name: str) -> Any:
    """Return what `folder.module:name` is below labapp.programs, or the module alone, imported now.

    Declarations name what they stand for, so that a program that opens imports nothing that nobody
    asked for.
    """
    path, _, attribute = name.partition(":")
    module = import_module(f"labapp.programs.{path}")
    return attrgetter(attribute)(module) if attribute else module


@dataclass(frozen=True)
class Line:
    """A command's line in a menu.

    Attributes:
        title: what it does.
        opens: names the screen, which is called with the menu's session (see `named`).
        arguments: what it is called with besides.
        menu: the title of the menu that it stands in; empty: the program's own.
        key: the letter that chooses it; empty: its number among the menu's lines.
        note: a few words shown beside it, or what gives them for the menu's session.
        disabled: gives why it cannot be done now, for the menu's session; empty if it can.
        flag: of the command, that it stands for.
        titled: gives the title as things stand, for the menu's session; None: it stays the same.
    """

    title: str
    opens: str
    arguments: tuple[object, ...] = ()
    menu: str = ""
    key: str = ""
    note: str | Callable[[Any], str] = ""
    disabled: Callable[[Any], str] = lambda session: ""
    flag: str = ""
    titled: Callable[[Any], str] | None = None


@dataclass(frozen=True)
class Command:
    """One sub-command; what it stands for is named as `named` reads it.

    Attributes:
        name: its words, such as `cloud status`.
        summary: what it does, as one phrase.
        runs: names what does it: takes a `Context`, returns an exit code, None for 0.
        takes: names what adds its own arguments to a parser; empty: it has none.
        examples: lines shown by `--help`, less the program's name; they hold in bash, in PowerShell
            and in cmd, which knows no single quotes.
        notes: shown by `--help` below the summary; `PROGRAM` stands for the program's name.
        lines: what menus offer of it.
        unlisted: why menus have no line for it: who else needs it, or which page does it.
        writes: names each `Document` that it writes with --json; none if it has no --json.
        needs_dialect: whether nothing can be done while something in the chosen dialect is wrong.
    """

    name: str
    summary: str
    runs: str
    takes: str = ""
    examples: tuple[str, ...] = ()
    notes: str = ""
    lines: tuple[Line, ...] = ()
    unlisted: str = ""
    writes: tuple[str, ...] = ()
    needs_dialect: bool = True

    def run(self, context: Context) -> int | None:
        """Do it; return the exit code, None for 0."""
        code: int | None = named(self.runs)(context)
        return code

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add its own arguments to a parser."""
        if self.takes:
            named(self.takes)(parser)

    @property
    def documents(self) -> list[Document]:
        """What it writes with --json, in a row of the manual's table each."""
        return [named(name) for name in self.writes]


def lines_of(commands: Iterable[Command], menu: str = "") -> list[Line]:
    """Return the lines that commands have in a menu: those with a letter after the numbered ones.

    Lines that say their number stand by it, wherever their commands stand.

    Args:
        commands: in the order of their lines.
        menu: the menu's title; empty: the program's own.
    """
    found = [line for command in commands for line in command.lines if line.menu == menu]
    return sorted(found, key=lambda line: (line.key.isalpha(), line.key * line.key.isdigit()))
