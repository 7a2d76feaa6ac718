"""The command `guard`: looks after the worker of an EC2 instance, until that is to go."""

from __future__ import annotations

import argparse
import functools
import os
import subprocess
import sys
import time

from labapp.errors import UsageError
from labapp.programs.shell.context import Context

#: What names the instance's group and its life cycle hook, where no flag does. They are not
#: labapp's settings, which are the same on every machine of a lab.
GROUP, HOOK = "FLEET_GROUP", "FLEET_HOOK"

#: Seconds that the health check has: on a machine at work it takes some to start.
_HEALTH_SECONDS = 60.0

#: Characters of what it says that are told.
_MOST_TOLD = 300


def guard(context: Context) -> int:
    """Look after the worker until it is drained."""
    from labapp.cloud.fleet.membership import HOOK as DRAIN
    from labapp.cloud.fleet.membership import Membership
    from labapp.worker import logs
    from labapp.worker.guard import EVERY, Guard
    from labapp.worker.instance_metadata import InstanceMetadata
    from labapp.worker.unit import Unit

    if sys.platform != "linux":
        raise UsageError(
            "guard looks after a unit of systemd, which is Linux's",
            "Here 'python server.py health' says how workers are.",
        )
    logs.to_stream(sys.stderr, as_json=context.arguments.log_format == "json")
    logs.warn(context.left_out)
    group = context.arguments.group or os.environ.get(GROUP, "")
    hook = context.arguments.hook or os.environ.get(HOOK, "") or DRAIN
    open_cloud = functools.cache(lambda: context.cloud(start=False, require=False))
    member = Membership(open_cloud, group, hook) if group else None
    grace = context.settings.grace_seconds
    guard = Guard(InstanceMetadata(), Unit(context.arguments.unit), member, _health, grace)
    while guard.turn():
        time.sleep(EVERY)
    return 0


def _health() -> tuple[bool, str]:
    """Ask for the health of this machine's workers as a service manager does; see `health`.

    In a process of its own: what that needs would take a tenth of a small machine's memory here.
    """
    from labapp.worker import local_workers

    argv = [sys.executable, str(local_workers.server_program()), "health"]
    try:
        ended = subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=_HEALTH_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError) as error:
        return False, f"the health check failed: {error}"
    said = (ended.stdout or ended.stderr).strip()
    return ended.returncode == 0, said[:_MOST_TOLD] or "the health check failed"


def guard_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `guard` takes."""
    from labapp.worker.unit import WORKER

    parser.add_argument(
        "--group", metavar="NAME", default="", help=f"the Auto Scaling group (default: ${GROUP})"
    )
    parser.add_argument(
        "--hook",
        metavar="NAME",
        default="",
        help=f"its life cycle hook (default: ${HOOK}, or drain)",
    )
    parser.add_argument(
        "--unit", metavar="NAME", default=WORKER, help="the worker's unit (default: %(default)s)"
    )
    parser.add_argument(
        "--log-format", choices=["text", "json"], default="text", help="how lines look"
    )
