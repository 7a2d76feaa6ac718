"""What was sent from this machine, and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labapp.programs.shell.command import Command, Line

if TYPE_CHECKING:
    from labapp.programs.jobs.client_session import ClientMenuSession


def _pending(menu: ClientMenuSession) -> str:
    return f"{menu.pending} waiting for an answer" if menu.pending else ""


COMMANDS = (
    Command(
        "jobs",
        "list the jobs sent from this machine and their answers",
        "jobs.commands:list_jobs",
        "jobs.table:listing_arguments",
        ("jobs", "jobs -n 500", "jobs --json"),
        writes=("jobs.table:JOBS.listing",),
        lines=(Line("Jobs", "jobs.page:run", key="j", note=_pending),),
    ),
    Command(
        "wait",
        "wait for the answers of jobs sent before; save the results of pictures",
        "jobs.commands:wait",
        "jobs.commands:wait_arguments",
        ("wait 01M7Y17TSX24YQ6Q58P948AX5D", "wait 01M7Y17TSX24YQ6Q58P948AX5D --timeout 600 --json"),
        writes=("jobs.commands:AWAITED.listing",),
        unlisted="answers are told on every page, and results saved, as they come",
    ),
    Command(
        "purge",
        "throw away the answers that wait for you, and give up pending jobs",
        "jobs.commands:purge",
        "shell.arguments:deleting_arguments",
        ("purge --yes", "purge --dry-run --json"),
        writes=("jobs.commands:PURGED",),
        lines=(Line("Purge my replies", "jobs.page:purge_replies", menu="Numbers"),),
    ),
)
