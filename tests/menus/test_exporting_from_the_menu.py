"""What an export cannot do is said at once, and not asked about."""

from __future__ import annotations

from pathlib import Path

from labapp.cloud.bucket import Bucket
from tests.dataset.dataset_kit import answer, picture_bytes
from tests.menus.conftest import Open
from tests.support.terminal import Terminal


def export_csv(screen: Terminal, out: Path) -> None:
    screen.wait_for("Export the labels")
    screen.send("3")
    screen.wait_for("two tables")
    screen.send("1")
    screen.wait_until(lambda: screen.says("export-csv"), "the folder")
    screen.send("\x15", str(out), "enter")


def test_a_folder_in_the_way_is_an_error_and_no_question(opened: Open, tmp_path: Path) -> None:
    (tmp_path / "out" / "answers.csv").mkdir(parents=True)
    with opened("admin.py", columns=100) as screen:
        export_csv(screen, tmp_path / "out")
        screen.wait_until(lambda: screen.says("Name another."), "what to do")
        assert screen.says("is a folder")
        assert "(y/N)" not in screen.text


def test_an_earlier_export_is_replaced_when_the_admin_says_so(
    opened: Open, bucket: Bucket, tmp_path: Path
) -> None:
    bucket.put("images/1.png", picture_bytes(1), "image/png")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "answers.csv").write_text("old")
    with opened("admin.py", columns=100) as screen:
        export_csv(screen, tmp_path / "out")
        screen.wait_for("(y/N)")
        screen.send("y")
        screen.wait_for("Write it")
        screen.send("enter")
        screen.wait_for("Done.")
    assert (tmp_path / "out" / "answers.csv").read_text() != "old"


def test_without_pictures_it_is_said_what_is_missing(opened: Open, tmp_path: Path) -> None:
    with opened("admin.py", columns=100) as screen:
        export_csv(screen, tmp_path / "out")
        screen.wait_for("there is no picture yet")
        screen.wait_for("Upload pictures first")
    assert not (tmp_path / "out").exists()


def test_what_is_wanted_is_asked_and_how_much_that_is_is_told(
    opened: Open, bucket: Bucket, tmp_path: Path
) -> None:
    for number, said in enumerate((("ana1", "bo0"), ("bo1",), ())):
        key = f"images/{number:016x}-{number}.png"
        bucket.put(key, picture_bytes(number), "image/png")
        answer(bucket, key, *said)
    with opened("admin.py", columns=100) as screen:
        export_csv(screen, tmp_path / "out")
        screen.wait_for("3 pictures, 3 answers")
        screen.send("3")
        screen.wait_for("Annotators, with commas")
        screen.send("zoe", "enter")
        screen.wait_for("There are some of ana, bo")
        screen.send("\x15", "ANA", "enter")
        screen.wait_for("1 picture, 1 answer")
        screen.send("4")
        screen.wait_for("Classes, with commas")
        screen.send("0", "enter")
        screen.wait_for("nothing is like that")
        screen.send("4")
        screen.wait_for("Classes, with commas")
        screen.send("\x15", "1", "enter")
        screen.wait_for("1 picture, 1 answer")
        screen.send("w")
        screen.wait_for("Done.")
    assert len((tmp_path / "out" / "pictures.csv").read_text().splitlines()) == 2
