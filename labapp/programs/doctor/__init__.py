"""The doctor: tries all that a program needs on this cloud, and says what holds and what does not.

Each program has its own, since each needs other things, and other permissions, than the others.
"""

from __future__ import annotations

from labapp.programs.shell.command import Command, Line

#: What `doctor --help` says below its summary.
NOTES = """\
Each line is one thing that was tried: it holds, it is worth a note, it is
broken, or it cannot be told. What is not as it should be has its meaning and
its remedy below it. Exit code 0: all holds, notes aside; 1: something is
broken, or cannot be told.

What is written is a probe that is removed again. No key, token or password is
shown, so it can be pasted for whoever helps. A local cloud that is not running
is started, as by any other command. 'help diagnosis' lists all that is tried."""


def _command(line: Line | None, why: str = "") -> Command:
    return Command(
        "doctor",
        "try all that this program needs here, and say what to do about what is wrong",
        "doctor.commands:examine",
        "shell.arguments:json_argument",
        ("doctor", "doctor --json"),
        NOTES,
        (line,) if line else (),
        why,
        ("doctor.table:REPORT",),
        needs_dialect=False,
    )


#: In the admin's menu of the cloud, in the user's own menu, and at the prompt alone.
ADMIN = _command(
    Line("Doctor", "doctor.page:run", menu="Cloud", key="d", note="what holds, what does not")
)
CLIENT = _command(Line("Doctor", "doctor.page:run", key="d", note="what is wrong here"))
SERVER = _command(None, "the worker has no menu")
