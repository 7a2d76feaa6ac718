"""What the local cloud's queues keep, whatever ends its process.

MiniStack has its queues in memory. Here each change is written to a journal before it is answered,
and read back at the next start (`replay`). Once the journal has grown well beyond what it
says, it is written anew, as the records that make the queues as they are.

A change that cannot be written is undone and refused, as `disk` tells.
"""

from __future__ import annotations

import itertools
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from labapp.cloud.embedded import one_account
from labapp.cloud.embedded.creating import claiming, giving_way
from labapp.cloud.embedded.disk import CODE, STATUS, Disk
from labapp.cloud.embedded.journal import Journal
from labapp.cloud.embedded.long_queues import LongQueues, messages_of
from labapp.cloud.embedded.message_store import Message
from labapp.cloud.embedded.replay import FORMAT, TAKEN, Queue, Replay, name_of, record_of
from labapp.cloud.embedded.sending import with_few_attributes

Request = dict[str, Any]
Answer = dict[str, Any]
Handler = Callable[[Request, str], Answer]

#: The journal's name in the folder for state.
JOURNAL_FILE = "queues.journal"

#: Bytes of journal below which it is not written anew. Reading as much takes about 0.1 s.
LEAST_BYTES = 4_000_000

#: Times that the journal may outgrow what it was when written anew.
GROWTH = 3

#: Messages in one record of a journal that is written anew.
TOGETHER = 100

#: Actions that change a queue, but not its messages.
_SHAPING = (
    *("CreateQueue", "SetQueueAttributes", "AddPermission", "RemovePermission"),
    *("TagQueue", "UntagQueue"),
)

_log = logging.getLogger("labapp.local")


class Queues:
    """Keeps the queues of MiniStack's SQS module, already imported, in a journal.

    Args:
        sqs: the module.
        folder: the folder for state.
        disk: told of what cannot be written.
    """

    def __init__(self, sqs: Any, folder: Path, disk: Disk) -> None:
        self._sqs = sqs
        self._long = LongQueues(sqs)
        self._disk = disk
        self._journal = Journal(folder / JOURNAL_FILE)
        #: Bytes beyond which the journal is written anew; known once it is loaded.
        self._limit: int

    def load(self) -> None:
        """Read the queues back, and keep what changes from now on.

        Raises:
            OSError: the journal cannot be read or written.
        """
        replay = Replay()
        damaged = self._journal.open(replay.apply)
        for queue, (account, region, url) in replay.queues():
            messages_of(self._sqs, queue).counts(time.time())
            self._sqs._queues.set_scoped(account, region, url, queue)
        moved = one_account.adopt_queues(self._sqs)
        self._sqs._rebuild_queue_name_index()
        if damaged or moved or not self._journal.size:
            self.save()
        self._set_limit()
        self._install()

    def save(self) -> None:
        """Write the journal anew, as short as it can be.

        Raises:
            OSError: it cannot be written; the journal is as it was.
        """
        self._journal.replace(self._state())
        self._set_limit()

    def _set_limit(self) -> None:
        self._limit = max(LEAST_BYTES, GROWTH * self._journal.size)

    def close(self) -> None:
        """Make the next start quick, and let go of the journal."""
        try:
            self.save()
        except OSError as error:
            _log.warning("the journal of the queues stays as long as it is: %s", error)
        self._journal.close()

    def by_arn(self, arn: str) -> Queue | None:
        """Return the queue with this ARN."""
        found: Queue | None = self._sqs._queue_by_arn(arn)
        return found

    def keep_sent(self, queue: Queue, before: int) -> None:
        """Keep the messages of `queue` from place `before` on; they are taken back if it fails.

        Raises:
            OSError: they could not be written.
        """
        count = len(queue["messages"]) - before
        if count > 0:
            messages = messages_of(self._sqs, queue)
            sent = messages.newest(count)
            try:
                self._write(["send", name_of(queue), [record_of(message) for message in sent]])
            except OSError:
                messages.drop_newest(count)
                for message in sent:
                    queue["dedup_cache"].pop(message.get("dedup_cache_key"), None)
                raise

    def _write(self, record: list[Any]) -> None:
        """Write what the queues say already."""
        self._journal.append(record)
        self._shorten()

    def _shorten(self) -> None:
        """Write the journal anew if it is long; a record ahead of the queues would be lost."""
        if self._journal.size > self._limit:
            try:
                self.save()
            except OSError as error:
                self._limit = 2 * self._journal.size
                _log.warning("the journal of the queues stays as long as it is: %s", error)

    def _state(self) -> Iterator[list[Any]]:
        yield ["labapp", FORMAT]
        for (account, region, url), queue in self._sqs._queues.all_items():
            yield ["queue", account, region, url, _shape(queue)]
            messages = map(record_of, messages_of(self._sqs, queue))
            while some := [*itertools.islice(messages, TOGETHER)]:
                yield ["send", name_of(queue), some]

    # What is put in the place of MiniStack's own.

    def _install(self) -> None:
        sqs, handlers = self._sqs, self._sqs._HANDLERS
        self._long.install()
        refusing = self._refusing()
        create, change = handlers["CreateQueue"], handlers["SetQueueAttributes"]
        handlers["CreateQueue"] = giving_way(create, change, sqs)
        handlers["SetQueueAttributes"] = claiming(change, sqs)
        for action in _SHAPING:
            handlers[action] = refusing(self._shaped(handlers[action]))
        # A batch sends each of its messages by the same function.
        handlers["SendMessage"] = with_few_attributes(handlers["SendMessage"], sqs)
        sqs._act_send_message = handlers["SendMessage"]
        for action in ("SendMessage", "SendMessageBatch"):
            handlers[action] = refusing(self._sending(handlers[action]))
        for action, record in (
            ("DeleteMessage", _deleted),
            ("DeleteMessageBatch", _deleted),
            ("ChangeMessageVisibility", _shown),
            ("ChangeMessageVisibilityBatch", _shown),
            ("PurgeQueue", lambda queue, _: ["purge", name_of(queue)]),
            ("DeleteQueue", lambda queue, _: ["gone", name_of(queue)]),
        ):
            handlers[action] = refusing(self._foretold(handlers[action], record))
        receive = handlers["ReceiveMessage"]

        async def receive_message(request: Request, url: str) -> Answer:
            with self._refusing():
                answer: Answer = await receive(request, url)
            return answer

        handlers["ReceiveMessage"] = receive_message
        sqs._collect_msgs, sqs._dlq_sweep = self._collect, self._sweep

    @contextmanager
    def _refusing(self) -> Iterator[None]:
        """Refuse in SQS's words what cannot be written in the block, or the function around it."""
        try:
            yield
        except OSError as error:
            raise self._sqs._Err(CODE, self._disk.note_refusal(error), STATUS) from error

    def _queue(self, request: Request, url: str) -> Queue:
        queue: Queue = self._sqs._get_q(request.get("QueueUrl", url))
        return queue

    def _foretold(self, handler: Handler, record: Callable[[Queue, Request], list[Any]]) -> Handler:
        """Write first, for what may be read back though it was then refused."""

        def foretold(request: Request, url: str) -> Answer:
            self._journal.append(record(self._queue(request, url), request))
            try:
                return handler(request, url)
            finally:
                self._shorten()

        return foretold

    def _sending(self, handler: Handler) -> Handler:
        def sending(request: Request, url: str) -> Answer:
            queue = self._queue(request, url)
            before, number = len(queue["messages"]), queue["fifo_seq"]
            answer = handler(request, url)
            try:
                self.keep_sent(queue, before)
            except OSError:
                queue["fifo_seq"] = number
                raise
            return answer

        return sending

    def _shaped(self, handler: Handler) -> Handler:
        def shaped(request: Request, url: str) -> Answer:
            queues = self._sqs._queues
            new = self._sqs._queue_url(name) if (name := request.get("QueueName")) else ""
            there = queues.get(new) if new else self._queue(request, url)
            before = _copy(there) if there else {}
            answer = handler(request, url)
            queue = there or self._queue(answer, url)
            if _copy(queue) == before:
                return answer
            place = next(place for place, one in queues._data.items() if one is queue)
            try:
                self._write(["queue", *place, _shape(queue)])
            except OSError:
                if there:
                    queue.update(before)
                else:
                    del queues._data[place]
                    self._sqs._queue_name_to_url.pop(queue["name"], None)
                raise
            return answer

        return shaped

    def _collect(self, queue: Queue, most: int, seconds: int) -> list[Message]:
        taken = self._long.collect(queue, most, seconds)
        if taken:
            try:
                record = [[each["id"], *(each[name] for name in TAKEN)] for each in taken]
                self._write(["take", name_of(queue), record])
            except OSError:
                messages_of(self._sqs, queue).put_back(taken)
                raise
        return taken

    def _sweep(self, queue: Queue) -> None:
        """Keep what is moved to the dead letters, first of all."""
        found, target = self._long.exhausted(queue)
        if found and target is not None:
            now, ids = time.time(), [each["id"] for each in found]
            self._journal.append(["move", name_of(queue), name_of(target), ids, now])
            self._long.move(queue, target, found, now)
            self._shorten()


def ages(sqs: Any) -> dict[str, float]:
    """Return by each queue's name how many seconds its oldest visible message has waited.

    A queue in which nothing waits is left out.

    MiniStack lists every message of every queue, bodies and all; with many, and then it matters,
    that takes longer than anybody waits.
    """
    queues: Mapping[tuple[str, ...], Queue] = sqs._queues.to_dict()
    now = time.time()
    found: dict[str, float] = {}
    for scoped, queue in queues.items():
        sent = messages_of(sqs, queue).oldest(now)
        if sent is not None:
            found[scoped[-1].rpartition("/")[2]] = max(0.0, now - sent)
    return found


def _shape(queue: Queue) -> Queue:
    """Return all of a queue but its messages."""
    return {name: value for name, value in queue.items() if name != "messages"}


def _copy(queue: Queue) -> Queue:
    """Return what requests change of a queue, beside its messages, as it is now."""
    counts = "ApproximateNumberOf"
    attributes = queue["attributes"].items()
    return {
        "attributes": {name: value for name, value in attributes if not name.startswith(counts)},
        "tags": dict(queue.get("tags", {})),
    }


def _entries(request: Request) -> list[Request]:
    entries: list[Request] = request.get("Entries", [request])
    return entries


def _deleted(queue: Queue, request: Request) -> list[Any]:
    return ["delete", name_of(queue), [each.get("ReceiptHandle", "") for each in _entries(request)]]


def _shown(queue: Queue, request: Request) -> list[Any]:
    now = time.time()
    return [
        "show",
        name_of(queue),
        [
            (each.get("ReceiptHandle", ""), now + int(each.get("VisibilityTimeout", 30)))
            for each in _entries(request)
        ],
    ]
