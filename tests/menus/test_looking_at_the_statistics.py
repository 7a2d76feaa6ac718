"""The admin moves in the statistics: what a row says can be read, and Enter opens it."""

from __future__ import annotations

import pytest

from labapp.cloud.bucket import Bucket
from labapp.console.theme import UNICODE
from labapp.dataset import label_writer
from labapp.dataset.statistics import DatasetSnapshot
from labapp.labels.classes import DEFAULT_SCHEME
from labapp.labels.label_file import Label
from labapp.labels.summary import progress
from labapp.labels.tally import tally
from labapp.programs.statistics import commands
from labapp.programs.statistics import screen as statistics_screen
from tests.dataset.dataset_kit import picture_bytes
from tests.labels.builders import START, picture
from tests.menus.conftest import Open

POINTER = UNICODE.pointer


@pytest.fixture
def labelled(bucket: Bucket) -> None:
    """Have Zoe press one key for 20 pictures as fast as a script, and Ben disagree on one."""
    for number in range(20):
        key = f"images/{number:016x}-hot_dog_photo_{number:02}.png"
        bucket.put(key, picture_bytes(number), "image/png")
        label_writer.answer(bucket, key, Label.ZERO, "Zoe")
        if number == 7:
            label_writer.answer(bucket, key, Label.ONE, "Ben")


@pytest.mark.usefixtures("labelled")
def test_at_80_columns_names_and_flags_can_be_read(opened: Open) -> None:
    with opened("admin.py") as screen:
        screen.wait_for("Label statistics")
        screen.send("1")
        screen.wait_for("a annotators")
        screen.send("a")
        screen.wait_for("Annotators")
        screen.wait_for("! one key, too fast")
        screen.send("esc")
        screen.wait_gone("Annotators")
        screen.wait_for("p pictures")
        screen.send("p")
        screen.wait_for("Pictures: all")
        screen.wait_for("hot_dog_photo_07.png")
        screen.wait_for("agreement   consensus")
        assert "other %" not in screen.text


@pytest.mark.usefixtures("labelled")
def test_enter_opens_the_picture_at_the_pointer(opened: Open) -> None:
    with opened("admin.py", columns=100) as screen:
        screen.wait_for("Label statistics")
        screen.send("1")
        screen.wait_for("a annotators")
        screen.send("enter")
        screen.wait_for(f"{POINTER} hot_dog_photo_07.png")
        screen.send("end")
        screen.wait_for("20 of 20")
        screen.wait_for("picture ")  # the headings stay
        screen.send("home", "enter")
        screen.wait_for("50 % hot dog, 2 answers, disputed")
        screen.wait_for("Ben")
        screen.send("1")
        screen.wait_for("hot dog, settled by anna")
        screen.send("u")
        screen.wait_for("50 % hot dog, 2 answers, disputed")
        screen.send("esc")
        screen.wait_for(f"{POINTER} hot_dog_photo_07.png")
        screen.send("f")
        screen.wait_for("Pictures: untouched")
        screen.wait_for("No picture is like that.")


def _balance(*scripts: str) -> str:
    found = progress([tally(picture(script)) for script in scripts], target=3)
    return statistics_screen._balance(found, DEFAULT_SCHEME, 8)


def test_one_picture_of_a_kind_is_no_plural() -> None:
    assert _balance("1", "1", "0").endswith(" 2 hot dogs, 1 other")
    assert _balance("1", "0", "0").endswith(" 1 hot dog, 2 others")


def test_that_there_are_too_few_answers_is_told_within_80_columns() -> None:
    labels = tuple(picture("ana1 bo0 cy1", f"images/{number}.jpg") for number in range(5))
    look = DatasetSnapshot(START, {}, labels, (), 0)
    lines = commands.totals(look.summary(3), look)
    told = next(line for line in lines if line.startswith("agreement"))
    assert told.endswith("over 15 pairs, too few to tell")
    assert len(told) <= 80
