"""The hand-tuned loop: what boto3 can do when nothing but speed is asked for.

Each of BENCH_PROCESSES processes runs BENCH_LANES threads, which each receive ten messages, have
their logs put by BENCH_PUTS shared threads, send the replies in one batch for each queue, and
delete the messages in one batch. In that order, so no job is lost; nothing else that a worker owes
its users is here.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.benchmarks.worker import job as the_job

PROCESSES = int(os.environ["BENCH_PROCESSES"])
LANES = int(os.environ["BENCH_LANES"])
PUTS = int(os.environ["BENCH_PUTS"])
QUEUE = the_job.queue_url(os.environ["BENCH_QUEUE"])

s3 = the_job.client("s3", PUTS + LANES + 2, lean=True)
sqs = the_job.client("sqs", LANES * 2 + 2, lean=True)


def do(message: dict[str, Any]) -> tuple[str, str]:
    """Do one job; return the address of its reply queue and the reply."""
    job = json.loads(message["Body"])
    result = the_job.summary(job["integers"])
    key, body = the_job.log_object(job, result)
    s3.put_object(Bucket=the_job.BUCKET, Key=key, Body=body)
    return job["reply"], the_job.answer(job, result)


def settle(messages: list[dict[str, Any]], answers: list[tuple[str, str]]) -> None:
    """Send the replies and delete the messages."""
    replies: dict[str, list[str]] = defaultdict(list)
    for address, text in answers:
        replies[address].append(text)
    for address, texts in replies.items():
        entries = [{"Id": str(i), "MessageBody": text} for i, text in enumerate(texts)]
        answer = sqs.send_message_batch(QueueUrl=address, Entries=entries)
        if answer.get("Failed"):
            raise SystemExit(f"replies not taken: {answer['Failed']}")
    entries = [{"Id": str(i), "ReceiptHandle": m["ReceiptHandle"]} for i, m in enumerate(messages)]
    sqs.delete_message_batch(QueueUrl=QUEUE, Entries=entries)


def processor(pool: ThreadPoolExecutor | None) -> None:
    """Work for ever."""
    while True:
        answer = sqs.receive_message(QueueUrl=QUEUE, MaxNumberOfMessages=10, WaitTimeSeconds=20)
        messages = answer.get("Messages")
        if messages:
            settle(messages, list(pool.map(do, messages) if pool else map(do, messages)))


def main() -> None:
    """Run all lanes; the first process starts the others."""
    if PROCESSES > 1:
        alone = {**os.environ, "BENCH_PROCESSES": "1"}
        for _ in range(PROCESSES - 1):
            subprocess.Popen([sys.executable, "-m", __spec__.name], env=alone)
    pool = ThreadPoolExecutor(PUTS) if PUTS > 1 else None
    threads = [threading.Thread(target=processor, args=(pool,)) for _ in range(LANES)]
    for thread in threads:
        thread.start()
    for thread in threads:  # a pool takes nothing once the main thread has ended
        thread.join()


if __name__ == "__main__":
    main()
