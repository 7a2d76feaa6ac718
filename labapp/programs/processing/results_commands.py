"""client.py's commands for the results of pictures: results, fetch."""

from __future__ import annotations

import argparse
import contextlib
from typing import TYPE_CHECKING

from labapp.files import typed_paths
from labapp.programs.jobs.table import listing_arguments, show_jobs
from labapp.programs.processing.table import RESULTS
from labapp.programs.shell.arguments import json_argument
from labapp.programs.shell.command import Command, Line
from labapp.programs.shell.context import Context
from labapp.programs.shell.document import Document

if TYPE_CHECKING:
    from labapp.cloud.session import Cloud
    from labapp.jobs.entry import Entry


def _results(context: Context) -> None:
    from labapp.jobs.picture_kind import PICTURES

    show_jobs(context, RESULTS, "picture", PICTURES.name)


def _fetch(context: Context) -> None:
    from labapp.cloud.bucket import Bucket
    from labapp.jobs import picture_client, saving

    folder = typed_paths.parse(context.arguments.out or ".")
    picture_client.check_folder(folder)
    cloud = context.cloud(bucket_only=True)
    saved = saving.fetch(
        Bucket(cloud), context.arguments.job, folder, lambda job: _entry_of(cloud, job), context.say
    )
    if context.arguments.json:
        context.json([str(path) for path in saved])
        return
    for path in saved:
        context.row(str(path))


def _entry_of(cloud: Cloud, job: str) -> Entry | None:
    """Return what this machine knows of a job."""
    from labapp.jobs.session import has_ledger, open_ledger

    if not has_ledger(cloud):
        return None
    with contextlib.closing(open_ledger(cloud)) as ledger:
        return ledger.get(job)


def _fetch_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("job", metavar="JOB", help="the job's id, as 'results' lists it")
    parser.add_argument("--out", metavar="DIR", help="where it is saved; here, unless given")
    json_argument(parser)


COMMANDS = (
    Command(
        "results",
        "list the pictures sent from this machine and their results",
        _results,
        listing_arguments,
        ("results", "results -n 500", "results --json"),
        documents=(RESULTS.listing,),
        lines=(
            Line(
                "Results",
                "processing.menu:show_results",
                menu="Pictures",
                note="look, compare, save again",
            ),
        ),
    ),
    Command(
        "fetch",
        "save the result of an earlier job again",
        _fetch,
        _fetch_arguments,
        ("fetch 01M7Y17TSX24YQ6Q58P948AX5D --out results/",),
        documents=(Document(lead="list of the paths saved"),),
        unlisted="s on the page of a result saves it again",
    ),
)
