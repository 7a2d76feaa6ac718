"""Who may write to the bucket makes label files that nobody can read: a million lines, any bytes.

Statistics, export, import, answers and rounds go on without that picture, and say so; `remove` puts
its file aside unread. Nothing of a file that is too large is fetched.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from ulid import ULID

from labapp.cloud import bounds
from labapp.cloud.bucket import Bucket
from labapp.cloud.session import Cloud
from labapp.dataset import label_reader, label_writer, statistics, stored_pictures
from labapp.dataset.cache import Cache
from labapp.dataset.removal import Returning
from labapp.dataset.statistics import Statistics
from labapp.errors import RefusedError
from labapp.labels import label_file
from labapp.labels.effective import labels_of
from labapp.labels.label_file import Label, parse_label_file
from labapp.labels.layout import OWN, REMOVED
from labapp.programs import find
from tests.dataset.dataset_kit import MemoryBucket, answer, nothing, shown, stock

Capture = pytest.CaptureFixture[str]

A_MILLION_LINES = b"1\n" * 1_000_000


@pytest.fixture
def crowd(cloud: Cloud) -> tuple[Bucket, list[str]]:
    """Give a bucket of three pictures, of which the second has a label file of a million lines."""
    bucket = Bucket(cloud)
    keys = stock(bucket, 3)
    bucket.put(OWN.label_key(keys[1]), A_MILLION_LINES, "text/plain")
    return bucket, keys


@pytest.fixture
def no_giants(monkeypatch: pytest.MonkeyPatch) -> None:
    """See to it that no byte of a label file that is too large is fetched."""
    get = Bucket.get

    def small(self: Bucket, key: str, most: int = bounds.ANYTHING) -> Any:
        found = get(self, key, most)
        assert len(found.body) <= bounds.LABELS
        return found

    monkeypatch.setattr(Bucket, "get", small)


def run(*words: str) -> int:
    program = "client.py" if words[0] in {"answer", "label"} else "admin.py"
    return find(program).main(words)


@pytest.mark.usefixtures("no_giants")
def test_every_command_goes_on_without_that_picture(
    crowd: tuple[Bucket, list[str]], tmp_path: Path, capsys: Capture
) -> None:
    keys = crowd[1]
    giant = f"{OWN.label_key(keys[1])} (2,000,000 bytes)"

    assert run("answer", keys[0], "1", "--annotator", "ana") == 0
    assert run("answer", keys[1], "1", "--annotator", "ana") == 3
    told = capsys.readouterr().err
    assert "has 2,000,000 bytes; at most 1,000,000 are read" in told
    assert "'admin.py images remove KEY'" in told

    assert run("label", "--annotator", "bo", "--json") == 0
    assert {one["key"] for one in json.loads(capsys.readouterr().out)} == {keys[0], keys[2]}

    assert run("stats", "--json") == 0
    out, err = capsys.readouterr()
    assert [one["key"] for one in json.loads(out)] == [keys[0], keys[2], "images/*"]
    assert json.loads(out)[-1]["answers"] == 1
    assert giant in err
    assert run("stats", "--annotators") == 0
    assert giant in capsys.readouterr().err
    assert run("stats", "--image", keys[1]) == 3
    assert giant in capsys.readouterr().err

    out_file = tmp_path / "answers.jsonl"
    assert run("export", "--format", "jsonl", "--out", str(out_file)) == 0
    assert giant in capsys.readouterr().err
    assert len(out_file.read_text().splitlines()) == 1

    said = {"label": 0, "annotator": "cy", "labelled_at": "2026-11-21T10:00:00Z"}
    rows = [json.dumps({"image_key": key, "answer_id": f"id-{key[-5:]}", **said}) for key in keys]
    out_file.write_text("\n".join(rows))
    for words in (["--dry-run"], []):
        assert run("import", str(out_file), "--json", *words) == 3
        states = {o["key"]: o["reason"] or "" for o in json.loads(capsys.readouterr().out)}
        assert "at most 1,000,000 are read" in states[keys[1]]
        assert {key for key, reason in states.items() if not reason} == {keys[0], keys[2]}


@pytest.mark.usefixtures("no_giants")
def test_removing_puts_it_aside_unread_and_the_picture_begins_anew(
    crowd: tuple[Bucket, list[str]], capsys: Capture
) -> None:
    bucket, keys = crowd
    assert run("images", "remove", "*", "--yes", "--dry-run") == 0
    assert "too many lines to read" in capsys.readouterr().out
    assert run("images", "remove", keys[1], "--yes", "--json") == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert told["kept"].startswith(stored_pictures.UNREAD)
    assert [entry.size for entry in bucket.list(REMOVED)] == [2_000_000]
    assert [entry.size for entry in bucket.list(OWN.label_key(keys[1]))] == [0], "it counts as none"
    assert bucket.put_if(keys[1], b"1", "image/jpeg", None)
    assert Returning(bucket).give_back(keys[1]) == 0, "nobody could read it there either"
    assert run("answer", keys[1], "1", "--annotator", "ana") == 0


def test_lines_kept_aside_that_are_too_many_together_are_still_kept(tmp_path: Path) -> None:
    bucket = MemoryBucket(tmp_path)
    (key,) = stock(bucket, 1)
    before, since = b"1\n" * 300_000, b"0\n" * 300_000
    assert bucket.put_if(OWN.aside_key(key), before, "text/plain", None)
    assert bucket.put_if(OWN.label_key(key), since, "text/plain", None)
    assert bucket.objects[stored_pictures.remove(bucket, key)][0] == since
    assert bucket.objects[OWN.aside_key(key)][0] == before
    assert bucket.objects[OWN.label_key(key)][0] == b""


def test_an_answer_in_the_moment_in_which_such_lines_are_put_aside_is_not_lost(
    tmp_path: Path,
) -> None:
    bucket = MemoryBucket(tmp_path)
    (key,) = stock(bucket, 1)
    before, since = b"1\n" * 300_000, b"0\n" * 300_000
    assert bucket.put_if(OWN.aside_key(key), before, "text/plain", None)
    assert bucket.put_if(OWN.label_key(key), since, "text/plain", None)
    late = b"1 2026-11-21T10:00:00Z late id-1\n"

    def somebody_answers(copied: str) -> None:
        bucket.after_copy = nothing
        bucket.write(copied, bucket.get(copied).body + late)

    bucket.after_copy = somebody_answers
    assert bucket.objects[stored_pictures.remove(bucket, key)][0] == since + late
    assert bucket.objects[OWN.label_key(key)][0] == b""


def test_nobody_makes_a_label_file_that_nobody_reads(tmp_path: Path) -> None:
    bucket = MemoryBucket(tmp_path)
    (key,) = stock(bucket, 1)
    full = b"1\n" * (bounds.LABELS // 2)
    assert bucket.put_if(OWN.label_key(key), full, "text/plain", None)
    with pytest.raises(RefusedError, match=r"would have 1,000,0.. bytes"):
        label_writer.answer(bucket, key, Label.ONE, "ana")
    assert bucket.objects[OWN.label_key(key)][0] == full


def test_one_that_grew_since_it_was_listed_is_left_out_too(tmp_path: Path) -> None:
    bucket = MemoryBucket(tmp_path)
    keys = stock(bucket, 2)

    def grow(key: str) -> None:
        """Have a label file grow between listing and reading."""
        if key == OWN.label_key(keys[0]):
            bucket.objects[key] = (A_MILLION_LINES, *bucket.objects[key][1:])

    bucket.before_get = grow
    assert bucket.put_if(OWN.label_key(keys[0]), b"1\n", "text/plain", None)
    looks = Statistics(bucket, Cache(tmp_path / "cache"))
    look = looks.look()
    assert [one.key for one in look.pictures] == [keys[1]]
    assert look.unread == 0, "which would say that somebody stopped it"
    assert OWN.label_key(keys[0]) in look.left_out_line
    assert [one.key for one in shown(bucket, "ana", cache=Cache(tmp_path / "other"))] == [keys[1]]


def test_all_files_together_have_a_bound_and_the_largest_are_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(label_reader, "MOST", 1_000)
    bucket = MemoryBucket(tmp_path)
    keys = stock(bucket, 4)
    for key, lines in zip(keys, (100, 400, 300, 50), strict=True):
        assert bucket.put_if(OWN.label_key(key), b"1\n" * lines, "text/plain", None)
    look = Statistics(bucket, Cache(tmp_path / "cache")).look()
    assert [len(one.answers) for one in look.pictures] == [100, 300, 50]
    assert [each.key for each in look.left_out] == [OWN.label_key(keys[1])]


def test_of_many_files_without_a_picture_few_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statistics, "MOST_ORPHANS", 10)
    bucket = MemoryBucket(tmp_path)
    answer(bucket, stock(bucket, 1)[0], "ana1")
    for number in range(50):
        assert bucket.put_if(f"labels/{number:016x}-x.jpg.txt", b"1\n", "text/plain", None)
    bucket.calls = Counter()
    look = Statistics(bucket, Cache(tmp_path / "cache")).look()
    assert bucket.calls["get"] == 11
    assert (len(look.orphans), look.without_picture, look.unread) == (10, 50, 0)


def test_keys_are_listed_up_to_a_bound_which_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = MemoryBucket(tmp_path)
    (key,) = stock(bucket, 1)
    answer(bucket, key, "ana1")
    for number in range(5_000):
        assert bucket.put_if(f"labels/zz{number}", b"1\n", "text/plain", None)
    monkeypatch.setattr(bounds, "DATASET", 2_000)
    bucket.calls = Counter()
    look = Statistics(bucket, Cache(tmp_path / "cache")).look()
    assert len(look.pictures[0].answers) == 1
    assert look.left_out_line == "no more than 2,000 keys of a kind are looked at"
    assert bucket.calls["list labels/"] == 3


def test_the_cache_lets_go_of_what_no_listing_names(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    cache.keep_bodies((f"labels/{n}", "e", b"1\n") for n in range(5_000))
    cache.forget_all_but({"labels/7": None})
    wanted = {f"labels/{n}": "e" for n in range(5_000)}
    assert [key for key, _ in cache.bodies(wanted)] == ["labels/7"]
    cache.keep_bodies([("labels/8", "e", A_MILLION_LINES)])
    assert [key for key, _ in cache.bodies(wanted)] == ["labels/7"], "of before there was a bound"


def lines_of(count: int) -> bytes:
    return b"".join(
        b"%d 2026-11-21T10:00:00Z an\xc3\xa9%d %s\n" % (n % 2, n, str(ULID()).encode())
        for n in range(count)
    )


ODD = {
    "bare": b"1\n" * 100_000,
    "blank": b"\n" * 900_000,
    "one endless line": b"1 2026-11-21T10:00:00Z " + b"a" * 900_000,
    "NULs": b"\x00\n" * 100_000,
    "no UTF-8": b"1 \xff\n" * 250_000,
    "names": lines_of(14_000),
    "long names": b"1 2026-11-21T10:00:00Z " + "é".encode() * 240 + b" x\n",
    "one id": b"1 2026-11-21T10:00:00Z ana id\n" * 33_000,
}


@pytest.mark.parametrize("data", ODD.values(), ids=ODD)
def test_a_file_of_anything_within_the_bound_is_parsed_line_by_line_once(
    data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: Counter[str] = Counter()
    parse_line = label_file.parse_line

    def counted(text: bytes) -> Any:
        parsed["lines"] += 1
        parsed["bytes"] += len(text) if len(text) <= label_file.MAX_LINE else 0
        return parse_line(text)

    monkeypatch.setattr(label_file, "parse_line", counted)
    assert len(data) <= bounds.LABELS + 30_000
    file = parse_label_file(data)
    assert parsed["lines"] <= data.count(b"\n") + 1
    assert parsed["bytes"] <= len(data)
    assert len(labels_of("images/x.jpg", file).answers) <= len(file.entries)
