"""Dialects' files as teachers write them, and what is told of wrong ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from labapp.dialects import loading
from labapp.dialects.rules import Block

_FOLDER = Path(__file__).parent / "dialects"

#: A picture's key and sigma in attributes; numbers and pictures on one queue, told apart by one.
OF_ATTRIBUTES = (_FOLDER / "blur.toml").read_text("utf-8")
OF_ONE_QUEUE = (_FOLDER / "average_or_effect.toml").read_text("utf-8")

#: Where a text is said to stand.
PATH = Path("lab.toml")


def choose(text: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write a dialect's file `lab.toml`, and have the programs of this test go by it."""
    file = folder / "lab.toml"
    file.write_text(text, "utf-8")
    monkeypatch.setenv("LABAPP_DIALECT", str(file))
    return file


def told(text: str) -> list[str]:
    """Return what is told of a file of this text, each behind its line: `3: ...`."""
    return [f"{one.line}: {one.what}. {one.remedy}" for one in loading.examined(text, PATH)[1]]


def block(*rows: str) -> Block:
    """Return the one block that has these lines behind its `[[request]]`."""
    (found,) = loading.parse("\n".join(("[[request]]", *rows)), PATH).blocks
    return found


def told_of_block(*rows: str) -> list[str]:
    """Return what is told of a file of one block, whose first line is `[[request]]`."""
    return told("\n".join(("[[request]]", *rows)))
