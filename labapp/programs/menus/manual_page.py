"""The manual in the menus: its pages in a list that typing filters, each to be scrolled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labapp.console.lists import Option
from labapp.programs.menus.actions import open_one
from labapp.programs.shell import manual

if TYPE_CHECKING:
    from rich.console import RenderableType

    from labapp.console.stage import Frame

HELP = """Type a few letters to find a page; Enter opens it, arrows and Space scroll.
'help PAGE' on the command line shows the same, and the README links to it."""


def open_manual(frame: Frame) -> None:
    """Let the user read pages of the manual until they go back."""
    pages = [manual.page(name) for name in manual.names()]
    options = [Option(page.name, page, page.title) for page in pages]
    open_one("Manual", options, _drawn, frame, HELP)


def _drawn(page: manual.Page) -> RenderableType:
    from labapp.console.markdown import Page

    return Page(page.text)
