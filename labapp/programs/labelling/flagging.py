"""A picture that nobody can answer is flagged as broken, with a word why."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from labapp.console import Back, prompts
from labapp.console.menu import MenuItem, choose
from labapp.labels.label_file import broken_reason
from labapp.programs.menus import history
from labapp.programs.menus.actions import refusal_of

if TYPE_CHECKING:
    from labapp.programs.jobs.client_session import ClientMenuSession

#: What is mostly wrong, in a word or a few.
REASONS = ("blurry", "too dark", "cut off", "not a photo", "nothing to see", "off topic", "private")

_TITLE = "What is wrong with the picture?"
_OTHER = "another reason"

HELP = """A picture that is flagged is in no export, and whoever is in charge is told why.
u takes the flag back, as any answer."""


def ask_why(menu: ClientMenuSession) -> str:
    """Ask why a picture is broken.

    Raises:
        Back: Esc.
    """
    items = [MenuItem(str(number), why, why) for number, why in enumerate(REASONS, start=1)]
    items.append(MenuItem("a", _OTHER, ""))
    chosen = choose(_TITLE, items, frame=menu.frame, help=HELP)
    if chosen is None:
        raise Back
    return chosen.value or prompts.text(
        "In a word or a few:",
        check=lambda text: refusal_of(partial(broken_reason, text)),
        title=_TITLE,
        frame=menu.frame,
        history=history.FLAGS,
    )


def why_not(menu: ClientMenuSession) -> str:
    """Return why pictures cannot be flagged there; empty if they can."""
    from labapp.dataset import layouts

    is_own = layouts.layout_of(menu.context.settings).is_own
    return "" if is_own else "a lab's own layout holds answers only"
