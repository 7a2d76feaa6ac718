"""admin.py's commands for one instance of the fleet: what it says, and a shell on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labapp.errors import MissingResourceError
from labapp.programs.fleet import saying
from labapp.programs.fleet.commands import opened
from labapp.programs.shell.context import Context

if TYPE_CHECKING:
    from labapp.cloud.fleet.boot_logs import Log
    from labapp.cloud.fleet.model import Fleet
    from labapp.cloud.session import Cloud


def show_logs(context: Context) -> None:
    """Show how an instance's boot failed, else what its worker says."""
    log = read_log(opened(context), context.arguments.instance)
    if context.arguments.json:
        context.json([{"instance": log.instance, "source": log.source, "text": log.text}])
        return
    saying.say(context, f"{log.instance}, {log.source}:")
    for line in log.text.splitlines():
        context.line(line)


def read_log(cloud: Cloud, instance: str) -> Log:
    """Return an instance's log; none named: the last boot's that failed, else the newest's journal.

    Raises:
        MissingResourceError: no boot failed, and no instance runs.
        CloudError: it cannot be read.
    """
    from labapp.cloud.fleet import boot_logs
    from labapp.cloud.fleet.unseen import unless_unseen
    from labapp.programs.fleet import looking

    if not instance:
        # A first making that failed leaves no fleet, and the log that tells why.
        failed: tuple[str, ...] = unless_unseen(lambda: boot_logs.keys(cloud), ())
        instance = "" if failed else newest(looking.existing(cloud))
    return boot_logs.read(cloud, instance)


def newest(found: Fleet) -> str:
    """Return the instance that was launched last.

    Raises:
        MissingResourceError: none runs.
    """
    from labapp.cloud.fleet import failures

    if not found.instances:
        if remedy := failures.remedy_of(found.status):
            raise MissingResourceError(
                f"no instance of the fleet runs: its stack is in {found.status}", remedy
            )
        wake = "'admin.py deploy wake' starts one."
        raise MissingResourceError("no instance of the fleet runs", wake)
    return max(found.instances, key=lambda one: one.since or 0.0).id


def open_shell(context: Context) -> int:
    """Open a shell on an instance; where this machine cannot, tell the console's address."""
    import subprocess

    from labapp.cloud.fleet import shell
    from labapp.programs.fleet import looking

    cloud = opened(context)
    instance = context.arguments.instance or newest(looking.existing(cloud))
    words, address = shell.command(cloud, instance), shell.address(cloud, instance)
    if context.arguments.json:
        context.json({"instance": instance, "command": words, "address": address})
        return 0
    if lacking := shell.lacking():
        told = f"this machine has no {' and no '.join(lacking)}: open this in a browser"
        saying.say(context, told)
        context.line(address)
        return 0
    return subprocess.run(words, check=False).returncode
