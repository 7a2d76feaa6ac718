"""Tab in PowerShell completes what is typed. The script's own look-up is done again in Python."""

from __future__ import annotations

import re
import shlex

import pytest

from labapp.programs import find
from labapp.programs.shell import completion
from labapp.programs.shell.completion import Table

PROGRAMS = ("client.py", "admin.py", "server.py")


def script_of(program: str) -> str:
    parser, queues = find(program).parser(), ("requestQueue", "imageInbox")
    return completion.script(parser, "powershell", queues, ("1", "0"))


def table_in(script: str) -> Table:
    """Read the table out of the script, as PowerShell does."""
    rows = re.findall(r"^    '((?:[^']|'')*)' = @\(([^)]*)\)$", script, re.MULTILINE)
    return {key: tuple(re.findall(r"'((?:[^']|'')*)'", words)) for key, words in rows}


def completed(line: str) -> list[str]:
    """Return what the script offers at the end of a line, or nothing, which means files."""
    words = None
    at = flag = ""
    *before, typed = shlex.split(line + "|", posix=False)
    typed = typed.removesuffix("|")
    for text in before:
        text = text.strip("\"'")
        if words is None:
            name = re.split(r"[\\/]", text)[-1]
            words = table_in(script_of(name)) if name in PROGRAMS else None
            continue
        key, flag = f"{at} {text}".strip(), ""
        if key in words and text.startswith("-"):
            flag = key
        elif key in words:
            at = key
    offered = (words or {}).get(flag or at, ())
    found = [word for word in offered if word.lower().startswith(typed.lower())]
    return [word for word in found if typed or not word.startswith("-")]


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("python client.py num", ["numbers"]),
        (r".venv\Scripts\python.exe .\client.py num", ["numbers"]),
        (r".\client.py numbers --ra", ["--random"]),
        ("py client.py image a.jpg --op gr", ["grayscale"]),
        ("python client.py --cloud aws image a.jpg --op blur --format jp", ["jpeg"]),
        ("python client.py --color true", ["truecolor"]),
        ("python client.py completion ", ["bash", "zsh", "fish", "powershell"]),
        ("python admin.py cloud st", ["status", "start", "stop"]),
        ("python admin.py help exit", ["exit-codes"]),
        ("python admin.py cloud env --format p", ["powershell"]),
        ("python admin.py queues purge req", ["requestQueue"]),
        ("python admin.py config ", ["trust", "distrust"]),
        ("python client.py answer KEY ", ["0", "1"]),
        ("python client.py upload ", []),  # files
        ("python client.py numbers --file ", []),
        ("python other.py num", []),
    ],
)
def test_what_is_typed_is_completed(line: str, offered: list[str]) -> None:
    assert set(completed(line)) == set(offered)


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_script_holds_the_whole_table_and_survives_any_code_page(program: str) -> None:
    script = script_of(program)
    assert script.isascii()
    parser = find(program).parser()
    assert table_in(script).keys() == completion.table(parser).keys()
    for line in script.splitlines():
        assert line.count("'") % 2 == 0 or '"\'"' in line, "quotes are closed on their line"


@pytest.mark.parametrize("program", PROGRAMS)
def test_one_completer_stands_for_python_whichever_script_came_last(program: str) -> None:
    common = [script_of(name).partition("-ScriptBlock")[2] for name in PROGRAMS]
    assert len(set(common)) == 1
    assert f"$global:LabappWords['{program}'] = @{{" in script_of(program)
