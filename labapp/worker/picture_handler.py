"""The picture job: fetch, process in a child, store, answer with the result's key.

Three kinds of senders share the queue: our own clients, who send a key and a pipeline; plain
clients, who send a key or a bare name; and S3 itself, which tells of pictures dropped under
`drop/<operation>/`. Whoever it was, a key is only read below the prefixes that are for it, results
go below theirs, and no key ever becomes a path on this machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import unquote_plus

from labapp.cloud.bucket import Bucket
from labapp.cloud.doctor import probe
from labapp.errors import JobFailedError, RefusedError
from labapp.jobs import events, marks, picture_keys
from labapp.jobs.events import Created
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
from labapp.pictures.limits import known_format, known_quality
from labapp.settings import Settings
from labapp.worker.handlers import Caller, Handler
from labapp.worker.picture_work import PictureWork, check_key, wire
from labapp.worker.results import Job
from labapp.worker.retrying_bucket import RetryingBucket
from labapp.worker.stepping import Steps


class PictureHandler(Handler):
    """The picture job, with as many children at once as there are processors."""

    kind = PICTURES
    quick = False

    def __init__(self, settings: Settings, bucket: Bucket) -> None:
        self.pictures = PictureWork(settings)
        self.concurrency = self.pictures.concurrency
        self._bucket = RetryingBucket(bucket, self.kind.request_queue_name(settings))
        self._settings = settings

    @property
    def hands(self) -> int:
        """How many pictures are in flight at most now."""
        return self.pictures.hands

    def set_retry(self, call: Caller) -> None:
        """Call the cloud through `call` from now on."""
        self._bucket.call = call

    def set_steps(self, steps: Steps) -> None:
        """Tell `steps` of what is reached."""
        self.pictures.steps = steps

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
        picture_keys.check_owner(request.body, request.client)
        asked = request.attributes.get
        steps = asked(PIPELINE) or wire(self._settings.default_pipeline)
        format = known_format(word) if (word := asked(FORMAT)) else ""
        quality = known_quality(word) if (word := asked(QUALITY)) else None
        mark = marks.mark_of(self.kind.name, request)
        place = picture_keys.result_folder(request)
        return Job(request.job, request.body, steps, format, place, mark, quality=quality)

    def _job_of_plain(self, request: Request) -> Job:
        """Read a plain client's request: a key, or a name below the prefix that settings give."""
        prefix = self._settings.plain_source_prefix
        key = request.body.strip()
        key = key if key.startswith(prefix) else prefix + key
        return job_of_plain(self._settings, key, request)

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
                steps = wire(operation)
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
        check_key(decoded)
        return key if self._bucket.head(decoded) is None else decoded

    def _process(self, job: Job, request: Request) -> Reply:
        return self.pictures.do(job, request, self._bucket)

    def _earlier_reply(self, job: Job, request: Request) -> Reply | None:
        return self.pictures.earlier_reply(job, request, self._bucket)


def job_of_plain(settings: Settings, key: str, request: Request) -> Job:
    """Return what a lab's own client asks of a picture, where it says no more than its key.

    Raises:
        RefusedError: the picture is one of labapp's clients'.
    """
    picture_keys.check_owner(key)
    result, name = picture_keys.plain_place(settings, key, request.job)
    steps, mark = wire(settings.default_pipeline), marks.mark_of(PICTURES.name, request)
    return Job(request.job, key, steps, "", result, mark, name)


def _check_dropped(key: str, name: str) -> None:
    """Refuse a dropped picture whose key names no operation."""
    if not key.startswith(DROP) or not name:
        raise RefusedError(f"the key {quoted(key, 80)} is not {DROP}<operation>/<name>")
