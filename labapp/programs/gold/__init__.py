"""Gold pictures, whose class an admin knows: listed, added, removed."""

from __future__ import annotations

from labapp.programs.shell.command import Command, Line

#: What its page is called.
TITLE = "Gold pictures"

NOTES = """\
A gold picture comes unmarked among the others, one in every few as
'classes set --gold-every N' says, at a place that nobody can count to. Its
answers count like any others, and tell how far an annotator is right: see
'stats'. Annotators are told what it was only with 'classes set --feedback'."""

_ON_PAGE = "the page of gold pictures has it"

COMMANDS = (
    Command(
        "gold",
        "list the gold pictures, of known class, that annotators are measured by",
        "gold.commands:list_gold",
        "shell.arguments:json_argument",
        ("gold", "gold --json", "gold add KEY CLASS"),
        NOTES,
        lines=(Line(TITLE, "gold.page:run", key="g", note="what annotators are measured by"),),
        writes=("gold.table:GOLD.listing",),
    ),
    Command(
        "gold list",
        "list them, as 'gold' does",
        "gold.commands:list_gold",
        "shell.arguments:json_argument",
        ("gold list --json",),
        unlisted=_ON_PAGE,
        writes=("gold.table:GOLD.listing",),
    ),
    Command(
        "gold add",
        "say which class pictures are of, and make them gold",
        "gold.commands:add",
        "gold.commands:add_arguments",
        (
            "gold add images/0a1b2c3d4e5f6071-lunch.jpg 1",
            'gold add "dog-*.jpg" 1 --dry-run',
        ),
        NOTES,
        unlisted=_ON_PAGE,
        writes=("gold.table:CHANGED.listing",),
    ),
    Command(
        "gold remove",
        "have pictures be gold no more; pictures and answers stay",
        "gold.commands:remove",
        "gold.commands:remove_arguments",
        ("gold remove images/0a1b2c3d4e5f6071-lunch.jpg", 'gold remove "*" --dry-run'),
        unlisted=_ON_PAGE,
        writes=("gold.table:CHANGED.listing",),
    ),
)
