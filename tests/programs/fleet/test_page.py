"""The fleet's page: its header line, its instances, and the keys that make sense just now."""

from __future__ import annotations

from dataclasses import replace

from labapp.cloud.fleet.model import Event, Fleet
from labapp.programs.fleet import page, table
from labapp.programs.fleet.looking import Found
from tests.programs.fleet.kit import CODE, FLEET, drawn


def letters(fleet: Fleet | None, *, is_busy: bool = False) -> list[str]:
    found = Found(fleet, "", []) if fleet else None
    return [f"{key.letter} {key.words}" for key in page.keys_of(found, is_busy=is_busy)]


def test_the_header_line_says_how_it_is() -> None:
    assert table.headline(FLEET, CODE.key) == (
        "fleet labapp in eu-central-1: 2 of 1 to 3 at work, code 089585b0 (this checkout),"
        " parked: no"
    )
    assert table.headline(replace(FLEET, is_parked=True), "another").endswith(
        "code 089585b0, parked: yes"
    )
    assert table.headline(Fleet("labapp", "", "eu-central-1")) == (
        "no fleet labapp in eu-central-1: 'deploy up' makes one"
    )


def test_what_is_wrong_stands_below_it() -> None:
    assert table.state_of(FLEET) == ""
    busy = replace(FLEET, status="UPDATE_IN_PROGRESS")
    assert table.state_of(busy) == "AWS is at it: UPDATE_IN_PROGRESS"
    failed = replace(FLEET, status="UPDATE_ROLLBACK_COMPLETE", reason="Workers failed")
    assert table.state_of(failed) == "UPDATE_ROLLBACK_COMPLETE: Workers failed"


def test_keys_are_those_of_the_state() -> None:
    there = ["3 logs", "4 roll back", "5 remove", "r refresh"]
    assert letters(None) == ["1 plan and make", "r refresh"]
    assert letters(Fleet("labapp", "", "eu-central-1")) == ["1 plan and make", "r refresh"]
    failed = Fleet("labapp", "", "eu-central-1", boot_logs=("deploy/boot/i-0f.log",))
    assert letters(failed) == ["1 plan and make", "3 logs", "r refresh"]
    assert letters(FLEET) == ["1 plan and make", "2 park", *there]
    assert letters(replace(FLEET, is_parked=True)) == ["1 plan and make", "2 wake", *there]
    asleep = replace(FLEET, desired=0, instances=())
    assert letters(asleep) == ["1 plan and make", "2 wake", *there]
    assert letters(FLEET, is_busy=True) == ["1 progress", "3 logs", "r refresh"]


def test_a_wide_page_has_all_columns_and_a_narrow_one_those_that_matter() -> None:
    wide = "\n".join(drawn(page.body(Found(FLEET, CODE.key, [])), 80))
    for told in ("i-00000000000000001", "eu-central-1b", "t3.micro", "Pending", "089585b0"):
        assert told in wide
    assert "backlog: 12.3 pictures an instance" in wide
    assert "alarms on: labapp-dead-requestQueue" in wide
    narrow = drawn(page.body(Found(FLEET, CODE.key, [])), 38)
    assert max(map(len, narrow)) <= 38
    assert "Pending" in "\n".join(narrow)
    assert "t3.micro" not in "\n".join(narrow)


def test_while_aws_is_at_it_its_last_events_are_shown() -> None:
    busy = replace(FLEET, status="UPDATE_IN_PROGRESS")
    event = Event("1", 0.0, "Workers", "group", "UPDATE_FAILED", "no capacity")
    told = "\n".join(drawn(page.body(Found(busy, "", [event]))))
    assert "AWS is at it: UPDATE_IN_PROGRESS" in told
    assert "Workers UPDATE_FAILED: no capacity" in told


def test_what_aws_says_steers_no_terminal() -> None:
    busy = replace(FLEET, status="UPDATE_IN_PROGRESS")
    event = Event("1", 0.0, "Workers", "group", "UPDATE_FAILED", "\x1b]0;mine\x07 no\ncapacity")
    told = "\n".join(drawn(page.body(Found(busy, "", [event]))))
    assert "\x1b]" not in told
    assert "\x07" not in told


def test_a_boot_that_failed_is_told() -> None:
    (told,) = [
        line for line in table.remarks(replace(FLEET, boot_logs=("a", "b"))) if "boot" in line
    ]
    assert told == "2 boots failed: 'deploy logs' shows the last one's log"


def test_an_instance_that_is_wanted_and_not_there_is_told() -> None:
    assert "wanted, and not there yet: 1 instance" in table.remarks(replace(FLEET, desired=4))
    assert not [one for one in table.remarks(FLEET) if "wanted" in one]
