"""Runs commands of the programs in this process; each returns its exit code."""

from __future__ import annotations

import json
from typing import Any

import pytest

from labapp.programs import find


def run(program: str, *words: str) -> int:
    return find(program).main(words)


def client(*words: str) -> int:
    return run("client.py", *words)


def admin(*words: str) -> int:
    return run("admin.py", *words)


def document(capsys: pytest.CaptureFixture[str], program: str, *words: str, code: int = 0) -> Any:
    """Return what a command writes with `--json`, whatever was written before."""
    capsys.readouterr()
    assert run(program, *words, "--json") == code
    return json.loads(capsys.readouterr().out)


def documents(capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, object]]:
    """Return the rows that a command of admin.py lists."""
    return list(document(capsys, "admin.py", *words))
