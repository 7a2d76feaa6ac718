"""A log names pictures by keys and steps by JSON; the kind says it as people do."""

from __future__ import annotations

import pytest

from labapp.jobs.entry import Entry
from labapp.jobs.logbook import Log

KEY = "inbox/01M8AC9NMZ0000000000000000/my photo.jpg"


@pytest.mark.parametrize(
    ("kind", "request_", "told"),
    [
        ("pictures", f"""'{KEY}' '[{{"op":"blur","sigma":3}},{{"op":"flip"}}]'""",
         "my photo.jpg  blur-flip"),
        ("pictures", f"'{KEY}'", "my photo.jpg"),
        ("pictures", f"'{KEY}' '[1]'", "my photo.jpg"),
        ("pictures", "", ""),
        ("numbers", "'1,12,55,4'", "1,12,55,4"),
    ],
)  # fmt: skip
def test_a_request_is_told_by_name_and_steps(kind: str, request_: str, told: str) -> None:
    assert Log("", "", "", kind, "", request_, "", "").title == told


@pytest.mark.parametrize(
    ("kind", "status", "answer", "told"),
    [
        ("pictures", "done", "outbox/01M8AC9NMZ/my-photo-blur.jpg", "my-photo-blur.jpg"),
        ("numbers", "done", "minimum is 1 maximum is 55", "minimum is 1 maximum is 55"),
        ("pictures", "refused", "inbox/a.jpg", "inbox/a.jpg"),
    ],
)
def test_a_result_is_told_by_its_name(kind: str, status: str, answer: str, told: str) -> None:
    assert Log("", "", "", kind, "", "", status, answer).answer == told
    assert Entry("j", "ada", kind, "", 0.0, status, 1.0, answer, "").answer == told
