"""The classes of a dataset in a table, and the page of one: name, key, sentence."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from labapp.console import prompts
from labapp.console.browse import browse
from labapp.console.key import Key
from labapp.console.menu import MenuItem
from labapp.labels import scheme_edits
from labapp.programs.classes.table import CLASSES
from labapp.programs.dataset import why_read_only
from labapp.programs.menus.actions import attempt, run_menu

if TYPE_CHECKING:
    from labapp.labels.classes import LabelClass
    from labapp.programs.classes.changing import Editing
    from labapp.programs.menus.actions import Action

HELP = """The code stands in label files and never changes; the key is what annotators press; the \
name stands in tables and exports; the sentence tells annotators what there is in such a picture. \
The first class is the one that is looked for: its share stands in the statistics."""

CHANGE = Key("Enter", "change", help="changes name, key and sentence of the one at the pointer")
ADD = Key("a", "add", help="adds a class, with a code and a key that are free")
REMOVE = Key(
    "x", "take out", help="takes the one at the pointer out; its answers are kept", on_row=True
)
LOOK = Key("Enter", "back", help="goes back")


def show_classes(editing: Editing) -> None:
    """Show the classes until the admin goes back, and change them."""
    place, frame = 0, editing.menu.frame
    keys = [LOOK] if why_read_only(editing.menu) else [CHANGE, ADD, REMOVE]
    while True:
        table = CLASSES.to_browse(editing.scheme.classes)
        place = min(place, len(editing.scheme.classes) - 1)
        pressed = browse("Classes", table, frame=frame, keys=keys, start=place, help=HELP)
        if pressed is None or pressed[0] is LOOK:
            return
        key, place = pressed
        chosen = editing.scheme.classes[place]
        if key is ADD:
            attempt("Add a class", partial(_add, editing), frame)
        elif key is REMOVE:
            attempt("Take a class out", partial(_remove, editing, chosen), frame)
        else:
            _change(editing, chosen.code)


def _add(editing: Editing) -> None:
    """Ask for a name, and add the class."""
    scheme_edits.check_room(editing.scheme)
    name = prompts.text(
        "What the class is called:",
        check=editing.check(lambda text: scheme_edits.with_class(editing.scheme, text)),
        title="Add a class",
        frame=editing.menu.frame,
    )
    editing.make(scheme_edits.with_class(editing.scheme, name))


def _remove(editing: Editing, gone: LabelClass) -> None:
    editing.make(scheme_edits.without(editing.scheme, gone))


def _change(editing: Editing, code: int) -> None:
    """Show a class until the admin goes back, and change it."""

    def chosen() -> LabelClass:
        return next(each for each in editing.scheme.classes if each.code == code)

    def items() -> list[MenuItem[Action]]:
        each = chosen()
        return [
            MenuItem("1", "Name", partial(_ask, editing, each, "name"), note=each.name),
            MenuItem("2", "Key", partial(_ask, editing, each, "key"), note=each.key),
            MenuItem("3", "Sentence", partial(_ask, editing, each, "title"), note=each.title),
        ]

    run_menu(f"Class {code}", items, editing.menu.frame, help_text=HELP)


_QUESTIONS = {
    "name": "What it is called:",
    "key": "The key that gives it:",
    "title": "What there is in such a picture:",
}


def _ask(editing: Editing, each: LabelClass, field: str) -> None:
    """Ask for another name, key or sentence of a class; its answers stay with it."""

    def changed(text: str) -> LabelClass:
        said: dict[str, Any] = {field: text}
        if field == "name" and each.title == each.name:
            said["title"] = text
        return replace(each, **said)

    text = prompts.text(
        _QUESTIONS[field],
        default=getattr(each, field),
        check=editing.check(lambda text: scheme_edits.with_other(editing.scheme, changed(text))),
        title=f"Class {each.code}",
        frame=editing.menu.frame,
    )
    wanted = scheme_edits.with_other(editing.scheme, changed(text.strip()))
    editing.make(wanted, {each.code: each.code})
