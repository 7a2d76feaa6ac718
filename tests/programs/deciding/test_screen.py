"""Acting from the statistics' pages: keys as things stand, counts before, and the reverse."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from labapp.cloud.bucket import Bucket
from labapp.console.key import Key
from labapp.dataset import label_writer
from labapp.dataset.statistics import Statistics
from labapp.errors import CloudError, RefusedError
from labapp.labels import label_file
from labapp.labels.summary import summarise
from labapp.programs.deciding import screen
from labapp.programs.deciding.needs import needs
from tests.dataset.dataset_kit import answer, stock
from tests.labels.builders import START, picture


class Pages:
    """Stands for the statistics' pages: what is shown is kept, `y` is pressed on questions."""

    def __init__(self, bucket: Bucket, settings: Any) -> None:
        self.statistics = Statistics(bucket)
        self.look = self.statistics.look()
        self.looks = 0
        self.told: list[str] = []
        self.titles: list[str] = []
        self.presses = True
        self.menu: Any = SimpleNamespace(
            context=SimpleNamespace(settings=settings),
            frame=None,
            wait=lambda _what, action: action(),
            announce=lambda text, *_: self.told.append(text),
        )

    def look_again(self) -> None:
        self.look = self.statistics.look()
        self.looks += 1

    def take(self, picture: Any) -> None:
        self.look = self.look.with_picture(picture)

    def show(self, title: str, _body: object, *, keys: list[Key], **_: object) -> Key | None:
        self.titles.append(title)
        return keys[0] if self.presses else None


@pytest.fixture
def keys(bucket: Bucket) -> list[str]:
    found = stock(bucket, 2)
    answer(bucket, found[0], "ana1", "bo0")
    answer(bucket, found[1], "ana1", "ana_k0")
    return found


@pytest.fixture
def pages(bucket: Bucket, keys: list[str], monkeypatch: pytest.MonkeyPatch) -> Pages:
    assert keys
    made = Pages(bucket, bucket.cloud.settings)
    monkeypatch.setattr(screen, "show", made.show)
    return made


def letters(keys: list[Key]) -> str:
    return "".join(key.letter for key in keys)


def press(keys: list[Key], letter: str) -> Any:
    return next(key for key in keys if key.letter == letter).act()


def test_a_picture_is_settled_and_that_is_taken_back(pages: Pages, keys: list[str]) -> None:
    first = keys[0]
    assert letters(screen.picture_keys(pages, first)) == "10"
    press(screen.picture_keys(pages, first), "0")
    assert letters(screen.picture_keys(pages, first)) == "10u"
    assert screen.status_in_words(pages, first).startswith("settled by ")
    assert screen.decided_on_page(pages, first)[1] == 3
    press(screen.picture_keys(pages, first), "0")
    assert pages.told[-1].endswith("so it is already")
    shown = pages.look.pictures
    pages.look_again()
    assert pages.look.pictures == shown  # it was what the bucket has
    press(screen.picture_keys(pages, first), "u")
    assert letters(screen.picture_keys(pages, first)) == "10"
    assert pages.told[0].endswith("settled as other")


def test_flags_are_dismissed_and_brought_back(
    pages: Pages, bucket: Bucket, keys: list[str]
) -> None:
    label_writer.record(bucket, keys[1], label_file.broken(START, "bo", "f", "too blurry"))
    pages.look_again()
    assert screen.status_in_words(pages, keys[1]) == "broken: too blurry"
    for _ in range(2):
        press(screen.picture_keys(pages, keys[1]), "b")
        assert screen.status_in_words(pages, keys[1]) == ""
        press(screen.picture_keys(pages, keys[1]), "b")
        assert pages.look.as_written(keys[1]).broken


def annotator_keys(pages: Pages, name: str) -> list[Key]:
    crowd = screen.crowd_of(pages)
    return screen.annotator_keys(pages, crowd, crowd.called(name))


def test_an_annotator_is_left_out_after_a_page_that_says_what_changes(pages: Pages) -> None:
    assert letters(annotator_keys(pages, "ana")) == "owg"
    pages.presses = False
    assert not press(annotator_keys(pages, "ana"), "o")
    assert (pages.titles, pages.looks) == (["Leave out?"], 0)
    pages.presses = True
    assert press(annotator_keys(pages, "ana"), "o")
    assert pages.told[-1] == "left ana out; to take it back: annotators take-back ana"
    assert [len(one.answers) for one in pages.look.pictures] == [1, 1]
    assert press(annotator_keys(pages, "ana"), "o")
    assert [len(one.answers) for one in pages.look.pictures] == [2, 2]


def test_answers_are_withdrawn_and_restored(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(_menu: Any, _work: Any, action: Any, *, again: str) -> bool:
        action()
        return bool(again)

    monkeypatch.setattr("labapp.programs.menus.progress_page.run", run)
    assert press(annotator_keys(pages, "ana"), "w")
    assert letters(annotator_keys(pages, "ana")) == "oeg"
    assert press(annotator_keys(pages, "ana"), "e")
    assert letters(annotator_keys(pages, "ana")) == "owg"


def test_what_fails_half_way_is_not_said_to_be_done(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(_menu: Any, work: Any, action: Any, *, again: str) -> bool:
        action()
        work.error = CloudError(again)  # as its page has told
        return True

    monkeypatch.setattr("labapp.programs.menus.progress_page.run", run)
    assert not press(annotator_keys(pages, "ana"), "w")
    assert (pages.told, pages.looks) == ([], 1)
    assert letters(annotator_keys(pages, "ana")) == "oeg"


def test_names_are_merged_and_split(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen: list[Any] = []

    def search_list(_title: str, options: list[Any], **_: object) -> Any:
        chosen.append([option.title for option in options])
        return options[0].value

    monkeypatch.setattr("labapp.console.lists.search_list", search_list)
    assert press(annotator_keys(pages, "ana k"), "g")
    assert [len(one.answers) for one in pages.look.pictures] == [2, 1]
    assert press(annotator_keys(pages, "ana"), "g")
    assert [len(one.answers) for one in pages.look.pictures] == [2, 2]
    assert chosen == [["ana", "bo"], ["ana k", "bo"]]


def test_what_cannot_be_done_is_an_error(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    press(annotator_keys(pages, "ana"), "o")
    last = "labapp.console.lists.search_list"
    monkeypatch.setattr(last, lambda _title, options, **_: options[-1].value)
    with pytest.raises(RefusedError, match="ana is left out and bo is not"):
        press(annotator_keys(pages, "ana"), "g")


def test_answers_without_names_have_a_page(
    pages: Pages, bucket: Bucket, keys: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert screen.labs_keys(pages) == []
    place = f"labels/{keys[0].removeprefix('images/')}.txt"
    bucket.put(place, b"1\n0\n", "text/plain")
    pages.look_again()
    (key,) = screen.labs_keys(pages)
    assert letters(annotator_keys(pages, "")) == "o"
    monkeypatch.setattr(screen, "attempt", lambda _title, act, _frame: act())
    presses = iter(["o", None])

    def show(title: str, _body: object, *, keys: list[Key], **_: object) -> Key | None:
        if title == "Leave out?":
            return keys[0]
        letter = next(presses)
        return None if letter is None else next(one for one in keys if one.letter == letter)

    monkeypatch.setattr(screen, "show", show)
    key.act()
    assert pages.told == [
        "left labs' own programs out; to take it back: annotators take-back anonymous"
    ]
    assert screen.labs_keys(pages)


def test_what_waits_is_a_line_for_each_kind() -> None:
    pictures = [picture("ana1 bo0", "images/a"), picture("cy~dark \u0430na1", "images/b")]
    assert needs(summarise(pictures, target=3, now=START)) == [
        "1 picture is disputed (d)",
        "1 picture is flagged as broken (b)",
        "ana looks like \u0430na (U+0430): one person? (a)",
    ]
    assert needs(summarise([], target=3, now=START)) == []
