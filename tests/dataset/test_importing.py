"""What was exported comes back after everything was deleted; removed pictures get theirs again."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from labapp.cloud.bucket import Bucket
from labapp.dataset import label_writer
from labapp.labels.label_file import Label
from labapp.programs import find
from tests.dataset.dataset_kit import answer, write_pictures
from tests.support.commands import document

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    write_pictures(tmp_path / "photos", range(4))
    return tmp_path / "photos"


@pytest.fixture
def keys(bucket: Bucket, photos: Path, capsys: Capture) -> list[str]:
    """Four pictures: answered by several, an undone and a skipped one, anonymous ones, nobody's."""
    run("admin.py", "upload", str(photos))
    keys = [entry.key for entry in bucket.list("images/")]
    answer(bucket, keys[0], "ana1", "bo0", "cy1")
    answer(bucket, keys[0], "bo1")
    label_writer.undo(bucket, keys[1], label_writer.answer(bucket, keys[1], Label.ZERO, "ana"))
    answer(bucket, keys[1], "bo0")
    label_writer.answer(bucket, keys[1], Label.SKIP, "cy")
    bucket.put(f"labels/{keys[2].removeprefix('images/')}.txt", b"1\n1\n0\n", "text/plain")
    capsys.readouterr()
    return keys


def run(program: str, *words: str, code: int = 0) -> None:
    assert find(program).main(words) == code


def test_what_an_export_has_beside_its_answers_is_passed_over_with_a_word(
    keys: list[str], tmp_path: Path, capsys: Capture
) -> None:
    out = tmp_path / "out"
    for name in ("label-studio", "csv", "manifest"):  # into folders, as the slash says
        run("admin.py", "export", "--format", name, "--out", f"{out / name}/")
    run("admin.py", "export", "--format", "imagefolder", "--out", str(out / "z"))
    every = sorted(str(path) for path in out.glob("*/*") if path.suffix != ".png")
    assert len(every) == 7
    capsys.readouterr()
    run("admin.py", "import", *every)
    told, said = capsys.readouterr()
    assert [line.split(": ")[0] for line in told.splitlines()] == [
        str(out / name) for name in ("csv/answers.csv", "label-studio/tasks.json")
    ]
    assert [line.split(" is ")[0] for line in said.splitlines()] == [
        f"passed over: {out / name}"
        for name in (
            "csv/pictures.csv",
            "label-studio/labelling.xml",
            "manifest/hotdog.manifest",
            "z/README.md",
            "z/metadata.csv",
        )
    ]
    run("admin.py", "import", str(out / "label-studio/labelling.xml"), code=3)
    assert "holds no answers. Import tasks.json" in capsys.readouterr().err


def export(name: str, out: Path, *more: str) -> dict[str, bytes]:
    run("admin.py", "export", "--format", name, "--out", str(out), *more)
    files = sorted(out.iterdir()) if out.is_dir() else [out]
    return {path.name.replace(out.stem, ""): path.read_bytes() for path in files}


def delete_all(bucket: Bucket) -> None:
    for entry in list(bucket.list("")):
        bucket.delete(entry.key)


FORMATS = {"csv": ("folder", []), "jsonl": ("answers.x", []), "label-studio": ("tasks.x", []),
           "excel": ("folder", ["--excel"])}  # fmt: skip


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("first", ["upload", "import"])
def test_a_round_trip_is_the_same_to_the_byte_whichever_comes_first(
    bucket: Bucket,
    keys: list[str],
    photos: Path,
    tmp_path: Path,
    capsys: Capture,
    name: str,
    first: str,
) -> None:
    out, more = FORMATS[name]
    kind = name.replace("excel", "csv")
    before = export(kind, tmp_path / out, *more)
    delete_all(bucket)
    if first == "upload":
        run("admin.py", "upload", str(photos))
    rows = document(capsys, "admin.py", "import", str(tmp_path / out))
    state = "added" if first == "upload" else "kept for its picture"
    assert {row["state"] for row in rows} == {state}
    if first == "import":
        run("admin.py", "upload", str(photos))
    (tmp_path / "again").mkdir()
    assert export(kind, tmp_path / "again" / out, *more) == before
    again = document(capsys, "admin.py", "import", str(tmp_path / out))
    assert {row["state"] for row in again} == {"already there"}
    assert [(r["path"], r["line"]) for r in again] == [(r["path"], r["line"]) for r in rows]


def test_a_dry_import_names_what_the_import_adds_and_writes_nothing(
    bucket: Bucket, keys: list[str], tmp_path: Path, capsys: Capture
) -> None:
    export("jsonl", tmp_path / "a.jsonl")
    for entry in list(bucket.list("labels/"))[1:]:
        bucket.delete(entry.key)
    run("admin.py", "images", "remove", keys[2], "--yes")
    stored = {entry.key: entry.etag for entry in bucket.list("")}
    dry = document(capsys, "admin.py", "import", str(tmp_path / "a.jsonl"), "--dry-run")
    assert {entry.key: entry.etag for entry in bucket.list("")} == stored
    done = document(capsys, "admin.py", "import", str(tmp_path / "a.jsonl"))
    plain = [{**row, "state": row["state"].removeprefix("would be ")} for row in dry]
    assert plain == done
    assert Counter(row["state"] for row in done) == {
        "already there": 3, "added": 1, "kept for its picture": 3,
    }  # fmt: skip


def test_answers_given_since_the_export_go_on_counting(
    bucket: Bucket, keys: list[str], tmp_path: Path, capsys: Capture
) -> None:
    export("csv", tmp_path / "out")
    for entry in list(bucket.list("labels/")):
        bucket.delete(entry.key)
    answer(bucket, keys[0], "ANA0")
    run("admin.py", "import", str(tmp_path / "out"))
    given = document(capsys, "admin.py", "stats", "--image", keys[0])["given"]
    assert sorted((one["annotator"].casefold(), one["label"]) for one in given) == [
        ("ana", 0), ("bo", 1), ("cy", 1),
    ]  # fmt: skip


def test_wrong_rows_are_told_by_line_and_the_others_come_in(
    bucket: Bucket, keys: list[str], tmp_path: Path, capsys: Capture
) -> None:
    time = "2026-11-21T10:00:00Z"
    path = tmp_path / "mine.csv"
    path.write_text(
        "image_key,annotator,label,labelled_at\n"
        f"{keys[3]},dee,1,{time}\n"
        f"{keys[3]},dee,maybe,{time}\n"
        f"images/none.jpg,dee,1,{time}\n"
    )
    run("admin.py", "import", str(path), code=3)
    out, err = capsys.readouterr()
    assert out == f"{path}: 1 added, 0 already there, 2 refused\n"
    assert f"{path}:3: the label 'maybe' is neither" in err
    assert f"{path}:4: there is no picture 'images/none.jpg'" in err
    run("admin.py", "import", str(path), code=3)
    assert f"{path}: 0 added, 1 already there, 2 refused\n" == capsys.readouterr().out


def test_label_studio_names_pictures_in_its_own_ways(
    bucket: Bucket, keys: list[str], tmp_path: Path, capsys: Capture
) -> None:
    name = keys[0].rpartition("-")[2]
    ways = [
        f"s3://{bucket.name}/{keys[0]}",
        f"/data/upload/7/0a1b2c3d-{name}",
        f"/data/local-files/?d=photos/{name}",
        f"/data/local-files/?d=C%3A%5Cphotos%5C{name}",
        f"https://s3.example.org/{bucket.name}/{keys[0]}?X-Amz-Expires=1",
        "s3://elsewhere/none.png",
    ]
    annotation = {
        "completed_by": {"email": "dee@lab.org"},
        "was_cancelled": False,
        "result": [{"value": {"choices": ["Other"]}}],
    }
    found = [
        {"data": {"image": way},
         "annotations": [{**annotation, "created_at": f"2026-11-21T10:0{n}:00.123Z"}]}
        for n, way in enumerate(ways)
    ]  # fmt: skip
    (tmp_path / "ls.json").write_text(json.dumps(found))
    rows = document(capsys, "admin.py", "import", str(tmp_path / "ls.json"), code=3)
    assert [row["key"] for row in rows] == [*[keys[0]] * 5, None]
    assert rows[0]["annotator"] == "dee@lab.org"
    assert "there is no picture" in rows[-1]["reason"]
    again = document(capsys, "admin.py", "import", str(tmp_path / "ls.json"), code=3)
    assert [row["state"] for row in again] == [*["already there"] * 5, "refused"]


def test_the_labels_of_a_removed_picture_come_back_with_it_under_whatever_name(
    bucket: Bucket, keys: list[str], photos: Path, tmp_path: Path, capsys: Capture
) -> None:
    label_file = bucket.get(f"labels/{keys[0].removeprefix('images/')}.txt").body
    run("admin.py", "images", "remove", keys[0], "--yes")
    name = keys[0].rpartition("-")[2]
    other = tmp_path / "other-name.png"
    other.write_bytes((photos / name).read_bytes())
    (dry,) = document(capsys, "admin.py", "upload", str(other), "--dry-run")
    assert (dry["state"], dry["labels"]) == ("would be added", 4)
    run("admin.py", "upload", str(other))
    assert "4 lines of earlier labels back" in capsys.readouterr().err
    (key,) = (e.key for e in bucket.list("images/") if e.key.endswith("other-name.png"))
    assert bucket.get(f"labels/{key.removeprefix('images/')}.txt").body == label_file
    (again,) = document(capsys, "admin.py", "upload", str(other))
    assert (again["state"], again["labels"]) == ("already there", 0)


def test_labels_that_an_interrupted_upload_left_aside_come_back_with_the_next_once(
    bucket: Bucket, keys: list[str], photos: Path, capsys: Capture
) -> None:
    place = f"labels/{keys[2].removeprefix('images/')}.txt"
    aside = place.replace("labels/", "removed/")
    run("admin.py", "images", "remove", keys[2], "--yes")
    kept = bucket.get(aside).body
    run("admin.py", "upload", str(photos))
    answer(bucket, keys[2], "dee1")
    bucket.put(aside, kept, "text/plain")  # as if it had ended before it emptied it
    run("admin.py", "upload", str(photos))
    body = bucket.get(place).body
    assert body.startswith(b"1\n1\n0\n1 ")
    assert len(body.splitlines()) == 4
    assert bucket.get(aside).body == b""


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize(
    ("name", "text", "code", "told"),
    [
        ("none.csv", None, 2, "there is no file"),
        ("pictures.csv", "image_key,label,votes\n", 3, "Import answers.csv"),
        ("x.csv", "a,b\n", 3, "no column image_key"),
        ("empty", "folder", 2, "has none of answers.csv"),
    ],
)
def test_a_file_that_is_none_is_refused_before_anything_is_asked(
    tmp_path: Path, capsys: Capture, name: str, text: str | None, code: int, told: str
) -> None:
    path = tmp_path / name
    if text == "folder":
        path.mkdir()
    elif text is not None:
        path.write_text(text)
    run("admin.py", "import", str(path), code=code)
    assert told in capsys.readouterr().err
