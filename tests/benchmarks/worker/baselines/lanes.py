"""The loop that nothing but speed is asked of: its order of work, whoever makes its requests.

Each of BENCH_PROCESSES processes runs BENCH_LANES threads, which each receive ten messages, have
their logs put by BENCH_PUTS shared threads, send the replies in one batch for each queue, and
delete the messages in one batch. In that order, so no job is lost; nothing else that a worker owes
its users is here. With BENCH_LOGS_TOGETHER the ten logs are one object.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NamedTuple

from tests.benchmarks.worker import job as the_job

PROCESSES = int(os.environ["BENCH_PROCESSES"])
LANES = int(os.environ["BENCH_LANES"])
PUTS = int(os.environ["BENCH_PUTS"])
TOGETHER = bool(os.environ.get("BENCH_LOGS_TOGETHER"))
QUEUE = the_job.queue_url(os.environ["BENCH_QUEUE"])


class Done(NamedTuple):
    """A job that is done: the address of its reply queue, the reply, and a log that is not put."""

    reply: str
    text: str
    key: str = ""
    log: bytes = b""


@dataclass(frozen=True)
class Loop:
    """The loop, with what makes its requests: objects with the methods of boto3's clients."""

    s3: Any
    sqs: Any

    def do(self, message: dict[str, Any]) -> Done:
        """Do one job, up to its log."""
        job = json.loads(message["Body"])
        result = the_job.summary(job["integers"])
        key, body = the_job.log_object(job, result)
        if TOGETHER:
            return Done(job["reply"], the_job.answer(job, result), key, body)
        self.s3.put_object(Bucket=the_job.BUCKET, Key=key, Body=body)
        return Done(job["reply"], the_job.answer(job, result))

    def settle(self, messages: list[dict[str, Any]], jobs: list[Done]) -> None:
        """Put the logs that are put together, send the replies and delete the messages."""
        if TOGETHER:
            body = b"\n".join(job.log for job in jobs)
            self.s3.put_object(Bucket=the_job.BUCKET, Key=jobs[0].key, Body=body)
        replies: dict[str, list[str]] = defaultdict(list)
        for job in jobs:
            replies[job.reply].append(job.text)
        for address, texts in replies.items():
            entries = [{"Id": str(i), "MessageBody": text} for i, text in enumerate(texts)]
            answer = self.sqs.send_message_batch(QueueUrl=address, Entries=entries)
            if answer.get("Failed"):
                raise SystemExit(f"replies not taken: {answer['Failed']}")
        handles = enumerate(message["ReceiptHandle"] for message in messages)
        entries = [{"Id": str(i), "ReceiptHandle": handle} for i, handle in handles]
        self.sqs.delete_message_batch(QueueUrl=QUEUE, Entries=entries)

    def run(self, pool: ThreadPoolExecutor | None) -> None:
        """Work for ever."""
        while True:
            answer = self.sqs.receive_message(
                QueueUrl=QUEUE, MaxNumberOfMessages=10, WaitTimeSeconds=20
            )
            messages = answer.get("Messages")
            if messages:
                self.settle(
                    messages, list(pool.map(self.do, messages) if pool else map(self.do, messages))
                )


def main(s3: Any, sqs: Any, module: str) -> None:
    """Run all lanes; the first process starts the others, as the module that it is."""
    if PROCESSES > 1:
        alone = {**os.environ, "BENCH_PROCESSES": "1"}
        for _ in range(PROCESSES - 1):
            subprocess.Popen([sys.executable, "-m", module], env=alone)
    loop = Loop(s3, sqs)
    pool = ThreadPoolExecutor(PUTS) if PUTS > 1 else None
    threads = [threading.Thread(target=loop.run, args=(pool,)) for _ in range(LANES)]
    for thread in threads:
        thread.start()
    for thread in threads:  # a pool takes nothing once the main thread has ended
        thread.join()
