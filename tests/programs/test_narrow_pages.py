"""At 40 columns every page still shows what it is opened for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from labapp.console import figures, theme
from labapp.dataset.statistics import DatasetSnapshot
from labapp.jobs import queue_counts
from labapp.jobs.logbook import Log
from labapp.labels.annotators import AnnotatorReport, Flag
from labapp.labels.export import FORMATS
from labapp.programs.logs.table import LOGS
from labapp.programs.queues.table import QUEUES
from labapp.programs.statistics import screen
from labapp.programs.statistics.annotators_table import annotators
from labapp.programs.workers import console

#: What a page has of a window of 40 columns.
COLUMNS = 37

ROWS = [
    queue_counts.QueueRow("requestQueue", 1234, 5, 0, 17, 33),
    queue_counts.QueueRow("responseQueue-anna-55100e0b83ab", 3, 0, 0, None, None),
]


class Held:
    """Stands for what a page looks at again and again."""

    error = ""

    def __init__(self, value: object) -> None:
        self.value = value


def console_queues(rows: list[queue_counts.QueueRow]) -> Any:
    return console._queues(cast("Any", Held(rows)))


def drawn(body: Any, columns: int = COLUMNS) -> list[str]:
    return theme.detect("never").ansi(body, columns).splitlines()


@pytest.mark.parametrize("table", [QUEUES.on_page, console_queues])
def test_the_dead_letters_stay_in_sight(table: Any) -> None:
    head, _, requests, replies = drawn(table(ROWS))
    assert head.split() == ["queue", "waiting", "dead"]
    assert requests.split() == ["requestQueue", "1,234", "17"]
    assert replies.startswith("responseQueue-anna-")
    assert replies.split()[1:] in (["3", "─"], ["3", "-"])  # as the console can


def test_where_there_is_room_the_heading_is_whole() -> None:
    sheet = theme.detect("never").ansi(QUEUES.on_page(ROWS), 97)
    assert sheet.splitlines()[0].split()[-2:] == ["dead", "letters"]


def test_a_logs_status_stays_in_sight_on_any_day() -> None:
    log = Log(
        "logs/x",
        "01JD3",
        "2026-11-20T10:00:00Z",
        "numbers",
        "anna",
        "'1'",
        "refused",
        "too many integers: 12 of 10 at most",
    )
    head, _, row = drawn(LOGS.on_page([log]))
    assert head.split() == ["status", "request", "outcome"]
    assert row.split()[0] == "refused"


@pytest.mark.parametrize("name", ["anna", "a.very.long.name.of.somebody"])
def test_an_annotators_flags_stay_in_sight(name: str) -> None:
    report = AnnotatorReport(
        name, 120, {1: 60, 0: 60}, 100, 50, datetime.now(UTC), 0.5, (Flag.ONE_KEY, Flag.TOO_FAST)
    )
    head, _, row = drawn(annotators().on_page((report,)))
    assert head.split()[-1] == "flags"
    assert "! one" in row
    assert "120" in row


def test_the_statistics_say_when_they_were_read_and_stay_true() -> None:
    read_at = datetime.now(UTC) - timedelta(days=2)
    look = DatasetSnapshot(read_at, {}, (), (), 0)
    known: Any = SimpleNamespace(
        look=look, summary=look.summary(3), target=3, model=None, disputed=[]
    )
    page = screen._overview(known)
    assert drawn(page(COLUMNS, 20))[0].split("as of")[1].strip() == figures.clock(read_at)


def test_an_annotator_was_last_seen_at_a_moment_which_stays_true() -> None:
    seen = datetime.now(UTC) - timedelta(days=2)
    report = AnnotatorReport("ana", 120, {1: 60, 0: 60}, 100, 50, seen, 0.5, ())
    _, _, row = drawn(annotators().on_page((report,)), 120)
    assert figures.clock(seen) in row


def test_what_a_format_is_stands_whole_on_the_exports_page_of_80_columns() -> None:
    room = 80 - len(" > 1  csv for Excel   ") - len("  ")
    assert {name: text for name, one in FORMATS.items() if len(text := one.note) > room} == {}
