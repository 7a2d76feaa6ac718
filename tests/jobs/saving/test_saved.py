"""A file is known as a result of this machine's by the place, the name and the time of its job."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path

import pytest

from labapp.cloud.session import Cloud
from labapp.jobs.entry import Entry
from labapp.jobs.saving import saved_for, saved_here
from labapp.jobs.session import open_ledger
from labapp.jobs.wire import DONE, Reply
from tests.support.settling import settle

SENT = 1_000_000.0


def sent(
    folder: Path, at: float = SENT, status: str = "done", kind: str = "pictures", name: str = "cat"
) -> Entry:
    """Return a job that was to save its result in a folder as `cat-blur`."""
    note = {"path": f"/somewhere/{name}.png", "folder": str(folder), "label": "blur"}
    return Entry("j", "ada", kind, "", at, status, at + 1, "", "", json.dumps(note))


def file_at(path: Path, changed_at: float = SENT) -> Path:
    path.write_bytes(b"x")
    os.utime(path, (changed_at, changed_at))
    return path


@pytest.mark.parametrize(
    ("name", "is_result"),
    [
        ("cat-blur.png", True),
        ("cat-blur.jpg", True),
        ("cat-blur-2.png", True),
        ("cat-blur-37.png", True),
        ("cat-blur-2-3.png", False),
        ("cat-blur-.png", False),
        ("cat-blur2.png", False),
        ("cat.png", False),
        ("2-cat-blur.png", False),
    ],
)
def test_a_result_has_its_jobs_name_with_a_number_where_that_was_taken(
    tmp_path: Path, name: str, is_result: bool
) -> None:
    assert saved_for([sent(tmp_path)])(file_at(tmp_path / name)) is is_result


def test_a_job_whose_name_ends_with_a_number_is_known_by_it(tmp_path: Path) -> None:
    note = {"path": "cat.png", "folder": str(tmp_path), "label": "rotate-90"}
    entry = Entry("j", "ada", "pictures", "", SENT, "done", SENT, "", "", json.dumps(note))
    assert saved_for([entry])(file_at(tmp_path / "cat-rotate-90.png"))


def test_a_name_that_not_every_disk_takes_is_known_by_what_became_of_it(tmp_path: Path) -> None:
    note = {"path": "a:b.png", "folder": str(tmp_path), "label": "blur"}
    entry = Entry("j", "ada", "pictures", "", SENT, "done", SENT, "", "", json.dumps(note))
    assert saved_for([entry])(file_at(tmp_path / "a_b-blur.png"))
    assert saved_for([entry])(file_at(tmp_path / "a_b-blur-2.png"))


@pytest.mark.parametrize(("later", "is_result"), [(-1, False), (0, True), (1, True)])
def test_what_was_there_before_the_job_is_none(
    tmp_path: Path, later: float, is_result: bool
) -> None:
    path = file_at(tmp_path / "cat-blur.png", SENT + later)
    assert saved_for([sent(tmp_path)])(path) is is_result


def test_of_several_jobs_of_a_name_the_first_counts_in_whatever_order(tmp_path: Path) -> None:
    jobs = [sent(tmp_path, SENT + 10), sent(tmp_path, SENT), sent(tmp_path, SENT + 20)]
    path = file_at(tmp_path / "cat-blur.png", SENT + 5)
    assert saved_for(jobs)(path)
    assert not saved_for([jobs[0], jobs[2]])(path)


def test_another_folder_and_a_job_that_is_not_done_or_of_numbers_are_none(tmp_path: Path) -> None:
    path = file_at(tmp_path / "cat-blur.png")
    for entry in (
        sent(tmp_path / "other"),
        sent(tmp_path, status="failed"),
        sent(tmp_path, kind="numbers"),
    ):
        assert not saved_for([entry])(path)


def test_a_file_that_is_gone_is_none(tmp_path: Path) -> None:
    assert saved_for([sent(tmp_path)])(tmp_path / "cat-blur.png") is False


def test_a_job_without_a_folder_saved_where_its_program_ran(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    entry = Entry("j", "a", "pictures", "", SENT, "done", SENT, "", '{"key": "outbox/j/x-1.png"}')
    file_at(tmp_path / "x-result.png")
    assert saved_for([entry])(Path("x-result.png"))
    assert saved_for([entry])(tmp_path / "x-result.png")


def test_a_machine_that_sent_nothing_knows_of_none_and_makes_no_ledger(
    cloud: Cloud, tmp_path: Path
) -> None:
    assert saved_here(cloud)(file_at(tmp_path / "cat-blur.png")) is False
    assert not list(cloud.home.glob("jobs.sqlite*"))


def test_the_ledger_tells_what_this_machine_sent(cloud: Cloud, tmp_path: Path) -> None:
    cloud.home.mkdir(parents=True)
    with contextlib.closing(open_ledger(cloud)) as ledger:
        note = {"path": "cat.png", "folder": str(tmp_path), "label": "blur"}
        ledger.add([("j", "")], "ada", "pictures", json.dumps(note))
        settle(ledger, Reply("outbox/j/cat.png", "j", DONE), "ada")
    (tmp_path / "cat-blur.png").touch()
    os.utime(tmp_path / "cat-blur.png", (4e9, 4e9))
    assert saved_here(cloud)(tmp_path / "cat-blur.png")
    assert (cloud.home / "jobs.sqlite").exists(), "as every version calls it"
    assert not (cloud.home / "jobs.sqlite-wal").exists(), "it is closed again"
