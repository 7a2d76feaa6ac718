"""A dialect in which something is wrong ends each program at its start, but not what mends it."""

from __future__ import annotations

from pathlib import Path

import pytest

from labapp import settings
from labapp.programs import admin as admin_program
from labapp.programs import admin_menu
from labapp.programs.shell.parsing import build
from tests.support.commands import admin, client, run
from tests.support.dialect_files import choose

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have a dialect chosen that answers on the queue of its own requests."""
    text = '[[request]]\nnumbers = "{body}"\nanswer = "requestQueue"\n'
    return choose(text, tmp_path, monkeypatch)


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("client.py", ("jobs",)),
        ("client.py", ()),
        ("admin.py", ("cloud", "status")),
        ("server.py", ("--plain",)),
    ],
)
def test_each_program_names_the_file_and_the_line(
    broken: Path, capsys: Capture, program: str, words: tuple[str, ...]
) -> None:
    assert run(program, *words) == 2
    told = capsys.readouterr().err
    assert f"{program}: {broken}, line 3: request 1 answers on 'requestQueue'" in told
    assert "Give each queue a name of its own." in told


@pytest.mark.usefixtures("broken")
def test_the_admins_menu_which_mends_it_opens_and_tells_of_it() -> None:
    told = admin_menu._fault_of(settings.load({}).settings)
    assert "line 3: request 1 answers on 'requestQueue'" in told
    assert "Check a file" in told
    assert not build(admin_program.PROGRAM, ()).parse_args([]).needs_dialect


@pytest.mark.parametrize("text", [None, "[[request]]\nnumber = 1\n", "\0"])
def test_settings_help_and_completion_are_there_whatever_the_file_holds(
    broken: Path, capsys: Capture, text: str | None
) -> None:
    broken.unlink() if text is None else broken.write_text(text, "utf-8")
    assert client("config") == 0
    assert client("help") == 0
    assert client("completion", "bash") == 0
    capsys.readouterr()
    assert client("jobs") == 2
    assert str(broken) in capsys.readouterr().err


def test_completion_knows_a_dialects_queues(broken: Path, capsys: Capture) -> None:
    assert admin("completion", "bash") == 0
    assert "all.fifo" not in capsys.readouterr().out
    broken.write_text('[[request]]\nqueue = "all.fifo"\nnumbers = "{body}"\n', "utf-8")
    assert admin("completion", "bash") == 0
    assert "all.fifo" in capsys.readouterr().out


def test_nobody_consents_to_a_dialect_that_goes_in_circles(
    broken: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LABAPP_DIALECT")
    monkeypatch.chdir(broken.parent)
    Path("labapp.toml").write_text('dialect = "lab.toml"\n', "utf-8")
    assert client("config", "trust", "--yes") == 2
    assert "line 3: request 1 answers on 'requestQueue'" in capsys.readouterr().err
    broken.write_text('[[request]]\nnumbers = "{body}"\n', "utf-8")
    assert client("config", "trust", "--yes") == 0
    assert "or of the dialect's file that it names, asks again" in capsys.readouterr().err
    assert client("config", "trust", "--yes") == 0
    assert "is trusted already" in capsys.readouterr().err
    broken.write_text('[[request]]\nnumbers = "{body}"\nanswer = "elsewhere"\n', "utf-8")
    assert client("config") == 0
    assert "is not trusted: python client.py config trust" in capsys.readouterr().err


@pytest.mark.usefixtures("broken")
def test_help_needs_no_dialect() -> None:
    with pytest.raises(SystemExit) as ended:
        client("jobs", "--help")
    assert ended.value.code == 0
