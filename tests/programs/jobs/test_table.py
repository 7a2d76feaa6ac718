"""What is said of a job that is opened."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from labapp.jobs.entry import Entry
from labapp.jobs.picture_kind import PICTURES
from labapp.programs.jobs.table import JOBS, saved_line


def job(note: dict[str, str], status: str = "done") -> Entry:
    return Entry("01J", "ada", PICTURES.name, "inbox/1.jpg", 1.0, status, 2.0, "outbox/1.jpg", "",
                 json.dumps(note))  # fmt: skip


def test_an_opened_job_says_where_its_result_was_saved_or_how_to_get_it(tmp_path: Path) -> None:
    file = tmp_path / "1-blur.jpg"
    saved = job({"saved": str(file)})
    assert saved_line(saved) == f"{file}, which is gone: 'client.py fetch 01J' saves it again"
    file.touch()
    assert saved_line(saved) == str(file)
    assert saved_line(job({})) == "not saved yet: 'client.py fetch 01J' saves it"
    assert saved_line(job({"saved": str(file)}, "pending")) == ""


@pytest.mark.parametrize("field", ["source", "saved"])
def test_what_is_for_people_is_not_in_json(field: str) -> None:
    assert field in JOBS.details
    assert field not in JOBS.document(job({}))
