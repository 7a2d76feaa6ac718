"""Plain tables and predictions by command: what is refused is told by kind, and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from labapp.cloud.bucket import Bucket
from labapp.dataset import decisions, predictions
from labapp.labels import scheme_file
from labapp.labels.predictions import Prediction
from labapp.programs import find
from tests.dataset.dataset_kit import label_file_of, stock
from tests.labels.test_scheme_file import CATS
from tests.support.commands import document

Capture = pytest.CaptureFixture[str]


def admin(*words: str, code: int = 0) -> None:
    assert find("admin.py").main(words) == code


@pytest.fixture
def keys(bucket: Bucket) -> list[str]:
    decisions.change(bucket, scheme_file.KEY, lambda before: CATS)
    return stock(bucket, 4)


@pytest.fixture
def table(tmp_path: Path, keys: list[str]) -> str:
    path = tmp_path / "old.csv"
    names = [key.rpartition("-")[2] for key in keys]
    labels = ["cat", "Dog", "cta", "horse"]
    rows = "".join(f"{name};{label}\n" for name, label in zip(names, labels, strict=True))
    path.write_text(f"Picture;Class\n{rows}none.jpg;cat\n", "utf-16")
    return str(path)


def test_a_file_that_calls_codes_otherwise_is_told_of(
    bucket: Bucket, keys: list[str], tmp_path: Path, capsys: Capture
) -> None:
    path = tmp_path / "answers.csv"
    path.write_text(f"image_key,label,class\n{keys[0]},1,circle\n{keys[1]},1,cat\n")
    admin("import", str(path), "--dry-run")
    assert "codes count, and not names: 'circle' as 'cat' (1), 1 row\n" in capsys.readouterr().err


def test_answers_of_a_plain_table_are_somebodys_and_faults_are_told_by_kind(
    bucket: Bucket, keys: list[str], table: str, capsys: Capture
) -> None:
    admin("import", table, "--annotator", "Eve M", "--dry-run", code=3)
    out, err = capsys.readouterr()
    assert out == f"{table}: 2 would be added, 0 already there, 3 would be refused\n"
    assert "no such class: 'cta' 1, 'horse' 1. Is 'cta' 'cat'? The classes are cat, dog;" in err
    assert f"{table}: 1 row names a picture that is not there" in err
    assert "withdraw" not in err
    assert not label_file_of(bucket, keys[0]).entries
    admin("import", table, "--annotator", "Eve M", code=3)
    assert "'annotators withdraw \"Eve M\"' takes them back" in capsys.readouterr().err
    assert [one.annotator for one in label_file_of(bucket, keys[0]).entries] == ["Eve_M"]
    admin("import", table, "--annotator", "Eve M", code=3)
    out, err = capsys.readouterr()
    assert out == f"{table}: 0 added, 2 already there, 3 refused\n"
    assert "withdraw" not in err


def test_what_was_withdrawn_is_told_when_it_is_imported_again(table: str, capsys: Capture) -> None:
    admin("import", table, code=3)
    admin("annotators", "withdraw", "import", "--yes")
    capsys.readouterr()
    admin("import", table, code=3)
    out, err = capsys.readouterr()
    assert out == f"{table}: 0 added, 0 already there, 5 refused\n"
    assert f"{table}:2: it was withdrawn; 'admin.py annotators restore' takes that back" in err


def test_predictions_come_and_go_and_are_no_answers(
    bucket: Bucket, keys: list[str], table: str, capsys: Capture
) -> None:
    rows = document(capsys, "admin.py", "import", "--predictions", table, code=3)
    assert [row["state"] for row in rows] == ["added", "added", *["refused"] * 3]
    assert predictions.of(bucket).of(rows[0]["key"]) == Prediction(1)
    (totals,) = document(capsys, "admin.py", "stats")[-1:]
    assert totals["totals"]["answers"] == 0
    admin("import", "--predictions", "--remove", "--dry-run")
    assert capsys.readouterr().out == "2 predictions would be removed\n"
    admin("import", "--predictions", "--remove")
    assert not predictions.of(bucket)


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "there is no file to import"),
        (["--remove"], "--remove takes all predictions away"),
        (["--predictions", "--remove", "x.csv"], "without a file"),
        (["--predictions", "--annotator", "eve", "x.csv"], "nobody's answers"),
        (["x.csv", "--annotator", "!!"], "no letter or digit"),
    ],
)
def test_what_makes_no_sense_together_is_told(words: list[str], told: str, capsys: Capture) -> None:
    assert find("admin.py").main(["import", *words]) in (2, 3)
    assert told in capsys.readouterr().err
