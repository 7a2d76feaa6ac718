"""Changes on the pages of classes: asked before, undone after, and never over another admin's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from labapp.console import Back, prompts
from labapp.dataset import schemes
from labapp.errors import RefusedError
from labapp.labels import scheme_edits
from labapp.labels.classes import DEFAULT_SCHEME
from labapp.programs.classes import changing
from labapp.programs.classes.changing import Editing
from tests.dataset.dataset_kit import MemoryBucket, answer, stock


class Admin:
    """Answers what pages ask, and keeps what they say."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, bucket: MemoryBucket) -> None:
        self.agrees = True
        self.chooses = ""
        self.asked: list[str] = []
        self.told: list[str] = []

        def confirm(question: str, **_: object) -> bool:
            self.asked.append(question)
            return self.agrees

        def choose(title: str, items: Sequence[Any], **_: object) -> Any:
            self.asked.append(title)
            return next((item for item in items if item.title == self.chooses), None)

        def wait(_: str, act: Callable[[], object], title: str = "") -> object:
            return act()

        monkeypatch.setattr(prompts, "confirm", confirm)
        monkeypatch.setattr(changing, "choose", choose)
        monkeypatch.setattr(changing, "look_behind_spinner", lambda menu, title, look: look(None))
        self.menu: Any = SimpleNamespace(
            bucket=lambda: bucket,
            wait=wait,
            frame=None,
            announce=lambda text, *_: self.told.append(text),
        )


@pytest.fixture
def bucket(tmp_path: Path) -> MemoryBucket:
    bucket = MemoryBucket(tmp_path)
    answer(bucket, stock(bucket, 1)[0], "ana1", "bo0")
    return bucket


@pytest.fixture
def admin(monkeypatch: pytest.MonkeyPatch, bucket: MemoryBucket) -> Admin:
    return Admin(monkeypatch, bucket)


def test_a_class_that_goes_is_asked_about_and_comes_back(
    admin: Admin, bucket: MemoryBucket
) -> None:
    editing = Editing(admin.menu)
    editing.make(scheme_edits.with_class(editing.scheme, "fox"))
    admin.chooses = "fox"
    editing.make(scheme_edits.without(editing.scheme, editing.scheme.classes[1]))
    assert admin.asked[1:] == [
        "What do answers of other count as? It has 1 answer.",
        "gone: other (0); 1 answer, counted as fox. Make this change?",
    ]
    assert schemes.read(bucket).scheme.retired == {0: 2}
    assert editing.last == "gone: other (0); 1 answer, counted as fox"
    editing.take_back()
    editing.take_back()
    assert schemes.read(bucket).scheme == replace(
        DEFAULT_SCHEME, retired={2: None}, former={2: "fox"}
    )
    assert editing.last == ""


def test_what_is_not_agreed_to_is_not_made(admin: Admin, bucket: MemoryBucket) -> None:
    editing = Editing(admin.menu)
    admin.agrees = False
    with pytest.raises(Back):
        editing.make(replace(DEFAULT_SCHEME, question="Hot?"))
    fewer = scheme_edits.with_class(DEFAULT_SCHEME, "fox")
    with pytest.raises(Back):  # nothing is chosen
        editing.make(scheme_edits.without(fewer, fewer.classes[0]))
    assert schemes.read(bucket).text == ""
    editing.make(DEFAULT_SCHEME)
    assert admin.told == ["nothing to change"]


def test_another_name_keeps_the_answers(admin: Admin, bucket: MemoryBucket) -> None:
    editing, first = Editing(admin.menu), DEFAULT_SCHEME.first
    editing.make(
        scheme_edits.with_other(editing.scheme, replace(first, name="cat", title="cat")), {1: 1}
    )
    assert admin.asked[0].startswith("hot dog (1) is called cat and keeps its 1 answer")
    editing.take_back()
    assert schemes.read(bucket).scheme == DEFAULT_SCHEME


def test_what_another_has_changed_meanwhile_is_shown_and_not_undone(
    admin: Admin, bucket: MemoryBucket
) -> None:
    editing, other = Editing(admin.menu), Editing(admin.menu)
    editing.make(replace(DEFAULT_SCHEME, question="Hot?"))
    other_scheme = replace(DEFAULT_SCHEME, gold_every=10)
    with pytest.raises(RefusedError, match="by somebody else"):
        other.make(other_scheme)
    assert (other.scheme.question, other.last) == ("Hot?", "")
    other.make(replace(other.scheme, gold_every=10))
    with pytest.raises(RefusedError, match="by somebody else"):
        editing.take_back()
    assert editing.scheme == schemes.read(bucket).scheme
    assert editing.scheme.gold_every == 10


def test_an_answer_that_comes_while_its_class_goes_is_told(
    admin: Admin, bucket: MemoryBucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    editing = Editing(admin.menu)
    editing.make(scheme_edits.with_class(editing.scheme, "fox"))
    key = next(entry.key for entry in bucket.list("images/"))
    whole = schemes.keep

    def keep(*arguments: Any) -> Any:
        answer(bucket, key, "cy2")
        return whole(*arguments)

    monkeypatch.setattr(schemes, "keep", keep)
    editing.make(scheme_edits.without(editing.scheme, editing.scheme.classes[2]))
    assert "answers came in meanwhile: 1 of the code 2" in admin.told[-1]
