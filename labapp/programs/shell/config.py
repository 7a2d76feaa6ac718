"""The commands that all three programs have: `config` with its own, and `completion`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from labapp import settings, trust
from labapp.errors import LabappError, UsageError
from labapp.programs.shell.program import Command, Context, json_argument

if TYPE_CHECKING:
    from labapp.console.tables import Column

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

TRUST_NOTES = """\
A labapp.toml in the working folder may be anybody's who packed that folder. So
what it says of where data and credentials go (cloud, bucket, queues ...) is
left out until you allow it here, for this content at this path; each change of
the file asks again. Flags, the environment and the labapp.toml in your config
folder need no consent."""


def _config(context: Context) -> None:
    loaded = context.loaded
    if context.arguments.json:
        context.json({name: _described(loaded, name) for name in settings.names()})
        return
    rows = [
        (name, loaded.written(name), loaded.origin(name), settings.meaning(name))
        for name in settings.names()
    ]
    columns: list[Column | str] = []
    if context.on_terminal:
        from labapp.console.tables import Column, line

        columns = [Column("setting", keep=True), "value", line("from", drop=2), "meaning"]
    context.table(columns, rows, empty="")


def _described(loaded: settings.Loaded, name: str) -> dict[str, object]:
    """Return what --json tells of one setting."""
    found = {"value": loaded.shown(name), "origin": str(loaded.origins[name])}
    if loaded.folder and name in loaded.left_out:
        asked = {"value": loaded.left_out[name], "file": str(loaded.folder.path)}
        found["left_out"] = {**asked, "why": "not trusted"}
    return found


def _trust(context: Context) -> None:
    file = context.loaded.folder
    if file is None:
        raise UsageError(
            f"there is no {settings.FILE_NAME} in this folder that needs to be trusted",
            "Change to the folder that has one, with cd.",
        )
    if not file.asks:
        context.say(f"{file.path} says nothing that needs your consent")
        return
    settings.check_asked(context.loaded)
    columns = ["setting", "value"]
    context.table(columns, [(name, str(value)) for name, value in file.asks.items()], empty="")
    if file.trusted:
        context.say(f"{file.path} is trusted already")
        return
    if file.trouble:
        context.say(file.trouble)
    question = f"Let {file.path} say where data and credentials go?"
    if not context.confirm(question):
        raise LabappError(f"{file.path} is not trusted", "Say y, or --yes, to trust it.")
    trust.allow(file, settings.config_dir())
    context.say(
        f"trusted: {file.path}, as it is now. Each change of it asks again;"
        f" python {context.program} config distrust takes it back."
    )


def _trust_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--yes", action="store_true", help="do not ask")


def _distrust(context: Context) -> None:
    here = Path(settings.FILE_NAME)
    file = here.parent.resolve() / here
    was = trust.withdraw(here, settings.config_dir())
    context.say(f"{'no longer trusted' if was else 'was not trusted'}: {file}")


def _completion(context: Context) -> None:
    from labapp.programs import find
    from labapp.programs.shell import completion

    lab = context.settings  # the room that knows its queues imports boto3, and each shell waits
    queues = (lab.request_queue, lab.response_queue, lab.image_inbox, lab.image_outbox)
    parser = find(context.program).parser()
    script = completion.script(parser, context.arguments.shell, queues)
    print(script)  # noqa: T201 - it may hold any character, and is nobody's but ours


def _completion_arguments(parser: argparse.ArgumentParser) -> None:
    told = ", ".join(SHELLS)
    parser.add_argument("shell", choices=SHELLS, metavar="SHELL", help=told)


CONFIG = Command(
    "config",
    "show every setting, its value and where it came from",
    _config,
    json_argument,
    ("config", "config --json", "--cloud aws config"),
)

TRUST = Command(
    "config trust",
    "let the labapp.toml in this folder say where data and credentials go",
    _trust,
    _trust_arguments,
    ("config trust", "config trust --yes"),
    TRUST_NOTES,
)

DISTRUST = Command(
    "config distrust",
    "take that back",
    _distrust,
    examples=("config distrust",),
)

COMPLETION = Command(
    "completion",
    "write a script that has a shell complete commands and flags",
    _completion,
    _completion_arguments,
    ("completion bash", "completion powershell"),
    COMPLETION_NOTES,
)

COMMANDS = (CONFIG, TRUST, DISTRUST, COMPLETION)
