"""What all menus stand on: the session behind one, long work, progress, pictures, welcome."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from labapp.errors import UsageError
from labapp.programs.shell.command import named

if TYPE_CHECKING:
    from labapp.programs.shell.context import Context


def open_menu(context: Context, menu: str) -> int | None:
    """Open a program's menu, which `menu` names (see `named`).

    Raises:
        UsageError: there is no terminal to show it on.
    """
    from labapp.console import theme

    if not theme.is_interactive():
        raise UsageError(
            "a menu needs a terminal, and this is none",
            f"Give a command, such as '{context.program} --help' lists.",
        )
    gc.disable()  # what is imported now stays; `MenuSession` enables it once a page is painted
    try:
        code: int | None = named(menu)(context)
    finally:
        gc.enable()
    return code
