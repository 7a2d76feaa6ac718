"""Runs commands of admin.py."""

from __future__ import annotations

import json

import pytest

from labapp.programs import find


def admin(*words: str) -> int:
    return find("admin.py").main(words)


def documents(capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, object]]:
    assert admin(*words, "--json") == 0
    found: list[dict[str, object]] = json.loads(capsys.readouterr().out)
    return found
