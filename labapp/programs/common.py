"""The commands that all three programs have: `config` and `completion`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from labapp import settings
from labapp.programs.cli import Command, Context, json_argument

if TYPE_CHECKING:
    from labapp.console.tables import Column

COMPLETION_NOTES = """\
A shell completes a program by its own name, so call it as ./PROGRAM, not as
'python PROGRAM'; that needs the Python with labapp's libraries first on the
PATH, as 'source .venv/bin/activate' has it. For this session, or for all from
the shell's start-up file:
  bash   source <(./PROGRAM completion bash)
  zsh    eval "$(./PROGRAM completion zsh)"
  fish   ./PROGRAM completion fish | source
Then type ./PROGRAM, a blank, and Tab."""


def _config(context: Context) -> None:
    value, origins = context.loaded.shown, context.loaded.origins
    if context.arguments.json:
        context.json(
            {
                name: {"value": value(name), "origin": str(origins[name])}
                for name in settings.names()
            }
        )
        return
    rows = [
        (name, context.loaded.written(name), str(origins[name]), settings.meaning(name))
        for name in settings.names()
    ]
    columns: list[Column | str] = []
    if context.on_terminal:
        from labapp.console.tables import Column, line

        columns = [Column("setting", keep=True), "value", line("from", drop=2), "meaning"]
    context.table(columns, rows, empty="")


def _completion(context: Context) -> None:
    from labapp.programs import completion, find

    lab = context.settings  # the room that knows its queues imports boto3, and each shell waits
    queues = (lab.request_queue, lab.response_queue, lab.image_inbox, lab.image_outbox)
    parser = find(context.program).parser()
    script = completion.script(parser, context.arguments.shell, queues)
    print(script)  # noqa: T201 - it may hold any character, and is nobody's but ours


def _completion_arguments(parser: argparse.ArgumentParser) -> None:
    shells = ["bash", "zsh", "fish"]
    parser.add_argument("shell", choices=shells, metavar="SHELL", help="bash, zsh or fish")


CONFIG = Command(
    "config",
    "show every setting, its value and where it came from",
    _config,
    json_argument,
    ("config", "config --json", "--cloud aws config"),
)

COMPLETION = Command(
    "completion",
    "write a script that has a shell complete commands and flags",
    _completion,
    _completion_arguments,
    ("completion bash",),
    COMPLETION_NOTES,
)
