"""A sub-command and its lines in the menus, in one declaration."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labapp.programs.shell.document import Document

if TYPE_CHECKING:
    from labapp.programs.shell.context import Context


@dataclass(frozen=True)
class Line:
    """A command's line in a menu.

    Attributes:
        title: what it does.
        opens: the screen, as `folder.module:function` below labapp.programs, which is imported when
            it is chosen and called with the menu's session.
        arguments: what it is called with besides.
        menu: the title of the menu that it stands in; empty: the program's own.
        key: the letter that chooses it; empty: its number among the menu's lines.
        note: a few words shown beside it, or what gives them for the menu's session.
        disabled: gives why it cannot be done now, for the menu's session; empty if it can.
        flag: of the command, that it stands for.
    """

    title: str
    opens: str
    arguments: tuple[object, ...] = ()
    menu: str = ""
    key: str = ""
    note: str | Callable[[Any], str] = ""
    disabled: Callable[[Any], str] = lambda session: ""
    flag: str = ""


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
        lines: what menus offer of it.
        unlisted: why menus have no line for it: who else needs it, or which page does it.
        documents: what it writes with --json, in a row of the manual's table each; none if it has
            no --json.
    """

    name: str
    summary: str
    run: Callable[[Context], int | None]
    arguments: Callable[[argparse.ArgumentParser], None] = lambda parser: None
    examples: tuple[str, ...] = ()
    notes: str = ""
    lines: tuple[Line, ...] = ()
    unlisted: str = ""
    documents: tuple[Document, ...] = ()


def lines_of(commands: Iterable[Command], menu: str = "") -> list[Line]:
    """Return the lines that commands have in a menu: those with a letter after the numbered ones.

    Lines that say their number stand by it, wherever their commands stand.

    Args:
        commands: in the order of their lines.
        menu: the menu's title; empty: the program's own.
    """
    found = [line for command in commands for line in command.lines if line.menu == menu]
    return sorted(found, key=lambda line: (line.key.isalpha(), line.key * line.key.isdigit()))
