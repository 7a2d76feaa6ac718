"""Somebody packs pictures and folders whose names turn or hide, for who chooses them in a menu.

Not a byte of such a mark reaches the terminal: not from the list of pictures, not from the field in
which a folder's name is completed, not from the question below it.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from labapp.visible import is_unseen
from tests.dataset.dataset_kit import picture_bytes
from tests.menus.conftest import Open
from tests.menus.conftest import greeted as greeted
from tests.menus.conftest import opened as opened
from tests.support.terminal import terminal as terminal

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs ptys")

EVIL = "x\u202egnp.\u200bexe\u2066\u00a0\u3164"
SEEN = r"x\u202egnp.\u200bexe\u2066\xa0\u3164"


def test_names_in_lists_fields_and_titles_are_seen_as_they_are(
    opened: Open, tmp_path: Path
) -> None:
    folder = tmp_path / "f" / EVIL
    folder.mkdir(parents=True)
    for number in range(2):
        (folder / f"{number}{EVIL}.png").write_bytes(picture_bytes(number))
    with opened("client.py", columns=150, rows=30) as screen:
        screen.wait_for("Pictures")
        screen.send("2")
        screen.wait_for("f folder")
        screen.send("f")
        screen.wait_for("Folder:")
        screen.send("\x15", str(folder.parent) + "/", "tab")
        screen.wait_for(SEEN[:11])
        screen.send("\x15", str(folder))
        screen.wait_until(lambda: screen.says(SEEN), SEEN)
        screen.send("enter")
        screen.wait_for(f"0{SEEN}.png")
        screen.send("enter")
        screen.wait_for(f"Steps for 0{SEEN}.png")
        sent = screen.raw.decode("utf-8", "replace")
    left = {f"{ord(sign):04x}" for sign in sent if is_unseen(sign) and ord(sign) > 0x9F}
    assert not left
