"""A worker in this process, in a thread, which is gone when the test goes on."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from labapp.cloud.bucket import Bucket
from labapp.cloud.session import Cloud
from labapp.jobs import lab
from labapp.worker.engine import Worker
from labapp.worker.handlers import all_handlers


@contextlib.contextmanager
def at_work(cloud: Cloud, monkeypatch: pytest.MonkeyPatch, dialect: str) -> Iterator[None]:
    """Have a worker with a dialect serve a cloud until the block ends."""
    settings = replace(cloud.settings, dialect=dialect, wait_seconds=1)
    monkeypatch.setattr(cloud, "settings", settings)
    for _ in lab.up(cloud):
        pass
    if not cloud.is_local:  # see `moto_lab`
        cloud.s3.delete_bucket_policy(Bucket=cloud.bucket_name)
    worker = Worker(cloud, all_handlers(settings, Bucket(cloud)))
    before = {*threading.enumerate()}
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        yield
    finally:
        worker.stop()
        thread.join()
        # A poll that is still open would take what is meant for the next worker.
        for left in {*threading.enumerate()} - before:
            if left.name.startswith("poller-"):
                left.join()
