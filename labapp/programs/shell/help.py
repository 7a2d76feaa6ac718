"""The command help, which all three programs have: pages of the manual, and of commands."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from labapp.errors import UsageError
from labapp.programs.shell import manual
from labapp.programs.shell.context import Context
from labapp.programs.shell.parsing import near


def show_help(context: Context) -> None:
    """Show the page, or the command, that was named; else list the pages."""
    topic = " ".join(context.arguments.topic).lower()
    name = topic.replace(" ", "-")
    if not topic:
        pages = map(manual.page, manual.names())
        rows = [(page.name, page.title) for page in pages]
        context.table(["page", "what it tells"], rows, empty="")
    elif name in manual.names():
        _show(context, manual.page(name))
    else:
        _show_command(context, topic)


def _show(context: Context, page: manual.Page) -> None:
    """Write a page: drawn on a terminal, else in Markdown."""
    if not context.on_terminal:
        for line in page.text.splitlines():
            context.line(line)
        return
    from labapp.console import theme
    from labapp.console.markdown import Page

    theme.stdout().print(Page(page.text))


def _show_command(context: Context, words: str) -> None:
    """Write what a command's --help does.

    Raises:
        UsageError: there is no command and no page of that name.
    """
    parser = context.parser()
    commands = list(_commands(parser))
    if words not in commands:
        meant = " or ".join(map(repr, near(words, [*manual.names(), *commands], most=3)))
        raise UsageError(
            f"help: there is no page and no command {words!r}",
            (f"Did you mean {meant}? " if meant else "")
            + f"'python {context.program} help' lists the pages, and --help the commands.",
        )
    parser.parse_args([*words.split(), "--help"])


def _commands(parser: argparse.ArgumentParser, before: str = "") -> Iterator[str]:
    """Yield the words of each command, such as `cloud status`."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for word, command in action.choices.items():
                yield before + word
                yield from _commands(command, f"{before}{word} ")


def help_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `help` takes."""
    parser.add_argument("topic", nargs="*", metavar="TOPIC", help="a page, or a command")
