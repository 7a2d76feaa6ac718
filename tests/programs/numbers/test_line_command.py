"""`client.py numbers --lines` at the prompt: answers, what is refused before, and going on."""

from __future__ import annotations

import errno
import io
import json
import ntpath
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from labapp.cloud.queues import Queue
from labapp.cloud.session import Cloud
from labapp.errors import LabappError, SessionEndedError
from labapp.jobs.session import ClientSession
from labapp.programs.numbers import line_command
from labapp.programs.numbers.line_answers import CELLS, Columns, File, Outcome
from labapp.programs.numbers.line_lists import Source, known_as
from labapp.programs.shell import output
from tests.programs.numbers.stream_kit import hasten
from tests.programs.numbers.test_commands import pipe_in
from tests.support.commands import client

Capture = pytest.CaptureFixture[str]

ON_POSIX = pytest.mark.skipif(sys.platform == "win32", reason="a device has a path elsewhere")


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    hasten(monkeypatch)


@pytest.mark.usefixtures("answered")
def test_a_pipe_of_lists_is_answered_in_cells_and_in_documents(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe_in(monkeypatch, b"1,12,55,4\nx\n7")
    assert client("numbers", "--lines", "-") == 3
    out, err = capsys.readouterr()
    refusal = "'x' is not an integer. Send whole numbers separated by commas, such as 1,12,55,4."
    assert out.splitlines() == [
        "1\tdone\t1\t55\t18\t8\t72",
        f"2\trefused\t\t\t\t\t\t{refusal}",
        "3\tdone\t7\t7\t7\t7\t7",
    ]
    assert err == "3 lists: 2 done, 1 refused\n"

    pipe_in(monkeypatch, b"9223372036854775807, 9223372036854775806\n")
    assert client("numbers", "--lines", "-", "--json", "--unordered") == 0
    (document,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert (document["line"], document["status"]) == (1, "done")
    assert document["result"]["sum"] == 18446744073709551613
    assert document["numbers"] == [9223372036854775807, 9223372036854775806]


@pytest.mark.usefixtures("answered")
def test_a_file_of_answers_is_gone_on_with_and_never_written_over(
    tmp_path: Path, capsys: Capture
) -> None:
    lists, out = tmp_path / "lists.txt", tmp_path / "answers.tsv"
    words = ("numbers", "--lines", str(lists), "--out", str(out))
    lists.write_text("1\n2\n")
    out.touch()  # as of a run that could not begin
    assert client(*words, "--resume") == 0  # nothing was begun: so it begins
    assert client(*words) == 2
    assert "is there already" in capsys.readouterr().err
    lists.write_text("1\n2\n3\n")
    assert client(*words, "--resume", "--json") == 2
    assert "it was begun without --json" in capsys.readouterr().err
    lists.write_text("1\n9\n")
    assert client(*words, "--resume", "--json") == 2
    assert "was changed since" in capsys.readouterr().err  # of two things the one that matters
    lists.write_text("1\n2\n3\n")
    assert client(*words, "--resume") == 0
    assert "going on at line 3" in capsys.readouterr().err
    assert [line.split("\t")[0] for line in out.read_text().splitlines()] == ["1", "2", "3"]
    out.unlink()
    assert client(*words, "--resume") == 2
    assert "is gone, and 3 answers with it" in capsys.readouterr().err
    (tmp_path / "other").write_text("mine")
    assert client(*words[:-1], str(tmp_path / "other"), "--resume") == 2
    assert "nothing is known here of how" in capsys.readouterr().err


def test_a_file_is_the_same_however_windows_lets_it_be_typed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("os.path.normcase", ntpath.normcase)
    assert known_as(Path("Lists.TXT")) == known_as(Path("lists.txt").absolute())


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--lines", ""], "no file is named"),
        (["--lines", "nowhere"], "No such file"),
        (["--lines", "-", "--out", "."], ". is a folder"),
        (["--lines", "-", "1,2"], "--lines takes no other list"),
        (["1,2", "--resume"], "are of --lines"),
        (["1,2", "--out", "x"], "are of --lines"),
    ],
)
def test_what_cannot_be_meant_is_usage(capsys: Capture, words: list[str], told: str) -> None:
    assert client("numbers", *words) == 2
    assert told in capsys.readouterr().err


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize(
    ("error", "code"),
    [(SessionEndedError("the lab is over", "Begin it."), 4), (KeyboardInterrupt(), 130)],
)
def test_what_ends_it_is_told_with_the_way_on(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, error: Any, code: int
) -> None:
    def ended(*_: object) -> list[int]:
        raise error

    monkeypatch.setattr(ClientSession, "put", ended)
    (tmp_path / "lists.txt").write_text("1\n")
    assert client("numbers", "--lines", str(tmp_path / "lists.txt")) == code
    assert "The same command with --resume goes on." in capsys.readouterr().err


def test_without_a_worker_it_ends_and_the_jobs_go_on(
    cloud: Cloud, capsys: Capture, tmp_path: Path
) -> None:
    (tmp_path / "lists.txt").write_text("1\n2\n")
    assert client("numbers", "--lines", str(tmp_path / "lists.txt"), "--timeout", "0") == 5
    err = capsys.readouterr().err
    assert "no answer within 0 seconds" in err
    assert "Told up to here: 0 lines. The same command with --resume goes on." in err
    assert Queue(cloud, "requestQueue").counts().visible == 2


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("none/x.tsv", "Make its folder, or name another file"),
        (".", "is a folder. Name a file"),
        pytest.param(os.devnull, "is no plain file", marks=ON_POSIX),
    ],
)
def test_the_help_fits_what_is_wrong_with_a_file_of_answers(
    capsys: Capture, tmp_path: Path, name: str, told: str
) -> None:
    (tmp_path / "lists.txt").write_text("1\n")
    words = ("numbers", "--lines", str(tmp_path / "lists.txt"), "--out", str(tmp_path / name))
    assert client(*words) in (1, 2)
    assert told in capsys.readouterr().err


@pytest.mark.parametrize("width", [40, 80, 200])
def test_columns_on_a_terminal_stay_and_no_digit_is_cut(width: int) -> None:
    big = str(2**63 - 1)
    columns = Columns(width)
    outcomes = [Outcome(7, "", "done"), Outcome(1_234_567, "", "done")]
    for one, value in zip(outcomes, ("5", big), strict=True):
        one.__dict__["values"] = dict.fromkeys(("min", "max", "mean", "median", "sum"), value)
    small, large = map(columns.line, outcomes)
    assert len(columns.heading) < width
    assert width == 40 or len(columns.heading) == len(small)
    assert small.split() == ["7", "done", *["5"] * 5]
    assert large.split() == ["1234567", "done", *[big] * 5]
    refused = Outcome(8, "", "refused", error="'x' is not an integer")
    assert columns.line(refused).split(None, 2)[2] == "'x' is not an integer"


@pytest.mark.usefixtures("answered")
def test_a_reader_that_has_had_enough_ends_it_quietly(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output, "is_left", lambda: True)
    pipe_in(monkeypatch, b"1\n" * 50)
    assert client("numbers", "--lines", "-") == 0
    assert capsys.readouterr() == ("", "")


def test_two_programs_never_write_to_one_file_whichever_lists_they_have(
    cloud: Cloud, capsys: Capture, tmp_path: Path
) -> None:
    lists, out = tmp_path / "lists.txt", tmp_path / "answers.tsv"
    lists.write_text("1\n")
    first = line_command._Wanted(Source(None), out, CELLS, resume=False)
    with line_command._alone_at(cloud, first):
        assert client("numbers", "--lines", str(lists), "--out", str(out)) == 2
    assert "another program is at these lists" in capsys.readouterr().err
    assert not out.exists()


class Full(io.RawIOBase):
    """A file on a disk that is full."""

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def write(self, _: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_is_told_by_who_writes_and_not_as_the_fault_of_the_lists(
    tmp_path: Path,
) -> None:
    file = File(tmp_path / "answers.tsv", CELLS)
    file.close()
    file._file = io.BufferedRandom(Full())
    with pytest.raises(LabappError, match=r"answers\.tsv: No space left"):
        file.write([Outcome(1, "", "refused", error="x")])
    file.close()  # what is left in its buffer is not told once more
    (tmp_path / "lists.txt").touch()
    with pytest.raises(OSError, match="full"), Source(tmp_path / "lists.txt").opened():
        raise OSError(errno.ENOSPC, "full")
