"""The question that a dataset asks and the classes of its answers: shown, checked, changed."""

from __future__ import annotations

from labapp.programs.shell.command import Command, Line

#: What pages of it are called.
TITLE = "Classes and question"

SET_NOTES = """\
FILE is what 'classes --toml' writes, edited; - is standard input. Flags change
what FILE says, or without a FILE what there is. A class is named by its code
or its name. A class that goes needs --map where there are answers: they count
as another's, or as none, and nothing is rewritten. A code is never given to
another class: if a code's class only has another name now, --map 1=1 says so.
What there is of a class is counted by a look at all labels, as 'stats' takes."""

COMMANDS = (
    Command(
        "classes",
        "show what is asked of the pictures, and the classes of the answers",
        "classes.commands:show_classes",
        "classes.commands:show_arguments",
        ("classes", "classes --toml", "classes set animals.toml --dry-run"),
        lines=(
            Line(TITLE, "classes.page:run", key="c", note="what annotators are asked"),
        ),
        writes=("classes.table:SCHEME",),
    ),
    Command(
        "classes show",
        "show what is asked of the pictures, and the classes of the answers",
        "classes.commands:show_classes",
        "classes.commands:show_arguments",
        ("classes show --json",),
        unlisted="the page of the classes shows them",
        writes=("classes.table:SCHEME",),
    ),
    Command(
        "classes check",
        "tell what is wrong with a file of classes, or what it says; no cloud is asked",
        "classes.commands:check",
        "classes.commands:check_arguments",
        ("classes check animals.toml",),
        unlisted="the page of the classes checks each change",
        writes=("classes.table:SCHEME",),
        needs_dialect=False,
    ),
    Command(
        "classes set",
        "change question, classes, guidelines, order and more; no answer is lost by it",
        "classes.commands:change",
        "classes.commands:set_arguments",
        (
            "classes set animals.toml",
            "classes set animals.toml --map dog=cat --dry-run",
            "classes set --question \"Which animal?\" --add fox --key fox=x",
            "classes set --order random --gold-every 10 --feedback",
        ),
        notes=SET_NOTES,
        unlisted="the page of the classes changes them",
        writes=("classes.table:CHANGED",),
    ),
    Command(
        "classes reset",
        "have the usual question and classes again, by the rules of 'classes set'",
        "classes.commands:reset",
        "classes.commands:reset_arguments",
        ("classes reset --dry-run",),
        unlisted="the page of the classes has it",
        writes=("classes.table:CHANGED",),
    ),
)  # fmt: skip
