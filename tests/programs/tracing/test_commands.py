"""`trace` of both programs: a table on a terminal, rows in a pipe, one document."""

from __future__ import annotations

import pytest

from labapp.cloud.session import Cloud
from labapp.jobs.number_kind import NUMBERS
from labapp.jobs.session import ClientSession
from labapp.jobs.tracing import NAMES
from labapp.programs.tracing.table import STEPS, TRACE
from tests.programs.conftest import Shown
from tests.support.commands import admin, client, document

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def job(cloud: Cloud) -> str:
    """Send a list, which nobody takes."""
    with ClientSession(cloud) as session:
        (sent,) = session.submit(NUMBERS, ["1,12,55,4"])
    return sent


@pytest.mark.parametrize("program", ["client.py", "admin.py"])
def test_the_document_has_the_fields_that_are_told(job: str, program: str, capsys: Capture) -> None:
    found = document(capsys, program, "trace", job)
    assert list(found) == [*TRACE.names, "steps"]
    assert [list(one) for one in found["steps"]] == [list(STEPS.listing.names)] * len(NAMES)
    assert (found["job"], found["kind"], found["request"]) == (job, "numbers", "1,12,55,4")
    assert (found["status"], found["worker"], found["receives"]) == (None, None, None)
    assert found["verdict"].startswith("sent, not received: 1 waits in requestQueue, no worker")
    assert found == document(capsys, program, "trace", job[:9]) | {"job": job}


def test_without_a_name_it_is_the_last_one_that_was_sent_from_here(
    job: str, capsys: Capture
) -> None:
    assert document(capsys, "client.py", "trace")["job"] == job


def test_a_pipe_gets_a_row_for_each_step_and_the_verdict(job: str, capsys: Capture) -> None:
    assert admin("trace", job) == 0
    rows = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert [row[:2] for row in rows] == [[job, name] for name in (*NAMES, "verdict")]
    assert {len(row) for row in rows} == {6}
    assert rows[0][2].endswith("Z")
    assert rows[1][3:5] == ["", "missing"]


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_a_terminal_gets_a_table_that_fits_it(job: str, shown: Shown, columns: int) -> None:
    lines = shown("client.py trace", columns=columns)
    assert all(len(line) <= columns for line in lines)
    assert job in lines[0]
    text = " ".join(" ".join(lines).split())
    assert all(name in text for name in NAMES)
    assert "no worker is at work" in text


@pytest.mark.usefixtures("cloud")
def test_no_such_job_says_what_can_be_named(capsys: Capture) -> None:
    assert client("trace") == 2
    assert "no job was sent from this machine yet" in capsys.readouterr().err
    assert admin("trace", "../x") == 2
    assert "no job's id" in capsys.readouterr().err
