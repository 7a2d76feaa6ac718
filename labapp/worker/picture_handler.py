"""The picture job: fetch, process in a child, store, answer with the result's key.

Three kinds of senders share the queue: our own clients, who send a key and a pipeline; plain
clients, who send a key or a bare name; and S3 itself, which tells of pictures dropped under
`drop/<operation>/`. Whoever it was, a key is only read below the prefixes that are for it, results
go below theirs, and no key ever becomes a path on this machine.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, unquote_plus

from labapp.cloud.bucket import Bucket
from labapp.cloud.doctor import probe
from labapp.errors import JobFailedError, LabappError, RefusedError
from labapp.files import private, replacing
from labapp.jobs import events, marks, picture_keys
from labapp.jobs.events import Created
from labapp.jobs.picture_client import limits_of
from labapp.jobs.picture_kind import (
    DROP,
    FORMAT,
    INBOX,
    OUTBOX,
    PICTURES,
    PIPELINE,
    PROBES,
    QUALITY,
)
from labapp.jobs.wire import (
    DONE,
    FAILED,
    REFUSED,
    NobodyToAnswerError,
    Reply,
    Request,
    quoted,
)
from labapp.labels.object_keys import safe_name
from labapp.pictures import pipeline
from labapp.pictures.limits import EXTENSIONS, known_format, known_quality
from labapp.pictures.pipeline import Step
from labapp.pictures.process import PictureTask
from labapp.pictures.sandbox import Caps, Sandbox
from labapp.settings import Settings
from labapp.visible import printable
from labapp.worker import results
from labapp.worker.concurrency import FairTurns
from labapp.worker.handlers import Caller
from labapp.worker.results import MOST_LOST, Job
from labapp.worker.retrying_bucket import RetryingBucket

log = logging.getLogger(__name__)

#: Bytes that a key of S3 may have at most, as Amazon says.
MOST_KEY = 1_024

#: What the process has loaded that pictures' processes are forked from; and that for pictures which
#: are worked on exactly, so that no other has scikit-image in its memory.
PRELOADED, PRELOADED_EXACT = "labapp.worker.preload", "labapp.worker.preload_exact"

#: How a picture that is worked on exactly would take less: where it was asked for, where it is not.
_LIGHTER = "it without --exact", "it to a worker that is not set to LABAPP_EXACT"

#: Threads beyond those that process: while some pictures are worked on, others travel.
TRAVELLING = 3


class PictureHandler:
    """The picture job, with as many children at once as there are processors."""

    kind = PICTURES
    quick = False

    def __init__(self, settings: Settings, bucket: Bucket) -> None:
        at_once = settings.picture_processes or os.cpu_count() or 1
        self.concurrency = at_once + TRAVELLING
        self._turns = FairTurns(at_once)
        self._bucket = RetryingBucket(bucket, self.kind.request_queue_name(settings))
        self._settings = settings
        limits = self._limits = limits_of(settings)
        caps = Caps(limits.seconds, limits.memory, on_worker=True, file=limits.result_bytes)
        self._sandbox = Sandbox(caps, PRELOADED)
        lighter = replace(caps, lighter=_LIGHTER[settings.exact])
        self._exact_sandbox = Sandbox(lighter, PRELOADED_EXACT)
        self._is_told = False

    def set_retry(self, call: Caller) -> None:
        """Call the cloud through `call` from now on."""
        self._bucket.call = call

    def work(self, request: Request) -> Reply:
        """Process the picture that a request names, or those that S3 tells of."""
        if not request.is_plain:
            return self._process(self._job_of_client(request), request)
        created = events.read(request.body)
        if created is not None:
            return self._process_dropped(created, request)
        if request.body.lstrip().startswith("{") or events.is_machine_made(request.body):
            raise NobodyToAnswerError(
                "the message is neither a key nor an event of S3", "Send a picture's key."
            )
        try:
            reply = self._process(self._job_of_plain(request), request)
        except (RefusedError, JobFailedError) as error:
            if not self._settings.plain_error:
                raise
            raise type(error)(self._settings.plain_error) from error
        prefix = self._settings.plain_result_prefix
        if not request.body.startswith(self._settings.plain_source_prefix) and "{" not in prefix:
            return Reply(reply.body.removeprefix(prefix), reply.job, reply.status, reply.result)
        return reply

    def _job_of_client(self, request: Request) -> Job:
        """Read a request of our own clients."""
        if not request.body.startswith((INBOX, DROP)):
            raise RefusedError(
                f"the key {quoted(request.body, 80)} is not below {INBOX}",
                f"Put the picture below {INBOX} first.",
            )
        _check_owner(request.body, request.client)
        asked = request.attributes.get
        steps = asked(PIPELINE) or _wire(self._settings.default_pipeline)
        format = known_format(word) if (word := asked(FORMAT)) else ""
        quality = known_quality(word) if (word := asked(QUALITY)) else None
        mark = marks.mark_of(self.kind.name, request)
        place = picture_keys.result_folder(request)
        return Job(request.job, request.body, steps, format, place, mark, quality=quality)

    def _job_of_plain(self, request: Request) -> Job:
        """Read a plain client's request: a key, or a name below the prefix that settings give."""
        settings = self._settings
        prefix = settings.plain_source_prefix
        key = request.body.strip()
        key = key if key.startswith(prefix) else prefix + key
        _check_owner(key)
        result = settings.plain_result_prefix.replace("{job}", request.job)
        # A lab that names its own folder expects its pictures' own names there.
        name = key.removeprefix(prefix) if result == settings.plain_result_prefix else ""
        steps, mark = _wire(settings.default_pipeline), marks.mark_of(self.kind.name, request)
        return Job(request.job, key, steps, "", result, mark, name)

    def _process_dropped(self, created: Sequence[Created], request: Request) -> Reply:
        """Process what was dropped below `drop/<operation>/`; nobody asked, so nobody is told.

        An event that comes twice is one job, and asks for nothing where that is done.
        """
        told: dict[str, str] = {}
        status = DONE
        ours = [one for one in created if one.bucket == self._bucket.name]
        for place, one in enumerate(ours):
            job = f"{request.job}-{place}" if place else request.job
            try:
                key = self._key_in_bucket(one.key) if one.encoded else one.key
                if key.startswith(PROBES + probe.NAME):
                    self._bucket.remove_probe(key)
                    continue
                job = one.job(key) if one.mark else job
                operation, _, name = key.removeprefix(DROP).partition("/")
                _check_dropped(key, name)
                steps = _wire(operation)
                # Two events of one put may differ in words; they ask for the same all the same.
                same = Request(key, job, attributes={PIPELINE: steps})
                mark = marks.mark_of(self.kind.name, same)
                wanted = Job(job, key, steps, "", f"{OUTBOX}{job}/", mark)
                is_first = one.mark and request.receives == 1
                if job in told or (is_first and self._earlier_reply(wanted, request)):
                    continue
                reply = self._process(wanted, request)
                told[job] = f"{key}: {reply.body}"
            except (RefusedError, JobFailedError) as error:
                status = REFUSED if isinstance(error, RefusedError) else FAILED
                told[job] = f"{quoted(one.key, 80)}: {error}"
        job = next(iter(told)) if len(told) == 1 else request.job
        return Reply("; ".join(told.values()), job, status, to_nobody=True)

    def _key_in_bucket(self, key: str) -> str:
        """Return a key as it is in the bucket: Amazon encodes it in events, some emulators not."""
        decoded = unquote_plus(key)
        if decoded == key:
            return key
        _check_key(decoded)
        return key if self._bucket.head(decoded) is None else decoded

    def _process(self, job: Job, request: Request) -> Reply:
        """Fetch, process, store."""
        _check_key(job.source)
        steps = self._steps(job)
        may_be_known = request.receives > 1 or request.is_claimed
        if may_be_known and (known := self._earlier_reply(job, request)):
            return known
        with private.temporary() as folder:
            source, result = folder / "source", folder / "result"
            self._fetch(job.source, source)
            name = printable(unquote(job.source.rpartition("/")[2]))
            wire = pipeline.to_wire(steps)
            task = PictureTask(source, wire, result, self._limits, job.format, name, job.quality)
            exact = any(step.exact for step in steps)
            sandbox = self._exact_sandbox if exact else self._sandbox
            with self._turns.of(request.client):
                done = sandbox.run(task)
            self._tell_missing(sandbox)
            replacing.remove(source)
            stem = safe_name(PurePosixPath(name).stem)
            made = f"{stem}-{pipeline.label(steps)}{EXTENSIONS[done.format]}"
            key = job.result + (job.name or made)
            # A lab's own folder of results may have a longer name than that of its sources.
            if (size := len(key.encode())) > MOST_KEY:
                raise RefusedError(
                    f"the key of the result would have {size:,} bytes; S3 takes {MOST_KEY:,}",
                    "Send the picture under a shorter name.",
                )
            facts = job.facts(task.pipeline) | {
                "format": done.format,
                "width": str(done.width),
                "height": str(done.height),
                "frames": str(done.frames),
                "lost": "; ".join(done.lost)[:MOST_LOST],
                "exact": "yes" if pipeline.is_exact(steps) else "",
            }
            results.store(self._bucket, result, key, job, request, facts)
        return results.reply(job.job, key, done.bytes, facts)

    def _earlier_reply(self, job: Job, request: Request) -> Reply | None:
        steps = pipeline.to_wire(self._steps(job))
        return results.earlier_reply(self._bucket, job, request, steps)

    def _steps(self, job: Job) -> tuple[Step, ...]:
        """Return what is done to a picture here."""
        steps = pipeline.from_wire(job.pipeline)
        return pipeline.exactly(steps) if self._settings.exact else steps

    def _tell_missing(self, sandbox: Sandbox) -> None:
        """Say once what keeps pictures apart elsewhere, and is not to be had on this machine."""
        if sandbox.missing and not self._is_told:
            self._is_told = True
            told = "; ".join(sandbox.missing)
            log.warning("of processes of pictures: %s", told, extra={"event": "children"})

    def _fetch(self, key: str, path: Path) -> None:
        """Download a picture, unless its size alone is too much."""
        most = self._limits.source_bytes
        head = self._bucket.head(key)
        if head and head.size > most:
            raise RefusedError(
                f"{quoted(key, 80)} has {head.size / 1e6:.1f} MB; at most {most / 1e6:g} are taken",
                "Send a smaller file.",
            )
        if not (head and self._bucket.download(key, path, most)):
            raise RefusedError(
                f"there is no picture {quoted(key, 80)} in the bucket",
                "Put it there first, then send its key.",
            )


def _wire(steps: str) -> str:
    """Return steps as typed, separated by spaces, as the pipeline that travels."""
    try:
        return pipeline.to_wire(pipeline.parse(steps.split()))
    except RefusedError:
        raise
    except LabappError as error:
        raise RefusedError(error.message, error.remedy) from error


def _check_key(key: str) -> None:
    """Refuse a key that no program of ours makes and no lab needs."""
    parts = key.split("/")
    long = len(key.encode(errors="replace")) > MOST_KEY
    if long or not {"", ".", ".."}.isdisjoint(parts) or printable(key) != key:
        raise RefusedError(
            f"the key {quoted(key, 80)} cannot be used", "Send the key of a picture in the bucket."
        )


def _check_owner(key: str, client: str = "") -> None:
    """Refuse a picture in the folder of another client, who alone may have it processed."""
    if (owner := picture_keys.owner(key)) and owner != client:
        raise RefusedError(
            f"the key {quoted(key, 80)} is below the folder of another client",
            "Send the key of a picture that you put there yourself.",
        )


def _check_dropped(key: str, name: str) -> None:
    """Refuse a dropped picture whose key names no operation."""
    if not key.startswith(DROP) or not name:
        raise RefusedError(f"the key {quoted(key, 80)} is not {DROP}<operation>/<name>")
