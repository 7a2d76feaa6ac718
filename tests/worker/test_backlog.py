"""The backlog is counted once a minute; what cannot be counted is left out."""

from __future__ import annotations

from typing import Any

import pytest

from labapp.cloud.queues import Counts
from labapp.errors import (
    CloudError,
    ForbiddenError,
    MissingResourceError,
    SessionEndedError,
    UnreachableError,
)
from labapp.worker import backlog as backlog_module
from labapp.worker.backlog import EVERY, FIRST, KEPT, Backlog
from tests.worker.worker_fakes import instead

NAMES = ("requestQueue", "imageInbox")
DEAD = {name: f"{name}-dlq" for name in NAMES}


class Queues:
    """A cloud whose queues hold so many messages, or raise so."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.held: dict[str, Counts | CloudError] = dict.fromkeys(NAMES, Counts(5, 2, 0))
        self.held |= dict.fromkeys(DEAD.values(), Counts(1, 2, 0))
        self.asked: list[str] = []
        self.refreshed = 0
        self.now = 1000.0
        monkeypatch.setattr(backlog_module, "Queue", self._queue)
        monkeypatch.setattr(backlog_module, "time", instead(monotonic=lambda: self.now))

    def _queue(self, _cloud: object, name: str) -> Any:
        def counts() -> Counts:
            self.asked.append(name)
            held = self.held[name]
            if isinstance(held, CloudError):
                raise held
            return held

        return instead(counts=counts)

    def refresh(self) -> None:
        self.refreshed += 1
        raise CloudError("the file is just being written")

    def backlog(self, *, logged: bool = False) -> Backlog:
        cloud: Any = self
        return Backlog(cloud, NAMES, logged=logged)


@pytest.fixture
def queues(monkeypatch: pytest.MonkeyPatch) -> Queues:
    return Queues(monkeypatch)


def test_each_queue_is_asked_once_a_minute_and_not_at_once(queues: Queues) -> None:
    waits: list[float] = []

    def wait(seconds: float) -> bool:
        waits.append(seconds)
        return len(waits) > 3

    ended: Any = instead(wait=wait)
    queues.backlog().run(ended)
    assert waits == [FIRST, EVERY, EVERY, EVERY]
    assert queues.asked == [name for each in DEAD.items() for name in each] * 3


def test_a_count_is_told_in_a_line_where_somebody_reads_them(
    queues: Queues, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO", logger="labapp"):
        queues.backlog().count()
        assert caplog.records == []
        queues.backlog(logged=True).count()
    told = [vars(record) for record in caplog.records]
    words = ("event", "queue", "visible", "in_flight", "dead")
    assert [tuple(one[word] for word in words) for one in told] == [
        ("backlog", name, 5, 2, 3) for name in NAMES
    ]
    assert caplog.messages[0] == "requestQueue: 5 waiting, 2 in flight, 3 dead"


def test_dead_letters_that_cannot_be_counted_are_not_told_of(
    queues: Queues, caplog: pytest.LogCaptureFixture
) -> None:
    queues.held[DEAD["requestQueue"]] = MissingResourceError("it has none")
    backlog = queues.backlog(logged=True)
    with caplog.at_level("INFO", logger="labapp"):
        backlog.count()
    assert caplog.messages[0] == "requestQueue: 5 waiting, 2 in flight"
    assert backlog.counts.keys() == {*NAMES}
    assert backlog.dead == {"imageInbox": 3}


@pytest.mark.parametrize("error", [MissingResourceError("gone"), ForbiddenError("not you")])
def test_a_queue_that_cannot_be_counted_leaves_the_others(
    queues: Queues, error: CloudError
) -> None:
    queues.held["requestQueue"] = error
    backlog = queues.backlog()
    backlog.count()
    assert backlog.counts == {"imageInbox": Counts(5, 2, 0)}
    assert queues.refreshed == 0


@pytest.mark.parametrize("error", [SessionEndedError("over"), UnreachableError("restarted")])
def test_credentials_and_address_are_read_anew_for_the_next_count(
    queues: Queues, error: CloudError
) -> None:
    queues.held["requestQueue"] = error
    backlog = queues.backlog()
    backlog.count()
    assert (queues.refreshed, queues.asked) == (1, ["requestQueue"])
    queues.held["requestQueue"] = Counts(1, 0, 0)
    backlog.count()
    assert backlog.counts["requestQueue"].visible == 1


def test_a_count_that_is_too_old_tells_nothing(queues: Queues) -> None:
    backlog = queues.backlog()
    backlog.count()
    queues.now += KEPT
    assert backlog.counts.keys() == {*NAMES}
    queues.now += 1
    assert backlog.counts == {}
