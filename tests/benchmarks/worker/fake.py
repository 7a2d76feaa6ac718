"""The least of SQS and S3 that a worker needs, in memory and driven by events.

It takes the emulator's own cost out of the way, and adds a delay to every request where the
variable BENCH_DELAY_MS asks for one. No signatures, no validation, no persistence.
"""

from __future__ import annotations

import asyncio
import hashlib
import heapq
import itertools
import json
import os
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from tests.benchmarks.worker.counting import Counting, Receive, Scope, Send, respond
from tests.benchmarks.worker.job import queue_url

#: Seconds between looks at what became visible again while a poll waits.
LOOK = 0.25

Data = dict[str, Any]


class UnknownError(Exception):
    """What was asked for does not exist; its text is the error's code."""


class Messages:
    """One queue."""

    def __init__(self, name: str, attributes: Data) -> None:
        self.url = queue_url(name)
        self.visibility = int(attributes.get("VisibilityTimeout", 30))
        self.ready: deque[Data] = deque()
        self.hidden: dict[str, tuple[float, Data]] = {}
        self._due: list[tuple[float, str]] = []
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._numbers = itertools.count(1)

    def put(self, message: Data) -> None:
        self.ready.append(message)
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return

    def send(self, entry: Data) -> Data:
        body = entry["MessageBody"]
        digest = hashlib.md5(body.encode()).hexdigest()
        number = f"m{next(self._numbers)}"
        message = {
            "MessageId": number,
            "MD5OfBody": digest,
            "Body": body,
            "Attributes": {
                "ApproximateReceiveCount": "0",
                "SentTimestamp": str(int(time.time() * 1000)),
            },
        }
        if entry.get("MessageAttributes"):
            message["MessageAttributes"] = entry["MessageAttributes"]
        self.put(message)
        return {"MessageId": number, "MD5OfMessageBody": digest}

    async def receive(self, most: int, wait: float, visibility: int) -> list[Data]:
        until = time.monotonic() + wait
        while not (taken := self._take(most, visibility)):
            left = until - time.monotonic()
            if left <= 0:
                break
            waiter = asyncio.get_running_loop().create_future()
            self._waiting.append(waiter)
            await asyncio.wait([waiter], timeout=min(left, LOOK))
            waiter.cancel()
        return taken

    def hide(self, receipt: str, message: Data, seconds: int) -> None:
        due = time.monotonic() + seconds
        self.hidden[receipt] = (due, message)
        heapq.heappush(self._due, (due, receipt))

    def change(self, receipt: str, seconds: int) -> bool:
        held = self.hidden.pop(receipt, None)
        if held is None:
            return False
        if seconds:
            self.hide(receipt, held[1], seconds)
        else:
            self.put(held[1])
        return True

    def delete(self, receipt: str) -> bool:
        return self.hidden.pop(receipt, None) is not None

    def _take(self, most: int, visibility: int) -> list[Data]:
        present = time.monotonic()
        while self._due and self._due[0][0] <= present:
            due, receipt = heapq.heappop(self._due)
            if receipt in self.hidden and self.hidden[receipt][0] == due:
                self.put(self.hidden.pop(receipt)[1])
        taken: list[Data] = []
        while self.ready and len(taken) < most:
            message = self.ready.popleft()
            counted = message["Attributes"]
            counted["ApproximateReceiveCount"] = str(int(counted["ApproximateReceiveCount"]) + 1)
            receipt = f"{message['MessageId']}-{counted['ApproximateReceiveCount']}"
            self.hide(receipt, message, visibility)
            taken.append({**message, "ReceiptHandle": receipt})
        return taken


class Fake:
    """The emulator: queues and objects."""

    def __init__(self) -> None:
        self._queues: dict[str, Messages] = {}
        self._objects: dict[str, bytes] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            return
        body = b""
        more = True
        while more:
            part = await receive()
            body += part.get("body", b"")
            more = part.get("more_body", False)
        target = dict(scope["headers"]).get(b"x-amz-target", b"").decode()
        if target:
            status, content = await self._sqs(target.rpartition(".")[2], json.loads(body or b"{}"))
            json_type = (b"content-type", b"application/x-amz-json-1.0")
            await respond(send, status, content, (json_type,))
            return
        status, content = self._s3(scope["method"], scope["path"], body)
        etag = (b"etag", f'"{hashlib.md5(body or content).hexdigest()}"'.encode())
        await respond(send, status, content, (etag,))

    async def _sqs(self, operation: str, data: Data) -> tuple[int, bytes]:
        try:
            if operation == "ReceiveMessage":
                answer = await self._receive(data)
            else:
                answer = self._operations.get(operation, _unsupported)(self, data)
        except UnknownError as error:
            body = {"__type": f"com.amazonaws.sqs#{error}", "message": str(error)}
            return 400, json.dumps(body).encode()
        return 200, json.dumps(answer).encode()

    async def _receive(self, data: Data) -> Data:
        queue = self._queue(data)
        taken = await queue.receive(
            data.get("MaxNumberOfMessages", 1),
            data.get("WaitTimeSeconds", 0),
            data.get("VisibilityTimeout", queue.visibility),
        )
        return {"Messages": taken} if taken else {}

    def _s3(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        if method == "PUT":
            self._objects[path] = body
            return 200, b""
        if path not in self._objects:
            return 404, b"<Error><Code>NoSuchKey</Code><Message>none</Message></Error>"
        return 200, self._objects[path]

    def _queue(self, data: Data) -> Messages:
        name = data["QueueName"] if "QueueName" in data else data["QueueUrl"].rpartition("/")[2]
        try:
            return self._queues[name]
        except KeyError:
            raise UnknownError("QueueDoesNotExist") from None

    def _create(self, data: Data) -> Data:
        name = data["QueueName"]
        self._queues.setdefault(name, Messages(name, data.get("Attributes", {})))
        return {"QueueUrl": self._queues[name].url}

    def _drop(self, data: Data) -> Data:
        self._queue(data)
        del self._queues[data["QueueUrl"].rpartition("/")[2]]
        return {}

    def _list(self, data: Data) -> Data:
        prefix = data.get("QueueNamePrefix", "")
        return {"QueueUrls": [q.url for name, q in self._queues.items() if name.startswith(prefix)]}

    def _attributes(self, data: Data) -> Data:
        queue = self._queue(data)
        counts = {
            "ApproximateNumberOfMessages": str(len(queue.ready)),
            "ApproximateNumberOfMessagesNotVisible": str(len(queue.hidden)),
            "ApproximateNumberOfMessagesDelayed": "0",
        }
        return {"Attributes": {"VisibilityTimeout": str(queue.visibility), **counts}}

    def _delete(self, data: Data) -> Data:
        self._queue(data).delete(data["ReceiptHandle"])
        return {}

    def _send_batch(self, data: Data) -> Data:
        queue = self._queue(data)
        sent = [{"Id": entry["Id"], **queue.send(entry)} for entry in data["Entries"]]
        return {"Successful": sent, "Failed": []}

    def _delete_batch(self, data: Data) -> Data:
        queue = self._queue(data)
        return _sorted_out(data, lambda entry: queue.delete(entry["ReceiptHandle"]))

    def _change_batch(self, data: Data) -> Data:
        queue = self._queue(data)
        return _sorted_out(
            data, lambda entry: queue.change(entry["ReceiptHandle"], entry["VisibilityTimeout"])
        )

    def _change(self, data: Data) -> Data:
        self._queue(data).change(data["ReceiptHandle"], data["VisibilityTimeout"])
        return {}

    _operations: dict[str, Callable[[Fake, Data], Data]] = {  # noqa: RUF012 - never changed
        "CreateQueue": _create,
        "DeleteQueue": _drop,
        "ListQueues": _list,
        "GetQueueUrl": lambda self, data: {"QueueUrl": self._queue(data).url},
        "GetQueueAttributes": _attributes,
        "SendMessage": lambda self, data: self._queue(data).send(data),
        "SendMessageBatch": _send_batch,
        "DeleteMessage": _delete,
        "DeleteMessageBatch": _delete_batch,
        "ChangeMessageVisibility": _change,
        "ChangeMessageVisibilityBatch": _change_batch,
    }


def _unsupported(_fake: Fake, _data: Data) -> Data:
    raise UnknownError("UnsupportedOperation")


def _sorted_out(data: Data, does: Callable[[Data], bool]) -> Data:
    """Do something for each entry of a batch; return which it worked for, as SQS does."""
    done: list[Data] = []
    failed: list[Data] = []
    for entry in data["Entries"]:
        (done if does(entry) else failed).append({"Id": entry["Id"]})
    fault = {"Code": "ReceiptHandleIsInvalid", "SenderFault": True}
    return {"Successful": done, "Failed": [entry | fault for entry in failed]}


app = Counting(Fake(), float(os.environ.get("BENCH_DELAY_MS", "0")) / 1000)
