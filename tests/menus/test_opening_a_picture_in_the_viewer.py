"""`o` hands a picture to the desktop's viewer, and nothing that its key's ending might start.

The desktop starts what a file's ending says; a key may end in anything, since others made it.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from labapp.cloud.bucket import Bucket
from tests.dataset.dataset_kit import picture_bytes
from tests.menus.conftest import Open


@pytest.fixture
def viewer(tmp_path: Path) -> str:
    """Put a viewer first on the path, which writes down what it was given; return the path."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("xdg-open", "open"):
        script = folder / name
        script.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path / "opened.part"}\n'
                          f"mv {tmp_path / 'opened.part'} {tmp_path / 'opened'}\n")  # fmt: skip
        script.chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


def test_a_picture_named_as_a_program_is_opened_as_the_picture_it_is(
    opened: Open, bucket: Bucket, viewer: str, tmp_path: Path
) -> None:
    bucket.put("images/evil.bat", picture_bytes(1), "image/png")
    with opened("client.py", PATH=viewer, LABAPP_ANNOTATOR="anna") as screen:
        screen.wait_for("Label pictures")
        screen.send("3")
        screen.wait_for("o open in viewer")
        screen.send("o")
        told = tmp_path / "opened"
        screen.wait_until(told.exists, "the viewer")
    path = Path(told.read_text().strip())
    assert path.name.endswith("-evil.png")
    assert path.read_bytes() == picture_bytes(1)


def test_what_is_no_picture_cannot_be_opened(
    opened: Open, bucket: Bucket, viewer: str, tmp_path: Path
) -> None:
    bucket.put("images/lunch.jpg", b"@echo off\r\n", "image/jpeg")
    with opened("client.py", PATH=viewer, LABAPP_ANNOTATOR="anna") as screen:
        screen.wait_for("Label pictures")
        screen.send("3")
        screen.wait_for("lunch.jpg is text")
        assert "open in viewer" not in screen.text
        screen.send("o", "s")
        screen.wait_for("This round")
    assert not (tmp_path / "opened").exists()
