"""The README tells the truth: its settings and its commands are those there are."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from labapp.programs import find
from labapp.programs.cli import EXIT_CODES
from labapp.settings import Settings

TOP = Path(__file__).parent.parent
README = (TOP / "README.md").read_text("utf-8")
PAGES = sorted((TOP / "labapp" / "help").glob("*.md"))


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


def test_every_page_of_the_manual_is_found_from_the_readme() -> None:
    linked = re.findall(r"\]\((labapp/help/[^)#]+)\)", README)
    assert linked == [page.relative_to(TOP).as_posix() for page in PAGES] != []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_names_commands_and_settings_that_are_there(page: Path) -> None:
    text = page.read_text("utf-8")
    names = {field.name for field in dataclasses.fields(Settings)}
    assert set(re.findall(r"`([a-z]+_[a-z_]+)`", text)) <= names
    for program, words in re.findall(r"`((?:client|admin|server)\.py) ([a-z ]+)", text):
        known = {command.name for command in find(program).all_commands}
        assert any(words == name or words.startswith(f"{name} ") for name in known), words
    for words in re.findall(r"`((?:cloud|config) [a-z]+)", text):
        assert words in {command.name for command in find("admin.py").all_commands}, words
