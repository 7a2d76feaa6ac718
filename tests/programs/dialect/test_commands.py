"""What a dialect's file says, what is wrong with it, and which there are, from the prompt."""

from __future__ import annotations

from pathlib import Path

import pytest

from labapp.dialects import loading
from labapp.programs.dialect.table import BLOCKS, CHECKED, DIALECTS, FAULTS, QUEUES
from tests.programs.conftest import Shown
from tests.support.commands import admin, document, documents

Capture = pytest.CaptureFixture[str]

TWO = """\
about = "two ways"
[[request]]
name = "average"
queue = "requests"
answer = "answers"
when = { "attr.RequestType" = ["Average", "Mean"] }
numbers = "{body}"
body = "{median},{mean}"
attributes = { ResponseType = "{attr.RequestType}" }
echo = "x*"
[[request]]
queue = "requests"
answer = "answers"
bucket = "theirs"
when = { "attr.Key" = true, "attr.RequestType" = false }
picture = "{attr.Key}"
steps = { by = "{field2}", "1" = "flip", else = "grayscale" }
result = "effect-{name}"
[queue.requests]
DelaySeconds = 5
"""

WRONG = """\
[[request]]
queu = "inbox"
numbers = "{bodi}"
"""


@pytest.fixture
def two(tmp_path: Path) -> Path:
    path = tmp_path / "two.toml"
    path.write_text(TWO, "utf-8")
    return path


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    path = tmp_path / "wrong.toml"
    path.write_text(WRONG, "utf-8")
    return path


def test_a_file_without_a_fault_is_told_in_words(two: Path, capsys: Capture) -> None:
    assert admin("dialect", "check", str(two)) == 0
    out, err = capsys.readouterr()
    assert "the dialect two is right, with 2 requests and 1 queue: two ways" in err
    assert [line.split("\t") for line in out.splitlines()] == [
        [
            *("average", "2", "requests", "attr.RequestType is Average or Mean"),
            *("sums up the integers of {body}", "", "answers"),
            "{median},{mean} with ResponseType: {attr.RequestType}, the request's x*",
        ],
        [
            *("request 2", "11", "requests", "attr.Key is there and no attr.RequestType"),
            "processes the picture {attr.Key}: by {field2} (1: flip, else grayscale)",
            *("theirs: effect-{name}", "answers", "{result}"),
        ],
    ]


def test_a_terminal_has_one_request_below_another(two: Path, shown: Shown) -> None:
    lines = shown(f"admin.py dialect check {two}", columns=60)
    assert [line.split() for line in lines if line.startswith("request ")] == [
        ["request", "average"],
        ["request", "request", "2"],
    ]
    assert max(map(len, lines)) <= 60


def test_all_faults_are_told_with_their_lines_and_exit_code_2(wrong: Path, capsys: Capture) -> None:
    assert admin("dialect", "check", str(wrong)) == 2
    out, err = capsys.readouterr()
    assert [line.split("\t")[0] for line in out.splitlines()] == ["2", "3"]
    assert "Did you mean queue?" in out
    assert f"{wrong}: 2 faults" in err


def test_a_queue_that_is_none_is_told_beside_what_else_is_wrong(
    wrong: Path, capsys: Capture
) -> None:
    wrong.write_text(f"{WRONG}[queue.inbox]\n[queue.inbxo]\n", "utf-8")
    found = document(capsys, "admin.py", "dialect", "check", str(wrong), code=2)
    whats = [fault["what"] for fault in found["faults"]]
    assert len(whats) == 3, whats
    assert whats[2].startswith("no request and no answer goes by the queue 'inbxo'")


def test_the_settings_are_looked_at_too(two: Path, capsys: Capture) -> None:
    found = document(
        capsys, "admin.py", "dialect", "check", str(two), "--request-queue", "answers", code=2
    )
    assert [one["line"] for one in found["faults"]] == [5, 13], "each block answers there"
    assert all("answers" in one["what"] for one in found["faults"])


def test_check_writes_one_document_right_or_wrong(two: Path, wrong: Path, capsys: Capture) -> None:
    right = document(capsys, "admin.py", "dialect", "check", str(two))
    bad = document(capsys, "admin.py", "dialect", "check", str(wrong), code=2)
    for found in (right, bad):
        assert list(found) == list(CHECKED.names)
    assert (right["well"], right["faults"], bad["well"], bad["requests"]) == (True, [], False, [])
    assert list(bad["faults"][0]) == list(FAULTS.listing.names)
    assert list(right["requests"][0]) == list(BLOCKS.listing.names)
    assert list(right["queues"][0]) == list(QUEUES.listing.names)
    assert right["queues"][0]["attributes"] == {"DelaySeconds": "5"}


def test_every_dialect_that_ships_is_listed_checked_and_shown(capsys: Capture) -> None:
    rows = documents(capsys, "dialect", "list")
    assert [row["path"] for row in rows] == [str(path) for path in loading.shipped()]
    assert list(rows[0]) == list(DIALECTS.listing.names)
    assert not any(row["in_force"] for row in rows)
    for row in rows:
        assert row["about"]
        assert admin("dialect", "check", str(row["name"])) == 0
    capsys.readouterr()
    assert admin("dialect", "show", str(rows[0]["name"])) == 0
    assert capsys.readouterr().out == Path(str(rows[0]["path"])).read_text("utf-8")


def test_the_one_in_force_is_listed_wherever_it_lies(
    two: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABAPP_DIALECT", str(two))
    rows = documents(capsys, "dialect")
    assert (rows[0]["name"], rows[0]["about"], rows[0]["in_force"]) == ("two", "two ways", True)
    assert len(rows) == len(loading.shipped()) + 1
    monkeypatch.setenv("LABAPP_DIALECT", loading.shipped()[0].stem)
    assert [row["in_force"] for row in documents(capsys, "dialect")].count(True) == 1
    assert admin("dialect", "check") == 0, "without a name it is the one in force"


def test_what_is_not_there_is_told_with_what_is(capsys: Capture) -> None:
    assert admin("dialect", "check", "nowhere.toml") == 2
    assert admin("dialect", "show", "nowhere") == 2
    assert admin("dialect", "try", "--body", "1") == 2
    told = capsys.readouterr().err.splitlines()
    assert "there is no dialect's file nowhere.toml" in told[0]
    assert 'no dialect "nowhere" ships' in told[1]
    assert "no dialect is chosen" in told[2]
