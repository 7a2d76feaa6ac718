"""The README tells the truth: its settings and its commands are those there are."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from labapp.programs import find
from labapp.programs.cli import EXIT_CODES
from labapp.settings import Settings

README = (Path(__file__).parent.parent / "README.md").read_text("utf-8")


def test_every_setting_is_told_with_its_meaning() -> None:
    told = dict(re.findall(r"^\| `([a-z_]+)` \| [^|]*\| ([^|]+) \|$", README, re.MULTILINE))
    meanings = {
        field.name: field.metadata["meaning"].replace("|", "\\|")
        for field in dataclasses.fields(Settings)
    }
    assert told == {**told, **meanings}


def test_every_exit_code_is_told() -> None:
    codes = re.findall(r"^  (\d+) ", EXIT_CODES, re.MULTILINE)
    assert re.findall(r"^\| (\d+) \|", README, re.MULTILINE) == codes


@pytest.mark.parametrize("program", ["client.py", "admin.py"])
def test_every_command_that_is_told_is_there(program: str) -> None:
    known = {command.name for command in find(program).all_commands}
    lines = re.findall(rf"^python {program} ([^\n#]*)", README, re.MULTILINE)
    for line in filter(None, (line.strip() for line in lines)):
        words = line.split()
        names = {words[0], " ".join(words[:2])}
        assert names & known or words[0].startswith("--"), line
