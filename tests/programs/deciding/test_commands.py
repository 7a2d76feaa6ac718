"""Acting on annotators and pictures from the prompt: said before, done, and taken back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from labapp import utc
from labapp.cloud.bucket import Bucket
from labapp.dataset import label_writer
from labapp.labels import label_file
from labapp.programs.deciding.table import (
    ANNOTATOR_ACTS,
    BROKEN_ACTS,
    FLAGS,
    PEOPLE,
    PICTURE_ACTS,
)
from tests.dataset.dataset_kit import answer, stock
from tests.support.commands import admin, client, document

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def keys(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Put three pictures in the bucket, of which the first is disputed; the admin is eve."""
    monkeypatch.setenv("LABAPP_USER", "Eve M.")
    found = stock(bucket, 3)
    answer(bucket, found[0], "ana1", "bo0")
    answer(bucket, found[1], "ana1", "bo1", "ana_k0")
    answer(bucket, found[2], "bo0")
    return found


def consensus(capsys: Capture) -> list[str]:
    return [row["consensus"] for row in document(capsys, "admin.py", "stats")[:-1]]


#: Each act on an annotator, what it becomes, and its reverse.
ACTS = (
    (["leave-out", "ANA"], "left out", ["take-back", "ana"]),
    (["withdraw", "ana", "--yes"], "withdrawn", ["restore", "ana"]),
    (["merge", "ana k", "ana"], "merged", ["split", "ana_k"]),
)


@pytest.mark.parametrize(("act", "state", "reverse"), ACTS)
@pytest.mark.usefixtures("keys")
def test_an_act_does_what_its_dry_run_says_and_is_taken_back(
    capsys: Capture, act: list[str], state: str, reverse: list[str]
) -> None:
    before = consensus(capsys)
    dry = document(capsys, "admin.py", "annotators", *act, "--dry-run")
    assert consensus(capsys) == before
    done = document(capsys, "admin.py", "annotators", *act)
    assert dry == {**done, "state": f"would be {state}"}
    assert list(done) == list(ANNOTATOR_ACTS.names)
    assert done["state"] == state
    assert (done["annotator"], done["pictures"]) == ("ana", 1 if state == "merged" else 2)
    assert done["consensus"] == sum(a != b for a, b in zip(before, consensus(capsys), strict=True))
    again = document(capsys, "admin.py", "annotators", *act)
    assert (again["state"], again["pictures"]) == (f"already {state}", 0)
    assert done["reverse"] == f"annotators {' '.join(reverse)}{' ana' * (state == 'split')}"
    back = document(capsys, "admin.py", *done["reverse"].split())
    assert back["alpha_after"] == done["alpha_before"]
    twice = document(capsys, "admin.py", *done["reverse"].split())
    assert (twice["state"], twice["pictures"]) == (f"already {back['state']}", 0)
    assert consensus(capsys) == before


@pytest.mark.usefixtures("keys")
def test_a_withdrawal_asks_and_says_what_changes(capsys: Capture) -> None:
    assert admin("annotators", "withdraw", "ana") == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "answers: 2 answers count no more" in err
    assert "Withdraw 2 answers or skips of ana on 2 pictures? There is no terminal" in err
    assert admin("annotators", "withdraw", "ana", "--yes") == 0
    out, err = capsys.readouterr()
    assert out.splitlines() == [
        "withdrew 2 answers or skips of ana on 2 pictures",
        "answers: 2 answers count no more",
        "consensus: changes on 2 pictures, 1 disputed then",
        "agreement: alpha -0.333 to 0.000, raw 25 % to 0 %",
    ]
    assert "to take it back: annotators restore ana" in err


@pytest.mark.usefixtures("keys")
def test_answers_of_a_time_alone_are_withdrawn(capsys: Capture) -> None:
    words = ["annotators", "withdraw", "bo", "--dry-run"]
    today = utc.format_time(utc.now())[:10]
    assert document(capsys, "admin.py", *words, "--until", today)["lines"] == 3
    assert document(capsys, "admin.py", *words, "--since", "2030-01-01")["lines"] == 0
    assert admin(*words, "--since", today, "--until", "2020-01-01") == 2
    assert "--since is not before --until" in capsys.readouterr().err
    assert admin(*words, "--since", "soon") == 2


def test_who_labels_is_listed_with_what_was_decided(capsys: Capture, keys: list[str]) -> None:
    assert admin("annotators", "leave-out", "bo") == 0
    assert admin("annotators", "merge", "ana_k", "ana") == 0
    rows = document(capsys, "admin.py", "annotators", "list")
    assert [list(row) for row in rows] == [list(PEOPLE.listing.names)] * 2
    told = [(r["annotator"], r["answers"], r["left_out"], r["others"]) for r in rows]
    assert told == [("ana", 2, 0, ["ana_k"]), ("bo", 0, 3, [])]
    (decided,) = [
        one["decided"] for one in [document(capsys, "admin.py", "stats", "--image", keys[1])]
    ]
    kinds = [(one["decided"], one["annotator"], one["counts_as"]) for one in decided]
    assert kinds == [("left out", "bo", None), ("counts as another's", "ana_k", "ana")]


@pytest.mark.usefixtures("keys")
def test_whose_answers_are_withdrawn_is_told_and_counts_again_by_labelling_again(
    capsys: Capture, keys: list[str]
) -> None:
    assert admin("annotators", "withdraw", "ana", "--yes") == 0
    capsys.readouterr()
    assert client("answers", "--annotator", "ana") == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "2 of your answers were withdrawn by Eve M." in err
    assert client("answer", keys[0], "0", "--annotator", "ana") == 0
    assert consensus(capsys)[0] == "other"
    assert client("answers", "--annotator", "ana") == 0
    assert "one of your answers was withdrawn" in capsys.readouterr().err


def test_names_that_look_alike_are_said_with_the_command_that_merges_them(
    capsys: Capture, bucket: Bucket, keys: list[str]
) -> None:
    answer(bucket, keys[0], "\u0430na1")
    assert admin("annotators") == 0
    told = capsys.readouterr().err
    assert "U+0430" in told
    assert "if they are one person, 'annotators merge \u0430na ana'" in told
    assert admin("annotators", "merge", "\u0430na", "ana", "--dry-run") == 0
    assert "would count \u0430na (U+0430) as ana\n" in capsys.readouterr().out


@pytest.mark.usefixtures("keys")
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["leave-out", "anna"], "Did you mean ana"),
        (["merge", "bo", "zed"], "nobody called 'zed'"),
        (["merge", "ana", "ana"], "are one annotator already"),
        (["withdraw", "", "--yes"], "no answers without a name"),
    ],
)
def test_what_cannot_be_done_is_told_with_what_to_do(
    capsys: Capture, words: list[str], told: str
) -> None:
    assert admin("annotators", *words) in (2, 3)
    assert told in capsys.readouterr().err


def test_a_verdict_settles_a_picture(capsys: Capture, keys: list[str]) -> None:
    words = ["verdict", keys[0].removeprefix("images/"), "other"]
    dry = document(capsys, "admin.py", *words, "--dry-run")
    assert consensus(capsys)[0] == "disputed"
    done = document(capsys, "admin.py", *words)
    assert dry == {**done, "state": "would be settled"}
    assert list(done) == list(PICTURE_ACTS.names)
    assert (done["by"], done["consensus_before"], done["consensus_after"]) == (
        *("Eve_M.", "disputed", "other"),
    )
    assert document(capsys, "admin.py", *words)["state"] == "already settled"
    shown = document(capsys, "admin.py", "stats", "--image", keys[0])
    (settled,) = shown["decided"]
    assert (settled["decided"], settled["by"], settled["label"]) == ("settled", "Eve_M.", 0)
    assert admin("stats", "--image", keys[0]) == 0
    assert "settled\tEve_M.\tother" in capsys.readouterr().out
    undone = document(capsys, "admin.py", *done["reverse"].split())
    assert (undone["state"], undone["reverse"]) == ("taken back", f"verdict {keys[0]} 0")
    assert consensus(capsys)[0] == "disputed"
    assert document(capsys, "admin.py", *done["reverse"].split())["state"] == "already taken back"


def test_verdicts_in_words(capsys: Capture, keys: list[str]) -> None:
    for words, told in [
        (["0"], "settled as other\nconsensus: disputed before, other after"),
        (["0"], "already settled as other, by Eve M."),
        (["1", "--dry-run"], "would be settled as hot dog"),
        (["--undo"], "the verdict is taken back"),
        (["--undo"], "no verdict counts on it"),
    ]:
        assert admin("verdict", keys[0], *words) == 0
        assert told in capsys.readouterr().out
    for words, told in [([], "a verdict is a class"), (["cat"], "The classes are 1 hot dog")]:
        assert admin("verdict", keys[0], *words) == 2
        assert told in capsys.readouterr().err


def test_flags_are_dismissed_by_key_and_pattern(
    capsys: Capture, bucket: Bucket, keys: list[str]
) -> None:
    for place, (key, who) in enumerate([(keys[0], "ana"), (keys[0], "bo"), (keys[1], "bo")]):
        line = label_file.broken(utc.now(), who, f"flag{place}", "not a picture")
        label_writer.record(bucket, key, line)
    (first, *_) = rows = document(capsys, "admin.py", "broken")
    assert list(first) == list(FLAGS.listing.names)
    assert [row["state"] for row in rows] == ["flagged"] * 3
    dry = document(capsys, "admin.py", "broken", "dismiss", "*", "--dry-run")
    done = document(capsys, "admin.py", "broken", "dismiss", "*")
    assert [list(row) for row in done] == [list(BROKEN_ACTS.names)] * 2
    assert dry == [{**row, "state": "would be dismissed"} for row in done]
    assert [row["flags"] for row in done] == [2, 1]
    again = document(capsys, "admin.py", "broken", "dismiss", keys[0])
    assert [(row["state"], row["flags"]) for row in again] == [("already dismissed", 0)]
    rows = document(capsys, "admin.py", "broken", "list")
    assert {(row["state"], row["dismissed_by"]) for row in rows} == {("dismissed", "Eve_M.")}
    back = document(capsys, "admin.py", *done[1]["reverse"].split())
    assert [row["state"] for row in back] == ["brought back"]
    assert [row["state"] for row in document(capsys, "admin.py", "broken")].count("flagged") == 1
    assert admin("verdict", keys[1], "1") == 0
    assert [row["state"] for row in document(capsys, "admin.py", "broken")].count("settled") == 1
    assert admin("broken", "dismiss", "zz*") == 1
    assert "no flagged picture is like 'zz*'" in capsys.readouterr().err
    assert admin("broken", "dismiss", keys[1]) == 0
    assert "jpg: 1 flag dismissed" in capsys.readouterr().out


def test_a_labs_own_layout_refuses_verdicts_and_withdrawals(
    capsys: Capture, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "IMAGES_PREFIX": "pics/",
        "LABELS_KEY": "pics/{name}.txt",
        "LAYOUT_WRITES": "true",
    }.items():
        monkeypatch.setenv(f"LABAPP_{name}", value)
    bucket.put("pics/a.jpg", b"a", "image/jpeg")
    bucket.put("pics/a.jpg.txt", b"110", "text/plain")
    for words in (
        ["annotators", "withdraw", "", "--yes"],
        ["verdict", "pics/a.jpg", "1"],
        ["broken", "dismiss", "pics/a.jpg"],
    ):
        assert admin(*words) == 3
        assert "leave-out" in capsys.readouterr().err
    done = document(capsys, "admin.py", "annotators", "leave-out", "")
    assert (done["annotator"], done["answers_less"]) == (None, 3)
    assert document(capsys, "admin.py", "annotators")[0]["left_out"] == 3
    monkeypatch.setenv("LABAPP_LAYOUT_WRITES", "false")
    assert admin("annotators", "take-back", "") == 3


def test_a_page_of_json_has_no_words_around_it(capsys: Capture, keys: list[str]) -> None:
    assert admin("annotators", "leave-out", "ana", "--json") == 0
    found: Any = json.loads(capsys.readouterr().out)
    assert found["state"] == "left out"
    assert keys


def test_files_are_left_as_they_are_but_for_lines_behind(
    bucket: Bucket, keys: list[str], tmp_path: Path
) -> None:
    place = f"labels/{keys[1].removeprefix('images/')}.txt"
    before = bucket.get(place).body
    for words in (["withdraw", "bo", "--yes"], ["restore", "bo"]):
        assert admin("annotators", *words) == 0
        after = bucket.get(place).body
        assert after.startswith(before)
        assert len(after.splitlines()) == len(before.splitlines()) + 1
        before = after
