"""The lane of mutants: what is made, and that a fault is noticed or survives as it should."""

from __future__ import annotations

import ast
import textwrap
from pathlib import Path

import pytest

from tests.mutants.mutations import mutations


def made(text: str) -> set[str]:
    """Return the mutations of a text, each as told."""
    return {one.told for one in mutations(textwrap.dedent(text))}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("x = a < b", "a < b => a <= b"),
        ("x = a in b", "a in b => a not in b"),
        ("x = a and b", "a and b => (a or b)"),
        ("x = not a", "not a => bool(a)"),
        ("x = a + b", "a + b => (a - b)"),
        ("x = 30", "30 => 0"),
        ("def f():\n    x = 30", "30 => 31"),
        ("x = True", "True => False"),
        ("x = 'SlowDown'", "'SlowDown' => 'SlowDownX'"),
        ("f(a)", "f(a) => pass"),
        ("self.a = b", "self.a = b => pass"),
        ("raise E(a)", "raise E(a) => pass"),
        ("def f():\n    return a", "return a => return None"),
        ("if a:\n    b = c", "if a: b = c => if not a: b = c"),
        ("with self._lock:\n    b = c", "with self._lock: b = c => if True: b = c"),
    ],
)
def test_each_kind_of_fault_is_made(text: str, told: str) -> None:
    assert told in {one.replace("  ", " ") for one in made(text)}


@pytest.mark.parametrize(
    "text",
    [
        '"""Says what it is for."""',
        "def f(x: Literal['a']) -> None:\n    '''Says.'''",
        "log.info('%s is gone', name)",
        "if TYPE_CHECKING:\n    x = 1",
        "raise_with = 'a sentence that is written for people'",
        "import a",
        "x = zip(a, b, strict=True)",
        "x = rows.reshape(a, -1)",
    ],
)
def test_what_tests_are_not_meant_to_hold_is_left_alone(text: str) -> None:
    assert made(text) == set()


def test_every_mutant_of_this_file_is_a_program_that_differs() -> None:
    text = Path(__file__).read_text("utf-8")
    found = list(mutations(text))
    assert len(found) > 10
    for one in found:
        assert one.text != text
        ast.parse(one.text)


def test_what_runs_at_import_is_told_apart_from_what_is_called() -> None:
    text = "LIMIT = 5\n\ndef f(n=1):\n    return n < 2\n"
    places = {one.before: one.at_import for one in mutations(text)}
    assert places == {"5": True, "1": True, "n < 2": False, "2": False, "return n < 2": False}
