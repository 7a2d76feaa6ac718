"""Answer one picture from many processes at once: `python -m tests.support.many_annotators N KEY`.

Each process is somebody of its own, says other, and then changes its mind to hot dog. The client is
made before the processes fork, since making it 64 times takes a minute of a small machine; the
connections are each process's own, as none is open at that time.
"""

from __future__ import annotations

import multiprocessing
import sys
from multiprocessing.synchronize import Barrier

from labapp.cloud.bucket import Bucket
from labapp.cloud.session import Cloud
from labapp.dataset import label_writer
from labapp.labels.label_file import Label
from labapp.settings import Settings


def main(count: int, key: str) -> int:
    """Return how many of the processes failed."""
    bucket = Bucket(Cloud(Settings(), start=False))
    assert bucket.cloud.s3
    context = multiprocessing.get_context("fork")
    start = context.Barrier(count)
    people = [context.Process(target=annotate, args=(n, bucket, key, start)) for n in range(count)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    return sum(person.exitcode != 0 for person in people)


def annotate(number: int, bucket: Bucket, key: str, start: Barrier) -> None:
    start.wait()
    for label in (Label.ZERO, Label.ONE):
        label_writer.answer(bucket, key, label, f"writer{number}")


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2]))
