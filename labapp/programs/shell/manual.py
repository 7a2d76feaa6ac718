"""The manual: pages of `labapp/help`, which `help` shows, menus open and the README links to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import labapp

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
