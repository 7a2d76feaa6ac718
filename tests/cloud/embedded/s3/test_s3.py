"""What the local cloud's S3 has acknowledged is in files, and what it cannot write is refused."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ministack.services import s3, sqs

from labapp.cloud.embedded import objects as embedded_objects
from labapp.cloud.embedded import troubles
from labapp.cloud.embedded.journal import Journal
from labapp.cloud.embedded.s3 import BUCKET_FILE, UPLOAD_FILE, Store
from labapp.cloud.embedded.state import NewerError
from tests.cloud.embedded.s3_kit import ask, fresh, good

ARN = "arn:aws:sqs:us-east-1:000000000000:q"
NOTIFY = f"""<NotificationConfiguration><QueueConfiguration><Id>x</Id><Queue>{ARN}</Queue>
<Event>s3:ObjectCreated:*</Event></QueueConfiguration></NotificationConfiguration>"""
TAGS = b"<Tagging><TagSet><Tag><Key>lab</Key><Value>%s</Value></Tag></TagSet></Tagging>"


def upload_id() -> str:
    return str(next(iter(s3._multipart_uploads)))


def seen() -> dict[str, Any]:
    """Return all that can be asked of the bucket `bkt`, and the messages in the queue."""
    listing = good("GET", "/bkt?list-type=2") if "bkt" in s3._buckets else b""
    found: dict[str, Any] = {"buckets": list(s3._buckets), "listing": listing}
    if "bkt" not in s3._buckets:
        return found
    for key in list(s3._buckets["bkt"]["objects"]):
        found[key] = [ask("GET", f"/bkt/{key}?{part}") for part in ("tagging", "acl")]
        status, headers, body = ask("GET", f"/bkt/{key}")
        found[key] += [status, body, headers["ETag"], headers["Content-Type"]]
        found[key].append(headers.get("x-amz-meta-sha"))
    for part in ("tagging", "notification", "lifecycle", "policy", "cors", "uploads"):
        found[f"?{part}"] = ask("GET", f"/bkt?{part}")
    for number in s3._multipart_uploads:
        found[number] = good("GET", f"/bkt/big?uploadId={number}")
    found["messages"] = [
        [(each["id"], each["body"], each["md5_body"]) for each in queue["messages"]]
        for _, queue in sqs._queues.all_items()
    ]
    return found


def fill() -> None:
    """Make a bucket with two objects, settings, a notification and an upload in parts."""
    sqs._HANDLERS["CreateQueue"]({"QueueName": "q"}, "")
    good("PUT", "/bkt")
    good("PUT", "/bkt?notification", NOTIFY.encode())
    good("PUT", "/bkt?tagging", TAGS % b"one")
    facts = {"content-type": "image/png", "x-amz-meta-sha": "12"}
    good("PUT", "/bkt/a", b"picture", facts)
    good("PUT", "/bkt/a?tagging", TAGS % b"two")
    good("PUT", "/bkt/a/b", b"below", {})
    good("POST", "/bkt/big?uploads")
    good("PUT", f"/bkt/big?uploadId={upload_id()}&partNumber=1", b"part one")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with fresh(tmp_path) as found:
        fill()
        yield found


def test_all_that_was_answered_is_there_after_a_start(store: Store, tmp_path: Path) -> None:
    good("PUT", "/bkt/a", b"second", {"x-amz-acl": "public-read"})
    good("PUT", "/bkt/gone", b"x")
    good("DELETE", "/bkt/gone")
    good("PUT", "/other")
    good("PUT", "/other/x", b"x")
    good("DELETE", "/other/x")
    good("DELETE", "/other")
    before = seen()
    assert len(before["messages"][0]) == 5  # the greeting of S3 and four objects
    with fresh(tmp_path):
        assert seen() == before
        number = upload_id()
        good("PUT", f"/bkt/big?uploadId={number}&partNumber=2", b", part two")
        parts = "".join(f"<Part><PartNumber>{n}</PartNumber></Part>" for n in (1, 2))
        good("POST", f"/bkt/big?uploadId={number}", f"<C>{parts}</C>".encode())
    with fresh(tmp_path):
        assert good("GET", "/bkt/big") == b"part one, part two"
        assert list(s3._multipart_uploads) == []


#: Keys that are no names of files on one platform or the other, lead out of a folder, or are long.
ODD_KEYS = (
    *("a:b.jpg", "what?.jpg", "aux.txt", "CON", "nul.", "a ", "A.jpg", "a.jpg", "a\\b", "a/b"),
    *("a//b", "/a", "//a", "a/", "../x", "a/../x", "./x", "..", ".", "C:\\x", "\\\\server\\share"),
    *("x.png:stream", "COM¹", "x" * 1_024, "ü" * 512, "a/b/c/" * 100, "\x01", "\ud800", "\udcff"),
    *("e\u0301", "\u00e9", "a", "a/b/", "a.part", "bucket.json", "bucket.json.meta.json"),
)


def test_odd_keys_are_what_they_were_after_a_start(tmp_path: Path) -> None:
    def put(key: str) -> None:
        headers = {"x-amz-meta-n": "1"}
        status, _, answer = s3._dispatch("PUT", "bkt", key, headers, repr(key).encode(), {})
        assert status == 200, (key, answer)

    with fresh(tmp_path):
        good("PUT", "/bkt")
        for key in ODD_KEYS:
            put(key)
    for _ in range(2):
        with fresh(tmp_path):
            assert set(s3._buckets["bkt"]["objects"]) == set(ODD_KEYS)
            for key in ODD_KEYS:
                _, headers, body = s3._dispatch("GET", "bkt", key, {}, b"", {})
                assert (headers["x-amz-meta-n"], body) == ("1", repr(key).encode())
    files = [path for path in (tmp_path / "local").rglob("*") if path.is_file()]
    assert max(len(str(path.relative_to(tmp_path))) for path in files) < 120


KEYS = st.text(min_size=1, max_size=300).filter(lambda key: not key.startswith("/"))


@settings(max_examples=15, deadline=None)
@given(st.dictionaries(KEYS | st.sampled_from(["a", "a/", "a/b", "a/../b", "b", "A"]), st.binary()))
def test_any_keys_are_kept_apart(tmp_path_factory: Any, objects: dict[str, bytes]) -> None:
    folder = tmp_path_factory.mktemp("keys")
    with fresh(folder):
        good("PUT", "/bkt")
        for key, body in objects.items():
            assert s3._dispatch("PUT", "bkt", key, {}, body, {})[0] == 200
    with fresh(folder):
        assert set(s3._buckets["bkt"]["objects"]) == set(objects)
        for key, body in objects.items():
            assert s3._dispatch("GET", "bkt", key, {}, b"", {})[2] == body
    shutil.rmtree(folder)


DELETE = b"<Delete><Object><Key>a</Key></Object></Delete>"
CHANGES: dict[str, Callable[[], tuple[int, dict[str, str], bytes]]] = {
    "create": lambda: ask("PUT", "/new"),
    "settings": lambda: ask("PUT", "/bkt?tagging", TAGS % b"three"),
    "settings deleted": lambda: ask("DELETE", "/bkt?tagging"),
    "notification": lambda: ask("PUT", "/bkt?notification", NOTIFY.encode() + b" "),
    "public access": lambda: ask("PUT", "/bkt?publicAccessBlock", b"<P/>"),
    "new object": lambda: ask("PUT", "/bkt/new", b"x"),
    "overwritten": lambda: ask("PUT", "/bkt/a", b"x"),
    "copied": lambda: ask("PUT", "/bkt/c", b"", {"x-amz-copy-source": "/bkt/a"}),
    "tagged": lambda: ask("PUT", "/bkt/a?tagging", TAGS % b"three"),
    "untagged": lambda: ask("DELETE", "/bkt/a?tagging"),
    "acl": lambda: ask("PUT", "/bkt/a?acl", b"", {"x-amz-acl": "public-read"}),
    "deleted": lambda: ask("DELETE", "/bkt/a"),
    "many deleted": lambda: ask("POST", "/bkt?delete", DELETE),
    "upload": lambda: ask("POST", "/bkt/big?uploads"),
    "part": lambda: ask("PUT", f"/bkt/big?uploadId={upload_id()}&partNumber=2", b"x"),
    "part again": lambda: ask("PUT", f"/bkt/big?uploadId={upload_id()}&partNumber=1", b"x"),
    "abort": lambda: ask("DELETE", f"/bkt/big?uploadId={upload_id()}"),
    "complete": lambda: ask(
        "POST",
        f"/bkt/big?uploadId={upload_id()}",
        b"<C><Part><PartNumber>1</PartNumber></Part></C>",
    ),
}


def read_only(patch: pytest.MonkeyPatch, number: int = errno.EROFS) -> None:
    """Have nothing written, renamed or deleted, as on a disk that is mounted for reading."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    for name in ("replace", "unlink", "mkdir"):
        patch.setattr(Path, name, refuse)
    patch.setattr(Journal, "append", refuse)


@pytest.mark.parametrize("change", CHANGES)
def test_what_cannot_be_written_is_refused_and_has_not_happened(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    before = seen()
    with monkeypatch.context() as patch:
        read_only(patch)
        status, _, body = CHANGES[change]()
    assert status == 507
    assert f"the disk of the local cloud is read-only: {tmp_path / 'local'}" in body.decode()
    assert b"LocalStorageError" in body
    assert seen() == before
    status, _, body = CHANGES[change]()
    assert status < 300, body
    assert seen() != before or change == "public access"


def test_an_object_whose_notification_cannot_be_kept_is_not_acknowledged(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    before = seen()["messages"]
    with monkeypatch.context() as patch:
        patch.setattr(Journal, "append", refuse)
        assert ask("PUT", "/bkt/drop", b"x")[0] == 507
    assert seen()["messages"] == before


@pytest.mark.parametrize("call", range(1, 7))
def test_a_kill_at_any_moment_leaves_an_object_whole_or_as_it_was(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: int
) -> None:
    """End the process, as it were, at its nth step on disk: nothing of it comes after."""
    steps = iter(range(1, 100))
    true_open, true_replace = Path.open, Path.replace

    class Killed(BaseException):
        pass

    def step() -> None:
        if next(steps) >= call:
            raise Killed

    def opened(path: Path, mode: str = "r", *rest: Any, **more: Any) -> Any:
        if "w" in mode:
            step()
            true_open(path, mode).close()  # as far as it came
            step()
        return true_open(path, mode, *rest, **more)

    def replaced(path: Path, target: Path) -> Path:
        step()
        found = true_replace(path, target)
        step()
        return found

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", opened)
        patch.setattr(Path, "replace", replaced)
        patch.setattr(Path, "unlink", lambda *_, **__: None)
        with suppress(Killed):
            ask("PUT", "/bkt/a", b"the second, longer picture", {"content-type": "image/gif"})
    with fresh(tmp_path):
        status, headers, body = ask("GET", "/bkt/a")
        assert status == 200
        etag = f'"{hashlib.md5(body).hexdigest()}"'
        assert (headers["Content-Type"], body) in (
            ("image/png", b"picture"),
            ("image/gif", b"the second, longer picture"),
        )
        assert headers["ETag"] == etag
    assert not list(tmp_path.glob("local/buckets/**/*.part"))


def test_an_object_whose_file_is_damaged_is_left_out_and_told(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (path,) = [
        path
        for path in (tmp_path / "local/buckets").glob("*/b-bkt/objects/*/*")
        if b'"key": "a",' in path.read_bytes()
    ]
    path.write_bytes(b"\0" * 100 + b"\n")
    with fresh(tmp_path) as again:
        assert ask("GET", "/bkt/a")[0] == 404
        assert good("GET", "/bkt/a/b") == b"below"
        left_out = again.load()
    assert left_out == [path]
    assert str(path) in caplog.text


@pytest.mark.parametrize(
    ("files", "told"),
    [
        (["a"], "an object could not be read and is left out: a"),
        (["a", "b"], "2 objects could not be read and are left out, such as a"),
        ([], ""),
    ],
)
def test_what_was_left_out_is_told_until_a_start_that_reads_all(
    tmp_path: Path, files: list[str], told: str
) -> None:
    troubles.note_left_out(tmp_path, [Path("before")])
    troubles.note_left_out(tmp_path, [Path(file) for file in files])
    assert troubles.damage(tmp_path) == told


@pytest.mark.parametrize("content", [b"", b"\0" * 90, b"[]", b'{"name": "bkt"}', b"\xff{}"])
def test_a_bucket_whose_own_file_is_damaged_keeps_its_objects(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    good("PUT", "/bkt/a", b"kept")
    (file,) = tmp_path.rglob(BUCKET_FILE)
    file.write_bytes(content)
    for _ in range(2):
        with fresh(tmp_path):
            assert good("GET", "/bkt/a") == b"kept"
            good("PUT", "/bkt?tagging", TAGS % b"x")
    assert str(file) in caplog.text
    (aside,) = file.parent.glob(f"{BUCKET_FILE}.damaged-*")
    assert aside.read_bytes() == content
    told = f"the settings of the bucket bkt could not be read; what was there is in {aside}"
    assert troubles.damage(tmp_path / "local") == told


def test_a_bucket_that_a_newer_labapp_wrote_is_left_as_it_is(store: Store, tmp_path: Path) -> None:
    (file,) = tmp_path.rglob(BUCKET_FILE)
    file.write_text('{"form": 2, "bucket": "bkt"}')
    with pytest.raises(NewerError, match="the bucket bkt was written by a newer labapp"):
        store.load()
    assert [path.name for path in file.parent.iterdir() if path.is_file()] == [BUCKET_FILE]


def test_an_object_that_cannot_be_read_is_left_out_and_the_others_are_there(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    good("PUT", "/bkt/a", b"kept")
    file = next(tmp_path.rglob("*/objects/*/*"))
    unreadable = file.with_name("0" * 62)
    unreadable.mkdir()  # opening it fails, as on a bad sector
    with fresh(tmp_path):
        assert good("GET", "/bkt/a") == b"kept"
    assert str(unreadable) in caplog.text


def test_an_upload_whose_file_is_damaged_is_left_out(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    good("PUT", "/bkt/a", b"kept")
    good("POST", "/bkt/large?uploads=")
    for file in tmp_path.rglob(UPLOAD_FILE):
        file.write_bytes(b"")
    with fresh(tmp_path):
        assert good("GET", "/bkt/a") == b"kept"
    assert str(file) in caplog.text


def legacy(folder: Path) -> None:
    """Lay down what MiniStack's own means wrote, with what a kill left of one object."""
    objects = folder / "local/s3/000000000000/bkt"
    (objects / "images").mkdir(parents=True)
    (folder / "local/state").mkdir()
    for key, body in (("images/a.png", b"picture"), ("kept.tmp", b"kept")):
        (objects / key).write_bytes(body)
        facts = {"content_type": "image/png", "etag": '"e"', "size": len(body), "metadata": {}}
        facts |= {"last_modified": "2026-11-01T00:00:00.000Z", "version_id": "v"}
        (objects / f"{key}.meta.json").write_text(json.dumps(facts))
    (objects / "images/b.png.tmp").write_bytes(b"half")
    meta = {"__scoped__": True, "data": {"000000000000\0'bkt'": {"created": "x", "region": None}}}
    tags = {"__scoped__": True, "data": {"000000000000\0'bkt'": {"kept": "yes"}}}
    versioned = {"__scoped__": True, "data": {"000000000000\0'bkt'": "Enabled"}}
    payload = {"buckets_meta": meta, "bucket_tags": tags, "bucket_versioning": versioned}
    text = json.dumps({"__ministack_format__": 2, "payload": payload})
    (folder / "local/state/s3.json").write_text(text)


@pytest.mark.parametrize("killed", [None, 1, 2, 3, 4, 5, 6])
def test_what_an_earlier_labapp_stored_is_taken_over_even_if_that_is_cut_short(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, killed: int | None
) -> None:
    legacy(tmp_path)
    steps = iter(range(1, 1000))
    true_unlink = Path.unlink

    def unlink(path: Path, missing_ok: bool = False) -> None:
        if next(steps) == killed:
            raise KeyboardInterrupt
        true_unlink(path, missing_ok=missing_ok)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", unlink)
        with suppress(KeyboardInterrupt), fresh(tmp_path):
            pass
    for _ in range(2):
        with fresh(tmp_path):
            assert set(s3._buckets["bkt"]["objects"]) == {"images/a.png", "kept.tmp"}
            assert good("GET", "/bkt/images/a.png") == b"picture"
            assert ask("GET", "/bkt/kept.tmp")[1]["Content-Type"] == "image/png"
            assert b"kept" in good("GET", "/bkt?tagging")
            assert b"Enabled" not in good("GET", "/bkt?versioning")
        assert not (tmp_path / "local/s3").exists()
        assert not (tmp_path / "local/state/s3.json").exists()


def test_an_object_of_many_megabytes_is_not_kept_in_memory(store: Store) -> None:
    body = random.Random(7).randbytes(1_000_000)
    good("PUT", "/bkt/large", body)
    assert s3._buckets["bkt"]["objects"]["large"]["body"] is None
    assert good("GET", "/bkt/large") == body
    assert isinstance(s3._buckets["bkt"]["objects"], embedded_objects.Objects)
