"""The commands of the settings, which all three programs have: config with its own."""

from __future__ import annotations

import argparse
from pathlib import Path

from labapp import settings, trust
from labapp.errors import LabappError, UsageError
from labapp.jobs import kinds
from labapp.programs.shell.arguments import json_argument
from labapp.programs.shell.command import Command, Line
from labapp.programs.shell.context import Context
from labapp.programs.shell.document import Document
from labapp.programs.shell.table import Field, Table

#: Why menus neither trust nor distrust.
CONSENT = "a menu that trusted the folder it was started in would be on another cloud in the middle"

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
    context.show(settings_table(loaded), settings.names())


def settings_table(loaded: settings.Loaded) -> Table[str]:
    """Return the table of settings, by their names."""
    return Table(
        fields=(
            Field("setting", str, look="word"),
            Field("value", loaded.text_of, look="text"),
            Field("from", loaded.origin, drop=2),
            Field("meaning", settings.meaning, look="text"),
        ),
        empty="",
        columns=("setting", "value", "from", "meaning"),
        page=("setting", "value", "from"),
    )


def _described(loaded: settings.Loaded, name: str) -> dict[str, object]:
    """Return what --json tells of one setting."""
    found = {"value": loaded.value_of(name), "origin": str(loaded.origins[name])}
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
    kinds.check_queues(settings.as_asked(context.loaded))
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


CONFIG = Command(
    "config",
    "show every setting, its value and where it came from",
    _config,
    json_argument,
    ("config", "config --json", "--cloud aws config"),
    lines=(Line("Settings", "menus.actions:show_settings", key="s"),),
    documents=(Document(("value", "origin"), "for each setting, by its name:"),),
)

TRUST = Command(
    "config trust",
    "let the labapp.toml in this folder say where data and credentials go",
    _trust,
    _trust_arguments,
    ("config trust", "config trust --yes"),
    TRUST_NOTES,
    unlisted=CONSENT,
)

DISTRUST = Command(
    "config distrust",
    "take that back",
    _distrust,
    examples=("config distrust",),
    unlisted=CONSENT,
)

COMMANDS = (CONFIG, TRUST, DISTRUST)
