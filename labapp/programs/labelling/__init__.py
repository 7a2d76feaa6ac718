"""Labelling: the question, one picture after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labapp.labels.classes import DEFAULT_SCHEME, Scheme
from labapp.programs.dataset import why_read_only
from labapp.programs.menus.asked import is_usual
from labapp.programs.shell.command import Command, Line

if TYPE_CHECKING:
    from labapp.labels.label_file import Entry
    from labapp.programs.menus.session import MenuSession

#: Cells of the question in the menu, whose notes want room.
MOST_ASKED = 40

#: Pictures of one round, unless `--count` says otherwise.
ROUND = 4


def replaced_note(before: Entry, when: str, scheme: Scheme) -> str:
    """Say that an answer was replaced which the same name had given in another session.

    Args:
        before: the answer that counted until now.
        when: it was given, as it is to be shown.
        scheme: the classes there are.
    """
    from labapp.labels.tokens import annotator_name

    said = None if before.code is None else scheme.by_code.get(before.code)
    word = said.name if said else ""
    return (
        f"{annotator_name(before.annotator)} had answered it before, in another session"
        f" ({word}, {when}). Only the new answer counts. Does somebody else use that name?"
    )


def _annotator(menu: MenuSession) -> str:
    from labapp.dataset import annotator as names

    token = names.annotator(menu.context.settings)
    if not token:
        return "asked before you label"
    from labapp.labels.tokens import annotator_name

    return annotator_name(token)


def _why_no_other_name(menu: MenuSession) -> str:
    """Return what sets the name, since that goes before the one kept here; empty if nothing."""
    given = menu.context.settings.annotator
    if not given:
        return ""
    from labapp.labels.tokens import annotator_name, annotator_token

    name = annotator_name(annotator_token(given))
    return f"{name}, set by the {menu.context.loaded.origins['annotator']}"


def _title(menu: MenuSession) -> str:
    """Return the menu's line for labelling, with what is asked."""
    scheme = menu.scheme
    if is_usual(scheme):
        return f"Label pictures: {scheme.first.name} or not"
    from labapp.console.accessible import mode
    from labapp.console.figures import cut

    asked = scheme.asked if mode.is_on() else cut(scheme.asked, MOST_ASKED)
    return f"Label pictures: {asked}"


_CHOICE = " or ".join(f"{each.title} ({each.code})" for each in DEFAULT_SCHEME.classes)
_KEYS = " and ".join(each.key for each in DEFAULT_SCHEME.classes)

COMMANDS = (
    Command(
        "label",
        "label pictures that you have not answered; in a pipe: list their keys",
        "labelling.commands:label",
        "labelling.commands:label_arguments",
        ("label --annotator ana", "label --count 8 --order disputed --json"),
        lines=(
            Line(
                f"Label pictures: {DEFAULT_SCHEME.first.name} or not",
                "labelling.screen:run",
                disabled=why_read_only,
                titled=_title,
            ),
            Line(
                "Change my name",
                "labelling.naming:rename",
                key="n",
                note=_annotator,
                disabled=_why_no_other_name,
                flag="--annotator",
            ),
        ),
        writes=("labelling.commands:PICTURES",),
    ),
    Command(
        "answer",
        f"say of one picture whether it is {_CHOICE}",
        "labelling.commands:answer",
        "labelling.commands:answer_arguments",
        ("answer images/0a1b2c3d4e5f6071-lunch.jpg 1 --annotator ana",),
        writes=("labelling.commands:ANSWER",),
        unlisted=f"{_KEYS} on the page of a picture answer it",
    ),
    Command(
        "flag",
        "flag a picture as broken, with a word why: no export has it, the admin is told",
        "labelling.own_commands:flag",
        "labelling.own_commands:flag_arguments",
        ("flag images/0a1b2c3d4e5f6071-lunch.jpg blurry --annotator ana",),
        writes=("labelling.table:SAID.listing",),
        unlisted="b on the page of a picture flags it",
    ),
    Command(
        "undo",
        "take back what you said last, or of one picture; nothing is deleted",
        "labelling.own_commands:undo",
        "labelling.own_commands:undo_arguments",
        ("undo --dry-run", "undo images/0a1b2c3d4e5f6071-lunch.jpg --json"),
        writes=("labelling.table:SAID.listing",),
        unlisted="u on the page of a picture, and on that of your answers",
    ),
    Command(
        "answers",
        "list what you said of pictures, the newest first",
        "labelling.own_commands:list_answers",
        "labelling.own_commands:answers_arguments",
        ("answers", "answers -n 500 --json"),
        writes=("labelling.table:MINE.listing",),
        lines=(
            Line(
                "My answers",
                "labelling.revising:run",
                key="a",
                note="look through them, change them",
                disabled=why_read_only,
            ),
        ),
    ),
)
