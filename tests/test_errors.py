from __future__ import annotations

import inspect
import pickle

import pytest

from labapp import errors
from labapp.errors import LabappError

KINDS = [
    kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, LabappError)
]


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_survives_a_process_border_with_both_its_parts(kind: type[LabappError]) -> None:
    copy = pickle.loads(pickle.dumps(kind("the list is empty", "Send one.")))
    assert type(copy) is kind
    assert (copy.message, copy.remedy) == ("the list is empty", "Send one.")


def test_an_error_says_what_happened_and_then_what_to_do() -> None:
    assert str(LabappError("it broke", "Mend it.")) == "it broke. Mend it."
    assert str(LabappError("it broke")) == "it broke"


@pytest.mark.parametrize("kind", KINDS)
def test_the_tree_in_the_docstring_names_each_error_with_its_exit_code(
    kind: type[LabappError],
) -> None:
    lines = [line for line in (errors.__doc__ or "").splitlines() if kind.__name__ in line.split()]
    assert len(lines) == 1, "drawn once"
    after = lines[0].partition(kind.__name__)[2]
    assert after.split()[0] == str(kind.exit_code)
