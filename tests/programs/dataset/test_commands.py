"""The dataset's commands, run in this process against moto as a script would run them."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from labapp.cloud.bucket import Bucket
from labapp.console import progress
from labapp.dataset import removal, sample_set
from labapp.dataset.annotator import keep_annotator
from labapp.labels.export import FORMATS
from labapp.programs.dataset import actions
from tests.dataset.dataset_kit import answer, write_pictures
from tests.support.commands import document, run

Capture = pytest.CaptureFixture[str]

STATS = ["key", "name", "answers", "hot_dog_percent", "other_percent", "agreement", "consensus"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_pictures(tmp_path / "photos", range(6))
    (tmp_path / "photos" / "README.md").touch()
    return tmp_path / "photos"


@pytest.fixture
def keys(bucket: Bucket, folder: Path, capsys: Capture) -> list[str]:
    """Six pictures that are uploaded already."""
    assert run("client.py", "upload", str(folder)) == 0
    capsys.readouterr()
    return [entry.key for entry in bucket.list("images/")]


def pictures(capsys: Capture, *words: str) -> Any:
    """Return the rows of `stats` but for the last, which is that of all pictures."""
    *rows, last = document(capsys, *words)
    assert last["key"] == "images/*"
    return rows


@pytest.mark.parametrize("program", ["client.py", "admin.py"])
@pytest.mark.usefixtures("cloud")
def test_upload_tells_of_each_file_and_sums_up(capsys: Capture, folder: Path, program: str) -> None:
    assert run(program, "upload", str(folder)) == 0
    out, err = capsys.readouterr()
    assert sorted(out.replace("...", "…").splitlines()) == [
        f"uploading {n}.png … done" for n in range(6)
    ]
    assert err == "not taken: README.md\n6 added, 0 already there, 0 refused\n"
    bad = folder / "0.png"
    bad.write_text("no picture")
    assert run(program, "upload", str(folder)) == 3
    out, err = capsys.readouterr()
    assert "uploading 0.png … refused" in out.replace("...", "…")
    assert f"{bad}: " in err
    assert err.endswith("0 added, 5 already there, 1 refused\n")


@pytest.mark.usefixtures("cloud")
def test_upload_as_json_is_one_row_for_each_file(capsys: Capture, folder: Path) -> None:
    rows = document(capsys, "client.py", "upload", str(folder / "1.png"))
    assert [list(row) for row in rows] == [["path", "state", "key", "reason", "labels"]]
    assert (rows[0]["state"], rows[0]["reason"]) == ("added", None)


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize("program", ["client.py", "admin.py"])
def test_a_dry_upload_refuses_what_the_upload_would(
    capsys: Capture, folder: Path, program: str
) -> None:
    whole = (folder / "2.png").read_bytes()
    (folder / "0.png").write_text("My notes.\n")
    (folder / "2.png").write_bytes(whole[: len(whole) // 2] + whole[-12:])
    assert run(program, "upload", str(folder), "--dry-run") == 3
    out, err = capsys.readouterr()
    assert out.splitlines() == [f"would upload {folder / name}.png" for name in "1345"]
    assert f"{folder / '0.png'} would be refused: 0.png is text" in err
    assert f"{folder / '2.png'} would be refused: " in err
    assert run(program, "upload", str(folder)) == 3
    assert "2 refused" in capsys.readouterr().err


@pytest.mark.usefixtures("cloud")
def test_the_admin_uploads_the_projects_own_images_unless_told_otherwise(
    capsys: Capture, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (sample_set.SAMPLE.parent / "labapp").is_dir()
    for path in folder.glob("*.png"):
        path.rename(folder / f"{int(path.stem) + 1}.jpg")
    monkeypatch.setattr(sample_set, "SAMPLE", folder)
    assert len(document(capsys, "admin.py", "upload")) == 6


@pytest.mark.usefixtures("cloud")
def test_upload_of_nothing_is_an_error_of_usage(capsys: Capture, tmp_path: Path) -> None:
    assert run("client.py", "upload", str(tmp_path / "no.png")) == 2
    assert "no.png" in capsys.readouterr().err


def test_label_lists_pictures_that_were_not_answered(
    capsys: Capture, bucket: Bucket, keys: list[str]
) -> None:
    for key in keys[:4]:
        answer(bucket, key, "ana1")
    assert run("client.py", "label", "--annotator", "Ann") == 0
    assert len(capsys.readouterr().out.splitlines()) == 4
    assert run("client.py", "label", "--annotator", "ANA") == 0  # the same person as ana
    assert len(capsys.readouterr().out.splitlines()) == 2
    assert run("client.py", "label", "--annotator", "ana") == 0
    out, err = capsys.readouterr()
    assert sorted(out.splitlines()) == keys[4:]
    assert err == "2 of 4: no more pictures that ana has not answered\n"
    rows = document(capsys, "client.py", "label", "--annotator", "ana", "--count", "1")
    assert [list(row) for row in rows] == [["key", "name"]]


def test_a_script_labels_everything_and_no_picture_twice(
    capsys: Capture, bucket: Bucket, keys: list[str]
) -> None:
    keep_annotator("ana")
    seen: list[str] = []
    while rows := document(capsys, "client.py", "label"):
        for row in rows:
            assert run("client.py", "answer", row["key"], str(len(seen) % 2)) == 0
            seen.append(row["key"])
        capsys.readouterr()
    assert sorted(seen) == keys
    rows = pictures(capsys, "admin.py", "stats")
    assert sum(row["hot_dog_percent"] for row in rows) == 300


def test_an_answer_is_written_down_and_told(
    capsys: Capture, bucket: Bucket, keys: list[str]
) -> None:
    assert run("client.py", "answer", keys[0], "1", "--annotator", "Ana Gil") == 0
    assert capsys.readouterr().out == f"{keys[0]}\t1\thot dog\tAna_Gil\n"
    told = document(capsys, "client.py", "answer", keys[0], "0", "--annotator", "bo")
    line = bucket.get(f"labels/{keys[0].removeprefix('images/')}.txt").body.splitlines()[1]
    assert line.decode() == f"0 {told['labelled_at']} bo {told['id']}"
    assert told["replaces"] is None


def test_a_name_that_answers_a_picture_again_is_told_and_flagged(
    capsys: Capture, keys: list[str]
) -> None:
    first = document(capsys, "client.py", "answer", keys[0], "1", "--annotator", "Ana Gil")
    assert run("client.py", "answer", keys[0], "0", "--annotator", "ana gil", "--json") == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["replaces"] == first["id"]
    told = "Ana Gil had answered it before, in another session (hot dog, "
    assert f"{told}{first['labelled_at']})" in err
    (annotator,) = document(capsys, "admin.py", "stats", "--annotators")["annotators"]
    assert (annotator["flags"], annotator["replaced"]) == (["answered again"], 1)


@pytest.mark.usefixtures("keys")
@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("answer", "images/none.jpg", "1", "--annotator", "ana"), 1, "no picture"),
        (("answer", "images/none.jpg", "2", "--annotator", "ana"), 2, "'2'"),
        (("answer", "images/none.jpg", "1"), 2, "--annotator"),
        (("answer", "images/none.jpg", "1", "--annotator", "!"), 3, "letter or digit"),
        (("label",), 2, "--annotator"),
        (("label", "--count", "0", "--annotator", "ana"), 2, "--count"),
    ],
)
def test_what_is_wrong_is_told(
    capsys: Capture, words: tuple[str, ...], code: int, said: str
) -> None:
    assert run("client.py", *words) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err


def test_images_are_listed(capsys: Capture, keys: list[str]) -> None:
    rows = document(capsys, "admin.py", "images")
    assert [row["key"] for row in rows] == keys
    assert {row["name"] for row in rows} == {f"{n}.png" for n in range(6)}
    assert run("admin.py", "images") == 0
    assert [line.split("\t")[0] for line in capsys.readouterr().out.splitlines()] == keys


def test_removing_an_image_asks_and_keeps_its_labels(
    capsys: Capture, bucket: Bucket, keys: list[str]
) -> None:
    answer(bucket, keys[0], "ana1")
    assert run("admin.py", "images", "remove", keys[0]) == 2
    assert "--yes" in capsys.readouterr().err
    assert len(document(capsys, "admin.py", "images")) == 6
    assert run("admin.py", "images", "remove", keys[0], "--yes") == 0
    kept = f"removed/{keys[0].removeprefix('images/')}.txt"
    assert capsys.readouterr().out == f"removed {keys[0]}; its labels are kept in {kept}\n"
    assert b" ana " in bucket.get(kept).body
    assert [row["key"] for row in pictures(capsys, "admin.py", "stats")] == keys[1:]
    assert run("admin.py", "images", "remove", keys[0], "--yes") == 1


def test_stats_rows_carry_exactly_the_documented_names(
    capsys: Capture, bucket: Bucket, keys: list[str]
) -> None:
    answer(bucket, keys[1], "ana1", "bo1", "cy0")
    rows = pictures(capsys, "admin.py", "stats")
    assert [list(row) for row in rows] == [STATS] * 6
    assert rows[0] == dict.fromkeys(STATS) | {
        "key": keys[0],
        "name": rows[0]["name"],
        "answers": 0,
    }
    assert list(rows[1].values())[2:] == [3, 66.67, 33.33, 0.6667, "hot dog"]


def test_stats_are_sorted_and_narrowed(capsys: Capture, bucket: Bucket, keys: list[str]) -> None:
    answer(bucket, keys[2], "ana1", "bo0")
    answer(bucket, keys[4], "ana0")
    rows = pictures(capsys, "admin.py", "stats", "--sort", "answers")
    assert [row["key"] for row in rows[:2]] == [keys[2], keys[4]]
    rows = pictures(capsys, "admin.py", "stats", "--filter", "disputed")
    assert [row["key"] for row in rows] == [keys[2]]
    rows = pictures(capsys, "admin.py", "stats", "--filter", "decided", "--target-answers", "1")
    assert [row["key"] for row in rows] == [keys[4]]
    rows = pictures(capsys, "admin.py", "stats", "--reverse")
    assert [row["key"] for row in rows] == keys[::-1]


def test_stats_for_people_have_totals_on_stderr(
    capsys: Capture, bucket: Bucket, keys: list[str]
) -> None:
    answer(bucket, keys[0], "ana1", "bo1", "cy1")
    answer(bucket, "images/gone.jpg", "ana1")
    bucket.put(f"labels/{keys[1].removeprefix('images/')}.txt", b"1\n0\nwhat\n", "text/plain")
    assert run("admin.py", "stats") == 0
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert lines[0] == f"{keys[0]}\t3\t100.0\t0.0\t1.00\thot dog"
    assert lines[1] == f"{keys[1]}\t2\t50.0\t50.0\t0.50\tdisputed"
    assert lines[2] == f"{keys[2]}\t0\t\t\t\tno labels yet"
    assert "6 pictures: 1 decided, 0 in progress, 1 disputed, 4 without labels" in err
    assert "answers: 5 of 18 wanted (28 %), 5 in all" in err
    assert "alpha" in err
    assert "unreadable: 1 line in 1 label file" in err
    assert "images/gone.jpg" in err


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("admin.py stats", "No pictures yet. Add some: admin.py upload\n"),
        ("admin.py stats --filter other", "No pictures yet. Add some: admin.py upload\n"),
        ("admin.py images", "No pictures yet. Add some: admin.py upload\n"),
        ("client.py label --annotator ana", "Add some: client.py upload PHOTO\n"),
    ],
)
def test_an_empty_dataset_says_how_to_fill_it(capsys: Capture, line: str, told: str) -> None:
    assert run(*line.split()) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert told in err


@pytest.mark.usefixtures("keys")
def test_a_filter_that_no_picture_passes_says_how_many_there_are(capsys: Capture) -> None:
    assert run("admin.py", "stats", "--filter", "other") == 0
    told = "No picture passes --filter other. Leave it out to see all 6.\n"
    assert told in capsys.readouterr().err


def test_stats_tell_who_labels_and_what_is_odd(
    capsys: Capture, bucket: Bucket, keys: list[str]
) -> None:
    for key in keys:
        answer(bucket, key, "ana1", "bo0")
    assert run("admin.py", "stats", "--annotators") == 0
    out, err = capsys.readouterr()
    people = [line.split("\t") for line in out.splitlines()]
    assert [cells[:4] for cells in people] == [["ana", "6", "100", "0"], ["bo", "6", "0", "0"]]
    assert "since yesterday: 12 answers and 0 skips by 2 annotators" in err


def test_stats_of_one_image_tell_its_answers(
    capsys: Capture, bucket: Bucket, keys: list[str]
) -> None:
    answer(bucket, keys[0], "ana1", "bo0", "cys")
    told = document(capsys, "admin.py", "stats", "--image", keys[0])
    assert list(told)[: len(STATS)] == STATS
    assert [(each["annotator"], each["label"]) for each in told["given"]] == [("ana", 1), ("bo", 0)]
    assert told["skipped_by"] == ["cy"]
    assert run("admin.py", "stats", "--image", keys[0]) == 0
    assert [line.split("\t")[:2] for line in capsys.readouterr().out.splitlines()] == [
        ["ana", "hot dog"],
        ["bo", "other"],
    ]
    assert run("admin.py", "stats", "--image", "images/no.jpg") == 1


def test_an_annotator_is_shown_as_the_label_files_and_json_have_it(
    capsys: Capture, bucket: Bucket, keys: list[str]
) -> None:
    answer(bucket, keys[0], "Ana Lima1")
    (given,) = document(capsys, "admin.py", "stats", "--image", keys[0])["given"]
    assert run("admin.py", "stats", "--image", keys[0]) == 0
    assert capsys.readouterr().out.split("\t")[0] == given["annotator"] == "Ana_Lima"


@pytest.mark.parametrize("name", FORMATS)
def test_labels_are_exported_and_nothing_is_overwritten_unasked(
    capsys: Capture, bucket: Bucket, keys: list[str], tmp_path: Path, name: str
) -> None:
    answer(bucket, keys[0], "ana1", "bo1")
    out = tmp_path / "out" / "labels"
    words = ("export", "--format", name, "--out", str(out))
    assert run("admin.py", *words) == 0
    told = capsys.readouterr()
    written = told.out.splitlines()
    assert written
    assert all(Path(path).stat().st_size for path in written)
    if name == "label-studio":  # a file is called by the name that it got
        assert told.err.startswith(f"{Path(written[-1]).name} is the project's labelling")
    assert run("admin.py", *words) == 3
    assert "--force" in capsys.readouterr().err
    assert run("admin.py", *words, "--force") == 0


def test_undecided_pictures_are_left_out_by_the_answers_wanted(
    capsys: Capture, bucket: Bucket, keys: list[str], tmp_path: Path
) -> None:
    answer(bucket, keys[0], "ana1", "bo1")
    answer(bucket, keys[1], "ana0")
    out = tmp_path / "folder"
    words = ("export", "--format", "imagefolder", "--out", str(out), "--min-answers", "2")
    assert run("admin.py", *words) == 0
    assert capsys.readouterr().err == "1 picture\n"
    (row,) = csv.DictReader((out / "metadata.csv").open(newline=""))
    assert row == {"file_name": keys[0].removeprefix("images/"), "label": "1"}
    assert (out / row["file_name"]).read_bytes() == bucket.get(keys[0]).body
    assert run("admin.py", *words[:-1], "0") == 2


@pytest.mark.parametrize("leaves", ["reading labels", "reading hashes", "never"])
def test_an_export_shows_each_of_its_looks_and_esc_stops_it(
    bucket: Bucket,
    keys: list[str],
    tmp_path: Path,
    capsys: Capture,
    monkeypatch: pytest.MonkeyPatch,
    leaves: str,
) -> None:
    for key in keys:
        answer(bucket, key, "ana1")
    shown: dict[str, int] = {}

    @contextmanager
    def transfer(what: str, total: int, *_: object) -> Iterator[progress.Transfer]:
        shown[what] = total
        bar = progress.Transfer(total, None)
        if what == leaves:
            bar.left.set()
        yield bar

    monkeypatch.setattr(progress, "transfer", transfer)
    out = tmp_path / "labels"
    code = run("admin.py", "export", "--format", "csv", "--out", str(out))
    assert shown["reading labels"] == shown.get("reading hashes", 6) == 6
    if leaves == "never":
        assert (code, len(shown)) == (0, 3)
        return
    assert code == 130
    assert not out.exists()
    assert "stopped; nothing was written" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("lines", "told"),
    [([0, 0], ""), ([1, 0], " Their 1 line of labels is kept aside."),
     ([1, 2], " Their 3 lines of labels are kept aside.")],
)  # fmt: skip
def test_before_pictures_are_removed_their_labels_are_counted(lines: list[int], told: str) -> None:
    found = [removal.Removal(f"images/{n}.png", count) for n, count in enumerate(lines)]
    assert actions.removal_question(found) == f"Delete 2 pictures?{told}"
