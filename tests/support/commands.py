"""Runs commands of the programs in this process; each returns its exit code."""

from __future__ import annotations

import json

import pytest

from labapp.programs import find


def run(program: str, *words: str) -> int:
    return find(program).main(words)


def client(*words: str) -> int:
    return run("client.py", *words)


def admin(*words: str) -> int:
    return run("admin.py", *words)


def documents(capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, object]]:
    assert admin(*words, "--json") == 0
    found: list[dict[str, object]] = json.loads(capsys.readouterr().out)
    return found
