"""A worker started while its cloud is away waits for it, tells so once, and can be stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from labapp.errors import (
    CertificateError,
    ClockError,
    CloudError,
    CredentialsError,
    ForbiddenError,
    LabappError,
    MissingResourceError,
    SessionEndedError,
    SettingError,
    UnreachableError,
)
from labapp.jobs import lab
from labapp.worker import outages
from labapp.worker.stats import WorkerStats
from tests.support.waiting import PATIENCE
from tests.worker.worker_fakes import FakeCloud


class Arriving:
    """A wait for a cloud that answers as its test says, once for each ask."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(outages, "TICK", 0.001)
        monkeypatch.setattr(lab, "require", self._require)
        self.delays: list[int] = []
        monkeypatch.setattr(outages, "delay", self._delay)
        self.cloud: Any = FakeCloud()
        self.stats = WorkerStats()
        self.answers: list[Callable[[], None]] = []
        self.troubles: list[str] = []
        self.asked = self.looks = 0
        self.stopping: Callable[[], bool] = lambda: False

    def _require(self, _: object) -> None:
        self.asked += 1
        self.troubles.append(self.stats.trouble)
        self.answers.pop(0)()

    def _delay(self, attempt: int) -> float:
        self.delays.append(attempt)
        return 0.01

    def _look(self) -> None:
        self.looks += 1

    def wait(self) -> None:
        outages.wait_for_cloud(self.cloud, self.stats, lambda: self.stopping(), self._look)


@pytest.fixture
def arriving(monkeypatch: pytest.MonkeyPatch) -> Arriving:
    return Arriving(monkeypatch)


def _raising(error: LabappError) -> Callable[[], None]:
    def answer() -> None:
        raise error

    return answer


def _well() -> None:
    return


def test_a_cloud_that_is_there_is_waited_for_no_longer(
    arriving: Arriving, caplog: pytest.LogCaptureFixture
) -> None:
    arriving.answers = [_well]
    with caplog.at_level("INFO", logger="labapp"):
        arriving.wait()
    assert arriving.asked == arriving.cloud.refreshed == 1
    assert [getattr(record, "event", "") for record in caplog.records] == ["recovered"]
    assert arriving.delays == []


def test_while_it_is_away_it_is_asked_again_and_that_is_told_once(
    arriving: Arriving, caplog: pytest.LogCaptureFixture
) -> None:
    arriving.answers = [*[_raising(UnreachableError("away", "Start it."))] * 3, _well]
    with caplog.at_level("INFO", logger="labapp"):
        arriving.wait()
    assert [getattr(record, "event", "") for record in caplog.records] == ["trouble", "recovered"]
    assert arriving.troubles == ["", *["away. Start it."] * 3]
    assert arriving.stats.trouble == ""
    assert arriving.delays == [1, 2, 3], "the pauses grow"
    assert arriving.looks > 3, "it says meanwhile how it is"


@pytest.mark.parametrize(
    "error",
    [
        SessionEndedError("the lab session is over", "Start the lab again."),
        ClockError("this machine's clock is 2 h behind", "Set the clock."),
    ],
)
def test_credentials_that_ended_and_a_wrong_clock_are_waited_for_too(
    arriving: Arriving, error: CloudError, caplog: pytest.LogCaptureFixture
) -> None:
    arriving.answers = [_raising(UnreachableError("away")), *[_raising(error)] * 3, _well]
    arriving.wait()
    told = [record.getMessage() for record in caplog.records]
    assert told == ["waiting for the cloud: away", f"waiting for the cloud: {error}"]
    assert arriving.troubles[-1] == str(error)
    assert arriving.stats.trouble == ""


@pytest.mark.parametrize("error", [CredentialsError("no such key"), ForbiddenError("not yours")])
def test_credentials_that_were_never_good_end_it(arriving: Arriving, error: CloudError) -> None:
    arriving.answers = [_raising(error)]
    with pytest.raises(type(error)):
        arriving.wait()


def test_a_local_cloud_that_is_not_there_to_refresh_is_asked_for_all_the_same(
    arriving: Arriving,
) -> None:
    arriving.cloud.refresh = _raising(UnreachableError("not running"))
    arriving.answers = [_well]
    arriving.wait()
    assert arriving.asked == 1


@pytest.mark.parametrize("kind", [MissingResourceError, CertificateError, SettingError])
def test_what_no_waiting_mends_ends_the_wait(arriving: Arriving, kind: type[LabappError]) -> None:
    arriving.answers = [_raising(UnreachableError("away")), _raising(kind("queue"))]
    with pytest.raises(kind, match="queue"):
        arriving.wait()
    assert arriving.asked == 2


def test_a_stop_ends_the_wait_also_while_a_call_hangs(arriving: Arriving) -> None:
    hanging, let_go = threading.Event(), threading.Event()

    def hang() -> None:
        hanging.set()
        let_go.wait(PATIENCE)

    arriving.answers = [hang]
    arriving.stopping = hanging.is_set
    arriving.wait()
    assert not let_go.is_set()
    let_go.set()


def test_a_stop_ends_the_pause_between_two_asks(
    arriving: Arriving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outages, "delay", lambda attempt: 1000.0)
    arriving.answers = [_raising(UnreachableError("away"))]
    arriving.stopping = lambda: bool(arriving.stats.trouble)
    arriving.wait()
    assert arriving.asked == 1


def test_who_is_to_stop_already_asks_for_nothing(arriving: Arriving) -> None:
    arriving.stopping = lambda: True
    arriving.wait()
    assert arriving.asked == 0
