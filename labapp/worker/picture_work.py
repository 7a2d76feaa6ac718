"""What is done to a picture, whoever asked for it: fetch, process in a child, store.

All queues of a worker whose jobs are pictures share this: no more are worked on at once than there
are processors, and each client has its turn. No key ever becomes a path on this machine.
"""

from __future__ import annotations

import contextlib
import logging
import os
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

from labapp.errors import LabappError, RefusedError, TooLargeError
from labapp.files import private, replacing
from labapp.jobs import picture_keys
from labapp.jobs.picture_request import limits_of
from labapp.jobs.steps import DONE, VALIDATED
from labapp.jobs.wire import Reply, Request, quoted
from labapp.pictures import pipeline
from labapp.pictures.held import HeldTask
from labapp.pictures.limits import EXTENSIONS
from labapp.pictures.pipeline import Step
from labapp.pictures.process import PictureTask, Processed
from labapp.pictures.sandbox import Caps, Sandbox
from labapp.settings import Settings
from labapp.visible import printable
from labapp.worker import results
from labapp.worker.picture_turns import PictureTurns
from labapp.worker.results import MOST_LOST, Job
from labapp.worker.retrying_bucket import RetryingBucket
from labapp.worker.stepping import NO_STEPS

log = logging.getLogger(__name__)

#: Bytes that a key of S3 may have at most, as Amazon says.
MOST_KEY = 1_024

#: What the process has loaded that pictures' processes are forked from; and that for pictures which
#: are worked on exactly, so that no other has scikit-image in its memory.
PRELOADED, PRELOADED_EXACT = "labapp.worker.preload", "labapp.worker.preload_exact"

#: How a picture that is worked on exactly would take less: where it was asked for, where it is not.
_LIGHTER = "it without --exact", "it to a worker that is not set to LABAPP_EXACT"

#: Bytes of a picture that is held in memory; a larger one lies in a file. So much of each of those
#: in hand is less than a process of a picture takes.
HELD = 8_000_000


class PictureWork:
    """Processes pictures, as many at once as there are processors."""

    def __init__(self, settings: Settings) -> None:
        at_once = settings.picture_processes or os.cpu_count() or 1
        self._turns = PictureTurns(at_once)
        self._settings = settings
        limits = self._limits = limits_of(settings)
        caps = Caps(limits.seconds, limits.memory, on_worker=True, file=limits.result_bytes)
        self._sandbox = Sandbox(caps, PRELOADED)
        lighter = replace(caps, lighter=_LIGHTER[settings.exact])
        self._exact_sandbox = Sandbox(lighter, PRELOADED_EXACT)
        self._is_told = False
        #: Told of the steps that are reached here, whoever asked.
        self.steps = NO_STEPS

    @property
    def concurrency(self) -> int:
        """How many pictures are in hand at most."""
        return self._turns.most_hands

    @property
    def hands(self) -> int:
        """How many are at most now."""
        return self._turns.hands

    def do(
        self, job: Job, request: Request, bucket: RetryingBucket, to: RetryingBucket | None = None
    ) -> Reply:
        """Process a picture of one bucket, store the result in it, or in another."""
        check_key(job.source)
        steps = self._steps(job)
        self.steps.reached(VALIDATED, request.message, request)
        may_be_known = request.receives > 1 or request.is_claimed
        if may_be_known and (known := self.earlier_reply(job, request, to or bucket)):
            return known
        with contextlib.ExitStack() as kept:  # a result in a file is there until it is stored
            done, result = self._process(kept, job, steps, request, bucket)
            ending = EXTENSIONS[done.format]
            made = picture_keys.made_name(job.source, pipeline.label(steps), ending)
            usual = job.result + (job.name or made)
            key = job.named(done.format, usual) if job.named else usual
            # A lab's own folder of results may have a longer name than that of its sources.
            if (size := len(key.encode())) > MOST_KEY:
                raise RefusedError(
                    f"the key of the result would have {size:,} bytes; S3 takes {MOST_KEY:,}",
                    "Send the picture under a shorter name.",
                )
            facts = job.facts(pipeline.to_wire(steps)) | {
                "format": done.format,
                "width": str(done.width),
                "height": str(done.height),
                "frames": str(done.frames),
                "lost": "; ".join(done.lost)[:MOST_LOST],
                "exact": "yes" if pipeline.is_exact(steps) else "",
            }
            self.steps.reached(DONE, request.message, request)
            results.store(to or bucket, result, key, job, request, facts)
        return results.reply(job.job, key, done.bytes, facts)

    def _process(
        self,
        kept: contextlib.ExitStack,
        job: Job,
        steps: tuple[Step, ...],
        request: Request,
        bucket: RetryingBucket,
    ) -> tuple[Processed, Path | bytes]:
        """Fetch a picture and have it processed; return what came of it, in a file or as bytes.

        The file is there as long as `kept` is open.
        """
        name = printable(unquote(job.source.rpartition("/")[2]))
        wire = pipeline.to_wire(steps)
        asked = self._limits, job.format, name, job.quality
        exact = any(step.exact for step in steps)
        sandbox = self._exact_sandbox if exact else self._sandbox
        data = self._held(bucket, job.source)
        if data is not None:
            held = self._turns.run(HeldTask(data, wire, *asked), request.client, sandbox)
            self._tell_missing(sandbox)
            return held.done, held.data
        folder = kept.enter_context(private.temporary())
        source, result = folder / "source", folder / "result"
        self._fetch(bucket, job.source, source)
        done = self._turns.run(PictureTask(source, wire, result, *asked), request.client, sandbox)
        self._tell_missing(sandbox)
        replacing.remove(source)
        return done, result

    def earlier_reply(self, job: Job, request: Request, bucket: RetryingBucket) -> Reply | None:
        """Return the answer to a job whose result is in a bucket already."""
        steps = pipeline.to_wire(self._steps(job))
        return results.earlier_reply(bucket, job, request, steps)

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

    def _held(self, bucket: RetryingBucket, key: str) -> bytes | None:
        """Return a picture's bytes; None where they are too many to be held.

        Raises:
            RefusedError: there is none.
        """
        try:
            found = bucket.read(key, min(HELD, self._limits.source_bytes), "pictures")
        except TooLargeError:
            return None
        if found is None:
            raise _no_picture(bucket, key)
        return found

    def _fetch(self, bucket: RetryingBucket, key: str, path: Path) -> None:
        """Download a picture, unless its size alone is too much."""
        most = self._limits.source_bytes
        head = bucket.head(key)
        if head and head.size > most:
            raise RefusedError(
                f"{quoted(key, 80)} has {head.size / 1e6:.1f} MB; at most {most / 1e6:g} are taken",
                "Send a smaller file.",
            )
        if not (head and bucket.download(key, path, most)):
            raise _no_picture(bucket, key)


def _no_picture(bucket: RetryingBucket, key: str) -> RefusedError:
    return RefusedError(
        f"there is no picture {quoted(key, 80)} in the bucket {bucket.name}",
        "Put it there first, then send its key.",
    )


def wire(steps: str) -> str:
    """Return steps as typed, separated by spaces, as the pipeline that travels."""
    try:
        return pipeline.to_wire(pipeline.parse(steps.split()))
    except RefusedError:
        raise
    except LabappError as error:
        raise RefusedError(error.message, error.remedy) from error


def check_key(key: str) -> None:
    """Refuse a key that no program of ours makes and no lab needs."""
    parts = key.split("/")
    long = len(key.encode(errors="replace")) > MOST_KEY
    if long or not {"", ".", ".."}.isdisjoint(parts) or printable(key) != key:
        raise RefusedError(
            f"the key {quoted(key, 80)} cannot be used", "Send the key of a picture in the bucket."
        )
