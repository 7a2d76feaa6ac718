"""What the worker's engine costs a number job by itself: beside a cloud that answers at once.

    python -m tests.benchmarks.engine [--jobs 5000] [--clients 1] [--delay MS] [--profile]

The cloud is in this process and nothing is sent: what is left of a job is what labapp's own code
takes, from reading a message to its deletion. With `--delay` each request takes so long, without
any CPU time: it shows what waits for what. `--profile` tells which functions take the time.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from labapp.cloud.abilities import Abilities
from labapp.cloud.bucket import Bucket
from labapp.cloud.direct.s3 import STORED, Put
from labapp.cloud.session import Cloud
from labapp.jobs import proof
from labapp.settings import Settings
from labapp.worker import logs
from labapp.worker.handlers import NumbersHandler
from labapp.worker.outages import OutageGuard
from labapp.worker.poller import Poller
from labapp.worker.processor import Processor
from labapp.worker.stats import WorkerStats

#: The body of each job.
_BODY = "1,12,55,4,81,7,19,33,2,60"


class NullCloud:
    """SQS and S3 as far as a worker of number jobs asks them: all that it asks is done at once.

    Args:
        jobs: messages that wait.
        clients: how many clients they are of.
        delay: seconds that each request takes.
    """

    def __init__(self, jobs: int, clients: int, delay: float) -> None:
        self._delay = delay
        self._waiting = [_message(at, f"c{at % clients}") for at in range(jobs)]
        self._lock = threading.Lock()
        self.left = jobs
        self.done = threading.Event()
        self.calls: dict[str, int] = {}

    def _asked(self, call: str, count: int = 1) -> None:
        self.calls[call] = self.calls.get(call, 0) + count
        if self._delay:
            time.sleep(self._delay)

    def get_queue_url(self, *, QueueName: str) -> dict[str, str]:  # noqa: N803 - boto3's
        return {"QueueUrl": QueueName}

    def receive_message(self, *, MaxNumberOfMessages: int, **_: Any) -> dict[str, Any]:  # noqa: N803
        self._asked("receive")
        with self._lock:
            taken = self._waiting[-MaxNumberOfMessages:]
            del self._waiting[-MaxNumberOfMessages:]
        if not taken:
            time.sleep(0.05)
        return {"Messages": taken} if taken else {}

    def send_message_batch(self, **_: Any) -> dict[str, Any]:
        self._asked("send")
        return {}

    def delete_message_batch(self, *, Entries: list[Any], **_: Any) -> dict[str, Any]:  # noqa: N803
        self._asked("delete")
        with self._lock:
            self.left -= sum(one["ReceiptHandle"].startswith("receipt") for one in Entries)
            if self.left <= 0:
                self.done.set()
        return {}

    def put(self, *_: object) -> Put:
        """Store an object, as `DirectS3` does."""
        self._asked("put")
        return Put(STORED, '"etag"')

    def put_all(self, _bucket: object, objects: Sequence[object]) -> list[Put]:
        """Store objects, as `DirectS3` does: they take as long as one."""
        self._asked("put", len(objects))
        return [Put(STORED, '"etag"') for _ in objects]


def _message(at: int, client: str) -> dict[str, Any]:
    made = proof.new_identity(client)
    said = {"labapp": "1", "job": made.job, "client": client, "nonce": made.nonce}
    now = str(int(time.time() * 1000))
    return {
        "MessageId": f"message-{at}",
        "ReceiptHandle": f"receipt-{at}",
        "Body": _BODY,
        "Attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": now,
            "ApproximateFirstReceiveTimestamp": now,
        },
        "MessageAttributes": {
            name: {"DataType": "String", "StringValue": text} for name, text in said.items()
        },
    }


def _poller(sent_to: NullCloud, stop: threading.Event) -> Poller:
    stand_in = SimpleNamespace(
        settings=Settings(), is_local=False, home=Path(), abilities=Abilities(), generation=0,
        made_queues={}, found_queues={}, sqs=sent_to, direct_sqs=sent_to, direct_s3=sent_to,
        bucket_name="bucket", bucket_owner="",
    )  # fmt: skip
    bucket = Bucket(cast(Cloud, stand_in))
    outages = OutageGuard(cast(Cloud, stand_in), stop, WorkerStats())
    processor = Processor(NumbersHandler(stand_in.settings), bucket, outages)
    return Poller(processor, threading.Event(), 20)


def measure(jobs: int, clients: int, delay: float, profile: cProfile.Profile | None) -> str:
    """Do so many jobs; return what each took, in one line."""
    cloud, stop = NullCloud(jobs, clients, delay), threading.Event()
    poller = _poller(cloud, stop)
    if profile:
        threading.setprofile(lambda *_: profile.enable())
    thread = threading.Thread(target=poller.run, daemon=True)
    began, cpu, switches = time.perf_counter(), time.process_time(), _switches()
    thread.start()
    if not cloud.done.wait(60):
        raise SystemExit(f"{cloud.left} jobs are left")
    took, cpu = time.perf_counter() - began, time.process_time() - cpu
    switches = _switches() - switches
    threading.setprofile(None)
    stop.set()
    thread.join()
    calls = ", ".join(f"{count / jobs:.2f} {call}" for call, count in sorted(cloud.calls.items()))
    micro = 1e6 / jobs
    return (
        f"{cpu * micro:.0f} us of CPU, {took * micro:.0f} us by the clock,"
        f" {switches / jobs:.2f} switches a job; {calls}; {threading.active_count()} threads"
    )


def _switches() -> float:
    if os.name == "nt":
        return 0
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_nvcsw + used.ru_nivcsw


def main() -> None:
    """Measure, and print a line for each round."""
    parser = argparse.ArgumentParser("python -m tests.benchmarks.engine", description=__doc__)
    add = parser.add_argument
    add("--jobs", type=int, default=5000, help="jobs of a round (5000)")
    add("--rounds", type=int, default=5, help="rounds (5)")
    add("--clients", type=int, default=1, help="clients that ask (1)")
    add("--delay", type=float, default=0.0, help="milliseconds of each request (0)")
    add("--profile", action="store_true", help="tell which functions take the time")
    told = parser.parse_args()
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".log") as log:
        logs.to_stream(cast(Any, log))  # as `server.py --plain` does
        profile = cProfile.Profile() if told.profile else None
        for _ in range(told.rounds):
            print(measure(told.jobs, told.clients, told.delay / 1e3, profile), flush=True)
    if profile:
        pstats.Stats(profile).sort_stats("tottime").print_stats(60)


if __name__ == "__main__":
    main()
