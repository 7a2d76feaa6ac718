"""The admin uploads the set, people label it, the admin sees the percentages and exports them."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from labapp.cloud.bucket import Bucket
from labapp.cloud.embedded import launcher
from labapp.cloud.session import local_home
from labapp.console import figures, picture
from labapp.console.theme import Depth, Theme
from labapp.dataset import label_writer, stored_pictures
from labapp.dataset.statistics import DatasetSnapshot, Statistics
from labapp.labels.annotators import Flag
from labapp.labels.label_file import Entry, Label
from labapp.pictures.looks import preview
from labapp.programs.menus import picture_page
from tests.labels.builders import HOT_DOG
from tests.menus.conftest import Open, programs_cloud
from tests.support.terminal import ROOT, Terminal


def upload_the_set(opened: Open) -> Bucket:
    with opened("admin.py", columns=100, rows=30) as screen:
        screen.wait_for("Upload pictures")
        screen.send("2")
        screen.wait_for(str(ROOT / "images"))
        screen.send("enter")
        screen.wait_for("20 added")
    return Bucket(programs_cloud())


def test_an_upload_of_nothing_that_is_taken_says_so(opened: Open, tmp_path: Path) -> None:
    bad = tmp_path / "bad.jpg"
    bad.write_text("My notes.")
    with opened("admin.py", columns=100, rows=30) as screen:
        screen.wait_for("Upload pictures")
        screen.send("2")
        screen.wait_for("File or folder:")
        screen.send("\x15", str(bad), "enter")
        screen.wait_for("✗ Nothing was done.")
        screen.wait_for("✗ bad.jpg is text")


def answer(screen: Terminal, place: int, key: str) -> None:
    """Wait for a picture of a round and give an answer."""
    screen.wait_for(f"Picture {place} of 4")
    screen.send(key)


def thanked(screen: Terminal, answers: int) -> None:
    """Wait for the summary of so many answers, and until they are in the bucket."""
    screen.wait_for(f"Thank you: {figures.plural(answers, 'answer')} kept.")
    screen.wait_gone("on the way")


def test_a_set_is_uploaded_labelled_counted_and_exported(opened: Open, tmp_path: Path) -> None:
    bucket = upload_the_set(opened)
    with opened("client.py") as screen:
        screen.wait_for("Label pictures")
        screen.send("3")
        screen.wait_for("Your name:")
        screen.send("Anna Bee", "enter")
        for place, key in enumerate("1001", start=1):
            answer(screen, place, key)
        thanked(screen, 4)
        assert screen.text.count("hot dog") == 2
    look = Statistics(bucket).look()
    own = answers_of(look)
    assert sorted(entry.label for _, entry in own) == ["0", "0", "1", "1"]
    disputed = own[0][0]
    other = Label.ZERO if own[0][1].label is Label.ONE else Label.ONE
    label_writer.answer(bucket, disputed, other, "Ben")

    with opened("admin.py", columns=100, rows=30) as screen:
        screen.wait_for("Label statistics")
        screen.send("1")
        screen.wait_for("5 answers by 2 annotators")
        screen.wait_for("0 decided, 3 in progress, 1 disputed, 16 untouched")
        screen.send("d")
        screen.wait_for("Most disputed")
        screen.send("enter")
        screen.wait_for("50 % hot dog, 2 answers, disputed")
        screen.wait_for("Anna Bee")
        screen.wait_for("Ben")
        screen.send("esc")
        screen.wait_for("Most disputed")
        screen.send("esc")
        screen.wait_for("a annotators")
        screen.send("esc")
        screen.wait_for("Export the labels")
        screen.send("3")
        screen.wait_for("two tables")
        screen.send("1")
        screen.wait_until(lambda: screen.says("export-csv"), "the folder")
        screen.send("\x15", str(tmp_path / "out"), "enter")
        screen.wait_for("Write it")
        screen.send("w")
        screen.wait_for("Done.")
    with (tmp_path / "out" / "answers.csv").open(newline="") as file:
        assert len(list(csv.DictReader(file))) == 5


def test_the_picture_on_the_screen_is_the_one_that_is_answered(
    opened: Open, tmp_path: Path
) -> None:
    bucket = upload_the_set(opened)
    with opened("client.py", columns=100, rows=30, color="truecolor") as screen:
        screen.wait_for("Label pictures")
        screen.send("3")
        screen.wait_for("Your name:")
        screen.send("anna", "enter")
        screen.wait_for("Picture 1 of 4")
        screen.wait_until(lambda: "▄" in screen.text or "▌" in screen.text, "the picture")
        screen.settle()
        lines = screen.lines
        screen.send("1")
        screen.wait_for("Picture 2 of 4")
        screen.send("esc")
        thanked(screen, 1)
    answered = [key for key, _ in answers_of(Statistics(bucket).look())]
    keys = [one.key for one in stored_pictures.list_pictures(bucket)]
    assert [key for key in keys if _is_on_screen(lines, bucket, key, tmp_path)] == answered


def test_undo_skip_and_revise(opened: Open, tmp_path: Path) -> None:
    bucket = upload_the_set(opened)
    listed = [one.key for one in stored_pictures.list_pictures(bucket)]
    for key in listed[:-2]:
        label_writer.answer(bucket, key, Label.ZERO, "anna")
    with opened("client.py") as screen:
        screen.wait_for("Change my name")
        screen.send("n")
        screen.wait_for("Your name:")
        screen.send("anna", "enter")
        screen.wait_for("(")  # the menu again
        screen.wait_for("Label pictures")
        screen.send("3")
        screen.wait_for("2 pictures left that you have not answered")
        screen.wait_for("Picture 1 of 2")
        screen.send("1")
        screen.wait_for("Picture 2 of 2")
        screen.send("u")
        screen.wait_for("hot dog taken back")
        screen.wait_for("Picture 1 of 2")
        screen.send("0")
        screen.wait_for("Picture 2 of 2")
        screen.send("s")
        screen.wait_for("skipped")
        screen.send("n")  # from here on without end
        screen.wait_for("(you skipped it before)")
        screen.send("0")
        thanked(screen, 1)
        screen.send("n")
        screen.wait_for("You have answered all")  # there is no picture left, and yet a way back
        screen.send("u")
        screen.wait_for("yours:")
        screen.send("u")  # what was said before it too, of the first round
        screen.wait_for("skipped taken back")
        screen.send("u")
        screen.wait_for("other taken back")
        screen.send("0", "0")
        thanked(screen, 2)
        screen.send("enter")
        screen.wait_for("You have answered all")
        screen.send("r")
        screen.wait_for("Which one?")
        screen.wait_for("you said other, ")
        screen.send("enter")
        screen.wait_for(": you said other, ")
        screen.wait_for("1 hot dog")
        screen.send("1")
        screen.wait_for("is now: hot dog")
        screen.wait_for("Which one?")  # the list again, as it was left
    look = Statistics(bucket).look()
    assert [tally.answers for tally in look.summary(3).tallies] == [1] * 20
    assert sum(tally.count(HOT_DOG) for tally in look.summary(3).tallies) == 1
    # What the annotator changed themselves was nobody else's.
    assert [report.replaced for report in look.summary(3).annotators] == [0]


def test_a_name_that_answers_a_picture_again_elsewhere_is_told(opened: Open) -> None:
    bucket = upload_the_set(opened)
    with opened("client.py", "label", "--count", "1", "--annotator", "anna") as screen:
        screen.wait_for("Picture 1 of 1")
        for one in stored_pictures.list_pictures(bucket):  # whichever of them is shown
            label_writer.answer(bucket, one.key, Label.ZERO, "Anna")
        screen.send("1")
        screen.wait_for("had answered it before")
    (report,) = Statistics(bucket).look().summary(3).annotators
    assert (report.replaced, Flag.AGAIN in report.flags) == (1, True)


def test_the_last_answer_of_a_round_can_be_taken_back(opened: Open) -> None:
    bucket = upload_the_set(opened)
    with opened("client.py", "label", "--count", "1", "--annotator", "anna") as screen:
        screen.wait_for("Picture 1 of 1")
        screen.send("1")
        thanked(screen, 1)
        screen.send("u")
        screen.wait_for("hot dog taken back")
        screen.wait_for("Picture 1 of 1")
        screen.send("0")
        thanked(screen, 1)
    ((_, entry),) = answers_of(Statistics(bucket).look())
    assert entry.label is Label.ZERO


def test_an_answer_that_cannot_be_sent_at_first_holds_nothing_up(opened: Open) -> None:
    bucket = upload_the_set(opened)
    words = ["label", "--count", "2", "--annotator", "anna"]
    with opened("tests/support/failing_answers.py", "1", *words) as screen:
        screen.wait_for("Picture 1 of 2")
        screen.send("1")
        screen.wait_for("Picture 2 of 2")
        screen.send("1")
        thanked(screen, 2)
    assert len(answers_of(Statistics(bucket).look())) == 2


def test_a_round_outlives_a_stopped_cloud(opened: Open) -> None:
    bucket = upload_the_set(opened)
    with opened("client.py", "label", "--count", "3", "--annotator", "anna") as screen:
        screen.wait_for("Picture 1 of 3")
        screen.send("1")
        screen.wait_for("Picture 2 of 3")
        screen.wait_for("1 hot dog")
        launcher.stop(local_home())
        screen.send("1")
        screen.wait_for("Picture 3 of 3")
        screen.send("1")
        thanked(screen, 3)
    bucket.cloud.refresh()
    assert len(answers_of(Statistics(bucket).look())) == 3


@pytest.mark.parametrize("by", ["environment LABAPP_ANNOTATOR", "file "])
def test_a_name_that_is_set_elsewhere_cannot_be_changed_here(
    opened: Open, tmp_path: Path, by: str
) -> None:
    variable = "Zoe" if by.startswith("environment") else ""
    if by == "file ":
        (tmp_path / "labapp.toml").write_text('annotator = "Zoe"\n')
    with opened("client.py", columns=100, LABAPP_ANNOTATOR=variable) as screen:
        screen.wait_for(f"Zoe, set by the {by}")
        screen.send("n")
        screen.wait_for("Not now: Zoe, set by the")


def answers_of(look: DatasetSnapshot) -> list[tuple[str, Entry]]:
    """Return every answer that counts, with its picture's key."""
    return [(one.key, entry) for one in look.pictures for entry in one.answers]


def _is_on_screen(lines: list[str], bucket: Bucket, key: str, folder: Path) -> bool:
    """Return whether the rows of a picture of the bucket, as it is drawn, stand on the screen."""
    copy = preview(stored_pictures.fetch(bucket, key, folder), picture_page.COPY)
    drawing = picture.draw(copy, 97, 22, look=Theme(Depth.TRUECOLOR))
    rows = [re.sub(r"\x1b\[[0-9;]*m", "", line).rstrip() for line in drawing.lines]
    return all(f" {row}".rstrip() in lines for row in rows)
