"""What a worker's parent says is heard, also where its pipe may not be waited at."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from labapp.worker import hearing

ROOT = Path(__file__).resolve().parents[2]

HEARER = """
import sys
import time
sys.path.insert(0, sys.argv[1])
from labapp.worker import hearing
for line in hearing.lines(sys.stdin):
    print(line.strip(), flush=True)
print("end", flush=True)
"""


def test_lines_are_heard_as_they_come_until_the_other_end_is_gone() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HEARER, str(ROOT)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for word in ("pause", "stop"):
            process.stdin.write(f"{word}\n")
            assert process.stdout.readline() == f"{word}\n"
        process.stdin.close()
        assert process.stdout.read() == "end\n"


@pytest.mark.parametrize("gone", [BrokenPipeError(), OSError(22, "The handle is invalid")])
def test_a_pipe_that_is_looked_at_is_read_only_when_something_is_in_it(
    monkeypatch: pytest.MonkeyPatch, gone: OSError
) -> None:
    out, into = os.pipe()
    looks = iter([0, 0, 9, 0, 6])
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)

    def waiting() -> int:
        for size in looks:
            return size
        raise gone

    os.write(into, b"pause\r\nstop\nhalf")
    with os.fdopen(out), os.fdopen(into, "w"):
        heard = list(hearing.looked_for(out, waiting))
    assert [line.strip() for line in heard] == ["pause", "stop"]
    assert len(slept) == 3
