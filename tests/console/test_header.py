"""The header fits any window and says everything that a screen acts on."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prompt_toolkit.utils import get_cwidth

from labapp.console.header import Header, lines
from labapp.console.theme import Depth, Theme

HEADER = Header("client", "local", "us-east-1", "labapp-hotdogs", "anna", 1)


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labapp.console.theme._current", Theme(Depth.NONE))


def drawn(header: Header, columns: int, rows: int) -> list[str]:
    return ["".join(text for _, text in line) for line in lines(header, columns, rows)]


def test_in_80_columns_it_is_a_panel_of_three_rows() -> None:
    lines = drawn(HEADER, 80, 24)
    assert len(lines) == 3
    assert lines[0].startswith("╭─ labapp client · ● 1 worker ─")
    assert "cloud local · region us-east-1 · bucket labapp-hotdogs · user anna" in lines[1]


def test_in_40_by_12_it_is_two_rows_that_still_say_it_all() -> None:
    lines = drawn(HEADER, 40, 12)
    assert lines == [
        " labapp client · local · us-east-1",
        " labapp-hotdogs · anna · ● 1 worker",
    ]


def test_it_is_not_stretched_in_200_columns() -> None:
    assert max(len(line) for line in drawn(HEADER, 200, 50)) == 100


def test_a_worker_not_known_yet_is_told_from_none() -> None:
    assert "○ worker?" in drawn(replace(HEADER, workers=None), 80, 24)[0]
    assert "○ no worker" in drawn(replace(HEADER, workers=0), 80, 24)[0]
    assert "● 3 workers" in drawn(replace(HEADER, workers=3), 80, 24)[0]


@given(
    st.text(max_size=80), st.text(max_size=40), st.integers(20, 220), st.sampled_from([12, 24, 50])
)
def test_no_name_breaks_it(bucket: str, user: str, columns: int, rows: int) -> None:
    header = replace(HEADER, bucket=bucket.replace("\n", " "), user=user.replace("\n", " "))
    lines = drawn(header, columns, rows)
    assert len(lines) <= 6
    assert all(get_cwidth(line) <= columns for line in lines)
