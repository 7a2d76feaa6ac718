"""The command completion, which all three programs have."""

from __future__ import annotations

import argparse

from labapp.jobs import kinds
from labapp.programs.shell.command import Command
from labapp.programs.shell.context import Context

COMPLETION_NOTES = """\
For this session, or for all from the shell's start-up file ($PROFILE):
  python PROGRAM completion powershell | Out-String | Invoke-Expression
or from that of another shell:
  bash   source <(./PROGRAM completion bash)
  zsh    eval "$(./PROGRAM completion zsh)"
  fish   ./PROGRAM completion fish | source
PowerShell completes 'python PROGRAM', too. The others complete a program by
its own name alone, so call it as ./PROGRAM; that needs the Python with
labapp's libraries first on the PATH, as 'source .venv/bin/activate' has it.
Then type its name, a blank, and Tab."""

#: Shells that `completion` has a script for.
SHELLS = ("bash", "zsh", "fish", "powershell")


def _completion(context: Context) -> None:
    from labapp.programs.shell.completion_script import script

    queues = kinds.queue_names(context.settings)
    written = script(context.parser(), context.arguments.shell, queues)
    print(written)  # noqa: T201 - it may hold any character, and is nobody's but ours


def _completion_arguments(parser: argparse.ArgumentParser) -> None:
    told = ", ".join(SHELLS)
    parser.add_argument("shell", choices=SHELLS, metavar="SHELL", help=told)


COMPLETION = Command(
    "completion",
    "write a script that has a shell complete commands and flags",
    _completion,
    _completion_arguments,
    ("completion bash", "completion powershell"),
    COMPLETION_NOTES,
    unlisted="a shell reads it",
)
