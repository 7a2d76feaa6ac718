"""How long people wait for a fleet, and what it costs, by the model of `scaling`.

The figures are those that the manual has. Who changes a target, a warm-up or a size in the template
changes them here, and sees for which load.
"""

from __future__ import annotations

import copy
import functools
from dataclasses import replace
from pathlib import Path

import pytest

import labapp
from tests.cloud.fleet.scaling import ROWS, Figures, Row, Rules, run, table
from tests.cloud.fleet.template_document import Document

#: By load: the longest wait, the percents of the time over the target, the instance-hours, and the
#: instances at the end, of scaling by backlog alone and by CPU too.
RECORDED = {
    "1 picture a second, steady": ((0, 0, 4.0, 1), (0, 0, 8.1, 2)),
    "2 pictures a second, steady": ((115, 24, 10.2, 3), (115, 2, 11.8, 3)),
    "lesson: 30 students, 1.5/s for 90 min": ((57, 7, 4.8, 1), (25, 0, 5.8, 1)),
    "ramp to 8/s in 2 h, max 9": ((264, 12, 12.5, 1), (7, 0, 15.6, 1)),
    "burst of 300": ((150, 1, 4.0, 1), (150, 1, 4.3, 1)),
    "burst of 3,000": ((867, 6, 4.9, 1), (867, 6, 5.0, 1)),
    "burst of 3,000, max 9": ((476, 3, 6.7, 1), (476, 3, 7.3, 1)),
    "burst of 300 from zero": ((310, 1, 0.6, 0), (310, 1, 0.6, 0)),
    # Two minutes less than a model in which an instance that boots is taken for idle.
    "the same, queue asleep": ((1150, 1, 0.6, 0), (1150, 1, 0.6, 0)),
    "burst of 3,000, fixed fleet of 1": ((2040, 14, 4.0, 1), (2040, 14, 4.0, 1)),
    "burst of 3,000, fixed fleet of 3": ((640, 5, 12.0, 3), (640, 5, 12.0, 3)),
}

HELP = Path(labapp.__file__).parent / "help"

RULES = Rules.of(Document.of_the_lab())
BY_NAME = {row.name: row for row in ROWS}


@functools.cache
def figures(row: Row, *, by_cpu: bool = True) -> Figures:
    return run(row.load, row.rules(RULES, by_cpu=by_cpu), row.machine)


def test_the_template_has_the_rules_that_were_chosen() -> None:
    assert Rules(target=60, cpu=0.6, cpu_minutes=5, warmup=120, least=1, most=3) == RULES


@pytest.mark.parametrize("by_cpu", [False, True])
@pytest.mark.parametrize("name", RECORDED)
def test_a_load_waits_and_costs_as_recorded(name: str, *, by_cpu: bool) -> None:
    found = figures(BY_NAME[name], by_cpu=by_cpu)
    told = (found.longest, round(100 * found.over), round(found.hours, 1), found.end)
    assert told == RECORDED[name][by_cpu]
    assert found.left == 0  # whatever came was done


def test_every_recorded_load_is_a_row_of_the_table() -> None:
    assert RECORDED.keys() == BY_NAME.keys()
    lines = list(table(RULES))
    assert len(lines) == len(ROWS) + 2
    assert "| lesson: 30 students, 1.5/s for 90 min | 25 | 0% | 5.8 | 3 | 1 |" in lines


def test_the_manual_has_the_table() -> None:
    assert "\n".join(table(RULES)) in (HELP / "fleet.md").read_text("utf-8")


@pytest.mark.parametrize(
    "name",
    [
        "2 pictures a second, steady",
        "lesson: 30 students, 1.5/s for 90 min",
        "ramp to 8/s in 2 h, max 9",
    ],
)
def test_scaling_by_cpu_costs_a_quarter_at_most_and_takes_the_waits_away(name: str) -> None:
    alone, both = (figures(BY_NAME[name], by_cpu=by_cpu) for by_cpu in (False, True))
    assert 1.10 < both.hours / alone.hours <= 1.25
    assert both.longest <= alone.longest
    assert both.over <= 0.03 < alone.over


@pytest.mark.parametrize(
    ("name", "longest", "hours"),
    [
        ("2 pictures a second, steady", 98, 11.8),
        ("lesson: 30 students, 1.5/s for 90 min", 17, 5.7),
        ("ramp to 8/s in 2 h, max 9", 0, 13.9),
    ],
)
def test_watched_in_detail_it_would_see_its_processors_each_minute(
    name: str, longest: int, hours: float
) -> None:
    """By what the manual says that it would cost, and save."""
    rules = BY_NAME[name].rules(replace(RULES, cpu_minutes=1), by_cpu=True)
    found = run(BY_NAME[name].load, rules)
    assert (found.longest, round(found.hours, 1)) == (longest, hours)


def test_a_fleet_goes_back_to_its_least_once_nothing_comes() -> None:
    for row in ROWS:
        if row.load(4 * 3600 - 1) == 0:
            assert figures(row).end == row.rules(RULES, by_cpu=True).least, row.name


def test_a_larger_fleet_helps_a_burst_and_another_target_hardly_does() -> None:
    row = BY_NAME["burst of 3,000"]
    of_three = figures(row)
    by_200 = run(row.load, replace(RULES, target=200.0))
    of_nine = figures(BY_NAME["burst of 3,000, max 9"])
    assert by_200.longest == of_three.longest
    assert of_nine.longest < 0.6 * of_three.longest


def test_what_is_changed_in_the_template_changes_the_model() -> None:
    document = Document(copy.deepcopy(dict(Document.of_the_lab().whole)))
    document.whole["Parameters"]["BacklogPerInstance"]["Default"] = 600
    document.whole["Resources"]["HoldCpu"]["Properties"]["TargetTrackingConfiguration"][
        "TargetValue"
    ] = 90
    changed = Rules.of(document)
    assert (changed.target, changed.cpu) == (600, 0.9)
    row = BY_NAME["2 pictures a second, steady"]
    assert run(row.load, row.rules(changed, by_cpu=True)).hours < 0.8 * figures(row).hours


def test_no_instance_is_taken_away_while_one_warms_up() -> None:
    row = BY_NAME["the same, queue asleep"]
    rules = row.rules(RULES, by_cpu=True)
    assert run(row.load, replace(rules, warmup=-100), row.machine).longest > figures(row).longest
