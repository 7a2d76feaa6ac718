"""What is measured of a worker, each with queues of its own.

throughput: the worker is started and warmed up, held, its queue filled, and let go; the time runs
from there to the last effect that the emulator saw. Every reply's value is checked.
round trip: one request after another, from before it is sent until its reply is in hand.
idle: requests a minute of a worker with nothing to do.
"""

from __future__ import annotations

import math
import random
import statistics
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from labapp.jobs.proof import new_identity
from tests.benchmarks.worker.harness import PATIENCE, Count, Emulator, Worker
from tests.benchmarks.worker.job import Job, queue_url, same, summary
from tests.benchmarks.worker.variants import Entry, Variant

#: Jobs before anything is measured, twice: after the first, a second process may still be starting.
WARM_UP = 40

#: Seconds of visibility of the queues: longer than any run, so nothing is done twice by accident.
VISIBILITY = 300


@dataclass(frozen=True)
class Throughput:
    """One run: jobs a second, CPU milliseconds and requests a job, and the most MB of memory."""

    jobs: float
    cpu: float
    sqs: float
    s3: float
    memory: float


@dataclass(frozen=True)
class Bench:
    """One worker at its queues."""

    variant: Variant
    where: Emulator
    worker: Worker
    queue: str
    replies: tuple[str, ...]
    rng: random.Random

    def jobs(self, count: int) -> list[Job]:
        """Make jobs with ids of their own, that labapp takes as it ships."""
        return [self._job(self.replies[at % len(self.replies)]) for at in range(count)]

    def _job(self, reply: str) -> Job:
        integers = tuple(self.rng.randint(0, 1000) for _ in range(self.rng.randint(1, 10)))
        made = new_identity(reply.rpartition("-")[2])
        return Job(made.job, integers, reply, made.nonce)

    def send(self, jobs: Sequence[Job], odd: Mapping[str, str] | None = None) -> None:
        """Put jobs in the queue, ten a request; by their ids, what some name as their client."""

        def entry(job: Job) -> Entry:
            made = self.variant.entry(job, self.queue)
            if odd and job.id in odd:
                made["MessageAttributes"]["client"]["StringValue"] = odd[job.id]
                del made["MessageAttributes"]["nonce"]  # it was for another
            return made

        def send_ten(start: int) -> None:
            some = jobs[start : start + 10]
            entries = [{"Id": str(i), **entry(job)} for i, job in enumerate(some)]
            address = queue_url(self.queue)
            answer = self.where.sqs.send_message_batch(QueueUrl=address, Entries=entries)
            if answer.get("Failed"):
                raise SystemExit(f"not sent: {answer['Failed']}")

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(send_ten, range(0, len(jobs), 10)))

    def wait_until_done(self, jobs: Sequence[Job]) -> float:
        """Wait until all jobs are logged and none is left; return the most MB that were seen.

        Where logs are not one object each, what is left says all: labapp deletes last.
        """
        logged = len(jobs) if self.variant.log_each else 0
        until = time.monotonic() + PATIENCE
        memory = 0.0
        while time.monotonic() < until:
            self.worker.check()
            memory = max(memory, self.worker.megabytes())
            put = self.where.counts().get("s3.PUT.logs", Count(0, 0)).number
            if put >= logged and self._left() == 0:
                return memory
            time.sleep(0.05)
        raise SystemExit(f"{self.variant.name} does not end:\n{self.worker.log}")

    def check_replies(self, jobs: Sequence[Job]) -> None:
        """Read all replies; end the benchmark if one is missing, doubled or wrong."""
        if self.variant.shared:
            self._check_shared(jobs)
            return
        wanted = {(job.reply, job.id): summary(job.integers) for job in jobs}
        for name in self.replies:
            for found, values in self._read(name):
                expected = wanted.pop((name, found), None)
                if expected is None or not same(values, expected):
                    raise SystemExit(f"{self.variant.name}: {found} is {values}, not {expected}")
        if wanted:
            raise SystemExit(f"{self.variant.name}: {len(wanted)} replies are missing")

    def _check_shared(self, jobs: Sequence[Job]) -> None:
        """Do the same where no reply tells which job it answers."""
        wanted = sorted([*summary(job.integers).values()] for job in jobs)
        found = sorted([*values.values()] for _, values in self._read(self.replies[0]))
        if len(found) != len(wanted) or any(
            not math.isclose(one, other, rel_tol=1e-9)
            for mine, theirs in zip(found, wanted, strict=True)
            for one, other in zip(mine, theirs, strict=True)
        ):
            raise SystemExit(f"{self.variant.name}: replies are wrong, missing or doubled")

    def warm_up(self) -> None:
        """Have it do some jobs, so that it has its clients and connections."""
        for _ in range(2):
            self.where.reset()
            jobs = self.jobs(WARM_UP)
            self.send(jobs)
            self.wait_until_done(jobs)
            self.worker.settle_down()
            self.check_replies(jobs)

    def _left(self) -> int:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.where.sqs.get_queue_attributes(
            QueueUrl=queue_url(self.queue), AttributeNames=names
        )["Attributes"]
        return sum(int(found[name]) for name in names)

    def _read(self, name: str) -> Iterator[tuple[str, dict[str, float]]]:
        address, sqs = queue_url(name), self.where.sqs
        while True:
            messages = sqs.receive_message(
                QueueUrl=address, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
            ).get("Messages")
            if not messages:
                return
            yield from (self.variant.reply(message) for message in messages)
            entries = [
                {"Id": str(i), "ReceiptHandle": message["ReceiptHandle"]}
                for i, message in enumerate(messages)
            ]
            sqs.delete_message_batch(QueueUrl=address, Entries=entries)


@contextmanager
def bench(variant: Variant, where: Emulator, clients: int = 1) -> Iterator[Bench]:
    """Make queues, start a worker on them and warm it up; end it and drop the queues after."""
    tag = uuid.uuid4().hex[:8]
    queue, prefix = f"jobs-{tag}", f"reply-{tag}"
    own = tuple(f"{prefix}-c{number}" for number in range(clients))
    replies = (prefix,) if variant.shared else own
    # labapp does not start where a queue that it may need is missing, such as the plain clients'.
    dead = f"{queue}-dlq"
    for name in {queue, dead, prefix, "imageInbox", "imageOutbox", *replies}:
        attributes = {"VisibilityTimeout": str(VISIBILITY)}
        where.sqs.create_queue(QueueName=name, Attributes=attributes)
    worker = Worker(variant, where, queue, prefix)
    try:
        made = Bench(variant, where, worker, queue, replies, random.Random(7))
        made.warm_up()
        yield made
    finally:
        worker.end()
        for name in {queue, dead, prefix, *replies}:
            where.sqs.delete_queue(QueueUrl=queue_url(name))


#: Mixes of messages: what one in so many names as its client, who is then nobody.
MIXES: dict[str, tuple[int, str]] = {
    "all good": (0, ""),
    "1 % malformed": (100, "../nobody"),
    "2.5 % undeliverable": (40, "nobody"),
}


def throughput(
    variant: Variant, where: Emulator, count: int, clients: int = 1, mix: str = "all good"
) -> Throughput:
    """Measure a worker with `count` jobs queued ahead, some of them as `MIXES` says."""
    every, name = MIXES[mix]
    with bench(variant, where, clients) as it:
        jobs = it.jobs(count)
        odd = {job.id: name for job in jobs[every // 2 :: every]} if every else {}
        it.worker.hold()
        it.send(jobs, odd)
        good = [job for job in jobs if job.id not in odd]
        where.reset()
        cpu, began = it.worker.cpu(), time.monotonic()
        it.worker.go_on()
        memory = it.wait_until_done(good)
        cpu = it.worker.cpu() - cpu
        time.sleep(0.3)  # replies of a worker that deletes before it answers
        counts = where.counts()
        it.check_replies(good)
    # Polls that brought nothing and labapp's report every 30 s belong to no job: `idle` has them.
    for kind in ("sqs.ReceiveMessage.empty", "s3.PUT.workers"):
        counts.pop(kind, None)
    seconds = max(c.last for c in counts.values()) - began
    sqs = sum(c.number for kind, c in counts.items() if kind.startswith("sqs."))
    s3 = sum(c.number for kind, c in counts.items() if kind.startswith("s3."))
    return Throughput(count / seconds, cpu / count * 1e3, sqs / count, s3 / count, memory)


def round_trips(variant: Variant, where: Emulator, calls: int) -> tuple[float, float]:
    """Return p50 and p95 of a request's round trip in milliseconds, one client, one at a time."""
    times = []
    with bench(variant, where) as it:
        sqs, inbox = where.sqs, queue_url(it.replies[0])
        for job in it.jobs(calls):
            time.sleep(it.rng.random() * 0.02)  # so as not to run in step with anybody's clock
            began = time.perf_counter()
            sqs.send_message(QueueUrl=queue_url(it.queue), **variant.entry(job, it.queue))
            messages = None
            while not messages:
                it.worker.check()
                messages = sqs.receive_message(
                    QueueUrl=inbox, WaitTimeSeconds=20, MessageAttributeNames=["All"]
                ).get("Messages")
            times.append((time.perf_counter() - began) * 1e3)
            found, values = variant.reply(messages[0])
            if found != job.id or not same(values, summary(job.integers)):
                raise SystemExit(f"{variant.name}: a wrong reply to {job.id}")
            sqs.delete_message(QueueUrl=inbox, ReceiptHandle=messages[0]["ReceiptHandle"])
    return statistics.median(times), statistics.quantiles(times, n=20)[-1]


def idle(variant: Variant, where: Emulator, seconds: float) -> float:
    """Return the requests a minute of a worker that has nothing to do, its reports included."""
    with bench(variant, where) as it:
        where.reset()
        time.sleep(seconds)
        it.worker.check()
        counts = where.counts()
    return sum(count.number for count in counts.values()) / seconds * 60
