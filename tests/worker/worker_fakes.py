"""A cloud in memory for the worker's parts: queues, a bucket, and a record of what came when."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from labapp.cloud.abilities import Abilities
from labapp.cloud.direct.s3 import UNSURE, Put
from labapp.cloud.queues import Message, Outgoing
from labapp.errors import MissingResourceError
from labapp.jobs.number_kind import NUMBERS
from labapp.jobs.wire import DONE, Reply, Request
from labapp.settings import Settings
from labapp.worker.handlers import Caller, Handler


class FakeCloud:
    """Queues and objects; each call is written down in `calls`, as its name and its thing.

    `trouble` is asked before each call; what it raises, the call raises.
    """

    def __init__(self, settings: Settings | None = None, *, is_local: bool = False) -> None:
        self.settings = settings or Settings()
        self.is_local = is_local
        self.home = Path()
        self.abilities = Abilities()
        self.generation = 0
        self.abilities = Abilities()
        self.calls: list[tuple[str, str]] = []
        self.queues: dict[str, FakeQueue] = {}
        self.objects: dict[str, str] = {}
        self.metadata: dict[str, dict[str, str]] = {}
        self.refreshed = 0
        self.bucket_owner = ""
        self.direct_s3 = NoDirectWay()
        self.trouble: Callable[[str, str], None] = lambda call, thing: None

    def note(self, call: str, thing: str) -> None:
        self.trouble(call, thing)
        self.calls.append((call, thing))

    def refresh(self) -> None:
        self.refreshed += 1

    def make(self, *names: str) -> None:
        for name in names:
            self.queues[name] = FakeQueue(self, name)

    def queue(self, _cloud: object, name: str) -> Any:
        """Stand in for `Queue(cloud, name)`; a queue that was not made refuses every call."""
        return self.queues.get(name) or FakeQueue(self, name, missing=True)


class NoDirectWay:
    """Stores nothing: every object goes by the bucket's own methods."""

    def put_all(self, _bucket: object, objects: Sequence[object]) -> list[Put]:
        return [Put(UNSURE) for _ in objects]


class FakeQueue:
    """One queue: what is to be received, and what became of it."""

    def __init__(self, cloud: FakeCloud, name: str, *, missing: bool = False) -> None:
        self.cloud = cloud
        self.name = name
        self.missing = missing
        self.waiting: list[Message] = []
        self.polls: list[tuple[int, int]] = []
        self.sent: list[Outgoing] = []
        self.deleted: list[str] = []
        self.hidden: list[tuple[str, int]] = []
        self.redrive: int | None = None
        #: Positions that the next batch calls of a kind do not take.
        self.failures: dict[str, list[list[int]]] = {}
        self._lock = threading.Lock()  # no two polls bring the same message

    def receive(self, limit: int = 10, wait: int = 0, visibility: int | None = None) -> Any:
        self.polls.append((limit, wait))
        self._call("receive")
        with self._lock:
            taken, self.waiting = self.waiting[:limit], self.waiting[limit:]
        return taken

    def send_batch(self, messages: Sequence[Outgoing]) -> list[int]:
        failed = self._call("send")
        self.sent += [m for i, m in enumerate(messages) if i not in failed]
        return failed

    def delete(self, receipts: Sequence[str]) -> list[int]:
        failed = self._call("delete")
        self.deleted += [r for i, r in enumerate(receipts) if i not in failed]
        return failed

    def try_deletion(self) -> None:
        self.cloud.trouble("delete", self.name)

    def hide(self, receipts: Sequence[str], seconds: int) -> list[int]:
        failed = self._call("hide")
        self.hidden += [(r, seconds) for i, r in enumerate(receipts) if i not in failed]
        return failed

    def exists(self) -> bool:
        self.cloud.note("find", self.name)
        return not self.missing

    def forget(self) -> None:
        """Ask for its address again: it has none."""

    def most_receives(self) -> int | None:
        return self.redrive

    def _call(self, call: str) -> list[int]:
        if self.missing:
            raise MissingResourceError(f"{self.name} is not there")
        self.cloud.note(call, self.name)
        planned = self.failures.get(call)
        return planned.pop(0) if planned else []


class FakeBucket:
    """The bucket of a FakeCloud."""

    name = "bucket"

    def __init__(self, cloud: FakeCloud) -> None:
        self.cloud = cloud

    def put_text(self, key: str, text: str, metadata: Any = None, *, new: bool = False) -> bool:
        self.cloud.note("put", key)
        if new and key in self.cloud.objects:
            return False
        self.cloud.objects[key], self.cloud.metadata[key] = text, metadata or {}
        return True

    def head(self, key: str) -> Any:
        self.cloud.note("head", key)
        if key not in self.cloud.objects:
            raise MissingResourceError(f"{key} is not there")
        return instead(etag="etag", metadata=self.cloud.metadata[key])

    def put_if(self, key: str, body: bytes, _type: str, _etag: str, metadata: Any) -> str:
        self.put_text(key, body.decode(), metadata)
        return "etag"


class FakeHandler(Handler):
    """A kind of job that does what its test says."""

    kind = NUMBERS

    def __init__(self, *, quick: bool = True, concurrency: int = 32) -> None:
        self.quick = quick
        self.concurrency = concurrency
        self.act: Callable[[Request], Reply] = lambda request: Reply("fine", request.job, DONE)

    def set_retry(self, call: Caller) -> None:
        self.call = call

    def work(self, request: Request) -> Reply:
        return self.act(request)


def message(job: str = "a", client: str = "tester", receives: int = 1, **more: Any) -> Message:
    """Return a request as received; its receipt is its job's id."""
    attributes = {"labapp": "1", "job": job, "client": client} if client else {}
    fields: dict[str, Any] = {
        "id": f"id-{job}",
        "body": "1,2",
        "attributes": attributes,
        "odd_attributes": frozenset[str](),
        "receipt": job,
        "receives": receives,
        "sent_at": 1_700_000_000.0,
        "first_received_at": 1_700_000_000.0,
    }
    return Message(**(fields | more))


def instead(**attributes: Any) -> Any:
    """Return an object with these attributes and no others."""
    return SimpleNamespace(**attributes)
