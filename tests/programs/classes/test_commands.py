"""admin.py classes: shown, checked, changed by file and flags, and no answer lost."""

from __future__ import annotations

import io
import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from labapp.cloud.bucket import TEXT, Bucket
from labapp.cloud.session import Cloud
from labapp.labels import scheme_file
from labapp.labels.classes import DEFAULT_SCHEME
from tests.dataset.dataset_kit import answer, stock
from tests.labels.test_scheme_file import CATS
from tests.support.commands import admin

Capture = pytest.CaptureFixture[str]


def kept(cloud: Cloud) -> str:
    return Bucket(cloud).get(scheme_file.KEY, 10_000).body.decode()


def test_what_is_written_is_taken_again(
    cloud: Cloud, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert admin("classes", "--toml") == 0
    written = capsys.readouterr().out
    assert scheme_file.of_text(written) == DEFAULT_SCHEME
    file = tmp_path / "classes.toml"
    file.write_bytes(written.encode("utf-16"))  # as `>` of Windows PowerShell does
    assert admin("classes", "set", str(file)) == 0
    assert "nothing to change" in capsys.readouterr().err
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(CATS.encode())))
    assert admin("classes", "set", "-") == 0
    assert "new: dog, code 3, key d" in capsys.readouterr().out
    assert admin("classes", "show", "--json") == 0
    shown = json.loads(capsys.readouterr().out)
    assert [each["name"] for each in shown["classes"]] == ["cat", "dog"]
    assert shown["retired"] == [{"code": 0, "name": "other", "counts_as": None}]


def test_flags_change_what_there_is(cloud: Cloud, capsys: Capture) -> None:
    words = ["--add", "=1+1", "--key", "=1+1=x", "--name", "other=neither", "--order", "random"]
    assert admin("classes", "set", *words, "--gold-every", "10", "--feedback", "--dry-run") == 0
    told = capsys.readouterr()
    assert "new: =1+1, code 2, key x" in told.out
    assert "would be changed" in told.err
    with pytest.raises(Exception, match=scheme_file.KEY):
        kept(cloud)
    assert admin("classes", "set", *words, "--json") == 0
    assert json.loads(capsys.readouterr().out)["state"] == "changed"
    assert 'name = "neither"' in kept(cloud)
    assert admin("classes", "set", "--no-feedback", "--remove", "=1+1") == 0
    assert "feedback" not in kept(cloud)


def test_answers_that_nobody_could_count_are_refused_with_their_number(
    cloud: Cloud, tmp_path: Path, capsys: Capture
) -> None:
    bucket = Bucket(cloud)
    answer(bucket, stock(bucket, 1)[0], "ana1", "bo0", "cy0")
    file = tmp_path / "animals.toml"
    file.write_text(CATS, encoding="utf-8")
    assert admin("classes", "set", str(file), "--map", "1=1") == 3
    assert "other (0): 2 answers" in capsys.readouterr().err
    assert admin("classes", "set", str(file), "--map", "1=1", "--map", "other=dog") == 0
    capsys.readouterr()
    assert admin("stats", "--json") == 0
    totals = json.loads(capsys.readouterr().out)[-1]
    assert (totals["cat_percent"], totals["totals"]["dogs"]) == (0.0, 1)
    assert admin("classes", "reset", "--map", "1=1", "--map", "dog=other") == 0
    assert kept(cloud).endswith('[retired]\n3 = 0\n\n[former]\n3 = "dog"\n')
    assert admin("classes", "set", "--map", "dog=none") == 0
    assert "the code 3: nothing, counted as no answer from now on" in capsys.readouterr().out


def test_a_file_is_checked_without_a_cloud(tmp_path: Path, capsys: Capture) -> None:
    file = tmp_path / "a.toml"
    file.write_text(CATS, encoding="utf-8")
    assert admin("classes", "check", str(file)) == 0
    assert "question: Which animal?" in capsys.readouterr().err
    file.write_text(CATS.replace('"d"', '"u"'), encoding="utf-8")
    assert admin("classes", "check", str(file)) == 3
    assert "does something else" in capsys.readouterr().err
    file.write_bytes(b"\xff\xfe\x00")
    for name in (str(file), str(tmp_path), str(tmp_path / "none.toml")):
        assert admin("classes", "check", name) == 2
        assert "'admin.py classes --toml' writes one" in capsys.readouterr().err


def test_a_file_that_somebody_broke_is_replaced_and_no_answer_with_it(
    cloud: Cloud, tmp_path: Path, capsys: Capture
) -> None:
    bucket = Bucket(cloud)
    answer(bucket, stock(bucket, 1)[0], "ana1", "bo5")
    assert bucket.put_if(scheme_file.KEY, CATS.replace("code = 3", "code = 1").encode(), TEXT, None)
    file = tmp_path / "animals.toml"
    file.write_text(CATS, encoding="utf-8")
    for words in (["stats"], ["classes"], ["classes", "set", "--order", "random"]):
        assert admin(*words) == 3
        assert "labels/classes.toml in the bucket cannot be read: two" in capsys.readouterr().err
    assert admin("classes", "set", str(file)) == 3
    assert "the code 1 is code 1, with 1 answer, and would be cat" in capsys.readouterr().err
    assert admin("classes", "set", str(file), "--map", "1=1") == 3
    assert "code 5 (5): 1 answer" in capsys.readouterr().err
    assert admin("classes", "set", str(file), "--map", "1=1", "--map", "5=3") == 0
    assert "[retired]\n5 = 3\n" in kept(cloud)
