"""What is destroyed at the prompt is asked for first, in words that leave the terminal tidy."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.support.terminal import ROOT, Spawn, Terminal
from tests.support.terminal import terminal as terminal

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs ptys")


def at(terminal: Spawn, *words: str, cwd: Path = ROOT, **env: str) -> Terminal:
    own = {name: os.environ[name] for name in ("LABAPP_DATA_DIR", "LABAPP_CONFIG_DIR")}
    return terminal([sys.executable, ROOT / words[0], *words[1:]], env=own | env, cwd=cwd)


@pytest.mark.parametrize(
    ("key", "code", "told"),
    [
        ("n", 1, "nothing was purged"),
        ("esc", 1, "nothing was purged"),
        ("enter", 1, "nothing was purged"),
        ("ctrl-c", 130, "Throw away"),
    ],
)
def test_only_yes_does_it(terminal: Spawn, key: str, code: int, told: str) -> None:
    shell = at(terminal, "client.py", "purge")
    shell.wait_for("(y/N)")
    shell.send(key)
    assert shell.finish() == code
    assert told in shell.text
    assert "^[" not in shell.text
    assert shell.raw.endswith(b"\n"), "what comes next has a line of its own"


@pytest.mark.parametrize("term", ["xterm-256color", "dumb"])
@pytest.mark.parametrize(
    ("typed", "code", "told"),
    [("reset", 0, "the local cloud is empty"), ("", 1, "Type reset, or say --yes")],
)
def test_the_worst_wants_its_name_typed(
    terminal: Spawn, term: str, typed: str, code: int, told: str
) -> None:
    shell = at(terminal, "admin.py", "cloud", "reset", TERM=term)
    shell.wait_for("(type reset)")
    shell.send(typed, "enter")
    assert shell.finish() == code
    assert shell.says(told)


def test_a_yes_is_no_name(terminal: Spawn) -> None:
    shell = at(terminal, "admin.py", "cloud", "reset")
    shell.wait_for("(type reset)")
    shell.send("y", "enter")
    shell.wait_for("that is not reset")
    shell.send("esc")
    assert shell.finish() == 1
    assert "nothing was deleted" in shell.text


@pytest.mark.parametrize("term", ["xterm-256color", "dumb"])
def test_ctrl_c_leaves_the_next_prompt_a_line_of_its_own(terminal: Spawn, term: str) -> None:
    shell = at(terminal, "admin.py", "cloud", "reset", TERM=term)
    shell.wait_for("(type reset)")
    shell.send("ctrl-c")
    assert shell.finish() == 130
    assert shell.raw.endswith(b"\n")


@pytest.mark.parametrize(
    ("key", "code", "told"), [("y", 0, "trusted: "), ("n", 1, "is not trusted")]
)
def test_a_foreign_settings_file_is_shown_before_it_is_trusted(
    terminal: Spawn, tmp_path: Path, key: str, code: int, told: str
) -> None:
    (tmp_path / "labapp.toml").write_text('bucket = "ours"\nplain_source_prefix = "a\\u202eb"\n')
    shell = at(terminal, "client.py", "config", "trust", cwd=tmp_path)
    shell.wait_for("(y/N)")
    assert "ours" in shell.text
    assert "\u202e" not in shell.text
    shell.send(key)
    assert shell.finish() == code
    assert shell.says(told)
