"""What an earlier labapp kept by MiniStack's own means is taken over, whatever part is there."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from ministack.core import persistence
from ministack.services import s3, sqs

from labapp.cloud.embedded.legacy import key_of, take_over_queues
from labapp.cloud.embedded.objects import Objects
from tests.cloud.embedded.s3.test_s3 import legacy
from tests.cloud.embedded.s3_kit import ask, fresh, good


def test_settings_alone_are_taken_over(tmp_path: Path) -> None:
    meta = {"__scoped__": True, "data": {"000000000000\0'bkt'": {"created": "x", "region": None}}}
    tags = {"__scoped__": True, "data": {"000000000000\0'bkt'": {"kept": "yes"}}}
    payload = {"buckets_meta": meta, "bucket_tags": tags}
    (tmp_path / "local/state").mkdir(parents=True)
    (tmp_path / "local/state/s3.json").write_text(json.dumps({"payload": payload}))
    for _ in range(2):
        with fresh(tmp_path):
            assert b"kept" in good("GET", "/bkt?tagging")
        assert not (tmp_path / "local/state/s3.json").exists()


def test_objects_alone_are_taken_over_and_each_leaves_its_old_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    legacy(tmp_path)
    (tmp_path / "local/state/s3.json").unlink()
    old = tmp_path / "local/s3/000000000000/bkt"
    (old / "b").write_bytes(b"without its facts")
    left: list[int] = []

    def noting(objects: Any, key: str, record: Any) -> None:
        left.append(sum(path.is_file() for path in old.rglob("*") if path.suffix != ".json"))
        true_set(objects, key, record)

    true_set = Objects.__setitem__
    monkeypatch.setattr(Objects, "__setitem__", noting)
    with fresh(tmp_path):
        monkeypatch.undo()
        assert good("GET", "/bkt/images/a.png") == b"picture"
        assert good("GET", "/bkt/b") == b"without its facts"
        assert s3.S3_PERSIST is False, "MiniStack writes nothing itself"
        good("PUT", "/bkt/c", b"x")
    assert sorted(left, reverse=True) == left
    assert len(set(left)) == len(left), "there need be room for one only"
    assert not (tmp_path / "local/s3").exists()


def test_keys_of_windows_are_what_they_were() -> None:
    assert key_of("images\\w.png", "\\") == "images/w.png"
    assert key_of("images/a\\b.png", "/") == "images/a\\b.png"


@pytest.mark.skipif(sys.platform == "win32", reason="a backslash parts folders there")
def test_a_backslash_in_a_key_of_posix_is_none_that_parts_folders(tmp_path: Path) -> None:
    legacy(tmp_path)
    old = tmp_path / "local/s3/000000000000/bkt"
    (old / "images\\w.png").write_bytes(b"w")
    for _ in range(2):
        with fresh(tmp_path):
            assert good("GET", "/bkt/images\\w.png") == b"w"
            assert ask("GET", "/bkt/images/w.png")[0] == 404


def test_where_there_is_nothing_nothing_is_done(tmp_path: Path) -> None:
    with fresh(tmp_path):
        good("PUT", "/bkt")
        good("PUT", "/bkt/a", b"x")
    (tmp_path / "local/s3").write_text("not a folder")
    with fresh(tmp_path):
        assert ask("GET", "/bkt/a")[0] == 200
    assert (tmp_path / "local/s3").exists()


@pytest.mark.parametrize("text", ["{", "[]", "7"])
def test_settings_that_are_damaged_are_set_aside_and_the_objects_are_there(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, text: str
) -> None:
    legacy(tmp_path)
    (tmp_path / "local/state/s3.json").write_text(text)
    with fresh(tmp_path):
        assert good("GET", "/bkt/images/a.png") == b"picture"
    assert "s3.json" in caplog.text
    assert len(list((tmp_path / "local/state").glob("s3.json.damaged-*"))) == 1


def test_queues_without_the_envelope_of_later_versions_are_taken_over(tmp_path: Path) -> None:
    with fresh(tmp_path / "first"):
        sqs._HANDLERS["CreateQueue"]({"QueueName": "q"}, "")
        kept = json.dumps(sqs.get_state(), default=persistence._json_default)
    (tmp_path / "sqs.json").write_text(kept)
    sqs.reset()
    try:
        take_over_queues(sqs, tmp_path, tmp_path / "queues.journal")
        assert [queue["name"] for _, queue in sqs._queues.all_items()] == ["q"]
    finally:
        sqs.reset()
