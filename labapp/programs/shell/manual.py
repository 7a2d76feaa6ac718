"""The manual: pages of `labapp/help`, which menus open and the README links to; and `help`."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import labapp
from labapp.errors import UsageError
from labapp.programs.shell.context import Context
from labapp.programs.shell.parsing import near

#: Where the pages lie, each as `<name>.md`.
FOLDER = Path(labapp.__file__).parent / "help"

#: A link to another page of the manual, with the page's name; and one to anywhere else.
_TO_PAGE = re.compile(r"\[[^]]*\]\(([a-z-]+)\.md(?:#[^)]*)?\)")
_ELSEWHERE = re.compile(r"\[([^]]*)\]\((?:\.\./)*([^)]*)\)")

#: What is for programs that read the page.
_REMARK = re.compile(r"^<!--.*-->\n", re.MULTILINE)


@dataclass(frozen=True)
class Page:
    """One page of the manual.

    Attributes:
        name: its file's, less the ending; what `help` takes.
        title: its first line.
        body: the lines below, in Markdown, with links as a terminal has them.
    """

    name: str
    title: str
    body: str

    @property
    def text(self) -> str:
        """The whole page, in Markdown."""
        return f"# {self.title}\n\n{self.body}"


def names() -> list[str]:
    """Return the names of all pages."""
    return sorted(path.stem for path in FOLDER.glob("*.md"))


def page(name: str) -> Page:
    """Return one of the pages.

    Raises:
        OSError: there is none of that name.
    """
    text = _REMARK.sub("", (FOLDER / f"{name}.md").read_text("utf-8"))
    title, _, body = text.partition("\n")
    return Page(name, title.removeprefix("# "), _as_read_in_a_terminal(body.strip()))


def _as_read_in_a_terminal(text: str) -> str:
    """Say where links lead: to a page by the command that shows it."""
    text = _TO_PAGE.sub(r"`help \1`", text)
    return _ELSEWHERE.sub(r"\1 (`\2`)", text)


def show_help(context: Context) -> None:
    """Show the page, or the command, that was named; else list the pages."""
    topic = " ".join(context.arguments.topic).lower()
    name = topic.replace(" ", "-")
    if not topic:
        rows = [(one.name, one.title) for one in map(page, names())]
        context.table(["page", "what it tells"], rows, empty="")
    elif name in names():
        _show(context, page(name))
    else:
        _show_command(context, topic)


def _show(context: Context, shown: Page) -> None:
    """Write a page: drawn on a terminal, else in Markdown."""
    if not context.on_terminal:
        for line in shown.text.splitlines():
            context.line(line)
        return
    from labapp.console import markdown, theme

    theme.stdout().print(markdown.Page(shown.text))


def _show_command(context: Context, words: str) -> None:
    """Write what a command's --help does.

    Raises:
        UsageError: there is no command and no page of that name.
    """
    parser = context.parser()
    commands = list(_commands(parser))
    if words not in commands:
        meant = " or ".join(map(repr, near(words, [*names(), *commands], most=3)))
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
