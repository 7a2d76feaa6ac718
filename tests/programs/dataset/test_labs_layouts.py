"""A lab's own bucket as it is: read by every command, written by none unless a setting says so."""

from __future__ import annotations

import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from labapp.cloud.bucket import Bucket
from labapp.labels.export import FORMATS
from labapp.programs import find
from labapp.programs.dataset.screens import sample_keys
from labapp.programs.doctor import checks
from labapp.settings import Settings
from tests.dataset.dataset_kit import picture_bytes
from tests.support.commands import admin, client, document

Capture = pytest.CaptureFixture[str]

#: Layouts of labs: where pictures lie, the template of label keys, and how each picture's own is.
LAYOUTS = {
    "root": ("", "files/{name}.txt", "files/{}.jpg.txt"),
    "folders": ("pictures/", "answers/{stem}.txt", "answers/{}.txt"),
    "beside": ("", "{key}.txt", "{}.jpg.txt"),
}

#: What each picture's label file holds, as programs of labs write it, and the answers 0 and 1.
SAID = {
    "bun": (b"0110", 2, 2),
    "dog": (b"\xef\xbb\xbf1\r\n1\r\n0", 1, 2),
    "cat": (b"0", 1, 0),
    "hot": (b" 1 \n\n1\n", 0, 2),
    "new": (None, 0, 0),
}

#: What else lies in such a bucket, and is no picture to label.
OTHERS = (
    *("inbox/ana-000000000000/a.jpg", "outbox/x/b.jpg", "drop/blur/c.jpg", "removed/d.jpg.txt"),
    *("logs/log_2026-11-21-100000_x.txt", "workers/w.json", "labels/e.jpg.txt", "readme.txt"),
    *("pictures/.hidden.jpg", "pictures/", "index.html"),
)


@pytest.fixture(params=list(LAYOUTS))
def place(
    request: pytest.FixtureRequest, bare_bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> tuple[str, str]:
    """Make a lab's bucket by hand; give the prefix of its pictures, and where label files lie."""
    images, template, labels = LAYOUTS[request.param]
    for number, (stem, (said, *_)) in enumerate(SAID.items()):
        bare_bucket.put(f"{images}{stem}.jpg", picture_bytes(number, "JPEG"), "image/jpeg")
        if said is not None:
            bare_bucket.put(labels.format(stem), said, "text/plain", {"lab": "theirs"})
    for key in OTHERS:
        bare_bucket.put(key, b"0\n", "text/plain")
    monkeypatch.setenv("LABAPP_IMAGES_PREFIX", images)
    monkeypatch.setenv("LABAPP_LABELS_KEY", template)
    monkeypatch.setenv("LABAPP_ANNOTATOR", "ana")
    return images, labels


def whole(bucket: Bucket) -> dict[str, tuple[bytes, str, Any]]:
    """Return all that a bucket holds."""
    return {
        one.key: (found.body, found.etag, (found.content_type, found.metadata))
        for one in bucket.list("")
        for found in [bucket.get(one.key, 1_000_000)]
    }


def figures(capsys: Capture) -> dict[str, tuple[int, float | None]]:
    rows = document(capsys, "admin.py", "stats")[:-1]
    return {row["key"]: (row["answers"], row["hot_dog_percent"]) for row in rows}


def test_everything_reads_it_and_nothing_writes_to_it(
    bare_bucket: Bucket, place: tuple[str, str], capsys: Capture, tmp_path: Path
) -> None:
    images, _ = place
    keys = {f"{images}{stem}.jpg" for stem in SAID}
    before = whole(bare_bucket)

    percent = {
        f"{images}{stem}.jpg": (no + yes, round(100 * yes / (no + yes), 2) if no + yes else None)
        for stem, (_, no, yes) in SAID.items()
    }
    assert figures(capsys) == percent
    rows = document(capsys, "admin.py", "stats")
    assert rows[-1]["key"] == f"{images}*"
    assert rows[-1]["totals"]["unreadable_lines"] == rows[-1]["totals"]["without_picture"] == 0
    assert {row["name"] for row in rows[:-1]} == {f"{stem}.jpg" for stem in SAID}
    assert {row["key"] for row in document(capsys, "admin.py", "images")} == keys
    one = document(capsys, "admin.py", "stats", "--image", "bun.jpg")
    assert [given["label"] for given in one["given"]] == [0, 1, 1, 0]
    assert document(capsys, "admin.py", "stats", "--annotators")["annotators"] == []
    drawn = document(capsys, "client.py", "label", "--count", "9")
    assert {row["key"] for row in drawn} == keys

    for format in FORMATS:
        out = tmp_path / format
        assert admin("export", "--format", format, "--out", str(out)) == 0
    table = (tmp_path / "imagefolder" / "metadata.csv").read_text("utf-8").splitlines()[1:]
    assert sorted(int(row.rpartition(",")[2]) for row in table) == [0, 1, 1]
    assert all((tmp_path / "imagefolder" / row.partition(",")[0]).is_file() for row in table)
    manifest = (tmp_path / "manifest").read_text("utf-8")
    assert f"s3://{bare_bucket.name}/{images}hot.jpg" in manifest

    lunch = tmp_path / "lunch.png"
    lunch.write_bytes(picture_bytes(9))
    (tmp_path / "a.csv").write_text("image_key,label\nbun.jpg,1\n")
    for refused in (
        ("client.py", "upload", str(lunch)),
        ("admin.py", "upload", str(lunch), "--dry-run"),
        ("client.py", "answer", f"{images}new.jpg", "1"),
        ("admin.py", "images", "remove", "new.jpg", "--yes"),
        ("admin.py", "import", str(tmp_path / "a.csv")),
    ):
        capsys.readouterr()
        run = admin if refused[0] == "admin.py" else client
        assert run(*refused[1:]) == 3
        assert "Set layout_writes = true" in capsys.readouterr().err
    assert whole(bare_bucket) == before


def test_what_is_written_where_a_setting_allows_it_is_what_the_labs_programs_read(
    bare_bucket: Bucket,
    place: tuple[str, str],
    capsys: Capture,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    images, labels = place
    monkeypatch.setenv("LABAPP_LAYOUT_WRITES", "true")
    before = whole(bare_bucket)
    for stem, label in (("bun", "1"), ("dog", "0"), ("new", "1")):
        assert client("answer", f"{images}{stem}.jpg", label) == 0
    assert bare_bucket.get(labels.format("bun"), 99).body == b"0110\n1\n"
    found = bare_bucket.get(labels.format("dog"), 99)
    assert found.body == b"\xef\xbb\xbf1\r\n1\r\n0\r\n0\r\n"
    assert found.metadata["lab"] == "theirs"
    assert bare_bucket.get(labels.format("new"), 99).body == b"1\n"
    # What was answered on this machine is not drawn again; another annotator's is.
    left = {f"{images}cat.jpg", f"{images}hot.jpg"}
    assert {one["key"] for one in document(capsys, "client.py", "label", "--count", "9")} == left
    others = document(capsys, "client.py", "label", "--count", "9", "--annotator", "bo")
    assert len(others) == len(SAID)
    # Answered anew, the other answer stands in its place.
    again = document(capsys, "client.py", "answer", f"{images}new.jpg", "0")
    assert bare_bucket.get(labels.format("new"), 99).body == b"0\n"
    assert again["replaces"]

    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "lunch").write_bytes(picture_bytes(9))
    (folder / "cat.jpg").write_bytes(picture_bytes(2, "JPEG"))  # as it is there
    (folder / "hot.jpg").write_bytes(picture_bytes(8, "JPEG"))  # another's name
    words = [str(folder / name) for name in ("lunch", "cat.jpg", "hot.jpg")]
    dry = document(capsys, "client.py", "upload", *words, "--dry-run")
    done = document(capsys, "client.py", "upload", *words)
    assert [one["key"] for one in dry] == [one["key"] for one in sorted(done, key=_path_in(words))]
    by_name = {Path(one["path"]).name: (one["state"], one["key"]) for one in done}
    assert by_name["lunch"] == ("added", f"{images}lunch.png")
    assert by_name["cat.jpg"] == ("already there", f"{images}cat.jpg")
    state, key = by_name["hot.jpg"]
    assert (state, len(key)) == ("added", len(f"{images}hot.jpg") + 17)
    assert {one["state"] for one in document(capsys, "client.py", "upload", *words)} == {
        "already there"
    }

    rows = tmp_path / "a.csv"
    rows.write_text("image_key,label\nimages/0123456789abcdef-cat.jpg,1\ncat.jpg,0\ngone.jpg,1\n")
    assert [one["state"] for one in document(capsys, "admin.py", "import", str(rows), code=3)] == [
        "added", "already there", "refused",
    ]  # fmt: skip
    assert bare_bucket.get(labels.format("cat"), 99).body == b"0\n1\n"
    assert admin("images", "remove", "cat.jpg", "--yes") == 0
    assert bare_bucket.get("removed/cat.jpg.txt", 99).body == b"0\n1\n"
    assert bare_bucket.get(labels.format("cat"), 99).body == b""

    after = whole(bare_bucket)
    assert {name: after[name] for name in OTHERS} == {name: before[name] for name in OTHERS}
    ours = {labels.format(stem) for stem in ("bun", "dog", "new", "cat")}
    ours |= {"removed/cat.jpg.txt", f"{images}cat.jpg", f"{images}lunch.png", key}
    assert {name for name in before | after if before.get(name) != after.get(name)} == ours


def _path_in(words: list[str]) -> Any:
    return lambda one: words.index(one["path"])


def test_a_bucket_of_labapps_own_is_read_by_another_layout_too(
    bucket: Bucket, capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lunch.png").write_bytes(picture_bytes(1))
    assert client("upload", str(tmp_path / "lunch.png")) == 0
    capsys.readouterr()
    (key,) = (one.key for one in bucket.list("images/"))
    assert client("answer", key, "1", "--annotator", "ana") == 0
    monkeypatch.setenv("LABAPP_IMAGES_PREFIX", "")
    assert figures(capsys) == {key: (0, None)}
    monkeypatch.setenv("LABAPP_IMAGES_PREFIX", "images/")
    monkeypatch.setenv("LABAPP_LABELS_KEY", "answers/{name}.txt")
    (row, _) = document(capsys, "admin.py", "stats")
    assert (row["name"], row["answers"]) == ("lunch.png", 0)
    monkeypatch.delenv("LABAPP_LABELS_KEY")
    assert figures(capsys) == {key: (1, 100.0)}


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (Settings(), ""),
        (Settings(images_prefix=""), "read only: layout_writes allows it"),
        (Settings(images_prefix="", layout_writes=True), ""),
        (Settings(images_prefix="x"), "the setting images_prefix is 'x': it ends in no slash"),
    ],
)
def test_the_menus_lines_that_write_say_why_they_cannot(settings: Settings, told: str) -> None:
    menu: Any = SimpleNamespace(context=SimpleNamespace(settings=settings))
    lines = [
        line
        for name in ("client.py", "admin.py")
        for command in find(name).commands
        for line in command.lines
        if command.name in ("upload", "images remove", "import", "label")
        if line.title != "Change my name"
    ]
    assert len(lines) == 5
    assert {line.disabled(menu) for line in lines} == {told}
    assert bool(sample_keys(menu)) is not bool(told)


@pytest.mark.parametrize("program", ["client.py", "admin.py"])
def test_the_doctor_writes_nothing_where_label_files_lie_in_a_lab_that_is_only_read(
    program: str,
) -> None:
    found = [
        checks.patient_of(doctor_context(program, settings), threading.Event()).lab.own
        for settings in (
            Settings(cloud="aws"),
            Settings(cloud="aws", images_prefix=""),
            Settings(cloud="aws", images_prefix="", labels_key="a/{stem}.txt", layout_writes=True),
        )
    ]
    assert found == ["labels/", None, "a/"]


def doctor_context(program: str, settings: Settings) -> Any:
    return SimpleNamespace(program=program, settings=settings)


@pytest.mark.usefixtures("bare_bucket")
def test_a_layout_that_cannot_be_is_told_with_what_to_do(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABAPP_LABELS_KEY", "answers/{nam}.txt")
    assert admin("stats") == 2
    assert "{nam} is no placeholder. Did you mean {name}?" in capsys.readouterr().err
