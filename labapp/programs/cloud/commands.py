"""admin.py's commands for the cloud: what there is, making what is missing, the local one's life.

A dry run is the run itself with a flag at its last step, so that it names what the run acts on.
"""

from __future__ import annotations

from labapp.errors import LabappError
from labapp.programs.cloud import env, status
from labapp.programs.cloud.table import as_words, resources
from labapp.programs.shell.context import Context
from labapp.programs.shell.table import Document

#: What `cloud up`, `start`, `env`, `stop` and `reset` write with --json.
MADE = resources().listing
STARTED = Document(
    ("cloud", "state", "endpoint", "pid", "started", "shared"),
    notes={"started": "whether it was started now"},
)
VARIABLES = Document(env.NAMES, notes={"AWS_PROFILE": "null: to be unset"})
STOPPED = Document(
    ("cloud", "state", "was_running", "workers"),
    notes={"workers": "pids of those that were ended"},
)
EMPTIED = Document(("cloud", "state", "folders"))

#: What has to be typed before all is deleted.
RESET = "reset"


def show_status(context: Context) -> None:
    """Show which cloud this is, and what is missing there."""
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


def make_missing(context: Context) -> None:
    """Make the bucket and the queues that are missing."""
    from labapp.jobs import lab

    cloud = context.cloud(start=not context.dry, require=False)
    table, documents = resources(context.outcome), []
    try:
        for resource in lab.set_up(cloud, dry=context.dry, patience=context.patience):
            documents.append(found := table.document(resource))
            if context.arguments.json:
                continue
            if context.dry and resource.made:
                verb = "change" if resource.anew else "make"
                context.line(f"would {verb} {resource.kind} {resource.name}")
            else:
                context.line(f"{resource.kind} {resource.name}: {found['state']}")
    finally:  # what was made before an error is told too
        if context.arguments.json:
            context.json(documents)


def start(context: Context) -> None:
    """Start the local cloud."""
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


def show_variables(context: Context) -> None:
    """Print what other programs need for the local cloud."""
    status.only_local(context.settings)
    found = env.variables(context.cloud())
    if context.arguments.json:
        context.json(found)
        return
    for line in env.lines(found, context.arguments.format or env.DEFAULT):
        context.line(line)


def stop(context: Context) -> None:
    """Stop the local cloud and the workers in the background."""
    stopped, workers = status.stop(context.settings)
    if context.arguments.json:
        context.json(
            {"cloud": "local", "state": "stopped", "was_running": stopped, "workers": workers}
        )
        return
    for pid in workers:
        context.line(f"ended the worker in the background (pid {pid})")
    context.line("stopped the local cloud" if stopped else "the local cloud was not running")


def reset(context: Context) -> None:
    """Delete everything in the local cloud."""
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
