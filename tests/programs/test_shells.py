"""What is typed means the same in bash, in PowerShell and in cmd: examples, lists and steps."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path

import pytest

from labapp import numbers
from labapp.errors import UsageError
from labapp.programs import find
from labapp.programs.shell.parsing import commas_again, join_values, values_apart
from tests.support import powershell
from tests.support.commands import client

Capture = pytest.CaptureFixture[str]

PROGRAMS = ("client.py", "admin.py", "server.py")
EXAMPLES = [
    (program, example)
    for program in PROGRAMS
    for example in dict.fromkeys(
        (*find(program).examples, *(e for c in find(program).commands for e in c.examples))
    )
]


def parsed(program: str, words: list[str]) -> argparse.Namespace:
    arguments = find(program).parser().parse_args(values_apart(commas_again(words)))
    join_values(arguments)
    return arguments


@pytest.mark.parametrize(("program", "example"), EXAMPLES)
def test_an_example_is_the_same_in_every_shell(program: str, example: str) -> None:
    assert "'" not in example, "cmd knows no single quotes"
    (there,) = powershell.commands(example)
    assert there == shlex.split(example)
    given = parsed(program, there)
    alone = parsed(program, powershell.one_by_one(example))
    if isinstance(getattr(given, "list", None), list) and given.list:  # `export --list` is none
        texts = [" ".join(found.list) for found in (given, alone)]
        if texts[0] != "-":
            assert numbers.parse(texts[0]) == numbers.parse(texts[1])
        given.list = alone.list = []
    assert given == alone


def test_help_shows_the_examples_as_they_are_typed(capsys: Capture) -> None:
    with pytest.raises(SystemExit):
        client("numbers", "--help")
    told = capsys.readouterr().out
    assert "  echo 1,12,55,4 | python client.py numbers -\n" in told
    assert "<" not in told.partition("examples:")[2]


@pytest.mark.parametrize(
    "typed",
    ["1,12,55,4", "1, 12, 55, 4", "1 , 12 ,55,4", '"1,12,55,4"', "-1,12,55,4", "-1, 12 55,4"],
)
def test_a_list_is_the_same_however_powershell_hands_it_over(typed: str) -> None:
    line = f"numbers {typed}"
    whole, alone = powershell.commands(line)[0], powershell.one_by_one(line)
    lists = [numbers.parse(" ".join(parsed("client.py", words).list)) for words in (whole, alone)]
    assert lists == [[-1 if "-1" in typed else 1, 12, 55, 4]] * 2


@pytest.mark.parametrize(
    "typed",
    [
        "image a.jpg --op sharpen:radius=2,amount=1",
        "image a.jpg --op sharpen:radius=2, amount=1",
        "image a.jpg --op sharpen:radius=2 , amount=1",
        "image a.jpg --op=sharpen:radius=2,amount=1",
        "image --op sharpen:radius=2,amount=1 a.jpg",
        'image a.jpg --op "sharpen:radius=2,amount=1"',
    ],
)
def test_a_step_is_the_same_however_powershell_hands_it_over(typed: str) -> None:
    for words in (powershell.commands(typed)[0], powershell.one_by_one(typed)):
        given = parsed("client.py", words)
        assert [step.replace(" ", "") for step in given.op] == ["sharpen:radius=2,amount=1"]
        assert given.path == ["a.jpg"]


def test_steps_of_a_setting_are_joined_as_well() -> None:
    words = powershell.one_by_one("--default-pipeline sharpen:radius=2,amount=1 --until-idle")
    given = parsed("server.py", words)
    assert given.setting_default_pipeline == "sharpen:radius=2,amount=1"


def test_a_file_of_the_name_of_a_parameter_is_told_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("amount=1").touch()
    words = ["image", "--op", "sharpen:radius=2", "amount=1"]
    assert client(*words) == 2
    told = capsys.readouterr().err
    assert 'in quotes, "sharpen:radius=2,amount=1"' in told
    assert "./amount=1" in told
    with pytest.raises(UsageError):
        commas_again(words)
    assert commas_again([*words[:-1], "./amount=1"])[-1] == "./amount=1"


def test_what_is_no_parameter_of_the_step_is_left_as_it_is() -> None:
    for word in ("sigma=1", "a=b.jpg", "amount=*.jpg/x", "b.jpg"):
        words = ["image", "--op", "sharpen:radius=2", word]
        assert commas_again(words) == words
    assert commas_again(["answer", "a:b", "amount=1"]) == ["answer", "a:b", "amount=1"]


def test_a_value_that_came_apart_is_told_with_the_remedy(capsys: Capture) -> None:
    assert client("label", "--annotator", "anna", "maria") == 2
    assert "may want quotes" in capsys.readouterr().err
