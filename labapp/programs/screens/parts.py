"""What screens of all programs have in common: running an action, showing an error, settings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from labapp import settings as settings_room
from labapp.console import Back, tables
from labapp.console.menu import MenuItem, choose
from labapp.console.page import show
from labapp.errors import LabappError

if TYPE_CHECKING:
    from labapp.console.frame import Frame
    from labapp.programs.cli import Context

#: What a menu's item does when chosen.
Action = Callable[[], None]


def run_menu(
    title: str,
    items: Callable[[], Sequence[MenuItem[Action]]],
    frame: Frame,
    *,
    help_text: str,
    top: bool = False,
) -> None:
    """Show a menu until it is left, doing what is chosen.

    An action's errors are shown on a page of their own; Esc within an action comes back here.
    """
    chosen = ""
    while item := choose(title, items, frame=frame, help=help_text, top=top, start=chosen):
        chosen = item.key
        attempt(item.title, item.value, frame)


def attempt(title: str, action: Action, frame: Frame) -> None:
    """Do something; show what went wrong, and what to do about it."""
    try:
        action()
    except Back:
        return
    except LabappError as error:
        show_error(title, error, frame)


def show_error(title: str, error: LabappError, frame: Frame) -> None:
    """Show an error and its remedy until dismissed."""
    show(title, tables.problem(error), frame=frame)


def show_settings(context: Context, frame: Frame) -> None:
    """Show every setting, its value and where it came from."""
    values, origins = context.settings, context.loaded.origins
    rows = [
        (name, _shown(getattr(values, name)), str(origins[name])) for name in settings_room.names()
    ]
    show("Settings", tables.table(["setting", "value", "from"], rows), frame=frame)


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
