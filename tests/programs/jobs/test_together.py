"""What a notice tells of things that were sent together."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from labapp.errors import LabappError
from labapp.jobs.entry import Entry
from labapp.programs.jobs.together import NOTE, Together, is_together

ENTRY = Entry("J", "c", "pictures", "key", 0.0, "done", 1.0, "the answer", "")


def _entry(name: str, path: str = "/in/a.png") -> Entry:
    return replace(ENTRY, note=json.dumps({NOTE: name, "path": path}))


@pytest.mark.parametrize(
    ("saved", "failed", "unsent", "told"),
    [
        (["/o/a.png"], [], 0, "a.png is back, saved in /o"),
        (["/o/a.png", "/o/b.png"], [], 0, "2 pictures are back, saved in /o"),
        (["/o/a.png", "/p/b.png"], [], 0, "2 pictures are back, each saved beside its source"),
        (
            ["/o/a.png"],
            ["x.png", "y.png"],
            3,
            "1 of 6 pictures are back, saved in /o; 2 failed: x.png: no; y.png: no;"
            " 3 not sent, as you stopped it",
        ),
        ([], list("vwxyz"), 0, "5 failed: v: no; w: no; x: no; and 2 more: see Jobs"),
        ([], [], 0, ""),
    ],
)
def test_what_is_told_at_the_end(
    saved: list[str], failed: list[str], unsent: int, told: str
) -> None:
    together, heard = Together(), list[object]()
    name = together.begin(lambda *came: heard.append(came))
    for path in saved:
        together.note(_entry(name), Path(path), None)
    assert list(together.told(list)) == []  # more may still be sent
    together.close(name, [(one, "no") for one in failed], unsent)
    expected = [(name, told, "failed" if failed else "done")] if told else []
    assert [
        (who, text.replace("\\", "/"), kind) for who, text, kind in together.told(list)
    ] == expected
    assert list(together.told(list)) == []
    assert len(heard) == len(saved)


def test_reasons_that_are_sentences_are_joined_without_their_full_stops() -> None:
    together = Together()
    name = together.begin(lambda *_: None)
    together.close(name, [("a.jpg", "a.jpg is empty. Send a PNG."), ("b.jpg", "no")], 0)
    ((_, text, _),) = together.told(list)
    assert text == "2 failed: a.jpg is empty. Send a PNG; b.jpg: no"


def test_after_a_restart_what_came_is_told_and_the_rest_when_it_is_whole() -> None:
    together = Together()
    assert is_together(_entry("n"))
    assert not is_together(ENTRY)
    together.note(_entry("n"), None, LabappError("the disk is full"))
    assert list(together.told(lambda: ["n", "other"])) == []
    ((_, text, kind),) = together.told(lambda: ["n", "other"], early=True)
    assert (text, kind) == ("1 to come; 1 failed: a.png: the disk is full", "failed")
    together.note(_entry("n", "/in/b.png"), Path("/in/c.png"), None)
    ((_, text, _),) = together.told(lambda: ["other"])
    assert text.startswith("1 of 2 pictures are back")


def test_two_who_tell_at_once_tell_once() -> None:
    together = Together()
    name = together.begin(lambda *_: None)
    together.close(name, [("a.jpg", "no")], 0)
    others: list[object] = []

    def pending() -> list[str]:
        if not others:  # another thread tells while this one asks what is to come
            others.append(None)
            others.extend(together.told(list))
        return []

    assert list(together.told(pending)) == []
    assert len(others) == 2
