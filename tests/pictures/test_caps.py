"""What is told of a child that ended without a word, on each platform."""

from __future__ import annotations

import signal
import sys

import pytest

from labapp.errors import JobFailedError, LabappError, RefusedError
from labapp.pictures import caps, line
from labapp.pictures.caps import Caps, EndedError

CAPS = Caps(60, 450_000_000)


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize(
    ("code", "kind", "told"),
    [
        ("SIGTERM", EndedError, "killed from outside"),
        (line.SERVER_GONE, EndedError, "killed from outside"),
        ("SIGXCPU", JobFailedError, "too much CPU time"),
        ("SIGBUS", JobFailedError, "SIGBUS"),
        (1, JobFailedError, "exit code 1"),
        (None, JobFailedError, "exit code None"),
    ],
)
def test_each_way_to_end_without_a_word_has_its_error(
    code: int | str | None, kind: type[LabappError], told: str
) -> None:
    error = caps.error_of(-signal.Signals[code] if isinstance(code, str) else code, CAPS)
    assert type(error) is kind
    assert told in error.message


@pytest.mark.parametrize(
    ("code", "kind", "told"),
    [
        (0xC000_0005, JobFailedError, "crashed (access violation, 0xC0000005)"),
        (0xC000_0005 - 2**32, JobFailedError, "crashed (access violation, 0xC0000005)"),
        (0xC000_00FD, JobFailedError, "crashed (stack overflow, 0xC00000FD)"),
        (0xC000_0409, JobFailedError, "crashed (abort, 0xC0000409)"),
        (3, JobFailedError, "crashed (abort, exit code 3)"),
        (0xC000_0420, JobFailedError, "crashed (0xC0000420)"),
        (70, JobFailedError, "crashed (exit code 70)"),
        (0xC000_0017, RefusedError, "needs more than 450 MB of memory"),
        (0xC000_012D, RefusedError, "needs more than 450 MB of memory"),
        (1, EndedError, "killed from outside"),
        (15, EndedError, "killed from outside"),
        (0xC000_013A, EndedError, "killed from outside"),
    ],
)
def test_the_exit_codes_of_windows_are_told_in_words(
    code: int, kind: type[LabappError], told: str
) -> None:
    error = caps.of_windows(code, CAPS)
    assert type(error) is kind
    assert told in error.message
