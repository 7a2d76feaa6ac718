"""`help`: pages of the manual and of commands, at the prompt of each program."""

from __future__ import annotations

import pytest

from labapp.programs import find
from labapp.programs.shell import manual
from tests.programs.conftest import Shown
from tests.support.commands import admin, client

Capture = pytest.CaptureFixture[str]
PROGRAMS = ("client.py", "admin.py", "server.py")


@pytest.mark.parametrize("program", PROGRAMS)
def test_alone_it_lists_the_pages_with_their_first_lines(program: str, capsys: Capture) -> None:
    assert find(program).main(["help"]) == 0
    rows = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert rows == [[name, manual.page(name).title] for name in manual.names()]


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_page_is_written_into_a_pipe_as_it_is_read(program: str, capsys: Capture) -> None:
    assert find(program).main(["help", "labelling"]) == 0
    assert capsys.readouterr().out == manual.page("labelling").text + "\n"


def test_blanks_and_capitals_make_no_difference(capsys: Capture) -> None:
    assert client("help", "Exit", "codes") == 0
    assert capsys.readouterr().out.startswith("# Exit codes")


@pytest.mark.parametrize(
    ("program", "command"),
    [("client.py", "numbers"), ("admin.py", "queues dead"), ("server.py", "config trust")],
)
def test_of_a_command_it_shows_what_its_help_says(
    program: str, command: str, capsys: Capture
) -> None:
    with pytest.raises(SystemExit):
        find(program).main([*command.split(), "--help"])
    expected = capsys.readouterr().out
    with pytest.raises(SystemExit) as ended:
        find(program).main(["help", *command.split()])
    assert ended.value.code == 0
    assert capsys.readouterr().out == expected


def test_what_is_neither_is_a_usage_error_with_what_is_near(capsys: Capture) -> None:
    assert admin("help", "queue") == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "no page and no command 'queue'. Did you mean 'queues'" in err
    assert "'python admin.py help' lists the pages" in err


def test_a_word_far_from_all_is_a_usage_error_too(capsys: Capture) -> None:
    assert client("help", "xyzzy") == 2
    assert "Did you mean" not in capsys.readouterr().err


@pytest.mark.parametrize("program", PROGRAMS)
def test_no_page_has_a_commands_name(program: str) -> None:
    assert not {command.name for command in find(program).commands} & set(manual.names())


@pytest.mark.parametrize("columns", [40, 80])
def test_a_page_is_drawn_on_a_terminal(columns: int, shown: Shown) -> None:
    lines = shown("client.py help exit-codes", columns=columns)
    assert lines[0] == "Exit codes: how a program ended"
    assert any(line.split() == ["143", "terminated"] for line in lines)
    assert not any("|" in line or "#" in line for line in lines)
    assert max(map(len, lines)) <= columns


@pytest.mark.parametrize("page", manual.names())
def test_every_page_fits_a_window_of_40_columns(page: str, shown: Shown) -> None:
    assert max(map(len, shown(f"client.py help {page}", columns=40))) <= 40
