"""What is typed, put right before it is parsed."""

from __future__ import annotations

import pytest

from labapp.programs.shell.parsing import switches


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("--accessible numbers 1,2", "--accessible=true numbers 1,2"),
        ("--accessible", "--accessible=true"),
        ("--accessible false config", "--accessible false config"),
        ("--accessible=no config", "--accessible=no config"),
        ("config --no-accessible", "config --accessible=false"),
        ("upload -- --accessible", "upload -- --accessible"),
        ("--no-nope", "--no-nope"),
    ],
)
def test_a_switch_needs_no_value(typed: str, read: str) -> None:
    assert switches(typed.split()) == read.split()
