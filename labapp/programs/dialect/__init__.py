"""Dialects: how labs' own clients ask and are answered; checked, tried and recorded."""

from __future__ import annotations

from labapp.programs.shell.command import Command, Line

#: The menu that the one of dialects stands in, and its own title.
CLOUD, MENU = "Cloud", "Dialects"

#: What `dialect check --help` says below its summary.
CHECK_NOTES = """All that is wrong is told at once, each with its line and what to do; exit code
2, as for any setting. It is held against the settings, too, as each program
does when it starts. FILE is a path, or the name of a dialect that ships."""

#: What `dialect try --help` says below its summary.
TRY_NOTES = """No queue and no cloud is asked: it is what a worker would do with this message.
Attributes are NAME=VALUE, NAME:Number=5, NAME:Binary=BASE64 or
NAME:Binary=@FILE. Exit code 3: it would be refused, or no request of the
dialect is like it."""

#: What `dialect record --help` says below its summary.
RECORD_NOTES = """Each request of another program is shown as it comes, with its attributes. To
look at one is to receive it: SQS counts that, and after as many receives as
the queue allows moves it to the dead letters. So each is looked at once and
stays hidden until a worker is there, or until the end, also by Ctrl-C; a killed
program's come back within half a minute. Workers take requests before they are
seen: what is seen where they are is let go at once, and the end tells how many
the logs have. Of a group of a FIFO queue the first ten are seen."""

COMMANDS = (
    Command(
        "dialect",
        "list the dialects that ship, and the one in force",
        "dialect.commands:show_dialects",
        "shell.arguments:json_argument",
        ("dialect", "dialect check mylab.toml"),
        lines=(
            Line(MENU, "dialect.menu:run", menu=CLOUD, key="9",
                 note="how labs' own clients ask and are answered"),
        ),
        writes=("dialect.table:DIALECTS.listing",),
        needs_dialect=False,
    ),
    Command(
        "dialect list",
        "list the dialects that ship, and the one in force",
        "dialect.commands:show_dialects",
        "shell.arguments:json_argument",
        ("dialect list --json",),
        lines=(
            Line("Look at one", "dialect.menu:look", menu=MENU, key="1",
                 note="those that ship, and the one in force"),
        ),
        writes=("dialect.table:DIALECTS.listing",),
        needs_dialect=False,
    ),
    Command(
        "dialect show",
        "print a dialect's file, to start one's own from",
        "dialect.commands:show_file",
        "dialect.commands:show_arguments",
        ("dialect show pairs",),
        unlisted="v on the page of a dialect shows it",
        needs_dialect=False,
    ),
    Command(
        "dialect check",
        "tell all that is wrong with a dialect's file, or what it says",
        "dialect.commands:check",
        "dialect.commands:check_arguments",
        ("dialect check mylab.toml", "dialect check mylab.toml --json"),
        notes=CHECK_NOTES,
        lines=(
            Line("Check a file", "dialect.menu:check", menu=MENU, key="2",
                 note="all that is wrong with it"),
        ),
        writes=("dialect.table:CHECKED",),
        needs_dialect=False,
    ),
    Command(
        "dialect try",
        "show what a worker would read, do, store and answer, without any queue",
        "dialect.trying:run",
        "dialect.trying:arguments",
        (
            "dialect try mylab.toml --body 1/12/55",
            "dialect try my.toml --body x --attr Key=a --attr N:Number=3",
        ),
        notes=TRY_NOTES,
        lines=(
            Line("Try a message", "dialect.try_page:run", menu=MENU, key="3",
                 note="what a worker would do with it"),
        ),
        writes=("dialect.tried:TRIED",),
        needs_dialect=False,
    ),
    Command(
        "dialect record",
        "watch queues for a minute, show other programs' requests, propose a first file",
        "dialect.recorded:record",
        "dialect.recorded:record_arguments",
        ("dialect record", "dialect record --queue inbox --out mylab.toml"),
        notes=RECORD_NOTES,
        lines=(
            Line("Record requests", "dialect.record_page:run", menu=MENU, key="4",
                 note="and propose a first file"),
        ),
        writes=("dialect.recorded:RECORD",),
    ),
)  # fmt: skip
