"""client.py's commands for the results of pictures: results, fetch."""

from __future__ import annotations

import argparse
import contextlib
from typing import TYPE_CHECKING

from labapp.files import typed_paths
from labapp.programs.jobs.table import show_jobs
from labapp.programs.processing.table import RESULTS
from labapp.programs.shell.arguments import json_argument
from labapp.programs.shell.context import Context
from labapp.programs.shell.document import Document

if TYPE_CHECKING:
    from labapp.cloud.session import Cloud
    from labapp.jobs.entry import Entry

#: What `fetch` writes with --json.
FETCHED = Document(lead="list of the paths saved")


def list_results(context: Context) -> None:
    """List the pictures that were sent from this machine."""
    from labapp.jobs.picture_kind import PICTURES

    show_jobs(context, RESULTS, "picture", PICTURES.name)


def fetch(context: Context) -> None:
    """Save the result of an earlier job again."""
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


def fetch_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `fetch` takes."""
    parser.add_argument("job", metavar="JOB", help="the job's id, as 'results' lists it")
    parser.add_argument("--out", metavar="DIR", help="where it is saved; here, unless given")
    json_argument(parser)
