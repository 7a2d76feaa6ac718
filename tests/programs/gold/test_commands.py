"""Gold pictures by command: named, listed, removed, said before; and what cannot be."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from labapp.cloud.bucket import TEXT, Bucket
from labapp.dataset import calls, decisions, gold_pictures
from labapp.errors import UnreachableError
from labapp.labels import gold, scheme_file
from labapp.labels.classes import DEFAULT_SCHEME
from labapp.labels.gold import Gold
from tests.dataset.dataset_kit import stock
from tests.support.commands import admin, document

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def keys(bucket: Bucket) -> list[str]:
    return stock(bucket, 4)


def run(capsys: Capture, *words: str) -> Any:
    return document(capsys, "admin.py", "gold", *words)


def test_a_change_does_what_its_dry_run_says(
    capsys: Capture, bucket: Bucket, keys: list[str]
) -> None:
    for words, state in (
        (["add", keys[0], keys[1].removeprefix("images/"), "hot-dog"], "added"),
        (["add", keys[0], "0"], "changed"),
        (["remove", "images/*"], "removed"),
    ):
        before = gold_pictures.of(bucket)
        dry = run(capsys, *words, "--dry-run")
        assert gold_pictures.of(bucket) == before
        done = run(capsys, *words)
        assert dry == [{**row, "state": f"would be {row['state']}"} for row in done]
        assert {row["state"] for row in done} == {state}
    assert gold_pictures.of(bucket) == Gold()
    assert run(capsys) == []


def test_a_pattern_means_keys_or_names_and_twice_is_once(
    capsys: Capture, bucket: Bucket, keys: list[str]
) -> None:
    done = run(capsys, "add", "[01].jpg", "0.jpg*", "1")
    assert [row["name"] for row in done] == ["0.jpg", "1.jpg"] or len(done) == 2
    again = run(capsys, "add", "[01].jpg", "hot dog")
    assert {row["state"] for row in again} == {"gold already"}
    assert {row["before"] for row in again} == {1}
    assert len(gold_pictures.of(bucket).codes) == 2


def test_what_is_no_picture_no_class_or_no_gold_is_refused(
    capsys: Capture, bucket: Bucket, keys: list[str]
) -> None:
    for words, told in (
        (["add", "images/none.jpg", "1"], "there is no picture 'images/none.jpg'"),
        (["add", keys[0], "images/none.jpg", "1"], "there is no picture"),
        (["add", "*.png", "1"], "there is no picture '*.png'"),
        (["add", keys[0], "cat"], "there is no class 'cat'"),
        (["remove", keys[0]], "there is no gold picture"),
    ):
        assert admin("gold", *words) != 0
        assert told in capsys.readouterr().err
    assert gold_pictures.of(bucket) == Gold()


def test_gold_whose_picture_is_gone_is_removed_too(
    capsys: Capture, bucket: Bucket, keys: list[str]
) -> None:
    run(capsys, "add", keys[0], "1")
    bucket.delete(keys[0])
    assert [row["key"] for row in run(capsys, "remove", keys[0])] == [keys[0]]


def test_a_removal_that_seemed_lost_is_told_as_done(
    bucket: Bucket, keys: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    gold_pictures.add(bucket, keys[:2], DEFAULT_SCHEME.classes[0])
    put_if, pauses = bucket.put_if, list[object]()

    def lose_the_answer(*arguments: Any) -> str | None:
        written = put_if(*arguments)
        if not pauses:
            raise UnreachableError("gone")
        return written

    monkeypatch.setattr(bucket, "put_if", lose_the_answer)
    monkeypatch.setattr(calls, "pause", lambda *_: pauses.append(_))
    monkeypatch.setattr(decisions, "pause", lambda *_: pauses.append(_))
    assert gold_pictures.remove(bucket, keys[:1]) == {keys[0]: 1}
    assert [*gold_pictures.of(bucket).codes] == keys[1:2]
    assert len(pauses) == 2  # one for the answer, and one as it was in all the same


def test_a_code_that_is_retired_counts_as_another_or_as_none(
    capsys: Capture, bucket: Bucket, keys: list[str]
) -> None:
    bucket.put(gold.KEY, gold.to_text(Gold({keys[0]: 5, keys[1]: 6})).encode(), TEXT)
    scheme = replace(DEFAULT_SCHEME, retired={5: 1, 6: None})
    bucket.put(scheme_file.KEY, scheme_file.to_text(scheme).encode(), TEXT)
    rows = run(capsys, "list")
    assert [(row["code"], row["label"], row["class"]) for row in rows] == [
        (5, 1, "hot dog"),
        (6, None, None),
    ]


def test_a_pipe_has_a_line_for_each(capsys: Capture, keys: list[str]) -> None:
    assert admin("gold", "add", keys[0], "other") == 0
    assert capsys.readouterr().out == f"{keys[0]}\t0\tother\tadded\n"
    assert admin("gold") == 0
    assert capsys.readouterr().out == f"{keys[0]}\t0\tother\n"
