"""admin.py's commands for the cloud: what there is, making what is missing, the local one's life.

A dry run is the run itself with a flag at its last step, so that it names what the run acts on.
"""

from __future__ import annotations

import argparse

from labapp.errors import LabappError
from labapp.programs.shell.arguments import dry_argument, json_argument, yes_argument
from labapp.programs.shell.command import Command
from labapp.programs.shell.context import Context

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


def _cloud_status(context: Context) -> None:
    from labapp.programs.cloud import status as clouds

    status = clouds.status(context.settings)
    if context.arguments.json:
        context.json(status)
        return
    told = clouds.told(status)
    if context.on_terminal:
        from labapp.console import tables, theme

        theme.stdout().print(tables.key_values(told))
    else:
        context.table((), told.items(), empty="")


def _cloud_up(context: Context) -> None:
    from labapp.jobs import lab

    cloud = context.cloud(start=not context.dry, require=False)
    told = []
    try:
        for resource in lab.up(cloud, dry=context.dry):
            state = context.fate("made") if resource.made else "there already"
            told.append({"kind": resource.kind, "name": resource.name, "state": state})
            if context.arguments.json:
                continue
            if context.dry and resource.made:
                context.line(f"would make {resource.kind} {resource.name}")
            else:
                context.line(f"{resource.kind} {resource.name}: {state}")
    finally:  # what was made before an error is told too
        if context.arguments.json:
            context.json(told)


def _cloud_up_arguments(parser: argparse.ArgumentParser) -> None:
    json_argument(parser)
    dry_argument(parser)


def _cloud_start(context: Context) -> None:
    from labapp.cloud.embedded import disk
    from labapp.programs.cloud import status as clouds

    running, started = clouds.start(context.settings, share=context.arguments.share)
    shared = clouds.is_shared()
    if context.arguments.json:
        found = {"cloud": "local", "state": "running", "endpoint": running.endpoint_url}
        context.json({**found, "pid": running.pid, "started": started, "shared": shared})
    else:
        context.line(f"the local cloud runs at {running.endpoint_url} (pid {running.pid})")
    if shared:
        context.say(clouds.SHARED)
    if running.trouble:
        context.say(f"{running.trouble}. {disk.remedy(running.trouble)}")


def _cloud_start_arguments(parser: argparse.ArgumentParser) -> None:
    json_argument(parser)
    parser.add_argument(
        "--share",
        action="store_true",
        help="let everybody on this machine use it, with any key, until 'cloud stop'",
    )


def _cloud_env(context: Context) -> None:
    from labapp.programs.cloud import env
    from labapp.programs.cloud import status as clouds

    clouds.only_local(context.settings)
    found = env.variables(context.cloud())
    if context.arguments.json:
        context.json(found)
        return
    for line in env.lines(found, context.arguments.format or env.DEFAULT):
        context.line(line)


def _cloud_env_arguments(parser: argparse.ArgumentParser) -> None:
    from labapp.programs.cloud.env import DEFAULT, FORMATS

    json_argument(parser)
    parser.add_argument(
        "--format", choices=FORMATS, help=f"for which shell, or a file (default: {DEFAULT})"
    )


def _cloud_stop(context: Context) -> None:
    from labapp.programs.cloud import status as clouds

    stopped, workers = clouds.stop(context.settings)
    if context.arguments.json:
        context.json(
            {"cloud": "local", "state": "stopped", "was_running": stopped, "workers": workers}
        )
        return
    for pid in workers:
        context.line(f"ended the worker in the background (pid {pid})")
    context.line("stopped the local cloud" if stopped else "the local cloud was not running")


def _cloud_reset(context: Context) -> None:
    from labapp.programs.cloud import status as clouds

    clouds.only_local(context.settings)
    question = "Delete the local cloud's queues, pictures, labels and logs?"
    if not context.dry and not context.confirm(question, RESET):
        raise LabappError("nothing was deleted", f"Type {RESET}, or say --yes, to delete.")
    was_shared = clouds.is_shared() and not context.dry
    folders = clouds.reset(context.settings, dry=context.dry)
    if context.arguments.json:
        named = [str(folder) for folder in folders]
        context.json({"cloud": "local", "state": context.fate("emptied"), "folders": named})
    elif context.dry:
        context.line("would delete all queues, pictures, labels and logs of the local cloud")
        for folder in folders:
            context.line(f"would delete {folder}")
    else:
        context.line("the local cloud is empty")
    if was_shared:
        context.say(clouds.SHARED_NO_MORE)


def _cloud_reset_arguments(parser: argparse.ArgumentParser) -> None:
    json_argument(parser)
    yes_argument(parser)


COMMANDS = (
    Command(
        "cloud",
        "show which cloud this is, and what is missing there",
        _cloud_status,
        json_argument,
        ("cloud", "cloud up --cloud aws"),
    ),
    Command(
        "cloud status",
        "show which cloud this is, and what is missing there",
        _cloud_status,
        json_argument,
        ("cloud status --json",),
    ),
    Command(
        "cloud up",
        "make the bucket and the queues that are missing; what is there stays as it is",
        _cloud_up,
        _cloud_up_arguments,
        ("cloud up --dry-run", "cloud up --cloud aws --profile lab"),
    ),
    Command(
        "cloud start",
        "start the local cloud",
        _cloud_start,
        _cloud_start_arguments,
        ("cloud start", "cloud start --share"),
    ),
    Command(
        "cloud env",
        "print what other programs need for the local cloud: its address and its key",
        _cloud_env,
        _cloud_env_arguments,
        ("cloud env", "cloud env --format dotenv"),
        notes=ENV_NOTES,
    ),
    Command(
        "cloud stop",
        "stop the local cloud and the workers started in the background; all is kept",
        _cloud_stop,
        json_argument,
        ("cloud stop",),
    ),
    Command(
        "cloud reset",
        "stop the local cloud and delete everything in it; asks for a word to be typed",
        _cloud_reset,
        _cloud_reset_arguments,
        ("cloud reset --yes", "cloud reset --dry-run"),
    ),
)
