"""What tests of a sitting share: a menu without a screen, and a network that refuses or waits."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import pytest

from labapp.dataset.statistics import DatasetSnapshot, Statistics
from labapp.errors import LabappError
from labapp.labels.classes import LabelClass, Scheme
from labapp.programs.labelling.flow import Flow
from tests.dataset.dataset_kit import MemoryBucket
from tests.support.waiting import PATIENCE

#: Ten classes, the most there may be, with feedback and hints.
ANIMALS = Scheme(
    "Which animal?",
    tuple(LabelClass(n, str(n), f"{name}", f"a {name}") for n, name in enumerate(
        ("wolverine", "cat", "dog", "hedgehog", "owl", "bat", "squirrel", "eel", "ox", "crocodile")
    )),
    has_feedback=True,
    has_hints=True,
)  # fmt: skip


class Menu:
    """The session of a menu, without a screen."""

    def __init__(self, bucket: MemoryBucket) -> None:
        self.told: list[str] = []
        self.lasting = ""
        self.context = SimpleNamespace(settings=bucket.cloud.settings)
        self.frame = None

    def open_cloud(self) -> None:
        """Do nothing: it is open."""

    def wait(self, _: str, work: Any, *__: object) -> Any:
        return work()

    def announce(self, text: str, *_: object) -> None:
        self.told.append(text)

    def announce_lasting(self, text: str, _: str) -> None:
        self.lasting = text


class Network:
    """Refuses what is written for as long as it has an error, or holds it up."""

    def __init__(self, bucket: MemoryBucket, monkeypatch: pytest.MonkeyPatch) -> None:
        self.error: LabappError | None = None
        self.is_open = threading.Event()
        self.is_open.set()
        put_if = bucket.put_if

        def put(*arguments: Any, **named: Any) -> Any:
            assert self.is_open.wait(PATIENCE)
            if self.error is not None:
                raise self.error
            return put_if(*arguments, **named)

        monkeypatch.setattr(bucket, "put_if", put)


def take(flow: Flow) -> str:
    """Take the next picture; return its key."""
    shown = flow.take()
    assert shown is not None
    return shown.key


def standing(bucket: MemoryBucket, keys: list[str], who: str = "ana") -> list[str]:
    """Return what stands in the bucket of an annotator: `1`, `s` or nothing, for each picture."""
    pictures = {one.key: one for one in look(bucket).pictures}
    return ["".join(said.label.value for said in pictures[key].said_by(who)) for key in keys]


def look(bucket: MemoryBucket) -> DatasetSnapshot:
    statistics = Statistics(bucket)
    try:
        return statistics.look()
    finally:
        statistics.close()


def no_look() -> DatasetSnapshot:
    raise AssertionError("nobody looks at all labels for that")
