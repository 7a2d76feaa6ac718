"""A team's week, as the page for teams tells it: its commands are run in order, and come true.

What people do on the labelling screen is done by commands here; all else is the page's own.
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from labapp.cloud.bucket import Bucket
from tests.dataset.dataset_kit import picture_bytes
from tests.support.commands import document, run

PAGE = Path(__file__).resolve().parents[2] / "labapp" / "help" / "teams.md"
CLASSES = {0: "cat", 1: "dog", 2: "horse"}


def week() -> dict[str, list[list[str]]]:
    """Return the commands of each day, as their words."""
    text = PAGE.read_text("utf-8").partition("## A team's week")[2]
    days = re.split(r"^### ", text, flags=re.MULTILINE)[1:]
    found = {}
    for day in days:
        lines = "\n".join(re.findall(r"^```text\n(.*?)^```$", day, re.MULTILINE | re.DOTALL))
        commands = re.findall(r"^python (\S+) ([^#\n]+)", lines, re.MULTILINE)
        found[day.partition(":")[0]] = [
            [program, *(word.strip('"') for word in re.findall(r'"[^"]*"|\S+', words))]
            for program, words in commands
        ]
    return found


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a working folder with the page's file of classes, and pictures."""
    monkeypatch.chdir(tmp_path)
    toml = re.findall(r"^```toml\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    (tmp_path / "animals.toml").write_text(toml[0], "utf-8")
    (tmp_path / "photos").mkdir()
    for number in range(9):
        name = f"{CLASSES[number % 3]}-{number // 3}.png"
        (tmp_path / "photos" / name).write_bytes(picture_bytes(number))
    return tmp_path


def truth_of(key: str) -> str:
    name = re.search(r"-(cat|dog|horse)-", key)
    assert name, key
    return name[1]


def label(bucket: Bucket, name: str) -> None:
    """Answer all pictures as one of the three does."""
    keys = [entry.key for entry in bucket.list("images/")]
    for key in keys:
        said = truth_of(key)
        if name == "dan" or (name == "ben" and "horse-0" in key):
            said = "dog"
        if name == "anna" and "cat-2" in key:
            assert run("client.py", "flag", key, "blurry", "--annotator", name) == 0
            continue
        assert run("client.py", "answer", key, said, "--annotator", name) == 0
    if name == "anna":  # a slip, taken back
        assert run("client.py", "answer", keys[0], "horse", "--annotator", name) == 0
        assert run("client.py", "undo", keys[0], "--annotator", name) == 0


def act(bucket: Bucket, days: dict[str, list[list[str]]], day: str) -> Iterator[list[str]]:
    """Run a day's commands; yield each that was run, as it was."""
    for words in days[day]:
        if words[1] == "label":
            label(bucket, words[words.index("--annotator") + 1])
            continue
        # What the page disputes, by its name; here it is one of the pictures above.
        words = ["horse-0.png" if word == "IMG_7.jpg" else word for word in words]
        assert run(*words) == 0, words
        yield words


def test_the_week_comes_true(
    bucket: Bucket, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    days = week()
    assert [len(commands) for commands in days.values()] == [6, 3, 7, 4]
    monday, labelling, thursday, friday = days
    for day in (monday, labelling):
        list(act(bucket, days, day))
    gold = document(capsys, "admin.py", "gold")
    assert {one["class"] for one in gold} == {"cat", "dog"}
    people = document(capsys, "admin.py", "stats", "--annotators")["annotators"]
    assert {one["annotator"]: (one["gold_right"], one["gold_answers"]) for one in people} == {
        **{"anna": (2, 2), "ben": (2, 2), "dan": (1, 2)}
    }

    list(act(bucket, days, thursday))
    flagged = document(capsys, "admin.py", "broken")
    assert [(one["annotator"], one["why"]) for one in flagged] == [("anna", "blurry")]
    people = document(capsys, "admin.py", "annotators")
    assert {one["annotator"]: one["answers"] for one in people} == {"anna": 8, "ben": 9, "dan": 0}

    list(act(bucket, days, friday))
    with (folder / "labels" / "pictures.csv").open(encoding="utf-8", newline="") as file:
        pictures = list(csv.DictReader(file))
    assert Counter(one["class"] for one in pictures) == {"cat": 2, "dog": 4, "horse": 2}
    with (folder / "labels" / "answers.csv").open(encoding="utf-8", newline="") as file:
        answers = list(csv.DictReader(file))
    assert Counter(one["annotator"] for one in answers) == {"anna": 8, "ben": 8}
    check_label_studio(folder / "label-studio")
    trained = [path.parent.name for path in (folder / "training").rglob("*.png")]
    assert Counter(trained) == {"cat": 2, "dog": 4, "horse": 2}


def check_label_studio(folder: Path) -> None:
    """Hold tasks to what Label Studio's interface, as configured beside them, takes."""
    config = (folder / "labelling.xml").read_text("utf-8")
    control = re.search(r'<Choices name="(\w+)" toName="(\w+)"', config)
    assert control
    choices = set(re.findall(r'<Choice value="([^"]+)"', config))
    assert choices == set(CLASSES.values())
    tasks = json.loads((folder / "tasks.json").read_text("utf-8"))
    assert len(tasks) == 8  # the broken one is left out
    for task in tasks:
        assert task["data"]["image"].startswith("s3://")
        for annotation in task["annotations"]:
            for result in annotation["result"]:
                assert (result["from_name"], result["to_name"]) == control.groups()
                assert result["type"] == "choices"
                assert set(result["value"]["choices"]) <= choices
