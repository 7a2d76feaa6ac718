"""Who labels: asked for once, and anew where the user wants it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from labapp.console import prompts
from labapp.dataset import annotator as names
from labapp.labels.tokens import annotator_name, annotator_token
from labapp.programs.menus import history
from labapp.programs.menus.actions import refusal_of

if TYPE_CHECKING:
    from labapp.programs.jobs.client_session import ClientMenuSession


def rename(menu: ClientMenuSession) -> None:
    """Ask anew who labels."""
    ask_name(menu, anew=True)


def ask_name(menu: ClientMenuSession, *, anew: bool = False) -> str:
    """Return the annotator's token; the name is asked for once, or anew, and kept."""
    known = names.annotator(menu.context.settings)
    if known and not anew:
        return known
    name = prompts.text(
        "Your name:", default=annotator_name(known) if known else "",
        check=lambda text: refusal_of(partial(annotator_token, text)),
        hint="(kept with each of your answers)", title="Who labels?", frame=menu.frame,
        history=history.ANNOTATORS,
    )  # fmt: skip
    return names.keep_annotator(name)
