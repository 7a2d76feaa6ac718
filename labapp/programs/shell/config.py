"""The commands of the settings, which all three programs have: config with its own."""

from __future__ import annotations

import argparse
import dataclasses
from functools import partial
from pathlib import Path

from labapp import settings, settings_file
from labapp.console.accessible import mode
from labapp.console.graphics import choice
from labapp.errors import LabappError, UsageError
from labapp.jobs import dialect_checks
from labapp.programs.shell.context import Context
from labapp.programs.shell.table import Document, Field, Table

#: What `config` writes with --json.
SETTINGS = Document(("value", "origin"), "for each setting, by its name:")


def show_settings(context: Context) -> None:
    """Show every setting, its value and where it came from."""
    loaded = in_force(context)
    if context.arguments.json:
        context.json({name: _described(loaded, name) for name in settings.names()})
        return
    context.show(settings_table(loaded), settings.names())


def in_force(context: Context) -> settings.Loaded:
    """Return the settings, with what is found where ours have none.

    That are the addresses of AWS's tools, and a terminal that cannot move its cursor.
    """
    loaded = _with_accessible(context.loaded)
    found = context.endpoints()
    if loaded.settings.endpoint_url or not found.url:
        return loaded
    origins = (one.origin.replace("the variable", "environment") for one in (found.s3, found.sqs))
    origin = settings.Origin(", ".join(dict.fromkeys(filter(None, origins))))
    return dataclasses.replace(
        loaded,
        left={**loaded.left, "endpoint_url": found.url},
        origins={**loaded.origins, "endpoint_url": origin},
    )


def _with_accessible(loaded: settings.Loaded) -> settings.Loaded:
    """Return the settings, with the accessible mode as a terminal turns it on by itself."""
    why = mode.by_terminal()
    if loaded.settings.accessible or not why:
        return loaded
    return dataclasses.replace(
        loaded,
        settings=dataclasses.replace(loaded.settings, accessible=True),
        origins={**loaded.origins, "accessible": settings.Origin("terminal", f"({why})")},
    )


def settings_table(loaded: settings.Loaded) -> Table[str]:
    """Return the table of settings, by their names."""
    return Table(
        fields=(
            Field("setting", str, look="word"),
            Field("value", loaded.text_of, shown=partial(_shown, loaded), look="text"),
            Field("from", loaded.origin, drop=2),
            Field("meaning", settings.meaning, look="text"),
        ),
        empty="",
        columns=("setting", "value", "from", "meaning"),
        page=("setting", "value", "from"),
    )


def _shown(loaded: settings.Loaded, name: str) -> str:
    """Return a setting's value as people see it: how pictures are shown it does not tell alone."""
    value = loaded.text_of(name)
    if name == "images" and (found := choice.current()).protocol != value:
        return f"{value}: {found.protocol}, as {found.reason}"
    return value


def _described(loaded: settings.Loaded, name: str) -> dict[str, object]:
    """Return what --json tells of one setting."""
    found: dict[str, object] = {"value": loaded.value_of(name), "origin": str(loaded.origins[name])}
    if name == "images":
        now = choice.current()
        found |= {"in_force": now.protocol, "why": now.reason}
    if loaded.folder and name in loaded.left_out:
        asked = {"value": loaded.left_out[name], "file": str(loaded.folder.path)}
        found["left_out"] = {**asked, "why": "not trusted"}
    return found


def trust_folder(context: Context) -> None:
    """Let the labapp.toml of this folder say where data and credentials go."""
    file = context.loaded.folder
    if file is None:
        raise UsageError(
            f"there is no {settings.FILE_NAME} in this folder that needs to be trusted",
            "Change to the folder that has one, with cd.",
        )
    if not file.asks:
        context.say(f"{file.path} says nothing that needs your consent")
        return
    dialect_checks.check(settings.as_asked(context.loaded))
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
    settings_file.trust(file, settings.config_dir())
    also = ", or of the dialect's file that it names," if "dialect" in file.asks else ""
    context.say(
        f"trusted: {file.path}, as it is now. Each change of it{also} asks again;"
        f" python {context.program} config distrust takes it back."
    )


def trust_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `config trust` takes."""
    parser.add_argument("--yes", action="store_true", help="do not ask")


def distrust_folder(context: Context) -> None:
    """Take that back."""
    here = Path(settings.FILE_NAME)
    file = here.parent.resolve() / here
    was = settings_file.distrust(here, settings.config_dir())
    context.say(f"{'no longer trusted' if was else 'was not trusted'}: {file}")
