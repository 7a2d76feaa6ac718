"""Files of the local cloud as versions before this one wrote them: they are read for good.

Written out here by hand, and never changed: such files exist on people's machines.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from pathlib import Path
from typing import Any

import pytest
from ministack.services import s3, sqs

from labapp.cloud.embedded.objects import Objects
from labapp.cloud.embedded.replay import Replay
from labapp.cloud.embedded.state import NewerError
from tests.cloud.embedded.s3.test_s3 import TAGS
from tests.cloud.embedded.s3_kit import ask, fresh, good

ARN = "arn:aws:sqs:us-east-1:000000000000:"
BUCKET = "local/buckets/000000000000/b-bkt"
RECORD: dict[str, Any] = {
    "content_type": "image/png", "content_encoding": None, "etag": '"e"',
    "last_modified": "2026-11-01T00:00:00.000Z", "size": 7, "metadata": {},
    "preserved_headers": {}, "storage_class": "STANDARD", "checksums": {},
}  # fmt: skip


def put(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def bucket(folder: Path, **more: Any) -> Path:
    facts: dict[str, Any] = {
        "form": 1, "name": "bkt", "record": {"created": "2026-11-01T00:00:00.000Z",
        "region": "us-east-1"}, "settings": {"bucket_tags": {"lab": "one"}}, **more,
    }  # fmt: skip
    path = folder / BUCKET / "bucket.json"
    put(path, json.dumps(facts).encode())
    return path


def stored(folder: Path, key: str, body: bytes, **more: Any) -> Path:
    """Write an object's file; return it."""
    name = hashlib.sha256(key.encode()).hexdigest()
    head = {"form": 1, "key": key, "record": RECORD, "more": {}, **more}
    path = folder / BUCKET / "objects" / name[:2] / name[2:]
    put(path, json.dumps(head).encode() + b"\n" + body)
    return path


def test_a_bucket_with_an_object_and_all_that_is_known_of_it(tmp_path: Path) -> None:
    bucket(tmp_path)
    owner = "<Owner><ID>000000000000</ID></Owner>"
    more = {
        "tags": {"lab": "two"},
        "acl": f"<AccessControlPolicy>{owner}</AccessControlPolicy>",
        "retention": {"Mode": "GOVERNANCE", "RetainUntilDate": "2100-01-01T00:00:00Z"},
        "hold": "ON",
    }
    stored(tmp_path, "images/a.png", b"picture\nof two lines", more=more)
    with fresh(tmp_path):
        assert b"one" in good("GET", "/bkt?tagging")
        assert b"2026-11-01T00:00:00.000Z" in good("GET", "/")
        status, headers, body = ask("GET", "/bkt/images/a.png")
        assert (status, body, headers["ETag"]) == (200, b"picture\nof two lines", '"e"')
        assert headers["Content-Type"] == "image/png"
        assert b"two" in good("GET", "/bkt/images/a.png?tagging")
        assert owner.encode() in good("GET", "/bkt/images/a.png?acl")
        place = ("bkt", "images/a.png")
        assert s3._object_retention[place]["Mode"] == "GOVERNANCE"
        assert s3._object_legal_hold[place] == "ON"


def test_an_upload_in_parts(tmp_path: Path) -> None:
    bucket(tmp_path)
    facts: dict[str, Any] = {
        "bucket": "bkt", "key": "big", "metadata": {}, "content_type": "image/png",
        "content_encoding": None, "preserved_headers": {}, "storage_class": "STANDARD",
        "checksum_algorithm": None, "created": "2026-11-01T00:00:00.000Z",
    }  # fmt: skip
    folder = tmp_path / BUCKET / "uploads/0b1c"
    put(folder / "upload.json", json.dumps({"form": 1, "upload": facts}).encode())
    newer = json.dumps({"form": 2, "upload": facts}).encode()
    put(tmp_path / BUCKET / "uploads/newer/upload.json", newer)
    for number, body in ((1, b"one,"), (2, b"two")):
        part = {"etag": f'"{number}"', "size": len(body), "last_modified": "x", "checksums": {}}
        put(folder / str(number), json.dumps(part).encode() + b"\n" + body)
    put(folder / ".0c.part", b"half")
    put(tmp_path / BUCKET / "uploads/.0d.part/1", b"half deleted")
    put(tmp_path / "local/buckets/000000000000/.0e.part/bucket.json", b"half deleted")
    with fresh(tmp_path):
        assert not list((tmp_path / "local").rglob("*.part"))
        assert list(s3._multipart_uploads) == ["0b1c"]
        parts = "".join(f"<Part><PartNumber>{n}</PartNumber></Part>" for n in (1, 2))
        good("POST", "/bkt/big?uploadId=0b1c", f"<C>{parts}</C>".encode())
        assert good("GET", "/bkt/big") == b"one,two"
        assert not folder.exists()


def test_what_a_newer_labapp_wrote_is_not_touched(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    bucket(tmp_path)
    stored(tmp_path, "old", b"old")
    newer = stored(tmp_path, "newer", b"newer", form=2)
    with fresh(tmp_path):
        assert good("GET", "/bkt/old") == b"old"
        assert ask("GET", "/bkt/newer")[0] == 404
    assert "newer labapp" in caplog.text
    assert newer.exists()
    path = bucket(tmp_path, form=2)
    before = path.read_bytes()
    with pytest.raises(NewerError, match="bkt was written by a newer labapp"), fresh(tmp_path):
        pass
    assert path.read_bytes() == before


def line(record: list[Any]) -> bytes:
    text = json.dumps(record, separators=(",", ":")).encode()
    return b"%08x %s\n" % (zlib.crc32(text), text)


def shape(name: str, **more: Any) -> list[Any]:
    url = f"http://localhost:4566/000000000000/{name}"
    queue = {
        "name": name, "url": url, "is_fifo": name.endswith(".fifo"),
        "attributes": {"QueueArn": ARN + name}, "tags": {}, "dedup_cache": {}, "fifo_seq": 0,
        **more,
    }  # fmt: skip
    return ["queue", "000000000000", "us-east-1", url, queue]


def message(number: str, **rest: Any) -> list[Any]:
    return [number, f"body {number}", "md5", None, {}, {}, 5.0, rest]


def replayed(*records: list[Any]) -> dict[str, dict[str, Any]]:
    """Return each queue that records make by its name, its messages by their ids."""
    replay = Replay()
    for record in (["labapp", 1], *records):
        replay.apply(record)
    return {
        queue["name"]: {**queue, "messages": {each["id"]: each for each in queue["messages"]}}
        for queue, _ in replay.queues()
    }


def test_a_journal_with_each_kind_of_record(tmp_path: Path) -> None:
    records: list[list[Any]] = [
        ["labapp", 1],
        *(shape(name) for name in ("a", "b", "gone", "dead")),
        ["send", f"{ARN}a", [message(number) for number in "12345"]],
        ["send", f"{ARN}b", [message("6")]],
        ["purge", f"{ARN}b"],
        ["gone", f"{ARN}gone"],
        ["take", f"{ARN}a", [[n, f"h{n}", 40.0, 1, 10.0] for n in "1234"]],
        ["show", f"{ARN}a", [["h2", 99.0]]],
        ["delete", f"{ARN}a", ["h1", "none"]],
        ["move", f"{ARN}a", f"{ARN}dead", ["3", "none"], 50.0],
    ]
    put(tmp_path / "local/state/queues.journal", b"".join(map(line, records)))
    with fresh(tmp_path):
        queues = {queue["name"]: queue["messages"] for _, queue in sqs._queues.all_items()}
        assert sorted(queues) == ["a", "b", "dead"]
        seen = [(m["id"], m["receipt_handle"], m["visible_at"]) for m in queues["a"]]
        assert seen == [("2", "h2", 99.0), ("4", "h4", 40.0), ("5", None, 5.0)]
        assert not queues["b"]
        (dead,) = queues["dead"]
        assert (dead["id"], dead["receipt_handle"], dead["visible_at"]) == ("3", None, 50.0)
        assert (dead["receive_count"], dead["first_receive_at"]) == (1, 10.0)
        assert dead["body"] == "body 3"


def test_an_old_receipt_of_a_message_that_was_received_again_says_nothing() -> None:
    first = ["take", f"{ARN}a", [["1", "old", 40.0, 1, 10.0]]]
    again = ["take", f"{ARN}a", [["1", "new", 80.0, 2, 10.0]]]
    taken = [shape("a"), ["send", f"{ARN}a", [message("1")]], first, again]
    for stale in (["delete", f"{ARN}a", ["old"]], ["show", f"{ARN}a", [["old", 7.0]]]):
        found = replayed(*taken, stale)["a"]["messages"]["1"]
        assert (found["receipt_handle"], found["visible_at"]) == ("new", 80.0)
        assert found["receive_count"] == 2
    assert replayed(*taken, ["delete", f"{ARN}a", ["new"]])["a"]["messages"] == {}


def test_a_receipt_is_good_for_what_was_written_anew_and_not_for_what_was_moved() -> None:
    held = message("1", receipt_handle="h", visible_at=60.0, receive_count=1)
    begun = [shape("a"), shape("dead"), ["send", f"{ARN}a", [held]]]
    assert replayed(*begun)["a"]["messages"]["1"]["visible_at"] == 60.0
    assert replayed(*begun, ["delete", f"{ARN}a", ["h"]])["a"]["messages"] == {}
    moved = [*begun, ["move", f"{ARN}a", f"{ARN}dead", ["1"], 70.0]]
    shown = [*moved, ["show", f"{ARN}a", [["h", 99.0]]], ["delete", f"{ARN}a", ["h"]]]
    assert replayed(*shown)["dead"]["messages"]["1"]["visible_at"] == 70.0


def test_what_a_fifo_queue_numbers_and_must_not_take_twice() -> None:
    sent = [
        message("1", seq="00000000000000000007", dedup_cache_key="k", dedup_id="d", group_id="g"),
        message("2", seq="00000000000000000005", dedup_cache_key="l"),
    ]
    queue = replayed(shape("c.fifo"), ["send", f"{ARN}c.fifo", sent])["c.fifo"]
    assert queue["fifo_seq"] == 7
    assert queue["dedup_cache"]["k"] == {
        "expire": 305.0, "id": "1", "md5": "md5", "md5a": None, "seq": "00000000000000000007",
    }  # fmt: skip
    assert (queue["messages"]["1"]["group_id"], queue["messages"]["1"]["dedup_id"]) == ("g", "d")
    plain = replayed(shape("a"), ["send", f"{ARN}a", sent])["a"]
    assert (plain["fifo_seq"], plain["dedup_cache"]) == (0, {})


def test_a_queues_shape_may_change_and_its_messages_stay() -> None:
    changed = shape("a", tags={"lab": "x"})
    queue = replayed(shape("a"), ["send", f"{ARN}a", [message("1")]], changed)["a"]
    assert (queue["tags"], list(queue["messages"])) == ({"lab": "x"}, ["1"])


def test_objects_alone_are_read_and_told_of(tmp_path: Path) -> None:
    path = stored(tmp_path, "a", b"1", more={"tags": {"t": "1"}})
    told: list[Any] = []
    for given in ({}, {"found": lambda *found: told.append(found)}):
        objects = Objects(tmp_path / BUCKET / "objects")
        objects.load(**given)
        assert objects["a"] == {**RECORD, "body": None}
        assert objects.body("a") == b"1"
    assert told == [("a", {"tags": {"t": "1"}})]
    path.unlink()
    assert objects.pop("a", "nothing") == {**RECORD, "body": None}, "gone is as good as deleted"
    assert objects.pop("a", "nothing") == "nothing"
    objects["a"] = {**RECORD, "body": b"22"}
    assert json.loads(path.read_bytes().partition(b"\n")[0]) == {
        "form": 1, "key": "a", "record": RECORD, "more": None,
    }  # fmt: skip


def test_a_bucket_whose_file_was_damaged_is_listed_as_one_made_now(tmp_path: Path) -> None:
    bucket(tmp_path).write_bytes(b"")
    stored(tmp_path, "a", b"kept")
    with fresh(tmp_path):
        assert b"<Name>bkt</Name><CreationDate>2" in good("GET", "/")
        assert good("GET", "/bkt/a") == b"kept"
        good("PUT", "/bkt?tagging", TAGS % b"x")
    with fresh(tmp_path):
        assert b"<BucketRegion>us-east-1</BucketRegion>" in good("GET", "/")
        assert b"x" in good("GET", "/bkt?tagging")


def test_settings_come_back_as_they_were_given_whatever_they_are(tmp_path: Path) -> None:
    rule = b"<Rule><ID>x</ID><Status>Enabled</Status><Prefix></Prefix></Rule>"
    given = {
        "policy": b'{"Version": "2012-10-17", "Statement": []}',
        "cors": b"<CORSConfiguration><CORSRule></CORSRule></CORSConfiguration>",
        "lifecycle": b"<LifecycleConfiguration>" + rule + b"</LifecycleConfiguration>",
    }
    with fresh(tmp_path):
        good("PUT", "/bkt")
        for part, body in given.items():
            good("PUT", f"/bkt?{part}", body)
        before = {part: good("GET", f"/bkt?{part}") for part in given}
    with fresh(tmp_path):
        assert {part: good("GET", f"/bkt?{part}") for part in given} == before
