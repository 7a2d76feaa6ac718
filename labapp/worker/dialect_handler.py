"""What a worker does with the requests of one queue where a dialect is spoken.

Our own requests go their ordinary way; else the first block of the queue that fits a message says
what it asks. What fits none goes the ordinary way of the queue's own kind of job; a queue that the
dialect alone names has none, so it is put aside with the names of the blocks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from labapp.cloud.bucket import Bucket
from labapp.dialects import speech
from labapp.dialects.messages import Incoming
from labapp.dialects.rules import Block, Dialect, Numbers
from labapp.jobs import attributes, events, lab_queues
from labapp.jobs.kind import JobKind
from labapp.jobs.wire import NobodyToAnswerError, Reply, Request, Spoken
from labapp.settings import Settings
from labapp.worker.block_work import BlockWork
from labapp.worker.handlers import Caller, Handler
from labapp.worker.picture_handler import PictureHandler
from labapp.worker.picture_work import PictureWork
from labapp.worker.stepping import Steps


@dataclass(frozen=True)
class _NoKind(JobKind):
    """Stands for the kind of job of a queue that only a dialect names."""

    queue: str = ""

    def request_queue_name(self, _settings: Settings) -> str:
        """Return the name of the queue of its requests."""
        return self.queue

    def plain_replies_name(self, _settings: Settings) -> str:
        """Return no name: each block says where it answers."""
        return ""


class DialectHandler(Handler):
    """What does the requests of one queue.

    Args:
        ordinary: does those that no block fits; None on a queue of no kind of job.
        queue: the queue's name.
        dialect: whose blocks these are.
        blocks: those of the queue, in the file's order.
        work: does what they ask.
        pictures: processes pictures, on all queues.
    """

    def __init__(
        self,
        ordinary: Handler | None,
        queue: str,
        dialect: Dialect,
        blocks: Sequence[Block],
        work: BlockWork,
        pictures: PictureWork,
        settings: Settings,
    ) -> None:
        self._ordinary = ordinary
        self._queue = queue
        self._dialect = dialect
        self._blocks = blocks
        self._work = work
        self.kind = ordinary.kind if ordinary else _NoKind("dialect", "", "", "", queue=queue)
        has_pictures = not all(block.is_numbers for block in blocks)
        self.concurrency = ordinary.concurrency if ordinary else settings.concurrency
        self._pictures = pictures if has_pictures else None
        if has_pictures:
            self.concurrency = pictures.concurrency
        slow = has_pictures or any(map(_is_stored, blocks))
        self.quick = not slow and (ordinary is None or ordinary.quick)
        self.awaited = frozenset(name for name, rule in dialect.queues.items() if rule.wait)
        answered = (lab_queues.answer_queues_of(block, settings) for block in blocks)
        self.answered_on = frozenset(name for names in answered for name in names)

    @property
    def hands(self) -> int:
        """How many jobs are in flight at most now."""
        if self._pictures:
            return self._pictures.hands
        return self._ordinary.hands if self._ordinary else self.concurrency

    def set_retry(self, call: Caller) -> None:
        """Call the cloud through `call` from now on."""
        self._work.set_retry(call)
        if self._ordinary:
            self._ordinary.set_retry(call)

    def set_steps(self, steps: Steps) -> None:
        """Tell `steps` of what is reached."""
        self._work.set_steps(steps)
        if self._ordinary:
            self._ordinary.set_steps(steps)

    def understood(self, request: Request) -> Request:
        """Return a request with the block that fits it, if one does."""
        message = request.message
        if request.client or message is None or self._is_told_by_s3(request):
            return request
        incoming = Incoming(message.id, message.body, message.typed, message.group)
        block = speech.block_of(self._blocks, incoming)
        if block is None:
            return request
        told = attributes.logged_text(request)
        return request.by(Spoken(block, incoming, told))

    def _is_told_by_s3(self, request: Request) -> bool:
        """Return whether S3 itself sent a message, of what was dropped in the lab's bucket."""
        is_json = self.kind.drops and request.body.lstrip().startswith("{")
        return bool(is_json) and events.read(request.body) is not None

    def work(self, request: Request) -> Reply:
        """Do one job and return its answer."""
        if request.spoken:
            return self._work.do(request, request.spoken)
        if self._ordinary:
            return self._ordinary.work(request)
        if request.client:
            raise NobodyToAnswerError(
                f"the queue {self._queue} is for other labs' clients, and has no jobs of labapp's",
                "Send it to the queue that is meant for it.",
            )
        names = ", ".join(block.name for block in self._blocks)
        raise NobodyToAnswerError(
            f"it fits no block of the dialect {self._dialect.name} for {self._queue}: {names}",
            "Mend the message, or the block's 'when'.",
        )

    def addressed(self, request: Request, reply: Reply) -> Reply:
        """Return an answer as the block of its request says it; what is done is so already."""
        if request.spoken is None or reply.addressed:
            return reply
        return self._work.refuse(request.spoken, reply)


def with_dialect(handlers: Sequence[Handler], settings: Settings, bucket: Bucket) -> list[Handler]:
    """Return what does the requests of each queue of a lab with a dialect.

    Args:
        handlers: what does each kind of job.
        settings: they name the dialect.
        bucket: the lab's own.

    Raises:
        SettingError: something in the dialect is wrong.
    """
    dialect = lab_queues.dialect_of(settings)
    if dialect is None:
        return list(handlers)
    blocks: dict[str, list[Block]] = defaultdict(list)
    for block in dialect.blocks:
        blocks[lab_queues.request_queue_of(block, settings)].append(block)
    owners = {one.kind.request_queue_name(settings): one for one in handlers}
    shared = next((one.pictures for one in handlers if isinstance(one, PictureHandler)), None)
    pictures = shared or PictureWork(settings)
    found: list[Handler] = []
    for queue in dict.fromkeys((*owners, *blocks)):
        work = BlockWork(settings, bucket, queue, pictures)
        found.append(
            DialectHandler(
                owners.get(queue), queue, dialect, blocks[queue], work, pictures, settings
            )
        )
    return found


def _is_stored(block: Block) -> bool:
    """Return whether a block of integers reads of a bucket, or writes to one."""
    return isinstance(block.work, Numbers) and (block.work.is_object or block.result is not None)
