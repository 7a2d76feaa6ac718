"""What the journal of the local cloud's queues costs: clouds with and without it, turn by turn.

    python -m tests.benchmarks.journal [--rounds 60] [--messages 200]

Each round sends messages to a cloud as it is, and to one whose changes of queues are not written,
one by one and in batches of ten, then receives and deletes them. Requests are put together by hand
and sent on one connection, so that the cloud is what takes the time. Compare within one run. The
quickest round of each is told, and the ratio by CPU time of all rounds beside it.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from labapp.cloud.embedded import state as embedded_state

ROOT = Path(__file__).resolve().parents[2]

#: Has the cloud's own process run, with what the benchmark leaves out left out.
_SERVE = """
import sys
from pathlib import Path
from labapp.cloud.embedded import queues, server
if sys.argv[1] == "without":
    queues.Queues._install = lambda self: None
server.main(Path(sys.argv[2]), 0)
"""

#: The body of each message: a list of ten integers and what a client's request has besides.
_BODY = {
    "MessageBody": "1,12,55,4,81,7,19,33,2,60",
    "MessageAttributes": {
        name: {"DataType": "String", "StringValue": f"01KAZ4X0000000000000000000-{name}"}
        for name in ("job", "client")
    },
}


@dataclass
class Cloud:
    """One cloud, and what it took: seconds by the clock and of CPU time, by kind of request."""

    state: embedded_state.State
    connection: socket.socket
    clock: dict[str, list[float]] = field(default_factory=dict)
    cpu: dict[str, list[float]] = field(default_factory=dict)

    def ask(self, action: str, **request: Any) -> Any:
        """Ask SQS, and return the answer."""
        body = json.dumps(request).encode()
        head = (
            f"POST / HTTP/1.1\r\nhost: 127.0.0.1:{self.state.port}\r\n"
            f"authorization: {_KEY}\r\nx-amz-target: AmazonSQS.{action}\r\n"
            f"content-length: {len(body)}\r\n\r\n"
        )
        self.connection.sendall(head.encode() + body)
        answer = self._more()
        while b"\r\n\r\n" not in answer:
            answer += self._more()
        said, _, rest = answer.partition(b"\r\n\r\n")
        said = said.lower()
        size = int(said.partition(b"content-length: ")[2].partition(b"\r\n")[0])
        while len(rest) < size:
            rest += self._more()
        if b"connection: close" in said:  # as after each 1,000 requests
            self.connection.close()
            self.connection = connected(self.state)
        return json.loads(rest)

    def _more(self) -> bytes:
        found = self.connection.recv(65536)
        if not found:
            raise ConnectionError("the cloud closed the connection")
        return found

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    @contextlib.contextmanager
    def timed(self, kind: str, messages: int) -> Iterator[None]:
        """Take the time of so many messages."""
        process = psutil.Process(self.state.pid)
        cpu, began = sum(process.cpu_times()[:2]), time.perf_counter()
        yield
        self.clock.setdefault(kind, []).append((time.perf_counter() - began) / messages)
        used = sum(process.cpu_times()[:2]) - cpu
        self.cpu.setdefault(kind, []).append(used / messages)


def connected(state: embedded_state.State) -> socket.socket:
    """Connect to a cloud."""
    connection = socket.create_connection(("127.0.0.1", state.port), timeout=60)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


#: The key of anybody who uses a shared cloud.
_KEY = "AWS4-HMAC-SHA256 Credential=bench/20261127/us-east-1/sqs/aws4_request"


@contextlib.contextmanager
def cloud(kind: str, folder: Path) -> Iterator[Cloud]:
    """Run a cloud `with` or `without` the journal."""
    home = folder / kind / "local"
    home.mkdir(parents=True)
    embedded_state.mark_shared(home)  # a signature for each request would be this program's time
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVE, kind, str(home)],
        cwd=home,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.DEVNULL,
    )
    try:
        while (state := embedded_state.read_state(home)) is None:
            time.sleep(0.01)
        with contextlib.closing(Cloud(state, connected(state))) as one:
            yield one
    finally:
        process.terminate()
        process.wait()


def go(one: Cloud, name: str, messages: int) -> None:
    """Send, receive and delete."""
    url = one.ask("CreateQueue", QueueName=name)["QueueUrl"]
    with one.timed("send", messages):
        for _ in range(messages):
            one.ask("SendMessage", QueueUrl=url, **_BODY)
    one.ask("PurgeQueue", QueueUrl=url)
    entries = [{"Id": str(number), **_BODY} for number in range(10)]
    with one.timed("send, ten at once", messages):
        for _ in range(messages // 10):
            one.ask("SendMessageBatch", QueueUrl=url, Entries=entries)
    with one.timed("receive and delete, ten at once", messages):
        while found := one.ask("ReceiveMessage", QueueUrl=url, MaxNumberOfMessages=10):
            handles = [
                {"Id": str(place), "ReceiptHandle": message["ReceiptHandle"]}
                for place, message in enumerate(found["Messages"])
            ]
            one.ask("DeleteMessageBatch", QueueUrl=url, Entries=handles)
    one.ask("DeleteQueue", QueueUrl=url)


def main() -> None:
    """Run the rounds and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--messages", type=int, default=200)
    given = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as name,
        cloud("with", Path(name)) as kept,
        cloud("without", Path(name)) as bare,
    ):
        for number in range(given.rounds):
            order = (kept, bare) if number % 2 else (bare, kept)
            for one in order:
                go(one, f"round-{number}", given.messages)
    print(f"{'messages a second':34}{'with':>8}{'without':>9}{'ratio':>7}{'by CPU':>8}")
    for kind in kept.clock:
        clock = [min(one.clock[kind]) for one in (kept, bare)]
        cpu = [sum(one.cpu[kind]) for one in (kept, bare)]
        rates = f"{1 / clock[0]:8,.0f}{1 / clock[1]:9,.0f}"
        print(f"{kind:34}{rates}{clock[1] / clock[0]:7.2f}{cpu[1] / cpu[0]:8.2f}")


if __name__ == "__main__":
    main()
