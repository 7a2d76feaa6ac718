"""The results of picture jobs in the bucket: found again, and stored where nobody else's is.

A proved job, a plain client's and a dropped picture have their places to themselves, and write
there as they like. Where a request only claims its job, the first one has it (see `jobs.marks`):
then a result is stored on condition that no other is there, so that no moment is left in between.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

from labapp.cloud.bucket import Head
from labapp.jobs import marks
from labapp.jobs.results import MOST_RESULTS, whole_number
from labapp.jobs.wire import DONE, Reply, Request
from labapp.worker.retrying_bucket import RetryingBucket

#: Characters of a source, of a pipeline, and of what was lost, kept with a result: S3 keeps 2 KB of
#: metadata.
MOST_SOURCE, MOST_PIPELINE, MOST_LOST = 500, 900, 400


@dataclass(frozen=True)
class Job:
    """One picture to process: where it lies, what is done to it, and where its result goes.

    Attributes:
        job: its id.
        source: the key of the picture.
        pipeline: the steps, as they travel.
        format: of the result; empty for the source's own.
        result: the result's key up to its name.
        mark: whose it is, as `jobs.marks` has it.
        name: that name where it is given; else made from the source's name and the pipeline.
        quality: of a JPEG or WebP, 1 to 100; None for the source's own.
        named: gives the result's whole key, of its format and of the key made as above, which it is
            where this is None.
    """

    job: str
    source: str
    pipeline: str
    format: str
    result: str
    mark: str
    name: str = ""
    quality: int | None = None
    named: Callable[[str, str], str] | None = None

    def facts(self, pipeline: str) -> dict[str, str]:
        """Return what is noted of the job with its result; `pipeline` is the one that was done."""
        return {
            "job": self.job,
            marks.MARK: self.mark,
            "source": quote(self.source)[:MOST_SOURCE],
            "pipeline": pipeline if len(pipeline) <= MOST_PIPELINE else "",
        }


def earlier_reply(
    bucket: RetryingBucket, job: Job, request: Request, pipeline: str
) -> Reply | None:
    """Return the answer to a job that was finished before its message could be deleted.

    `pipeline` are its steps in the one form that is noted with results.

    Raises:
        NotTheirsError: the request only claims the job, and its result is another's.
    """
    if job.job not in job.result:
        return None
    found = None
    for entry in bucket.list(job.result, MOST_RESULTS):
        head = bucket.head(entry.key)
        if head is None or head.metadata.get("job") != job.job:
            continue
        if _is_of(head.metadata, job, pipeline):
            found = found or reply(job.job, entry.key, entry.size, head.metadata)
        elif request.is_claimed:
            raise marks.taken_error(request)
    return found


def store(
    bucket: RetryingBucket,
    made: Path | bytes,
    key: str,
    job: Job,
    request: Request,
    facts: Mapping[str, str],
) -> None:
    """Store a result, a file or its bytes, with the facts to be noted of it.

    Raises:
        NotTheirsError: the request only claims the job, and another's result is there.
        CloudError: it cannot be stored.
    """
    kind = f"image/{facts['format']}"
    if not request.is_claimed:
        bucket.upload(made, key, kind, facts)
        return

    def look() -> Head | None:
        head = bucket.head(key)
        if head and not _is_of(head.metadata, job, facts["pipeline"]):
            raise marks.taken_error(request)
        return head

    marks.write_claimed(key, lambda etag: bucket.upload_if(made, key, kind, facts, etag), look)


def reply(job: str, key: str, size: int, facts: Mapping[str, str]) -> Reply:
    """Return the answer that tells of a stored result."""
    result: dict[str, object] = {
        "key": key,
        "source": unquote(facts.get("source", "")),
        "format": facts.get("format", ""),
        "width": whole_number(facts.get("width", "")),
        "height": whole_number(facts.get("height", "")),
        "frames": whole_number(facts.get("frames", "1")),
        "bytes": size,
    }
    if lost := facts.get("lost"):
        result["lost"] = lost.split("; ")
    if facts.get("exact"):
        result["exact"] = True
    return Reply(key, job, DONE, json.dumps(result, ensure_ascii=False))


def _is_of(metadata: Mapping[str, str], job: Job, pipeline: str) -> bool:
    """Return whether a result is of this job; one without a mark is known by all that it notes."""
    if there := marks.mark_in(metadata):
        return there == job.mark or marks.is_twin(there, job.mark)
    wanted = job.facts(pipeline)
    same = all(metadata.get(name) == wanted[name] for name in ("job", "source", "pipeline"))
    return same and job.format in ("", metadata.get("format"))
