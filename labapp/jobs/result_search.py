"""Where the results of a job lie in the bucket, also of one that another machine sent."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from labapp.cloud.bucket import Bucket, Entry
from labapp.errors import ForbiddenError
from labapp.jobs.picture_keys import result_folders
from labapp.jobs.picture_kind import OUTBOX
from labapp.jobs.wire import is_client_id, is_job_id

#: Folders right below `outbox/` among which clients' are looked for: a hundred requests' worth.
MOST_FOLDERS = 100_000

_ELSEWHERE = (
    "Ask for the permission; or say the client that sent it too, as 'client.py fetch CLIENT/JOB':"
    " 'client.py results --json' there has it in the result's key."
)


def client_and_job(name: str) -> tuple[str, str]:
    """Return the client, empty where it is not said, and the job of `JOB` or `CLIENT/JOB`.

    The job is empty where the name can be none.
    """
    client, slash, job = name.rpartition("/")
    good = is_job_id(job) and (is_client_id(client) or not slash)
    return (client, job) if good else ("", "")


def find(bucket: Bucket, job: str, client: str, most: int) -> tuple[str, list[Entry]]:
    """Return the folder in which results of a job lie, and the first `most` objects in it.

    Where `client` is empty, the folders of all clients are looked at. Nothing there is empty.

    Raises:
        ForbiddenError: not one place may be looked at.
        CloudError: the bucket cannot be asked.
    """
    refused = None
    looked = False
    folders = iter(result_folders(client, job) if client else _anybodys(bucket, job))
    while True:
        try:
            if (folder := next(folders, None)) is None:
                break
            if found := list(islice(bucket.list(folder), most)):
                return folder, found
            looked = True
        except ForbiddenError as error:
            refused = error
    if refused and not looked:
        raise ForbiddenError(refused.message, refused.remedy if client else _ELSEWHERE)
    return "", []


def _anybodys(bucket: Bucket, job: str) -> Iterator[str]:
    """Yield every folder in which a job's results may lie, whoever sent it."""
    yield result_folders("", job)[1]
    for folder in islice(bucket.folders(OUTBOX), MOST_FOLDERS):
        client = folder.removeprefix(OUTBOX).rstrip("/")
        if is_client_id(client):
            yield result_folders(client, job)[0]
