"""The page of a dataset's question and classes: each part is changed alone, and said before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from labapp.console import prompts
from labapp.console.menu import MenuItem, choose
from labapp.labels import scheme_edits, scheme_file
from labapp.labels.classes import DEFAULT_SCHEME, Order, Scheme
from labapp.programs.classes import TITLE, class_pages, guidelines_page
from labapp.programs.classes.changing import Editing
from labapp.programs.classes.commands import text_of
from labapp.programs.dataset import why_read_only
from labapp.programs.menus import history
from labapp.programs.menus.actions import run_menu

if TYPE_CHECKING:
    from labapp.programs.menus.actions import Action
    from labapp.programs.menus.session import MenuSession

HELP = """What annotators are asked of each picture, and the classes that they answer by. It is \
kept in the bucket, so whoever labels it sees the same; rounds that are open go on with what they \
began with.

Classes: added, called otherwise, given another key or another sentence, and taken out. A class \
that has answers is taken out once you say what they count as; no line of theirs is rewritten.
Guidelines: what g shows while labelling.
Shown next: which picture an annotator sees next.
Gold pictures: how often one comes whose class you know; which these are has a page \
of its own.
Feedback: whether annotators are told, after a gold picture, what it was.
Predictions: whether annotators are shown what a model takes a picture for.
From a file: takes all of it from what 'admin.py classes --toml' writes.
Each change is said before it is made, and u takes the last one back."""


def run(menu: MenuSession) -> None:
    """Show question and classes until the admin goes back."""
    editing = Editing(menu)
    run_menu(TITLE, partial(_items, editing), menu.frame, help_text=HELP)


def _items(editing: Editing) -> list[MenuItem[Action]]:
    """Return the lines of the page, as things stand."""
    scheme, why = editing.scheme, why_read_only(editing.menu)
    every, last = scheme.gold_every, editing.last
    is_usual = replace(scheme, retired={}) == DEFAULT_SCHEME

    def item(
        key: str, title: str, act: Callable[[Editing], None], note: str, not_now: str = ""
    ) -> MenuItem[Action]:
        return MenuItem(key, title, partial(act, editing), why or not_now, note)

    return [
        MenuItem("1", "Classes", partial(class_pages.show_classes, editing), note=scheme.names),
        item("2", "Question", _ask_question, scheme.question),
        MenuItem(
            "3",
            "Guidelines",
            partial(guidelines_page.show_guidelines, editing),
            note=scheme.guidelines.partition("\n")[0] or "none",
        ),
        item("4", "Shown next", _ask_order, scheme.order.told),
        item("5", "Gold pictures", _ask_gold, f"one in {every:,}" if every else "none mixed in"),
        item("6", "Feedback", _switch_feedback, _told(scheme)),
        item("7", "Predictions", _switch_hints, "shown as hints" if scheme.has_hints else "hidden"),
        item("f", "From a file", _take_file, "what 'admin.py classes --toml' writes"),
        item("u", "Undo", Editing.take_back, last, "" if last else "nothing was changed here yet"),
        item("d", "The usual ones", _reset, DEFAULT_SCHEME.names, "they are" if is_usual else ""),
    ]


def _told(scheme: Scheme) -> str:
    return "after gold ones" if scheme.has_feedback else "none"


def _ask_question(editing: Editing) -> None:
    asked = prompts.text(
        "What is asked:",
        default=editing.scheme.question,
        check=editing.check(lambda text: replace(editing.scheme, question=text)),
        title="Question",
        frame=editing.menu.frame,
    )
    editing.make(scheme_edits.checked(replace(editing.scheme, question=asked)))


def _ask_order(editing: Editing) -> None:
    lines = [MenuItem(str(n), one.told, one) for n, one in enumerate(Order, start=1)]
    start = str(1 + [*Order].index(editing.scheme.order))
    if item := choose(
        "Which is shown next?", lines, frame=editing.menu.frame, help=HELP, start=start
    ):
        editing.make(replace(editing.scheme, order=item.value))


def _ask_gold(editing: Editing) -> None:
    every = prompts.integer(
        "One picture in how many is gold (0: none)?",
        minimum=0,
        maximum=scheme_file.GOLD_EVERY[-1],
        default=editing.scheme.gold_every,
        title="Gold pictures",
        frame=editing.menu.frame,
    )
    editing.make(scheme_edits.checked(replace(editing.scheme, gold_every=every)))


def _switch_feedback(editing: Editing) -> None:
    editing.make(replace(editing.scheme, has_feedback=not editing.scheme.has_feedback))


def _switch_hints(editing: Editing) -> None:
    editing.make(replace(editing.scheme, has_hints=not editing.scheme.has_hints))


def _take_file(editing: Editing) -> None:
    path = prompts.path(
        "File of classes:", kind="file", endings=(".toml",), title="From a file",
        frame=editing.menu.frame, history=history.CLASS_FILES,
    )  # fmt: skip
    editing.make(scheme_file.of_text(text_of(str(path))))


def _reset(editing: Editing) -> None:
    editing.make(scheme_edits.default(editing.scheme))
