from __future__ import annotations

import io
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from labapp.cloud.bucket import TEXT, Bucket, Head, Stored
from labapp.cloud.session import Cloud
from labapp.errors import (
    CloudError,
    ForbiddenError,
    LabappError,
    MissingResourceError,
    SessionEndedError,
    UnreachableError,
)
from tests.support.aws_answers import refusal, refuse


def test_an_object_comes_out_as_it_went_in(bucket: Bucket) -> None:
    etag = bucket.put("a/b.txt", b"\x00\xff", "image/png", {"job": "a"})
    stored = bucket.get("a/b.txt")
    assert (stored.body, stored.etag, stored.content_type) == (b"\x00\xff", etag, "image/png")
    assert stored.metadata == {"job": "a"}


@pytest.mark.parametrize("key", ["logs/a b+c&d?e=f#g.txt", "logs/é/…~%41.txt", "logs//x"])
def test_any_key_is_written_read_and_listed_as_it_is(bucket: Bucket, key: str) -> None:
    bucket.put_text(key, "grüße")
    stored = bucket.get(key)
    assert stored.body.decode() == "grüße"
    assert stored.content_type == TEXT
    assert [entry.key for entry in bucket.list("logs/")] == [key]


def test_of_two_writers_of_a_new_object_one_loses(bucket: Bucket) -> None:
    etag = bucket.put_if("label", b"1", TEXT, None, {"by": "ada"})
    assert bucket.put_if("label", b"0", TEXT, None) is None
    stored = bucket.get("label")
    assert (stored.body, stored.etag, stored.content_type) == (b"1", etag, TEXT)
    assert stored.metadata == {"by": "ada"}


def test_of_two_writers_over_what_both_read_one_loses(bucket: Bucket) -> None:
    first = bucket.put("label", b"1", TEXT)
    second = bucket.put_if("label", b"1\n0", TEXT, first)
    assert second
    assert bucket.put_if("label", b"1\n1", TEXT, first) is None
    assert bucket.get("label").body == b"1\n0"
    assert bucket.put_if("label", b"1\n0\n1", TEXT, second)


def test_an_object_that_was_deleted_since_it_was_read_is_a_lost_race_too(bucket: Bucket) -> None:
    etag = bucket.put("label", b"1", TEXT)
    bucket.delete("label")
    assert bucket.put_if("label", b"1\n0", TEXT, etag) is None


@pytest.mark.parametrize(("status", "lost"), [(409, True), (412, True), (400, False)])
def test_only_a_lost_race_is_none(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch, status: int, lost: bool
) -> None:
    class S3:
        def put_object(self, **_: Any) -> None:
            raise refusal("Odd", status, "odd")

    assert bucket.name
    monkeypatch.setattr(Cloud, "s3", S3())
    if lost:
        assert bucket.put_if("label", b"1", TEXT, '"abc"') is None
        return
    with pytest.raises(CloudError, match=r"cannot write s3://.*/label: odd"):
        bucket.put_if("label", b"1", TEXT, '"abc"')


def test_a_listing_goes_by_key_and_begins_behind_a_key(bucket: Bucket) -> None:
    for key in ("logs/c", "logs/a", "logs/b", "images/a"):
        bucket.put(key, b"123", TEXT)
    entries = list(bucket.list("logs/"))
    assert [(entry.key, entry.size) for entry in entries] == [
        ("logs/a", 3),
        ("logs/b", 3),
        ("logs/c", 3),
    ]
    assert entries[0].modified.tzinfo is not None
    assert entries[0].etag == bucket.get("logs/a").etag
    assert [entry.key for entry in bucket.list("logs/", "logs/a")] == ["logs/b", "logs/c"]
    assert list(bucket.list("nothing/")) == []


def test_a_listing_begins_behind_a_key_that_xml_cannot_hold(bucket: Bucket) -> None:
    keys = ["logs/a", "logs/a\x1b[2J", "logs/a\x1b[3J", "logs/b"]
    for key in keys:
        bucket.put(key, b"", TEXT)
    assert [entry.key for entry in bucket.list("logs/", keys[1])] == keys[2:]


def test_a_listing_goes_beyond_one_page(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "3")
    for number in range(10):
        bucket.put(f"many/{number:04}", b"", TEXT)
    assert [entry.key for entry in bucket.list("many/")] == [f"many/{n:04}" for n in range(10)]
    page = bucket.cloud.s3.list_objects_v2(Bucket=bucket.name, Prefix="many/")
    assert page["KeyCount"] == 3, "there were several"


def test_deleting_twice_is_no_error(bucket: Bucket) -> None:
    bucket.put("a", b"", TEXT)
    bucket.delete("a")
    bucket.delete("a")
    with pytest.raises(MissingResourceError, match=r"cannot read s3://.*/a"):
        bucket.get("a")


def test_a_bucket_that_is_not_there_is_told_with_the_command_that_makes_it(
    bare_cloud: Cloud,
) -> None:
    with pytest.raises(MissingResourceError, match=r"admin\.py cloud up"):
        Bucket(bare_cloud).put_text("a", "b")
    with pytest.raises(MissingResourceError):
        list(Bucket(bare_cloud).list("logs/"))


def test_a_file_goes_and_comes_with_its_progress(bucket: Bucket, tmp_path: Path) -> None:
    source, fetched = tmp_path / "source", tmp_path / "fetched"
    source.write_bytes(bytes(range(256)) * 4096)
    sent: list[int] = []
    came: list[int] = []

    threads: set[int] = set()

    def told(count: int) -> None:
        sent.append(count)
        threads.add(threading.get_ident())

    bucket.upload(source, "images/a.png", "image/png", {"job": "a"}, told)
    bucket.download("images/a.png", fetched, came.append)
    assert threads == {threading.get_ident()}, "callers bring their own"

    assert fetched.read_bytes() == source.read_bytes()
    assert sum(sent) == sum(came) == 1 << 20
    assert len(came) > 1, "told as it comes"
    head = bucket.head("images/a.png")
    assert (head.size, head.content_type, head.metadata) == (1 << 20, "image/png", {"job": "a"})
    assert head.etag == bucket.get("images/a.png").etag
    bucket.upload(source, "bare", "image/png")
    bucket.download("bare", fetched)
    assert bucket.head("bare").metadata == {}


def test_what_a_store_does_not_tell_of_an_object_is_empty(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: dict[str, Any] = {"ETag": "e", "ContentLength": 1, "Body": io.BytesIO(b"1")}
    s3 = SimpleNamespace(get_object=lambda **_: told, head_object=lambda **_: told)
    assert bucket.name
    monkeypatch.setattr(Cloud, "s3", s3)
    assert bucket.get("a") == Stored(b"1", "e", "", {})
    assert bucket.head("a") == Head(1, "e", "", {})


def test_what_a_retry_sends_again_is_told_once(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = bucket.cloud.s3.put_object

    def twice(**asked: Any) -> Any:
        while asked["Body"].read(300):  # the first attempt, which gets lost at its end
            pass
        asked["Body"].seek(0)
        assert asked["Body"].read(300)  # the second is cut short
        asked["Body"].seek(0)
        return put(**asked)

    monkeypatch.setattr(bucket.cloud.s3, "put_object", twice)
    body = bytes(range(250)) * 4
    told: list[int] = []

    bucket.put_if("a", body, TEXT, None, moved=told.append)

    assert told == [300, 300, 300, 100]
    assert bucket.get("a").body == body


def test_a_disk_that_cannot_be_written_is_no_fault_of_the_cloud(
    bucket: Bucket, tmp_path: Path
) -> None:
    bucket.put("a", b"1", TEXT)
    place = tmp_path / "no folder" / "a"
    with pytest.raises(LabappError, match=r"cannot use the file .*: \w") as caught:
        bucket.download("a", place)
    assert not isinstance(caught.value, CloudError)
    with pytest.raises(LabappError, match="cannot use the file") as caught:
        bucket.upload(place, "b", TEXT)
    assert not isinstance(caught.value, CloudError)


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("AccessDenied", 403, ForbiddenError),
        ("ExpiredToken", 400, SessionEndedError),
        ("NoSuchBucket", 404, MissingResourceError),
        ("SlowDown", 503, UnreachableError),
    ],
)
def test_what_ends_an_upload_is_told_as_what_it_is(
    bucket: Bucket,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    code: str,
    status: int,
    kind: type[CloudError],
) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"1")
    assert bucket.name
    refuse(bucket.cloud.s3, monkeypatch, lambda _: True, code, status)
    with pytest.raises(CloudError, match=r"It says why|have expired") as caught:
        bucket.upload(path, "a", TEXT)
    assert type(caught.value) is kind


def test_a_text_that_may_replace_nothing_is_stored_once(bucket: Bucket) -> None:
    assert bucket.put_text("logs/a", "1", {"request": "x"}, new=True)
    assert not bucket.put_text("logs/a", "2", {"request": "y"}, new=True)
    stored = bucket.get("logs/a")
    assert (stored.body, stored.content_type, stored.metadata) == (b"1", TEXT, {"request": "x"})
    assert bucket.put_text("logs/a", "3")
    assert bucket.get("logs/a").metadata == {}


def test_a_file_is_stored_only_where_there_is_what_was_read(bucket: Bucket, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"1")
    assert bucket.upload_if(path, "a.png", "image/png", {"job": "j"})
    assert not bucket.upload_if(path, "a.png", "image/png", {})
    head = bucket.head("a.png")
    assert (head.content_type, head.metadata) == ("image/png", {"job": "j"})
    path.write_bytes(b"22")
    assert bucket.upload_if(path, "a.png", "image/png", {}, head.etag)
    assert not bucket.upload_if(path, "a.png", "image/png", {}, head.etag)
    assert not bucket.upload_if(path, "b.png", "image/png", {}, head.etag)
    assert bucket.get("a.png").body == b"22"
    with pytest.raises(LabappError, match="cannot use the file"):
        bucket.upload_if(tmp_path / "none", "a.png", "image/png", {})


def test_what_is_refused_as_it_is_not_there_is_missing_for_who_may_list_what_begins_so(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bucket.put("labels/a.txt.more", b"1", TEXT)
    reads = {"GetObject", "HeadObject"}
    refuse(bucket.cloud.s3, monkeypatch, reads.__contains__, status=403)
    for look in (
        lambda key: bucket.get(key),
        lambda key: bucket.head(key),
        lambda key: bucket.download(key, tmp_path / "a"),
    ):
        with pytest.raises(MissingResourceError, match=r"labels/a\.txt: it is not there"):
            look("labels/a.txt")
        with pytest.raises(ForbiddenError, match="it takes s3:GetObject"):
            look("labels/a.txt.more")
    refuse(bucket.cloud.s3, monkeypatch, "ListObjectsV2".__eq__, status=403)
    with pytest.raises(ForbiddenError, match="it takes s3:GetObject"):
        bucket.get("labels/a.txt")
