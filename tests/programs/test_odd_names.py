"""Names of files may hold any byte: each takes one line, and can be used again from a pipe."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labapp.console import tables, theme
from labapp.console.figures import cut, one_line
from labapp.console.menu import MenuItem
from labapp.programs.shell import output
from labapp.visible import printable, visible_json
from tests.console.columns import line

#: What Python makes of a name that Linux takes: `ba\xffd.png`, with a byte that is no UTF-8.
RAW = "ba\udcffd.png"

names = st.text(
    st.one_of(st.characters(), st.sampled_from("\n\t\r\x1b\x85\u2028\udcff\u0301\u200d日👩")),
    min_size=1,
)


@given(names)
def test_any_name_takes_one_line_everywhere(name: str) -> None:
    for shown in (one_line(name), printable(name), output.cell(name), cut(name, 500)):
        assert len(shown.splitlines()) <= 1
        assert "\t" not in shown
    for shown in (one_line(name), printable(name)):
        shown.encode()


@given(names)
def test_any_name_takes_one_row_of_a_table(name: str) -> None:
    console = theme.stdout()
    with console.capture() as captured:
        console.print(tables.table([line("name")], [[name]]), width=4000)
    assert len(captured.get().splitlines()) == 3  # with the heading and the line below it


def test_a_byte_that_is_no_text_is_shown_as_what_it_is() -> None:
    assert one_line(RAW) == printable(RAW) == "ba\\xffd.png"


@given(names)
def test_json_gives_any_name_back(name: str) -> None:
    text = visible_json(output.document({"path": name}))
    text.encode()
    # A pair of halves is the sign that it stands for, to JSON as to Python's file names.
    assert json.loads(text)["path"].encode("utf-16", "surrogatepass") == name.encode(
        "utf-16", "surrogatepass"
    )


def test_a_menu_line_is_one_line_whatever_it_is_called() -> None:
    item = MenuItem("1", "new\nline", None, note="tab\there")
    assert cut(item.title, 40) == "new\\x0aline"


CODE = """
import sys
from labapp.programs.shell import exits
exits.steady_streams()
from labapp.console import theme
theme.configure("never")
print(sys.argv[1])
print(sys.argv[1], file=sys.stderr)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="names are text there")
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_a_pipe_gets_a_names_bytes_and_people_see_them_escaped(
    encoding: str, tmp_path: Path
) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONDONTWRITEBYTECODE": "1"}
    for to_file in (False, True):
        with (tmp_path / "out").open("wb") as file:
            done = subprocess.run(
                [sys.executable, "-c", CODE, b"ba\xffd\xc3\xa9.png"],
                stdout=file if to_file else subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment,
                check=True,
                cwd=Path(__file__).parents[2],
            )
        out = (tmp_path / "out").read_bytes() if to_file else done.stdout
        accent = "é".encode() if encoding == "utf-8" else b"\\xe9"
        assert out == b"ba\xffd" + accent + b".png\n"
        assert done.stderr == b"ba\\xffd" + accent + b".png\n"


def test_what_a_stream_cannot_hold_ends_no_program() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors=output.LEGIBLE)
    stream.write("a\udcff\ud800é\U0001f600")
    stream.flush()
    assert stream.buffer.getvalue().startswith(b"a\\xff")
