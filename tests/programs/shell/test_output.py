"""What programs write is what they say, whatever the code page of the stream behind them."""

from __future__ import annotations

import errno
import io
import json
import os
import sys
from types import SimpleNamespace

import pytest

from labapp.programs.shell import exits, output
from tests.programs.conftest import Run
from tests.support.commands import client

#: A name with letters of Latin-1, Greek, Cyrillic, Chinese, and beyond the first 65,536.
NAME = "Zo\u00eb \u0393\u03b9\u03ac\u03bd\u03bd\u03b7\u03c2 \u0416\u6587 \U0001f32d"

ENCODINGS = ["utf-8", "utf-8-sig", "cp1252", "cp437", "latin-1", "ascii", "utf-16", "cp500"]


class _Terminal(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True


def opened(encoding: str) -> tuple[io.TextIOWrapper, io.BytesIO]:
    """Return a stream as Python would open it with this encoding, and where its bytes go."""
    raw = io.BytesIO()
    return io.TextIOWrapper(raw, encoding=encoding, newline="\r\n"), raw


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_document_is_utf_8_whatever_the_stream_is_in(
    encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream, raw = opened(encoding)
    monkeypatch.setattr(sys, "stdout", stream)
    assert client("config", "--json", "--user", NAME) == 0
    written = raw.getvalue()
    assert json.loads(written.decode("utf-8"))["user"]["value"] == NAME
    assert written.startswith(b"{\n"), "neither a mark in front nor a carriage return"


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-16"])
@pytest.mark.parametrize("words", [("config", "--user", NAME), ("numbers", NAME)])
def test_no_character_ends_a_program(run: Run, encoding: str, words: tuple[str, ...]) -> None:
    done = run("client.py", *words, env={"PYTHONIOENCODING": f"{encoding}:strict"})
    assert done.returncode == (0 if words[0] == "config" else 3)
    said = (done.stdout + done.stderr).decode(encoding)
    assert "Traceback" not in said
    assert "Zo" in said


@pytest.mark.parametrize(
    ("environ", "encoding"),
    [
        ({}, "utf-8"),
        ({"PYTHONIOENCODING": "cp850"}, "cp1252"),  # Python has heard it by then
        ({"PYTHONIOENCODING": ":replace"}, "utf-8"),
        ({"PYTHONUTF8": "0"}, "cp1252"),
    ],
)
def test_in_a_pipe_of_windows_names_go_beyond_its_code_page_unless_the_user_wants_it(
    environ: dict[str, str], encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = SimpleNamespace(platform="win32")
    monkeypatch.setattr(output, "sys", there)
    monkeypatch.setattr(os, "environ", environ)
    stream, raw = opened("cp1252")
    there.stdout = output.steady(stream, output.EXACT)
    print(NAME, file=there.stdout, flush=True)
    assert (
        raw.getvalue().decode(encoding).startswith(NAME if encoding == "utf-8" else "Zo\u00eb \\u")
    )
    assert raw.getvalue().endswith(b"\n")
    assert b"\r" not in raw.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_a_document_survives_the_code_page_by_which_powershell_reads_it(
    encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = SimpleNamespace(platform="win32")
    monkeypatch.setattr(output, "sys", there)
    monkeypatch.setattr(os, "environ", {})
    stream, raw = opened(encoding)
    there.stdout = output.steady(stream, output.EXACT)
    output.write_document(json.dumps([NAME], ensure_ascii=False))
    assert json.loads(raw.getvalue().decode("cp437")) == [NAME]


def test_a_terminal_that_lacks_our_signs_gets_them_in_letters() -> None:
    raw = io.BytesIO()
    stream = output.steady(_Terminal(raw, encoding="cp437"), output.EXACT)
    print("uploading \u2026 40\u00d712 \u2013 don\u2019t", end="", file=stream, flush=True)
    assert raw.getvalue() == b"uploading ... 40x12 - don't"


def test_a_reader_that_is_gone_is_known_by_the_name_that_windows_has_for_it() -> None:
    gone = OSError(errno.EINVAL, "Invalid argument")
    assert output.reader_is_gone(gone, "win32")
    assert not output.reader_is_gone(gone, "linux")
    assert not output.reader_is_gone(OSError(errno.ENOSPC, "full"), "win32")
    assert output.reader_is_gone(BrokenPipeError(errno.EPIPE, "Broken pipe"), "linux")


@pytest.mark.parametrize(
    "piped",
    [
        "1,2,7".encode("utf-8-sig"),
        "1,2,7\r\n".encode("utf-16"),
        b"\xfe\xff" + "1,2,7\r\n".encode("utf-16-be"),
        "1,2,7\r\n".encode("utf-16-le"),
        b"1\r\n2\r\n7\r\n",
    ],
)
def test_a_list_is_read_as_windows_shells_pipe_it(
    piped: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    from labapp import numbers
    from labapp.programs.numbers import lists

    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(piped), encoding="utf-8"))
    assert numbers.parse(lists.read_list_input()) == [1, 2, 7]


def test_streams_that_are_steady_already_stay_so(monkeypatch: pytest.MonkeyPatch) -> None:
    stream, raw = opened("ascii")
    monkeypatch.setattr(sys, "stdout", stream)
    exits.steady_streams()
    exits.steady_streams()
    print(NAME, flush=True)
    assert raw.getvalue().startswith(b"Zo\\xeb")


def test_a_pipe_whose_reader_is_gone_is_known_to_be_left(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    with open(writer, "w", encoding="utf-8") as plain:  # noqa: PTH123 - a pipe has no path
        piped = output.steady(plain, output.EXACT)
        monkeypatch.setattr(sys, "stdout", piped)
        print("read", flush=True)
        assert not output.is_left()
        os.close(reader)
        print("lost", flush=True)
        assert output.is_left()
