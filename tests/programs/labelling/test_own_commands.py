"""flag, undo and answers: what one said is listed, taken back, and nothing is deleted."""

from __future__ import annotations

from typing import Any

import pytest

from labapp.cloud.bucket import Bucket
from labapp.cloud.session import Cloud
from labapp.dataset import unsent
from labapp.dataset.statistics import Statistics
from labapp.dataset.unsent import Journal
from labapp.labels import label_file
from labapp.labels.label_file import Label
from labapp.labels.layout import OWN
from labapp.utc import now
from tests.dataset.dataset_kit import stock
from tests.support.commands import client, document

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def keys(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("LABAPP_ANNOTATOR", "ana")
    return stock(Bucket(cloud), 3)


def run(capsys: Capture, *words: str, code: int = 0) -> Any:
    return document(capsys, "client.py", *words, code=code)


def both(capsys: Capture, *words: str) -> Any:
    """Run a command dry and in earnest; return the document, the same but for its state."""
    dry, done = run(capsys, *words, "--dry-run"), run(capsys, *words)
    assert dry.pop("state") == f"would be {done.pop('state')}"
    for each in (dry, done):  # each flag is a line of its own
        if words[0] == "flag":
            each.pop("id")
            each.pop("labelled_at")
    assert dry == done
    return done


def test_what_was_said_is_listed_newest_first_and_taken_back_one_by_one(
    keys: list[str], capsys: Capture
) -> None:
    assert client("answer", keys[0], "1") == 0
    assert client("answer", keys[1], "other") == 0
    flagged = both(capsys, "flag", keys[2], "too", "dark")
    assert (flagged["kind"], flagged["label"]) == ("flag", None)
    assert flagged["said"] == "broken: too dark"
    assert client("answer", keys[2], "1", "--annotator", "bo") == 0
    listed = run(capsys, "answers")
    assert [(one["key"], one["label"]) for one in listed] == [
        (keys[2], None), (keys[1], 0), (keys[0], 1)
    ]  # fmt: skip
    assert [one["key"] for one in run(capsys, "answers", "-n", "1")] == [keys[2]]
    assert [one["key"] for one in run(capsys, "answers", "--annotator", "bo")] == [keys[2]]

    assert both(capsys, "undo")["key"] == keys[2]
    assert both(capsys, "undo", OWN.name_of(keys[0]))["said"] == "hot dog"
    assert both(capsys, "undo")["key"] == keys[1]
    assert client("undo") == 1
    assert "there is nothing of ana's to take back" in capsys.readouterr().err
    assert client("undo", keys[1]) == 1
    assert "ana has said nothing of" in capsys.readouterr().err
    assert run(capsys, "answers") == []


def test_undo_looks_at_no_label_file_but_that_of_the_last_answer(
    keys: list[str], capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client("answer", keys[0], "1") == 0

    def refuse(*_: object) -> None:
        raise AssertionError("all labels are looked at")

    with monkeypatch.context() as patch:
        patch.setattr(Statistics, "look", refuse)
        assert run(capsys, "undo")["key"] == keys[0]


def test_a_flag_needs_a_word_why(keys: list[str], capsys: Capture) -> None:
    assert client("flag", keys[0], "!!") == 3
    assert "needs a word" in capsys.readouterr().err


def test_what_an_earlier_run_has_kept_is_sent_by_the_next_command_which_says_so(
    keys: list[str], cloud: Cloud, capsys: Capture
) -> None:
    bucket = Bucket(cloud)
    journal = Journal(bucket)
    journal.open()
    for number, key in enumerate(keys[:2]):
        journal.add(key, label_file.answer(Label.ONE, now(), "ana", f"id-{number}"))
    journal.close(is_empty=False)
    assert unsent.count_left(bucket) == 2
    listed = run(capsys, "answers")
    assert {one["key"] for one in listed} == set(keys[:2])
    assert not unsent.leftovers(bucket)


@pytest.mark.parametrize("command", ["label", "answer", "undo", "answers", "flag"])
def test_that_it_was_sent_is_said_on_standard_error(
    keys: list[str], cloud: Cloud, capsys: Capture, command: str
) -> None:
    journal = Journal(Bucket(cloud))
    journal.open()
    journal.add(keys[0], label_file.answer(Label.ONE, now(), "ana", "id-0"))
    journal.close(is_empty=False)
    words = {"answer": (keys[1], "1"), "flag": (keys[1], "blurry")}.get(command, ())
    assert client(command, *words) == 0
    assert "1 answer that an earlier run had kept here: sent now" in capsys.readouterr().err


@pytest.mark.usefixtures("bare_bucket")
def test_in_a_labs_layout_answers_are_listed_and_taken_back_and_nothing_is_flagged(
    bare_bucket: Bucket, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "ab":
        bare_bucket.put(f"pictures/{name}.jpg", name.encode(), "image/jpeg")
    monkeypatch.setenv("LABAPP_ANNOTATOR", "ana")
    monkeypatch.setenv("LABAPP_IMAGES_PREFIX", "pictures/")
    monkeypatch.setenv("LABAPP_LABELS_KEY", "answers/{stem}.txt")
    assert client("undo") == 3
    assert "Set layout_writes = true" in capsys.readouterr().err
    monkeypatch.setenv("LABAPP_LAYOUT_WRITES", "true")
    assert client("answer", "pictures/a.jpg", "1") == 0
    assert client("answer", "pictures/b.jpg", "0") == 0
    assert [one["label"] for one in run(capsys, "answers")] == [0, 1]
    assert both(capsys, "undo")["key"] == "pictures/b.jpg"
    assert bare_bucket.get("answers/b.txt", 9).body == b""
    assert both(capsys, "undo", "a.jpg")["key"] == "pictures/a.jpg"
    assert bare_bucket.get("answers/a.txt", 9).body == b""
    assert client("flag", "a.jpg", "blurry") == 3
    assert "holds answers only" in capsys.readouterr().err
