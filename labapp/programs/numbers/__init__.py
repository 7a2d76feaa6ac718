"""Lists of integers: sent, and their answers shown."""

from __future__ import annotations

from pathlib import Path

from labapp.programs.shell.command import Command, Line

#: The title of their menu, the list that is ready there, and the usual name of a list's file.
MENU, READY_MADE, DEFAULT_FILE = "Numbers", "1, 12, 55, 4", "input.txt"


def present_file(_: object = None) -> str:
    """Return the usual name of a list's file, where there is such a file."""
    return DEFAULT_FILE if Path(DEFAULT_FILE).is_file() else ""


COMMANDS = (
    Command(
        "numbers",
        "send a list of integers; get min, max, mean, median and sum",
        "numbers.commands:send",
        "numbers.commands:send_arguments",
        (
            "numbers 1,12,55,4",
            "numbers --file input.txt",
            "numbers --random 8 --json",
            "numbers --lines lists.txt --out answers.tsv",
            "numbers --lines lists.txt --out answers.tsv --resume",
            "numbers -",
        ),
        lines=(
            Line("Numbers", "numbers.menu:run"),
            Line("Type a list", "numbers.menu:send_typed", menu=MENU),
            Line(
                "From a file", "numbers.menu:send_file", menu=MENU, note=present_file, flag="--file"
            ),
            Line("The ready-made list", "numbers.menu:send_ready_made", menu=MENU, note=READY_MADE),
            Line(
                "Random numbers",
                "numbers.menu:send_random",
                menu=MENU,
                note="you choose how many",
                flag="--random",
            ),
        ),
        writes=("numbers.answers:ANSWER", "numbers.line_answers:LINES_LISTED"),
    ),
)
