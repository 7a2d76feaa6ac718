"""What a request costs the local cloud's queues by how many messages they have.

    python -m tests.benchmarks.queue_length [--long 100000] [--rounds 40] [--walks 3]

In this process, with the journal as it is, and beside it MiniStack as it was installed. Each round
asks a short queue and a long one turn by turn, and CPU time is taken of each kind of request; told
are the medians, in microseconds, and how many times longer the long queue takes. A queue with one
sender's messages, one in which a fifth as many are in flight besides, and a FIFO queue of many
groups. Last, what as many messages take in memory, and how long a start with them takes.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ministack.services import sqs

from labapp.cloud.embedded.disk import Disk
from labapp.cloud.embedded.queues import JOURNAL_FILE, Queues

#: Messages of the short queue, and the most of one that MiniStack fills within a minute as it is.
SHORT, WALKED = 100, 4_000

#: The body of each message: a list of ten integers and what a client's request has besides.
_BODY = {
    "MessageBody": "1,12,55,4,81,7,19,33,2,60",
    "MessageAttributes": {
        name: {"DataType": "String", "StringValue": f"01KAZ4X0000000000000000000-{name}"}
        for name in ("job", "client")
    },
}

_FIFO = {"FifoQueue": "true", "ContentBasedDeduplication": "false"}


def ask(action: str, **request: Any) -> Any:
    """Ask SQS, as its JSON protocol does, and return the answer."""
    headers = {"x-amz-target": f"AmazonSQS.{action}", "host": ""}
    asked = sqs.handle_request("POST", "/", headers, json.dumps(request).encode(), {})
    try:
        asked.send(None)  # no loop, which would take as long as most of these do
    except StopIteration as answered:
        status, _, body = answered.value
        if status == 200:
            return json.loads(body)
        raise RuntimeError(body) from None
    raise RuntimeError(f"{action} waits")


def filled(name: str, length: int, *, flying: int = 0) -> str:
    """Make a queue with so many messages, and so many more in flight; return its address."""
    is_fifo = name.endswith(".fifo")
    url: str = ask("CreateQueue", QueueName=name, Attributes=_FIFO if is_fifo else {})["QueueUrl"]
    for start in range(0, length + flying, 10):
        entries = [{"Id": str(n), **body(name, n)} for n in range(start, start + 10)]
        ask("SendMessageBatch", QueueUrl=url, Entries=entries)
    for _ in range(0, flying, 10):
        ask("ReceiveMessage", QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=40_000)
    return url


def body(name: str, number: int) -> dict[str, Any]:
    """Return one message; those of a FIFO queue are of a hundred groups."""
    sides = {"MessageGroupId": str(number % 100), "MessageDeduplicationId": f"{name}-{number}"}
    return {**_BODY, **sides} if name.endswith(".fifo") else _BODY


class Times:
    """Seconds of CPU time by queue and by kind of request."""

    def __init__(self) -> None:
        self.found: dict[tuple[str, str], list[float]] = {}

    def timed(self, queue: str, kind: str, do: Callable[[], Any]) -> Any:
        """Take the time of what is done."""
        began = time.process_time()
        answer = do()
        self.found.setdefault((queue, kind), []).append(time.process_time() - began)
        return answer

    def one_round(self, name: str, url: str, number: int) -> None:
        """Ask a queue for everything; it has as many messages afterwards as before."""
        sent = {"QueueUrl": url, **body(url, 1_000_000 + number)}
        self.timed(name, "send one", lambda: ask("SendMessage", **sent))
        entries = [{"Id": str(n), **body(url, 2_000_000 + 10 * number + n)} for n in range(9)]
        batch = {"QueueUrl": url, "Entries": entries}
        self.timed(name, "send nine", lambda: ask("SendMessageBatch", **batch))
        self.timed(name, "count", lambda: ask("GetQueueAttributes", QueueUrl=url))
        taken = {"QueueUrl": url, "MaxNumberOfMessages": 10, "VisibilityTimeout": 600}
        found = self.timed(name, "receive ten", lambda: ask("ReceiveMessage", **taken))
        handles = [
            {"Id": str(place), "ReceiptHandle": message["ReceiptHandle"]}
            for place, message in enumerate(found["Messages"])
        ]
        shown = {"QueueUrl": url, "Entries": [{**one, "VisibilityTimeout": 900} for one in handles]}
        self.timed(name, "extend ten", lambda: ask("ChangeMessageVisibilityBatch", **shown))
        gone = {"QueueUrl": url, "Entries": handles}
        self.timed(name, "delete ten", lambda: ask("DeleteMessageBatch", **gone))


def table(title: str, rounds: int, long: int) -> None:
    """Fill the queues, go through the rounds and print what they took."""
    queues = {
        "short": filled("short", SHORT),
        "long": filled("long", long),
        "in flight": filled("flying", long, flying=long // 5),
        "short fifo": filled("short.fifo", SHORT),
        "long fifo": filled("long.fifo", long),
    }
    times = Times()
    for number in range(rounds):
        for name, url in queues.items():
            times.one_round(name, url, number)
    print(f"\n{title}: microseconds of CPU time, {SHORT} messages and {long:,}")
    heads = ("short", "long", "times", "in flight", "times", "fifo", "long", "times")
    print(f"{'':12}" + "".join(f"{head:>10}" for head in heads))
    for kind in dict.fromkeys(kind for _, kind in times.found):
        us = {name: 1e6 * statistics.median(times.found[name, kind]) for name in queues}
        short, fifo = us["short"], us["short fifo"]
        pairs = ((us["long"], short), (us["in flight"], short))
        cells = [f"{short:10.0f}"] + [f"{one:10.0f}{one / base:10.2f}" for one, base in pairs]
        cells.append(f"{fifo:10.0f}{us['long fifo']:10.0f}{us['long fifo'] / fifo:10.2f}")
        print(f"{kind:12}" + "".join(cells))


def kept(folder: Path, long: int) -> None:
    """Print what a start with as many messages takes, and what they take in memory."""
    sqs.reset()
    tracemalloc.start()
    queues = Queues(sqs, folder, Disk(folder))
    queues.load()
    url = filled("memory", long)
    ask("GetQueueAttributes", QueueUrl=url)
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    began = time.process_time()
    queues.close()
    anew = time.process_time() - began
    length = (folder / JOURNAL_FILE).stat().st_size
    sqs.reset()
    gc.disable()  # as a start does
    began = time.process_time()
    Queues(sqs, folder, Disk(folder)).load()
    took = time.process_time() - began
    print(
        f"\n{long:,} messages: {size / long:,.0f} bytes each in memory, {length / 1e6:.0f} MB of"
        f" journal, {anew:.2f} s of CPU time to write it anew and {took:.2f} s to read it back"
    )


def main() -> None:
    """Run both and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--long", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--walks", type=int, default=5, help="rounds of MiniStack as it is")
    given = parser.parse_args()
    if given.walks:
        table("MiniStack as it is", given.walks, min(given.long, WALKED))
    with tempfile.TemporaryDirectory() as name:
        sqs.reset()
        Queues(sqs, Path(name), Disk(Path(name))).load()
        table("the local cloud", given.rounds, given.long)
    with tempfile.TemporaryDirectory() as name:
        kept(Path(name), given.long)


if __name__ == "__main__":
    main()
