"""Answers in a lab's layout: bare codes, none lost, none twice, and what was said here is known."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from labapp.dataset import answers, label_writer, mine, stored_pictures
from labapp.dataset.own_answers import OwnAnswers
from labapp.dataset.statistics import Statistics
from labapp.dataset.upcoming import Shown
from labapp.errors import RefusedError, UnreachableError
from labapp.labels.label_file import Entry, Label
from labapp.settings import Settings
from tests.dataset.dataset_kit import MemoryBucket, nothing, shown

YES, NO, SKIP = Label.ONE, Label.ZERO, Label.SKIP
KEY, FILE = "pictures/a.jpg", "answers/a.txt"


@pytest.fixture
def bucket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MemoryBucket:
    monkeypatch.setattr(label_writer, "pause", nothing)
    bucket = MemoryBucket(tmp_path)
    bucket.cloud.settings = Settings(
        images_prefix="pictures/", labels_key="answers/{stem}.txt", layout_writes=True
    )
    for stem in "abc":
        bucket.write(f"pictures/{stem}.jpg", b"")
    return bucket


def said(bucket: MemoryBucket) -> bytes:
    return bucket.objects[FILE][0] if FILE in bucket.objects else b""


def ids(entries: list[Entry]) -> list[str]:
    return [entry.answer_id for entry in entries]


def test_an_answer_is_changed_undone_and_skipped(bucket: MemoryBucket) -> None:
    bucket.write(FILE, b"0110")
    told: list[Entry] = []
    first = answers.answer(bucket, KEY, YES, "ana", told.append)
    assert said(bucket) == b"0110\n1\n"
    second = answers.answer(bucket, KEY, NO, "Ana", told.append)
    assert (said(bucket), ids(told)) == (b"0110\n0\n", [first.answer_id])
    answers.undo(bucket, KEY, second)  # what was said before counts again
    assert said(bucket) == b"0110\n1\n"
    third = answers.revise(bucket, KEY, NO, first, told.append)
    assert (said(bucket), ids(told)) == (b"0110\n0\n", [first.answer_id])
    answers.undo(bucket, KEY, first)  # which stands no more
    assert said(bucket) == b"0110\n0\n"
    answers.answer(bucket, KEY, YES, "bo")
    answers.undo(bucket, KEY, third)
    assert said(bucket) == b"0110\n1\n"
    skipped = answers.answer(bucket, "pictures/b.jpg", SKIP, "ana")
    assert "answers/b.txt" not in bucket.objects
    answers.undo(bucket, "pictures/b.jpg", skipped)
    assert "answers/b.txt" not in bucket.objects


def test_what_the_labs_programs_took_away_is_not_taken_again(bucket: MemoryBucket) -> None:
    entry = answers.answer(bucket, KEY, YES, "ana")
    bucket.write(FILE, b"0\n")
    answers.undo(bucket, KEY, entry)
    assert said(bucket) == b"0\n"


def test_what_was_answered_on_this_machine_is_drawn_no_more(bucket: MemoryBucket) -> None:
    answers.answer(bucket, KEY, YES, "ana")
    answers.answer(bucket, "pictures/b.jpg", SKIP, "ana")
    again = Shown("pictures/b.jpg", is_again=True)
    assert shown(bucket, "ana") == [Shown("pictures/c.jpg"), again]
    assert len(shown(bucket, "bo")) == 3
    answers.answer(bucket, "pictures/c.jpg", NO, "ana")
    assert shown(bucket, "ana") == [again]
    statistics = Statistics(bucket)
    own = mine.said(statistics.look(), bucket, "ANA")
    assert sorted(key for key, _ in own) == [KEY, "pictures/b.jpg", "pictures/c.jpg"]
    statistics.close()


def test_without_what_this_machine_remembers_pictures_are_shown_again(
    bucket: MemoryBucket, tmp_path: Path
) -> None:
    entry = answers.answer(bucket, KEY, YES, "ana")
    (memory,) = tmp_path.glob("answered-*.txt")
    assert memory.read_bytes().startswith(b"pictures/a.jpg 1 2026-")
    memory.unlink()
    assert not OwnAnswers(bucket).standing("ana")
    answers.undo(bucket, KEY, entry)
    assert said(bucket) == b""


def test_sets_without_hashes_are_shown_whole(bucket: MemoryBucket) -> None:
    for number in range(60):
        bucket.write(f"pictures/{number:02}.jpg", b"")
    assert len({shown(bucket, "ana", 1)[0].key for _ in range(2)}) == 1  # of the same chance
    assert len(shown(bucket, "ana")) == 63


def test_twenty_at_once_lose_no_answer(bucket: MemoryBucket) -> None:
    with ThreadPoolExecutor(20) as pool:
        list(pool.map(lambda n: answers.answer(bucket, KEY, YES, f"ana{n}"), range(20)))
    assert said(bucket) == b"1\n" * 20


def test_a_write_that_came_in_though_it_seemed_lost_is_not_done_again(
    bucket: MemoryBucket,
) -> None:
    troubles = iter([UnreachableError("cut off", "")])

    def cut_off(_: str) -> None:
        for trouble in troubles:
            raise trouble

    bucket.after_put = cut_off
    answers.answer(bucket, KEY, YES, "ana")
    assert said(bucket) == b"1\n"


def test_where_conditions_are_not_heeded_nothing_is_risked(bucket: MemoryBucket) -> None:
    bucket.heeds = False
    bucket.write(FILE, b"0\n")
    with pytest.raises(RefusedError, match="heeds no If-Match"):
        answers.answer(bucket, KEY, YES, "ana")
    assert set(bucket.objects) == {"pictures/a.jpg", "pictures/b.jpg", "pictures/c.jpg", FILE}


def test_a_label_file_that_two_pictures_share_stays_when_one_goes(bucket: MemoryBucket) -> None:
    bucket.write("pictures/a.png", b"")
    bucket.write(FILE, b"1\n")
    assert stored_pictures.remove(bucket, KEY) == ""
    assert said(bucket) == b"1\n"
    assert stored_pictures.remove(bucket, "pictures/a.png") == "removed/a.png.txt"
    assert said(bucket) == b""


def test_a_layout_that_is_only_read_is_written_by_nothing(bucket: MemoryBucket) -> None:
    entry = answers.answer(bucket, KEY, YES, "ana")
    bucket.cloud.settings = Settings(images_prefix="pictures/", labels_key="answers/{stem}.txt")
    before = dict(bucket.objects)
    with pytest.raises(RefusedError, match="layout_writes"):
        answers.answer(bucket, KEY, YES, "bo")
    with pytest.raises(RefusedError, match="layout_writes"):
        answers.undo(bucket, KEY, entry)
    with pytest.raises(RefusedError, match="layout_writes"):
        label_writer.change(bucket, FILE, lambda _: b"x")
    assert bucket.objects == before
