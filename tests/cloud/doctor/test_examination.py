"""Checks are made side by side; one that fails keeps only those from being made that need it."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from labapp.cloud.doctor.examination import Check, Examination
from labapp.cloud.doctor.finding import Finding
from labapp.errors import CredentialsError


def holds(name: str) -> Iterator[Finding]:
    yield Finding(name, "holds", "as it should be")


def fails() -> Iterator[Finding]:
    raise CredentialsError("there are no credentials", "Get some.")
    yield


def breaks() -> Iterator[Finding]:
    yield Finding("odd", "holds", "so far")
    raise ZeroDivisionError("a bug")


def states(*checks: Check) -> list[tuple[str, str, str]]:
    with Examination(checks, threading.Event()) as made:
        return [(one.check, one.state, one.found) for one in made.findings()]


def test_what_needs_a_check_that_failed_is_told_as_not_tried() -> None:
    assert states(
        Check("credentials", fails),
        Check("queue", lambda: holds("queue"), ("credentials",)),
        Check("messages", lambda: holds("messages"), ("queue",)),
        Check("Python", lambda: holds("Python")),
    ) == [
        ("credentials", "broken", "there are no credentials"),
        ("queue", "cannot tell", "not tried, see 'credentials'"),
        ("messages", "cannot tell", "not tried, see 'credentials'"),
        ("Python", "holds", "as it should be"),
    ]


def test_a_bug_in_one_check_hides_nothing_of_the_others() -> None:
    found = states(Check("odd", breaks), Check("Python", lambda: holds("Python")))
    assert found[1:] == [
        ("odd", "cannot tell", "an unforeseen error: ZeroDivisionError: a bug"),
        ("Python", "holds", "as it should be"),
    ]


def test_checks_are_made_at_the_same_time() -> None:
    both = threading.Barrier(2, timeout=5)

    def meets(name: str) -> Iterator[Finding]:
        both.wait()
        yield from holds(name)

    found = states(Check("a", lambda: meets("a")), Check("b", lambda: meets("b")))
    assert [state for _, state, _ in found] == ["holds", "holds"]


def test_one_that_takes_too_long_is_not_waited_for() -> None:
    stop = threading.Event()

    def slow() -> Iterator[Finding]:
        stop.wait(60)
        yield from holds("slow")

    checks = [Check("slow", slow, seconds=0.0), Check("b", lambda: holds("b"), ("slow",))]
    with Examination(checks, stop) as made:
        found = [(one.check, one.state) for one in made.findings()]
    assert found == [("slow", "cannot tell"), ("b", "cannot tell")]


def test_probes_are_removed_though_the_examination_is_interrupted() -> None:
    stop, there, removed = threading.Event(), threading.Event(), threading.Event()

    def probes() -> Iterator[Finding]:
        there.set()
        try:
            stop.wait(60)
            yield from holds("probe")
        finally:
            removed.set()

    def interrupted() -> None:
        with Examination([Check("probe", probes)], stop):
            assert there.wait(60)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert removed.is_set()
