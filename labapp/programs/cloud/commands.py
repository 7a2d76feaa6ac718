"""admin.py's commands for the cloud: what there is, making what is missing, the local one's life.

A dry run is the run itself with a flag at its last step, so that it names what the run acts on.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from labapp.cloud.address import shared_at
from labapp.errors import LabappError
from labapp.programs.cloud.env import DEFAULT, FORMATS, NAMES
from labapp.programs.cloud.table import STATUS, as_words, resources
from labapp.programs.shell.arguments import dry_argument, json_argument, yes_argument
from labapp.programs.shell.command import Command, Line
from labapp.programs.shell.context import Context
from labapp.programs.shell.document import Document

if TYPE_CHECKING:
    from labapp.programs.menus.session import MenuSession

#: The title of the cloud's own menu.
MENU = "Cloud"

#: What `cloud env --help` says below its summary.
ENV_NOTES = """A local cloud that is not running is started. The key stays until 'cloud reset'.

bash:        eval "$(python admin.py cloud env)"
PowerShell:  python admin.py cloud env --format powershell | Invoke-Expression
a file:      python admin.py cloud env --format dotenv > .env
             (Windows PowerShell: | Set-Content .env -Encoding ascii)

labapp's own programs do not need it on this machine; elsewhere, through a
tunnel, they want LABAPP_CLOUD=aws beside it. Whoever has the key may do
anything in this cloud. Version 1 of 'aws' asks Amazon for SQS all the same,
unless its --endpoint-url says what AWS_ENDPOINT_URL says."""

#: What has to be typed before all is deleted.
RESET = "reset"


def _status(context: Context) -> None:
    from labapp.programs.cloud import status

    found = status.status(context.settings)
    if context.arguments.json:
        context.json(found)
        return
    words = as_words(found)
    if context.on_terminal:
        from labapp.console import tables, theme

        theme.stdout().print(tables.key_values(words))
    else:
        context.table((), words.items(), empty="")


def _up(context: Context) -> None:
    from labapp.jobs import lab

    cloud = context.cloud(start=not context.dry, require=False)
    table, documents = resources(context.outcome("made")), []
    try:
        for resource in lab.up(cloud, dry=context.dry):
            documents.append(found := table.document(resource))
            if context.arguments.json:
                continue
            if context.dry and resource.made:
                context.line(f"would make {resource.kind} {resource.name}")
            else:
                context.line(f"{resource.kind} {resource.name}: {found['state']}")
    finally:  # what was made before an error is told too
        if context.arguments.json:
            context.json(documents)


def _up_arguments(parser: argparse.ArgumentParser) -> None:
    json_argument(parser)
    dry_argument(parser)


def _start(context: Context) -> None:
    from labapp.programs.cloud import status

    running, started = status.start(context.settings, share=context.arguments.share)
    shared = status.is_shared()
    if context.arguments.json:
        found = {"cloud": "local", "state": "running", "endpoint": running.endpoint_url}
        context.json({**found, "pid": running.pid, "started": started, "shared": shared})
    else:
        context.line(f"the local cloud runs at {running.endpoint_url} (pid {running.pid})")
    if shared:
        context.say(status.SHARED)
    if warning := status.warning_of(running):
        context.say(warning)


def _start_arguments(parser: argparse.ArgumentParser) -> None:
    json_argument(parser)
    parser.add_argument(
        "--share",
        action="store_true",
        help="let everybody on this machine use it, with any key, until 'cloud stop'",
    )


def _env(context: Context) -> None:
    from labapp.programs.cloud import env, status

    status.only_local(context.settings)
    found = env.variables(context.cloud())
    if context.arguments.json:
        context.json(found)
        return
    for line in env.lines(found, context.arguments.format or DEFAULT):
        context.line(line)


def _env_arguments(parser: argparse.ArgumentParser) -> None:
    json_argument(parser)
    parser.add_argument(
        "--format", choices=FORMATS, help=f"for which shell, or a file (default: {DEFAULT})"
    )


def _stop(context: Context) -> None:
    from labapp.programs.cloud import status

    stopped, workers = status.stop(context.settings)
    if context.arguments.json:
        context.json(
            {"cloud": "local", "state": "stopped", "was_running": stopped, "workers": workers}
        )
        return
    for pid in workers:
        context.line(f"ended the worker in the background (pid {pid})")
    context.line("stopped the local cloud" if stopped else "the local cloud was not running")


def _reset(context: Context) -> None:
    from labapp.programs.cloud import status

    status.only_local(context.settings)
    question = "Delete the local cloud's queues, pictures, labels and logs?"
    if not context.dry and not context.confirm(question, RESET):
        raise LabappError("nothing was deleted", f"Type {RESET}, or say --yes, to delete.")
    folders, note = status.reset(context.settings, dry=context.dry)
    if context.arguments.json:
        named = [str(folder) for folder in folders]
        context.json({"cloud": "local", "state": context.outcome("emptied"), "folders": named})
    elif context.dry:
        context.line("would delete all queues, pictures, labels and logs of the local cloud")
        for folder in folders:
            context.line(f"would delete {folder}")
    else:
        context.line("the local cloud is empty")
    if note:
        context.say(note)


def _reset_arguments(parser: argparse.ArgumentParser) -> None:
    json_argument(parser)
    yes_argument(parser)


def _why_not_local(session: MenuSession) -> str:
    """Return why a menu cannot do what is for the local cloud only; empty if it can."""
    settings = session.context.settings
    if shared_at(settings):
        return "its teacher does this"
    return "" if settings.cloud == "local" else "only for the local cloud"


def _why_no_start(session: MenuSession) -> str:
    return _why_not_local(session) or ("it is running" if session.runs else "")


def _why_no_stop(session: MenuSession) -> str:
    return _why_not_local(session) or ("it is stopped" if session.runs is False else "")


def _why_no_share(session: MenuSession) -> str:
    from labapp.programs.cloud import status

    return _why_not_local(session) or ("it is shared" if status.is_shared() else "")


COMMANDS = (
    Command(
        "cloud",
        "show which cloud this is, and what is missing there",
        _status,
        json_argument,
        ("cloud", "cloud up --cloud aws"),
        lines=(Line("Cloud", "cloud.menu:run", key="7"),),
        documents=(STATUS,),
    ),
    Command(
        "cloud status",
        "show which cloud this is, and what is missing there",
        _status,
        json_argument,
        ("cloud status --json",),
        lines=(
            Line("Status", "cloud.menu:show_status", menu=MENU, key="1",
                 note="what exists, what is missing"),
        ),
        documents=(STATUS,),
    ),
    Command(
        "cloud up",
        "make the bucket and the queues that are missing; what is there stays as it is",
        _up,
        _up_arguments,
        ("cloud up --dry-run", "cloud up --cloud aws --profile lab"),
        lines=(
            Line("Make what is missing", "cloud.menu:make_missing", menu=MENU, key="2",
                 note="bucket and queues"),
        ),
        documents=(resources().listing,),
    ),
    Command(
        "cloud start",
        "start the local cloud",
        _start,
        _start_arguments,
        ("cloud start", "cloud start --share"),
        lines=(
            Line("Start", "cloud.menu:start", menu=MENU, key="3", disabled=_why_no_start),
            Line("Share", "cloud.menu:share", menu=MENU, key="6", flag="--share",
                 note="with everybody on this machine", disabled=_why_no_share),
        ),
        documents=(
            Document(
                ("cloud", "state", "endpoint", "pid", "started", "shared"),
                notes={"started": "whether it was started now"},
            ),
        ),
    ),
    Command(
        "cloud env",
        "print what other programs need for the local cloud: its address and its key",
        _env,
        _env_arguments,
        ("cloud env", "cloud env --format dotenv"),
        notes=ENV_NOTES,
        lines=(
            Line("For other programs", "cloud.menu:show_env", menu=MENU, key="7", flag="--format",
                 note="the cloud's address and key", disabled=_why_not_local),
        ),
        documents=(Document(NAMES, notes={"AWS_PROFILE": "null: to be unset"}),),
    ),
    Command(
        "cloud stop",
        "stop the local cloud and the workers started in the background; all is kept",
        _stop,
        json_argument,
        ("cloud stop",),
        lines=(
            Line("Stop", "cloud.menu:stop", menu=MENU, key="4", note="everything is kept",
                 disabled=_why_no_stop),
        ),
        documents=(
            Document(
                ("cloud", "state", "was_running", "workers"),
                notes={"workers": "pids of those that were ended"},
            ),
        ),
    ),
    Command(
        "cloud reset",
        "stop the local cloud and delete everything in it; asks for a word to be typed",
        _reset,
        _reset_arguments,
        ("cloud reset --yes", "cloud reset --dry-run"),
        lines=(
            Line("Reset", "cloud.menu:reset", menu=MENU, key="5", note="deletes everything",
                 disabled=_why_not_local),
        ),
        documents=(Document(("cloud", "state", "folders")),),
    ),
)  # fmt: skip
