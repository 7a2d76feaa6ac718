"""The doctor as it is asked at the prompt: on a cloud that is well, and on ones that are not."""

from __future__ import annotations

from typing import Any

import pytest

from labapp.cloud.session import Cloud
from tests.programs.doctor.conftest import held
from tests.support.commands import document

Capture = pytest.CaptureFixture[str]
PROGRAMS = ("client.py", "admin.py", "server.py")


def doctor(capsys: Capture, program: str = "admin.py", code: int = 0) -> dict[str, Any]:
    """Return what the doctor finds, by check; of several findings of one, the worst."""
    found = document(capsys, program, "doctor", code=code)
    order = ("holds", "note", "cannot tell", "broken")
    findings = sorted(found["findings"], key=lambda one: order.index(one["state"]))
    return {one["check"]: one for one in findings}


@pytest.mark.parametrize("program", PROGRAMS)
def test_all_holds_on_an_account_that_is_set_up(well: Cloud, capsys: Capture, program: str) -> None:
    before = held(well)
    found = doctor(capsys, program)
    assert {one["state"] for one in found.values()} <= {"holds", "note"}
    assert held(well) == before
