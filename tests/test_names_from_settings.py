"""What a setting names is never called by its default in a help, a screen or a message."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

from labapp.settings import QUEUE_NAME, Settings
from tests.support.terminal import ROOT

#: The default names of what a lab calls otherwise.
NAMES = [
    str(field.default) for field in fields(Settings) if field.metadata["pattern"] == QUEUE_NAME
]


def test_no_text_holds_a_default_name() -> None:
    room = ROOT / "labapp"
    for path in sorted(room.rglob("*.py")):
        if path != room / "settings_table.py":
            assert list(_texts_with(NAMES, path)) == [], path


def _texts_with(names: list[str], path: Path) -> Iterator[str]:
    """Yield the texts of a file that hold one of the names, less what explains the code."""
    tree = ast.parse(path.read_text("utf-8"))
    prose = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield from (node.value for name in names if name in node.value)
