"""An outage is waited out by one thread at a time; what no waiting mends is raised at once."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from labapp.errors import (
    CertificateError,
    ClockError,
    CloudError,
    CredentialsError,
    ForbiddenError,
    MissingResourceError,
    SessionEndedError,
    StorageError,
    UnreachableError,
)
from labapp.worker import outages as outages_module
from labapp.worker import refusals as refusals_module
from labapp.worker.outages import OutageGuard, StoppingError
from labapp.worker.refusals import Deed
from labapp.worker.stats import WorkerStats
from tests.support.waiting import PATIENCE, until
from tests.worker.worker_fakes import FakeCloud


class Setting:
    """An OutageGuard with what it stands on, whose pauses take no time."""

    def __init__(self, *, is_local: bool = False) -> None:
        self.cloud = FakeCloud(is_local=is_local)
        self.stop, self.stats = threading.Event(), WorkerStats()
        stand_in: Any = self.cloud
        self.outages = OutageGuard(stand_in, self.stop, self.stats)


@pytest.fixture
def setting(monkeypatch: pytest.MonkeyPatch) -> Setting:
    monkeypatch.setattr(outages_module, "delay", lambda attempt: 0.01)
    return Setting()


def _failing(*errors: CloudError) -> Callable[[], str]:
    """Return an action that fails with one error after another, then succeeds."""
    left = list(errors)

    def action() -> str:
        if left:
            raise left.pop(0)
        return "done"

    return action


def _in_threads(count: int, target: Callable[[], object]) -> list[threading.Thread]:
    threads = [threading.Thread(target=target, daemon=True) for _ in range(count)]
    for thread in threads:
        thread.start()
    return threads


def test_an_action_is_repeated_until_the_cloud_answers(setting: Setting) -> None:
    away = [UnreachableError("away")] * 5

    assert setting.outages.call(_failing(*away)) == "done"
    assert not setting.outages.is_down
    assert setting.stats.trouble == ""
    assert setting.cloud.refreshed == 4


def test_a_full_disk_is_waited_out_and_told(
    setting: Setting, caplog: pytest.LogCaptureFixture
) -> None:
    full = [StorageError("the disk of the local cloud is full: /d", "Make room there.")] * 3

    assert setting.outages.call(_failing(*full)) == "done"
    assert caplog.text.count("the disk of the local cloud is full: /d. Make room there.") == 1


def test_a_certificate_that_ran_out_is_waited_for_with_few_attempts_until_it_is_renewed(
    setting: Setting, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(setting.outages, "_sleep", pauses.append)
    expired = [CertificateError("the certificate of lab has expired", "Renew it.")] * 3

    assert setting.outages.call(_failing(*expired)) == "done"
    assert pauses == [outages_module.CERTIFICATE_RETRY] * 2
    assert setting.cloud.refreshed == 2, "which reads the trusted certificates anew"
    assert caplog.text.count("the certificate of lab has expired. Renew it.") == 1


@pytest.mark.parametrize(
    "error", [SessionEndedError("over", "Start it."), ClockError("2 h behind", "Set it.")]
)
def test_a_session_that_ended_and_a_wrong_clock_pause_all_until_they_are_mended(
    setting: Setting, monkeypatch: pytest.MonkeyPatch, error: CloudError
) -> None:
    monkeypatch.setattr(outages_module, "CREDENTIALS_RETRY", 0.01)
    monkeypatch.setattr(outages_module, "STEP", 0.002)
    troubles: list[str] = []
    errors = [error] * 3

    def action() -> str:
        troubles.append(setting.stats.trouble)
        if errors:
            raise errors.pop()
        return "done"

    assert setting.outages.call(action) == "done"
    assert set(troubles[1:]) == {str(error)}
    assert setting.cloud.refreshed == 2
    assert setting.stats.trouble == ""


def test_what_no_waiting_mends_is_raised_at_once(setting: Setting) -> None:
    with pytest.raises(CloudError, match="skewed"):
        setting.outages.call(_failing(CloudError("the clock is skewed")))

    assert not setting.outages.is_down


def test_a_missing_queue_on_aws_is_raised_at_once(setting: Setting) -> None:
    with pytest.raises(MissingResourceError):
        setting.outages.call(_failing(MissingResourceError("requestQueue")))

    assert not setting.outages.is_down


def test_what_one_action_may_not_do_stops_no_other(setting: Setting) -> None:
    with pytest.raises(ForbiddenError):
        setting.outages.call(_failing(ForbiddenError("not this picture")))

    assert not setting.outages.is_down
    assert setting.outages.call(_failing()) == "done"


def test_a_missing_queue_on_the_local_cloud_is_made_anew(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[object] = []
    monkeypatch.setattr("labapp.worker.outages.lab.require", made.append)
    local = Setting(is_local=True)

    assert local.outages.call(_failing(*[MissingResourceError("requestQueue")] * 2)) == "done"
    assert made == [local.cloud]


def test_one_thread_at_a_time_asks_during_an_outage(setting: Setting) -> None:
    asking, most, asked, answers = [0], [0], [0], []
    lock, back = threading.Lock(), threading.Event()

    def action() -> str:
        with lock:
            asking[0] += 1
            asked[0] += 1
            if setting.outages.is_down:
                most[0] = max(most[0], asking[0])
        try:
            if not back.is_set():
                raise UnreachableError("away")
            return "done"
        finally:
            with lock:
                asking[0] -= 1

    with pytest.raises(StoppingError):  # the cloud is down from the first failure on
        _stopped(setting, action)
    setting.stop.clear()
    threads = _in_threads(8, lambda: answers.append(setting.outages.call(action)))
    until(lambda: asked[0] > 10)
    assert setting.outages.is_down
    back.set()
    for thread in threads:
        thread.join(60)

    assert answers == ["done"] * 8
    assert most == [1]
    assert not setting.outages.is_down


def _stopped(setting: Setting, action: Callable[[], str]) -> str:
    setting.stop.set()
    return setting.outages.call(action)


def test_a_long_poll_that_waited_for_its_turn_does_not_keep_it(setting: Setting) -> None:
    first, poll_ends = threading.Event(), threading.Event()
    polls: list[str] = []

    def asker() -> str:
        if not first.is_set():
            raise UnreachableError("away")
        return "back"

    def long_poll() -> str:
        if not first.is_set():
            raise UnreachableError("away")
        polls.append("began")
        poll_ends.wait(PATIENCE)
        return "message"

    threads = _in_threads(1, lambda: setting.outages.call(asker))
    until(setting.outages._asking.locked)  # before, a long poll might be the one that asks
    threads += _in_threads(3, lambda: setting.outages.call(long_poll))
    first.set()
    until(lambda: len(polls) == 3)  # else one would ask in the turn of the trouble below
    assert not setting.outages.is_down

    # One more trouble is over while the polls go on.
    assert setting.outages.call(_failing(UnreachableError("hiccup"))) == "done"
    poll_ends.set()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()


def test_waiting_ends_when_the_worker_is_to_stop(setting: Setting) -> None:
    ends: list[CloudError] = []

    def away() -> str:
        raise UnreachableError("away")

    def call() -> None:
        try:
            setting.outages.call(away)
        except StoppingError as error:
            ends.append(error)

    threads = _in_threads(4, call)
    until(lambda: setting.outages.is_down)
    setting.stop.set()
    for thread in threads:
        thread.join(60)

    assert len(ends) == 4
    assert setting.outages.stop.is_set()


def test_new_credentials_in_the_file_are_taken_up(
    setting: Setting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "credentials"
    file.write_text("old")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    monkeypatch.setattr(outages_module, "STEP", 0.002)
    answers: list[str] = []

    def action() -> str:
        if setting.cloud.refreshed == 0:
            raise CredentialsError("ExpiredToken", "Renew the credentials.")
        return "done"

    thread = _in_threads(1, lambda: answers.append(setting.outages.call(action)))[0]
    until(lambda: "Renew the credentials" in setting.stats.trouble)
    before = file.stat()

    def renewed() -> bool:  # the file's stamp is taken some time after the trouble was told
        os.utime(file, ns=(before.st_atime_ns, file.stat().st_mtime_ns + 1_000_000))
        return bool(answers)

    until(renewed)
    thread.join(60)
    assert answers == ["done"]
    assert setting.cloud.refreshed == 1
    assert setting.stats.trouble == ""


def test_before_a_refused_call_is_tried_again_renewed_credentials_are_read(
    setting: Setting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "credentials"
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    monkeypatch.setattr(refusals_module, "STEP", 0.001)
    monkeypatch.setattr(refusals_module, "delay", lambda attempt: 0.0)
    refreshed: list[int] = []

    def action() -> str:
        refreshed.append(setting.cloud.refreshed)
        if len(refreshed) in (1, 3):
            file.write_text("key " * len(refreshed))
        if len(refreshed) < 5:
            raise ForbiddenError("not allowed")
        return "done"

    deed = Deed("requestQueue", "send to responseQueue", action)
    assert setting.outages.call(deed) == "done"
    assert refreshed == [0, 1, 1, 2, 2], "they are read once for each change of their file"


def test_each_attempt_in_an_outage_is_put_off_by_more(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    delays: list[int] = []
    monkeypatch.setattr(outages_module, "delay", lambda attempt: delays.append(attempt) or 0.0)  # type: ignore[func-returns-value]
    for _ in range(2):
        delays.clear()
        setting.outages.call(_failing(*[UnreachableError("away")] * 5))
        assert delays == [1, 2, 3, 4]


def test_what_making_ready_for_the_next_attempt_meets_is_told_too(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    troubles: list[str] = []
    errors: list[CloudError] = [UnreachableError("away")] * 3

    def refresh() -> None:
        raise StorageError("the disk is full")

    def action() -> str:
        troubles.append(setting.stats.trouble)
        if errors:
            raise errors.pop()
        return "done"

    monkeypatch.setattr(setting.cloud, "refresh", refresh)
    assert setting.outages.call(action) == "done"
    assert troubles == ["", "away", "the disk is full", "the disk is full"]


def test_trouble_is_told_once_for_each_kind(
    setting: Setting, caplog: pytest.LogCaptureFixture
) -> None:
    errors: list[CloudError] = [UnreachableError(f"attempt {n}") for n in range(4)]

    with caplog.at_level("INFO", logger="labapp"):
        setting.outages.call(_failing(*errors))

    told = [getattr(record, "event", "") for record in caplog.records]
    assert told == ["trouble", "recovered"]
