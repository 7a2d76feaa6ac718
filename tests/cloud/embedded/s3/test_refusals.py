"""What the local cloud's S3 answers where a file fails it, and to what it does not keep."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest
from ministack.services import s3, sqs

from tests.cloud.embedded.s3.test_s3 import fill
from tests.cloud.embedded.s3_kit import ask, fresh, good


@pytest.fixture(autouse=True)
def filled(tmp_path: Path) -> Any:
    with fresh(tmp_path) as store:
        fill()
        yield store


def test_an_object_whose_file_is_gone_is_told_as_a_fault_of_the_cloud(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for file in (tmp_path / "local/buckets/000000000000/b-bkt/objects").glob("*/*"):
        file.unlink()
    status, _, body = ask("GET", "/bkt/a")
    assert status == 500
    assert b"<Code>InternalError</Code>" in body
    assert "/bkt/a: " in caplog.text
    assert ask("DELETE", "/bkt/a")[0] == 204, "and it can be got rid of"


@pytest.mark.parametrize(
    ("number", "status"), [(errno.EMFILE, 500), (errno.ENFILE, 500), (errno.ENOSPC, 507)]
)
def test_too_many_open_files_are_no_fault_of_the_disks(
    monkeypatch: pytest.MonkeyPatch, number: int, status: int
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", refuse)
        found, _, body = ask("PUT", "/bkt/new", b"x")
    assert found == status
    assert (b"InternalError" in body) is (status == 500)
    assert ask("GET", "/bkt/new")[0] == 404


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/bkt?versioning", {}),
        ("/locked", {"x-amz-bucket-object-lock-enabled": "True"}),
    ],
)
def test_what_would_keep_versions_is_not_offered(path: str, headers: dict[str, str]) -> None:
    status, _, body = ask("PUT", path, b"", headers)
    assert status == 501
    assert b"<Code>NotImplemented</Code>" in body
    assert "locked" not in s3._buckets
    assert ask("PUT", "/new", b"", {"x-amz-bucket-object-lock-enabled": "false"})[0] == 200
    assert ask("GET", "/bkt?versioning")[0] == 200


def test_a_notification_to_a_queue_that_was_deleted_keeps_no_object_from_being_stored(
    tmp_path: Path,
) -> None:
    sqs._HANDLERS["DeleteQueue"]({"QueueUrl": "http://localhost:4566/000000000000/q"}, "")
    good("PUT", "/bkt/b", b"x")
    with fresh(tmp_path):
        assert good("GET", "/bkt/b") == b"x"


def test_settings_of_an_object_that_is_not_there_make_none(tmp_path: Path) -> None:
    tags = b"<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>"
    before = sorted(tmp_path.rglob("*"))
    for path in ("/bkt/none?tagging", "/nobucket/none?tagging"):
        ask("PUT", path, tags)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_part_that_is_sent_again_takes_the_place_of_the_first(tmp_path: Path) -> None:
    number = next(iter(s3._multipart_uploads))
    good("PUT", f"/bkt/big?uploadId={number}&partNumber=1", b"once more")
    with fresh(tmp_path):
        parts = "<C><Part><PartNumber>1</PartNumber></Part></C>"
        good("POST", f"/bkt/big?uploadId={number}", parts.encode())
        assert good("GET", "/bkt/big") == b"once more"
    assert not list(tmp_path.rglob("uploads/*"))


def test_an_upload_that_was_given_up_leaves_nothing(tmp_path: Path) -> None:
    number = next(iter(s3._multipart_uploads))
    good("DELETE", f"/bkt/big?uploadId={number}")
    assert not list(tmp_path.rglob("uploads/*"))
    with fresh(tmp_path):
        assert list(s3._multipart_uploads) == []


def test_a_bucket_that_was_deleted_leaves_nothing(tmp_path: Path) -> None:
    good("PUT", "/empty")
    assert (tmp_path / "local/buckets/000000000000/b-empty").is_dir()
    good("DELETE", "/empty")
    assert [path.name for path in tmp_path.glob("local/buckets/000000000000/*")] == ["b-bkt"]
