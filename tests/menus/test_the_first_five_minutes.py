"""A newcomer is told where they are, offered what they want, never left with an empty page."""

from __future__ import annotations

from pathlib import Path

import pytest

from labapp.dataset.sample_set import SAMPLE
from tests.menus.conftest import Open


@pytest.fixture
def greeted() -> None:
    """Have nobody greeted before."""


def test_a_user_is_welcomed_sends_numbers_and_labels_hot_dogs(opened: Open, tmp_path: Path) -> None:
    with opened("client.py") as screen:
        screen.wait_for("Welcome to labapp")
        screen.wait_for("nothing touches")
        screen.wait_until(lambda: screen.says(str(tmp_path)), "where it is kept")
        screen.send("1")
        screen.wait_for("sum       72")
        screen.send("x")
        screen.wait_for("Label hot dogs")
        screen.send("3")
        screen.wait_for("Your name:")
        screen.send("Anna", "enter")
        screen.wait_for("u uploads the sample set")
        screen.send("u")
        screen.wait_for("20 added")
        screen.send("x")
        screen.wait_for("Picture 1 of 4")
        screen.send("esc")
        screen.wait_for("Nothing was answered.")
        screen.send("esc")
        screen.wait_for("Welcome to labapp")
        screen.send("esc")
        screen.wait_for("What would you like to do?")
        screen.send("q")
        assert screen.finish() == 0
    with opened("client.py") as screen:
        screen.wait_for("What would you like to do?")


def test_a_user_tries_a_picture_without_having_one(opened: Open, tmp_path: Path) -> None:
    with opened("client.py") as screen:
        screen.wait_for("Try a picture")
        screen.send("2")
        screen.wait_for("10.jpg")
        screen.send("enter")
        screen.wait_for("Steps for 1.jpg")
        screen.send("gray", "enter")
        screen.wait_for("send 1.jpg")
        screen.send("enter")
        # Its result lies elsewhere, and stands below it all the same.
        screen.wait_for("1-grayscale.jpg is back, saved in")
        screen.wait_for("1-grayscale.jpg  ")
    assert (tmp_path / "1-grayscale.jpg").is_file()
    assert not list(SAMPLE.glob("*-grayscale*"))


def test_an_admin_is_offered_the_sample_set(opened: Open) -> None:
    with opened("admin.py") as screen:
        screen.wait_for("Upload the sample set")
        screen.send("2")
        screen.wait_for("u uploads the sample set")
        screen.send("u")
        screen.wait_for("20 added")
        screen.send("x")
        screen.wait_for("20 untouched")


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        (["j"], "Go to Numbers and send a list."),
        (["2"], "no picture here: t shows samples"),
        (["2", "j"], "None yet: they come from pictures"),
    ],
    ids=["jobs", "pictures", "results"],
)
def test_an_empty_page_says_how_to_fill_it(opened: Open, keys: list[str], told: str) -> None:
    with opened("client.py") as screen:
        screen.wait_for("Welcome to labapp")
        screen.send("0")
        for key in keys:
            screen.wait_for("? help")
            screen.settle()
            screen.send(key)
        screen.wait_for(told)
        screen.wait_for("no worker")  # the cloud is up: it cannot be stopped half way
