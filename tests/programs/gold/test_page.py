"""The page of gold pictures, and the key by which a picture of the statistics becomes gold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from labapp.cloud.bucket import Bucket
from labapp.console import browse, prompts
from labapp.console.key import Key
from labapp.dataset import gold_pictures
from labapp.dataset.statistics import Statistics
from labapp.labels.classes import DEFAULT_SCHEME
from labapp.labels.layout import Layout
from labapp.programs.gold import page
from tests.dataset.dataset_kit import stock

HOT_DOG, OTHER = DEFAULT_SCHEME.classes


class Menu:
    """Stands for the menu and what its user presses: keys of pages and lines of questions."""

    def __init__(self, bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
        self.context = SimpleNamespace(settings=bucket.cloud.settings)
        self.frame = None
        self.told: list[str] = []
        self.shown: list[Any] = []
        self.presses: Iterator[str] = iter(())
        self.bucket = lambda: bucket
        self.words = ""
        monkeypatch.setattr(browse, "browse", self._browse)
        monkeypatch.setattr(page, "show", self._show)
        monkeypatch.setattr(page, "choose", self._choose)
        monkeypatch.setattr(prompts, "text", lambda *_, **__: self.words)
        monkeypatch.setattr(
            page, "show_error", lambda _title, error, _frame: self.told.append(error.message)
        )

    def wait(self, _what: str, action: Callable[[], Any], _title: str = "") -> Any:
        return action()

    def announce(self, text: str, *_: object) -> None:
        self.told.append(text)

    def _browse(self, _title: str, table: Any, *, keys: list[Key], **_: object) -> Any:
        self.shown.append([cell.plain.strip() for cell in table.rows[0]])
        found = self._key(keys)
        return None if found is None else (found, 0)

    def _show(self, _title: str, body: Any, *, keys: list[Key], **_: object) -> Key | None:
        self.shown.append("none")
        return self._key(keys)

    def _key(self, keys: list[Key]) -> Key | None:
        letter = next(self.presses, "")
        return next((key for key in keys if key.letter == letter), None)

    def _choose(self, _title: str, lines: list[Any], **_: object) -> Any:
        letter = next(self.presses, "")
        return next((line for line in lines if line.key == letter), None)


@pytest.fixture
def menu(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> Any:
    return Menu(bucket, monkeypatch)


def test_pictures_are_added_made_of_another_class_and_removed(bucket: Bucket, menu: Any) -> None:
    key = stock(bucket, 1)[0]
    menu.words, menu.presses = "0.*", iter(["a", "1", "g", "2", "x", ""])
    page.run(menu)
    assert menu.shown == ["none", ["0.jpg", "hot dog"], ["0.jpg", "other"], "none"]
    assert menu.told == [
        "1 gold picture: hot dog, 1 of them new",
        "0.jpg is gold: other",
        "0.jpg is gold no more",
    ]
    assert key not in gold_pictures.of(bucket).codes


def test_what_is_wrong_is_told_on_the_page(bucket: Bucket, menu: Any) -> None:
    stock(bucket, 1)
    menu.words, menu.presses = "cat-*", iter(["a", ""])
    page.run(menu)
    assert menu.told == ["there is no picture 'cat-*' to label"]


def test_a_picture_of_the_statistics_becomes_gold_and_none_again(bucket: Bucket, menu: Any) -> None:
    key = stock(bucket, 2)[0]
    statistics = Statistics(bucket)
    known: Any = SimpleNamespace(menu=menu, statistics=statistics, look=statistics.look())
    known.take_gold = lambda gold: setattr(known, "look", replace(known.look, gold=gold))
    (gold,) = page.gold_keys(known, key)
    for letter, told in (("2", "gold: other"), ("", "gold: other"), ("n", ""), ("n", "")):
        menu.presses = iter([letter])
        gold.act()
        assert page.gold_in_words(known, key) == told
    known.look = replace(known.look, layout=Layout(images="pictures/"))
    assert page.gold_keys(known, key) == []
    statistics.close()
