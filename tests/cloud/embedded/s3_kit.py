"""MiniStack's S3 and SQS in this process, kept in a folder as the local cloud keeps them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ministack.services import s3, sqs

from labapp.cloud.embedded.disk import Disk
from labapp.cloud.embedded.legacy import take_over_objects
from labapp.cloud.embedded.long_queues import LongQueues
from labapp.cloud.embedded.queues import Queues
from labapp.cloud.embedded.s3 import Store


@contextmanager
def as_it_was() -> Iterator[None]:
    """Empty MiniStack's S3 and SQS, and put what is replaced in them back afterwards."""
    names = (
        *("_dispatch", "_read_body", "_deliver_event_to_sqs"),
        *("_fire_s3_event_async", "_fire_s3_test_event_async"),
        *("_put_bucket_notification", "_parse_notification_target_arn"),
    )
    before = {name: getattr(s3, name) for name in names}
    replaced = (*LongQueues.FUNCTIONS, "_get_q", "_queue_by_arn", "_act_send_message")
    swept = {name: getattr(sqs, name) for name in replaced}
    handlers = dict(sqs._HANDLERS)
    s3.reset()
    sqs.reset()
    try:
        yield
    finally:
        sqs._HANDLERS.update(handlers)
        for module, found in ((s3, before), (sqs, swept)):
            for name, value in found.items():
                setattr(module, name, value)
            module.reset()


@contextmanager
def fresh(folder: Path) -> Iterator[Store]:
    """Give MiniStack's S3 and SQS as they are at a start, kept in `folder`."""
    disk = Disk(folder / "local")
    with as_it_was():
        queues = Queues(sqs, disk.home / "state", disk)
        store = Store(s3, disk.home / "buckets", disk, queues)
        try:
            queues.load()
            take_over_objects(s3, store, disk.home / "s3", disk.home / "state")
            store.load()
            yield store
        finally:
            queues._journal.close()


def ask(
    method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str], bytes]:
    """Ask S3 as MiniStack's own front does."""
    parts = urlsplit(path)
    bucket, _, key = parts.path.lstrip("/").partition("/")
    pairs = [pair.partition("=") for pair in parts.query.split("&") if pair]
    query = {name: [value] for name, _, value in pairs}
    status, found, answer = s3._dispatch(method, bucket, key, headers or {}, body, query)
    text = answer.encode() if isinstance(answer, str) else answer
    return status, found, re.sub(rb"<RequestId>.*</RequestId>", b"", text)


def good(*wanted: Any) -> bytes:
    status, _, body = ask(*wanted)
    assert status in (200, 204), body
    return body
