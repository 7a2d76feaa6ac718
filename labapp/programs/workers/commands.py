"""The commands for workers: admin.py's workers, and server.py's health."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING

from labapp import utc
from labapp.cloud import bounds
from labapp.programs.shell.arguments import newest_arguments
from labapp.programs.shell.context import Context
from labapp.programs.shell.parsing import again
from labapp.programs.shell.table import Document
from labapp.programs.workers.table import WORKERS, hands_fields

if TYPE_CHECKING:
    from labapp.worker.health import Pulse

#: What `health` writes with --json.
HEALTH = Document(("healthy", "message", "workers"))


def show_workers(context: Context) -> None:
    """Show the workers and when each was last seen."""
    from labapp.worker import reports

    cloud = context.cloud(bucket_only=True)
    found = reports.worker_rows(cloud, context.say, context.limit)
    context.show(WORKERS, found, empty=f"{WORKERS.empty}{again(context.loaded)}")


def workers_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `workers` takes."""
    newest_arguments(parser, bounds.REPORTS, "how many to show, those that reported last")


def show_health(context: Context) -> int:
    """Say in one line whether this machine's workers are well; for service managers."""
    from labapp.cloud import session
    from labapp.worker import health

    local = context.settings.cloud == "local"
    home = session.local_home() if local else context.cloud(start=False, require=False).home
    pulses = health.read_all(home)
    well, sentence = health.verdict(pulses)
    if context.arguments.json:
        workers = [_pulse_fields(pulse) for pulse in pulses]
        context.json({"healthy": well, "message": sentence, "workers": workers})
    else:
        context.line(f"{'healthy' if well else 'unhealthy'}: {sentence}")
    return 0 if well else 1


def _pulse_fields(pulse: Pulse) -> dict[str, object]:
    """Return what --json tells of one worker; what was never polled has no time."""
    polls = {queue: _time(at) for queue, at in pulse.polls.items()}
    hands = hands_fields(pulse.hands)
    return {**asdict(pulse), "started": _time(pulse.started), "polls": polls, "hands": hands}


def _time(seconds: float) -> str | None:
    return utc.stamp(seconds) if seconds else None
