"""What a dialect's blocks ask for: integers summed up, pictures processed, in a lab's own buckets.

The order is that of every job: what is stored is stored before anything is answered, and under the
same key each time. But answers are made before that: for what is refused, as it cannot be answered,
nothing is stored. Names of buckets come from the dialect's file, keys from anybody: none of them
may be where labapp keeps what is nobody's business.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from labapp import foreign, numbers
from labapp.cloud.bucket import Bucket
from labapp.cloud.other_bucket import with_bucket
from labapp.cloud.queues import Outgoing
from labapp.dialects import speech
from labapp.dialects.filling import told
from labapp.dialects.messages import Answer, Done, PictureAsked
from labapp.dialects.rules import Block
from labapp.errors import RefusedError, TooLargeError
from labapp.jobs import lab_queues, steps
from labapp.jobs.picture_keys import check_asked
from labapp.jobs.wire import (
    DONE,
    MOST_BODY,
    MOST_RESULT,
    Reply,
    Request,
    Spoken,
    check_size,
    quoted,
)
from labapp.pictures.limits import FORMATS
from labapp.settings import Settings
from labapp.worker.handlers import Caller
from labapp.worker.picture_handler import job_of_plain
from labapp.worker.picture_work import PictureWork, wire
from labapp.worker.retrying_bucket import RetryingBucket
from labapp.worker.stepping import NO_STEPS, Steps

T = TypeVar("T")

#: Bytes of an object of integers that are read: what a message may hold of them.
MOST_OBJECT = MOST_BODY


class BlockWork:
    """Does what the blocks of one queue of requests ask for; shared by the queue's threads.

    Args:
        bucket: the lab's own.
        queue: the name of the queue.
        pictures: processes pictures, those of other queues too.
    """

    def __init__(
        self, settings: Settings, bucket: Bucket, queue: str, pictures: PictureWork
    ) -> None:
        self._settings = settings
        self._rules = numbers.Rules(settings.max_integers, settings.allow_negative)
        self._pictures = pictures
        self._queue = queue
        self._own = bucket
        self._buckets: dict[str, RetryingBucket] = {}
        self._call: Caller = _once
        self._steps = NO_STEPS

    def set_retry(self, call: Caller) -> None:
        """Call the cloud through `call` from now on."""
        self._call = call

    def set_steps(self, steps: Steps) -> None:
        """Tell `steps` of what is reached."""
        self._steps = self._pictures.steps = steps

    def do(self, request: Request, spoken: Spoken) -> Reply:
        """Do what a request asks by its block, and return its answers."""
        block = spoken.block
        ask = self._sum_up if block.is_numbers else self._process
        try:
            text, answers = ask(request, spoken)
        except RefusedError as error:
            raise speech.fitting(error) from None
        return Reply(text, request.job, DONE, addressed=self._addressed(block, answers))

    def refuse(self, spoken: Spoken, reply: Reply) -> Reply:
        """Return an answer that is a refusal, or tells of a failure, as the block says it."""
        answers = speech.refusals(spoken.block, spoken.message, reply.body, reply.status)
        return replace(reply, addressed=self._addressed(spoken.block, answers))

    def _addressed(
        self, block: Block, answers: tuple[Answer, ...]
    ) -> tuple[tuple[str, Outgoing], ...]:
        return tuple(
            (
                one.queue or lab_queues.kind_of(block).plain_replies_name(self._settings),
                Outgoing(one.body, {}, one.group, one.attributes, one.deduplication),
            )
            for one in answers
        )

    def _sum_up(self, request: Request, spoken: Spoken) -> tuple[str, tuple[Answer, ...]]:
        """Sum up a list, and store the answer where the block says so.

        Returns:
            The sentence, and the messages that answer.
        """
        block, message = spoken.block, spoken.message
        check_size(request.body)
        key = speech.object_key(block, message)
        text = self._object(block, key) if key else ""
        values = speech.integers(block, message, text)
        numbers.check(values, self._rules)
        self._steps.reached(steps.VALIDATED, request.message, request)
        summary = numbers.summarise(values)
        done = Done(tuple(values), summary, source=key)
        if result := speech.result_key(block, message, done, self._own_of(block)):
            done = replace(done, result=result)
        answers = speech.answers(block, message, done)
        self._steps.reached(steps.DONE, request.message, request)
        if result:
            held = speech.content(block, message, done)
            self._bucket(block.result_bucket or block.bucket).put_text(result, held)
        return summary.sentence(), answers

    def _object(self, block: Block, key: str) -> str:
        """Return the text of an object of integers."""
        self._check_source(block, key, "numbers")
        try:
            bucket = self._bucket(block.bucket)
            found = bucket.read(key, MOST_OBJECT)
        except TooLargeError as error:
            raise told(error, block, "numbers") from error
        if found is None:
            missing = RefusedError(
                f"there is no object {quoted(key, 80)} in the bucket {bucket.name}",
                "Put it there first, then send its key.",
            )
            raise told(missing, block, "numbers")
        return found.decode("utf-8-sig", "replace")

    def _process(self, request: Request, spoken: Spoken) -> tuple[str, tuple[Answer, ...]]:
        """Process a picture; return the key of its result, and the messages that answer."""
        block, message = spoken.block, spoken.message
        asked = speech.picture(block, message)
        self._check_source(block, asked.key, "picture")
        job = job_of_plain(self._settings, asked.key, request)
        if asked.steps is not None:
            words = " ".join(asked.steps)
            job = replace(job, pipeline=_refused_as(block, "steps", lambda: wire(words)))

        def done_as(format: str, key: str) -> Done:
            extension = speech.extension_of(replace(asked, format=format))
            return Done(source=asked.key, extension=extension, result=key)

        def answered(format: str, key: str) -> tuple[Answer, ...]:
            return speech.answers(block, message, done_as(format, key))

        def named(format: str, usual: str) -> str:
            own = self._own_of(block)
            key = speech.result_key(block, message, done_as(format, ""), own) or usual
            answered(format, key)
            return key

        _check_answers(asked, named)
        job = replace(job, format=asked.format, quality=asked.quality, named=named)
        of, to = self._bucket(block.bucket), self._bucket(block.result_bucket or block.bucket)
        reply = _refused_as(block, "picture", lambda: self._pictures.do(job, request, of, to))
        values = foreign.object_or_empty(reply.result, MOST_RESULT)
        return reply.body, answered(foreign.text(values.get("format")), reply.body)

    def _check_source(self, block: Block, key: str, part: str) -> None:
        """Refuse the key of what is no lab's client's to ask for."""
        if block.bucket and block.bucket != self._own_name():
            return
        _refused_as(block, part, lambda: check_asked(key))

    def _own_of(self, block: Block) -> str:
        """Return the name of the lab's bucket; empty where a block's results lie by its source."""
        return self._own_name() if block.result_bucket else ""

    def _own_name(self) -> str:
        return self._call(lambda: self._own.name)

    def _bucket(self, name: str) -> RetryingBucket:
        """Return a bucket by name; the lab's own for none."""
        found = self._buckets.get(name)
        if found is None:
            cloud = self._call(lambda: with_bucket(self._own.cloud, name))
            found = RetryingBucket(Bucket(cloud), self._queue)
            found.call = self._call
            self._buckets[name] = found
        return found


def _check_answers(asked: PictureAsked, named: Callable[[str, str], str]) -> None:
    """See to it before a picture is processed that somebody can be told of the result.

    Args:
        asked: the picture; where no format is asked for, the result may have any.
        named: gives the key of a result of some format, if that can be told.

    Raises:
        RefusedError: nobody can, whatever its format will be.
    """
    first: RefusedError | None = None
    for format in (asked.format,) if asked.format else ("", *FORMATS):
        try:
            named(format, asked.key)
        except RefusedError as error:
            first = first or error
        else:
            return
    if first:
        raise first


def _refused_as(block: Block, part: str, action: Callable[[], T]) -> T:
    """Do something for a block; a refusal names the block, and the key of it that asked for it."""
    try:
        return action()
    except RefusedError as error:
        raise told(error, block, part) from None


def _once(action: Callable[[], T], /) -> T:
    return action()
