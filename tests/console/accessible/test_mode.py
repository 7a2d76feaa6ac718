"""Whether it is on, and that no part forgets it."""

from __future__ import annotations

from pathlib import Path

import labapp

#: What opens a page by itself: the worker's console, instead of which there are log lines.
ALONE = {"programs/workers/console.py"}


def test_whatever_opens_a_page_has_a_form_without_one() -> None:
    room = Path(labapp.__file__).parent
    opens = ("from labapp.console.screen import", "screen.run(")
    forgetful = {
        str(path.relative_to(room).as_posix())
        for path in room.rglob("*.py")
        if any(word in (text := path.read_text("utf-8")) for word in opens)
        and "mode.is_on()" not in text
    }
    assert forgetful == ALONE
