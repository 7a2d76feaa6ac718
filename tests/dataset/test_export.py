"""Export: each format is read back as others would, written whole or not at all."""

from __future__ import annotations

import csv
import hashlib
import json
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from labapp.cloud.bucket import Bucket
from labapp.dataset.export import Exported, ExportRequest, Plan, export
from labapp.dataset.statistics import DatasetSnapshot, Statistics
from labapp.dataset.upload import Uploader
from labapp.errors import MissingResourceError, RefusedError
from labapp.files import replacing
from labapp.labels.export import FORMATS
from labapp.pictures.limits import Limits
from tests.dataset.dataset_kit import answer, write_pictures
from tests.support.in_use import IN_USE, refusing
from tests.support.progress import Kept


@pytest.fixture
def keys(bucket: Bucket, tmp_path: Path) -> dict[str, str]:
    """Four pictures by what is said of them: hot dog, other, disputed, nothing."""
    paths = write_pictures(tmp_path / "set", range(4))
    found = {o.path.stem: o.key for o in Uploader(bucket, Limits()).upload(paths)}
    answer(bucket, found["0"], "ana1", "bo1", "cy0")
    answer(bucket, found["1"], "ana0")
    answer(bucket, found["2"], "ana0", "bo1", "cys")
    names = ("hot dog", "other", "disputed", "nothing")
    return {name: found[str(number)] for number, name in enumerate(names)}


def looked(bucket: Bucket) -> DatasetSnapshot:
    return Statistics(bucket).look()


def request(name: str, out: Path, *, force: bool = False) -> ExportRequest:
    return ExportRequest(FORMATS[name], out, target=3, force=force)


def plan(bucket: Bucket, name: str, out: Path, *, force: bool = False) -> Plan:
    look = looked(bucket)
    plan = request(name, out, force=force).plan(look, bucket.name)
    hashed = plan.hashed(look, Statistics(bucket).with_hashes)
    assert hashed
    return hashed


def write(bucket: Bucket, name: str, out: Path, *, force: bool = False) -> Exported:
    return export(bucket, plan(bucket, name, out, force=force), Kept())


def test_csv_gives_both_tables(bucket: Bucket, keys: dict[str, str], tmp_path: Path) -> None:
    done = write(bucket, "csv", tmp_path / "deep" / "labels")
    answers, pictures = (list(csv.DictReader(path.open(newline=""))) for path in done.files)
    assert len(answers) == 6
    for row in answers:
        body = bucket.get(row["image_key"]).body
        assert row["sha256"] == hashlib.sha256(body).hexdigest()
        assert row["labelled_at"].endswith("Z")
        assert row["annotator"] in ("ana", "bo", "cy")
    status = {row["image_key"]: (row["label"], row["votes"], row["status"]) for row in pictures}
    assert status == {
        keys["hot dog"]: ("1", "3", "decided"),
        keys["other"]: ("0", "1", "in progress"),
        keys["disputed"]: ("", "2", "disputed"),
        keys["nothing"]: ("", "0", "untouched"),
    }


def test_jsonl_gives_an_object_for_each_answer(
    bucket: Bucket, keys: dict[str, str], tmp_path: Path
) -> None:
    write(bucket, "jsonl", tmp_path / "a.jsonl")
    rows = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text().splitlines()]
    assert sorted((r["image_key"], r["annotator"], r["label"]) for r in rows) == sorted(
        [
            *[(keys["hot dog"], who, label) for who, label in (("ana", 1), ("bo", 1), ("cy", 0))],
            (keys["other"], "ana", 0),
            *[(keys["disputed"], who, label) for who, label in (("ana", 0), ("bo", 1))],
        ]
    )


def test_a_manifest_gives_the_decided_pictures(
    bucket: Bucket, keys: dict[str, str], tmp_path: Path
) -> None:
    write(bucket, "manifest", tmp_path / "hotdog.manifest")
    lines = (tmp_path / "hotdog.manifest").read_text().splitlines()
    rows = {row["source-ref"]: row for row in map(json.loads, lines)}
    assert {ref: row["hotdog"] for ref, row in rows.items()} == {
        f"s3://{bucket.name}/{keys['hot dog']}": 1,
        f"s3://{bucket.name}/{keys['other']}": 0,
    }
    assert rows[f"s3://{bucket.name}/{keys['hot dog']}"]["hotdog-metadata"]["confidence"] == 0.67


def test_label_studio_gives_a_task_for_each_picture(
    bucket: Bucket, keys: dict[str, str], tmp_path: Path
) -> None:
    tmp_path.joinpath("out").mkdir()
    done = write(bucket, "label-studio", tmp_path / "out")  # a folder that is there: put inside
    assert done.files == (tmp_path / "out" / "tasks.json", tmp_path / "out" / "labelling.xml")
    tasks = {t["data"]["image"]: t["annotations"] for t in json.loads(done.files[0].read_text())}
    assert {ref.rpartition("/")[2]: len(found) for ref, found in tasks.items()} == {
        keys[name].removeprefix("images/"): count
        for name, count in (("hot dog", 3), ("other", 1), ("disputed", 3), ("nothing", 0))
    }


def test_imagefolder_gives_the_decided_pictures_beside_their_table(
    bucket: Bucket, keys: dict[str, str], tmp_path: Path
) -> None:
    out = tmp_path / "folder"
    wanted, progress = plan(bucket, "imagefolder", out), Kept()
    done = export(bucket, wanted, progress)
    rows = list(csv.DictReader((out / "metadata.csv").open(newline="")))
    assert {(row["file_name"], row["label"]) for row in rows} == {
        (keys["hot dog"].removeprefix("images/"), "1"),
        (keys["other"].removeprefix("images/"), "0"),
    }
    assert {path.name for path in out.iterdir()} == {"metadata.csv", "README.md"} | {
        row["file_name"] for row in rows
    }
    for row in rows:
        assert (out / row["file_name"]).read_bytes() == bucket.get(
            f"images/{row['file_name']}"
        ).body
    assert (done.pictures, sum(progress.amounts)) == (2, wanted.picture_bytes)


def test_replacing_an_imagefolder_drops_what_is_no_longer_decided_and_nothing_else(
    bucket: Bucket, keys: dict[str, str], tmp_path: Path
) -> None:
    out = tmp_path / "folder"
    write(bucket, "imagefolder", out)
    (out / "mine.txt").write_text("mine")
    answer(bucket, keys["other"], "bo1")  # now a tie
    answer(bucket, keys["nothing"], "bo1")
    with pytest.raises(RefusedError, match="not empty"):
        write(bucket, "imagefolder", out)
    write(bucket, "imagefolder", out, force=True)
    assert {path.name for path in out.iterdir()} == {
        "mine.txt",
        "metadata.csv",
        "README.md",
        keys["hot dog"].removeprefix("images/"),
        keys["nothing"].removeprefix("images/"),
    }


def test_a_table_that_somebody_looks_at_for_a_moment_gets_into_its_folder(
    bucket: Bucket, keys: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, renamed, looks = tmp_path / "folder", Path.replace, [1, 1]
    write(bucket, "imagefolder", out)

    def watched(path: Path, target: Path) -> Path:
        if path.name == "metadata.csv" and looks:
            looks.pop()
            raise IN_USE
        return renamed(path, target)

    monkeypatch.setattr(Path, "replace", watched)
    write(bucket, "imagefolder", out, force=True)
    assert (out / "metadata.csv").exists()
    assert not looks


def test_what_an_export_began_goes_once_nobody_looks_at_it(
    bucket: Bucket, keys: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = plan(bucket, "imagefolder", tmp_path / "folder")
    bucket.delete(keys["hot dog"])
    bucket.delete(keys["other"])
    monkeypatch.setattr(replacing, "sys", SimpleNamespace(platform="win32"))
    monkeypatch.setattr(os, "rmdir", refusing(os.rmdir, IN_USE, 3))
    with pytest.raises(MissingResourceError):
        export(bucket, wanted, Kept())
    assert {path.name for path in tmp_path.iterdir()} <= {"set", "data"}


def test_replacing_spares_the_users_own_pictures_that_a_table_of_theirs_names(
    bucket: Bucket, keys: dict[str, str], tmp_path: Path
) -> None:
    out = tmp_path / "folder"
    out.mkdir()
    stale = "0123456789abcdef-old.png"
    own = ("mine.png", "0123456789abcdef.png", "0123-4567.png")
    for name in (*own, stale):
        (out / name).write_bytes(b"pixels")
    rows = "".join(f"{name},1\n" for name in (*own, stale, f"../{out.name}/mine.png", ""))
    (out / "metadata.csv").write_text(f"file_name,label\n{rows}")
    (out / "README.md").write_text("My pictures.")
    write(bucket, "imagefolder", out, force=True)
    assert {path.name for path in out.iterdir()} == {
        "metadata.csv",
        "README.md",
        *own,
        *(keys[name].removeprefix("images/") for name in ("hot dog", "other")),
    }
    assert (out / "README.md").read_text() == "My pictures."


def test_what_comes_beside_a_single_file_has_its_name(
    bucket: Bucket, keys: dict[str, str], tmp_path: Path
) -> None:
    for name, beside in (("mine.json", "mine.xml"), ("odd.xml", "odd.xml.xml")):
        done = write(bucket, "label-studio", tmp_path / name)
        assert [path.name for path in done.files] == [name, beside]


@pytest.mark.parametrize("name", FORMATS)
def test_a_dry_export_names_what_the_export_writes(
    bucket: Bucket, keys: dict[str, str], tmp_path: Path, name: str
) -> None:
    wanted, out = plan(bucket, name, tmp_path / "out"), tmp_path / "out"
    dry = export(bucket, wanted, Kept(), dry=True)
    assert not out.exists()
    assert export(bucket, wanted, Kept()) == dry
    assert all(path.exists() for path in dry.files)


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_is_overwritten_unless_asked_for(
    bucket: Bucket, keys: dict[str, str], tmp_path: Path, name: str
) -> None:
    out = tmp_path / "out"
    first = {path: path.read_bytes() for path in write(bucket, name, out).files}
    answer(bucket, keys["other"], "bo0", "dee1")
    with pytest.raises(RefusedError, match="--force"):
        write(bucket, name, out)
    assert {path: path.read_bytes() for path in first} == first
    again = {path: path.read_bytes() for path in write(bucket, name, out, force=True).files}
    assert again.keys() == first.keys()
    assert FORMATS[name].pictures or again != first
    assert not list(tmp_path.rglob("*.part"))


def test_a_picture_that_is_gone_leaves_nothing_half_written_and_what_was_fetched_is_kept(
    bucket: Bucket, keys: dict[str, str], tmp_path: Path
) -> None:
    wanted = plan(bucket, "imagefolder", tmp_path / "folder")
    bucket.delete(keys["other"])
    with pytest.raises(MissingResourceError, match=r"removed meanwhile.*the same export goes on"):
        export(bucket, wanted, Kept())
    assert [path.name for path in tmp_path.iterdir() if "folder" in path.name] == ["folder.part"]
    again = write(bucket, "imagefolder", tmp_path / "folder")
    assert (again.pictures, again.had) == (1, 1)
    assert [path.name for path in tmp_path.iterdir() if "folder" in path.name] == ["folder"]


def test_an_export_that_the_user_stops_at_once_leaves_nothing(
    bucket: Bucket, keys: dict[str, str], tmp_path: Path
) -> None:
    done = export(bucket, plan(bucket, "imagefolder", tmp_path / "f"), Kept(lambda: True))
    assert not done.is_complete
    assert not [path for path in tmp_path.iterdir() if path.name.startswith("f")]


def test_an_export_leaves_another_that_is_under_way_alone(
    bucket: Bucket, keys: dict[str, str], tmp_path: Path
) -> None:
    wanted, begun = plan(bucket, "imagefolder", tmp_path / "f"), False

    def begin_another() -> bool:
        nonlocal begun
        if not begun:
            begun = True
            export(bucket, wanted, Kept(lambda: True))
        return False

    assert export(bucket, wanted, Kept(begin_another)).pictures == 2
    assert len(list((tmp_path / "f").iterdir())) == 4


def test_a_target_that_can_never_be_written_is_told_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder" / "answers.csv").mkdir(parents=True)
    with pytest.raises(RefusedError, match="is a file"):
        request("csv", tmp_path / "file").check()
    with pytest.raises(RefusedError, match="is a folder"):
        request("csv", tmp_path / "folder", force=True).check()
    request("imagefolder", tmp_path / "new").check()
