"""The environment that processes of ours inherit."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from labapp import background

#: What Python and the platforms need of the environment.
NEEDED = (
    *("APPDATA", "COMSPEC", "HOME", "LANG", "LOCALAPPDATA", "PATH", "PATHEXT", "SYSTEMDRIVE"),
    *("SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "TZ", "USERPROFILE", "VIRTUAL_ENV", "WINDIR"),
    *("LC_ALL", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONUTF8", "SystemRoot"),
)


def test_a_process_of_ours_inherits_what_the_platform_needs_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = {name: f"of {name}" for name in (*NEEDED, "PYTHONPATH")}
    other = dict.fromkeys(
        ("AWS_PROFILE", "HTTP_PROXY", "MINISTACK_X", "GATEWAY_PORT", "LABAPP_BUCKET"), "x"
    )
    monkeypatch.setattr(os, "environ", {**given, **other})
    found = background.for_children()
    first, *rest = found.pop("PYTHONPATH").split(os.pathsep)
    assert Path(first) == Path(background.__file__).parents[1], "from where labapp is run"
    assert rest == ["of PYTHONPATH"]
    assert found == {name: f"of {name}" for name in NEEDED}
    monkeypatch.setattr(os, "environ", {})
    assert background.for_children() == {"PYTHONPATH": first}


def test_who_lacks_the_libraries_is_told_what_their_shell_takes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    told = background.missing_library("boto3", "client.py")
    assert told == r"client.py: boto3 is not installed. Run .venv\Scripts\python.exe client.py"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert "source .venv/bin/activate" in background.missing_library("boto3", "client.py")
