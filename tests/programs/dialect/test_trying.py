"""A message is tried without any queue: what is read, done, stored and answered, or why not."""

from __future__ import annotations

from pathlib import Path

import pytest

from labapp.programs.dialect.tried import ID, TRIED
from tests.programs.conftest import Shown
from tests.programs.dialect.test_commands import TWO
from tests.support.commands import admin, document

Capture = pytest.CaptureFixture[str]

OBJECT = """\
[[request]]
numbers = { object = "{attr.Key}" }
result = "answers/{name}"
content = "{mean}"
body = "\\u009b2J {result}"
"""


@pytest.fixture
def two(tmp_path: Path) -> Path:
    path = tmp_path / "two.toml"
    path.write_text(TWO, "utf-8")
    return path


@pytest.fixture(autouse=True)
def cloudless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have whoever opens a cloud fail."""
    monkeypatch.setattr("labapp.cloud.session.Cloud.__init__", None)


def test_an_answer_is_told_in_lines(two: Path, capsys: Capture) -> None:
    words = ["--body", "1,2,51", "--attr", "RequestType=Mean", "--attr", "x1:Number=5"]
    assert admin("dialect", "try", str(two), *words) == 0
    assert [line.split("\t") for line in capsys.readouterr().out.splitlines()] == [
        ["dialect", f"two, {two}"],
        ["request", "average, line 2"],
        ["queue", "requests"],
        ["reads", "1, 2, 51"],
        ["answer", "on answers: '2,18'"],
        ["answer", "ResponseType String 'Mean'"],
        ["answer", "x1 Number '5'"],
    ]


def test_a_picture_is_told_with_its_steps_and_where_its_result_lies(
    two: Path, capsys: Capture
) -> None:
    words = ("dialect", "try", str(two), "--body", "a 1", "--attr", "Key=in/a.png")
    found = document(capsys, "admin.py", *words)
    assert list(found) == list(TRIED.names)
    told = {name: found[name] for name in ("state", "request", "picture", "steps", "bucket")}
    assert told == {
        "state": "answered",
        "request": "request 2",
        "picture": "in/a.png",
        "steps": "flip",
        "bucket": "theirs",
    }
    assert found["result"] == "effect-a.png"
    misfits, answers = TRIED.parts
    assert [list(one) for one in found["misfits"]] == [list(misfits.names)]
    assert [list(one) for one in found["answers"]] == [list(answers.names)]


def test_a_refusal_ends_with_3_and_is_answered(two: Path, capsys: Capture) -> None:
    words = ("dialect", "try", str(two), "--body", "one", "--attr", "RequestType=Mean")
    found = document(capsys, "admin.py", *words, code=3)
    assert found["state"] == "refused"
    assert "one" in found["refusal"]
    assert found["answers"][0]["queue"] == "answers"


@pytest.mark.parametrize("queue", ["", "requests"])
def test_what_is_like_nothing_ends_with_3_and_a_sentence(
    two: Path, capsys: Capture, queue: str
) -> None:
    words = ["--queue", queue] if queue else []
    assert admin("dialect", "try", str(two), "--body", "1", *words) == 3
    told = capsys.readouterr().out
    assert "misfit\taverage: there is no attr.RequestType" in told
    assert "no request of the dialect is like it" in told
    assert "on requests it is put aside to the dead letters" in told


def test_another_queue_than_the_dialects_is_told(two: Path, capsys: Capture) -> None:
    words = ("--body", "1", "--queue", "elsewhere")
    assert admin("dialect", "try", str(two), *words) == 2
    assert "There is requests." in capsys.readouterr().err


def test_an_objects_text_is_given_and_no_answer_steers_a_terminal(
    tmp_path: Path, shown: Shown, capsys: Capture
) -> None:
    path = tmp_path / "object.toml"
    path.write_text(OBJECT, "utf-8")
    words = ("dialect", "try", str(path), "--body", "x", "--attr", "Key=in/list.txt")
    found = document(capsys, "admin.py", *words, "--object", "4 6")
    assert (found["object"], found["integers"]) == ("in/list.txt", [4, 6])
    assert (found["content"], found["result"]) == ("5", "answers/list.txt")
    assert found["answers"][0]["queue"] == "responseQueue"
    screen = "\n".join(shown(f"admin.py {' '.join(words)}"))
    assert "\\x9b2J answers/list.txt" in screen
    assert "\x9b" not in screen


def test_the_usual_settings_hold_for_a_trial(two: Path) -> None:
    words = ("dialect", "try", str(two), "--body", "1,-2", "--attr", "RequestType=Mean")
    assert admin(*words) == 3
    assert admin(*words, "--allow-negative", "true", "--id", ID) == 0
