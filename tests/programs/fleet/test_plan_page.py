"""The page of a plan: question and cost are seen at once, keys change what is asked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest

from labapp.cloud.fleet.model import Change, Wishes
from labapp.cloud.session import Cloud
from labapp.console import Back, prompts
from labapp.programs.fleet import plan_page
from labapp.programs.fleet.plan import told_of_changes
from labapp.programs.fleet.rollout import Rollout
from tests.programs.fleet.kit import CHANGES, CODE, drawn, plan

MENU = cast("Any", type("Menu", (), {"frame": None}))

QUESTION = (
    "Make this in account 1234…9012, eu-central-1, at about $12.10 a month while 1 instance runs,"
    " $37 at most?"
)


def rollout(code: Any = None) -> Rollout:
    return Rollout(cast("Cloud", None), Wishes(), code=code)


def test_the_question_names_account_region_and_cost() -> None:
    assert plan().question == QUESTION


def test_a_high_page_has_what_changes_above_what_it_costs() -> None:
    lines = drawn(plan_page.body(plan(), rows=40), 120)
    assert lines[0] == QUESTION
    assert lines.index(next(x for x in lines if "Resource17" in x)) < lines.index(
        next(x for x in lines if x.startswith("in all"))
    )


def test_a_low_page_has_the_cost_first_and_says_how_much_changes() -> None:
    lines = drawn(plan_page.body(plan(), rows=15), 80)
    assert "18 to add; all of it stands below" in lines
    assert next(n for n, x in enumerate(lines) if x.startswith("in all")) < 12
    assert "Resource17" in "\n".join(lines)


def test_where_nothing_would_change_it_cannot_be_made() -> None:
    same = plan(())
    assert drawn(plan_page.body(same, rows=30))[0].startswith("nothing would change: about $12.10")
    assert [key.letter for key in plan_page.keys_of(rollout(), same)] == ["m", "x", "t", "e"]


def test_earlier_code_is_made_or_not() -> None:
    assert [key.letter for key in plan_page.keys_of(rollout(CODE), plan())] == ["y"]


def test_in_aws_academy_the_identity_is_a_choice() -> None:
    academy = plan(academy=True)
    assert [key.letter for key in plan_page.keys_of(rollout(), academy)][-1] == "i"
    assert "everybody in the account may do everything" in " ".join(
        drawn(plan_page.body(academy, rows=40), 200)
    )
    own = plan_page.changed(MENU, Wishes(), academy, plan_page.PROFILE)
    assert own == Wishes(profile="")
    without = replace(academy, wishes=replace(academy.wishes, profile=""))
    assert plan_page.changed(MENU, own, without, plan_page.PROFILE) == Wishes(
        profile="LabInstanceProfile"
    )


def test_keys_change_one_value_and_keep_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prompts, "integer", lambda *_, **__: 5)
    monkeypatch.setattr(prompts, "text", lambda *_, **__: " eva@example.org ")
    monkeypatch.setattr(plan_page, "search_list", lambda *_, **__: "t4g.small")
    wishes = Wishes(key_name="mine")
    least = plan_page.changed(MENU, wishes, plan(), plan_page.LEAST)
    assert (least.least, least.most, least.key_name) == (5, 5, "mine")
    most = plan_page.changed(MENU, wishes, plan(), plan_page.MOST)
    assert (most.least, most.most) == (1, 5)
    assert plan_page.changed(MENU, wishes, plan(), plan_page.TYPE).type == "t4g.small"
    mail = plan_page.changed(MENU, wishes, plan(), plan_page.MAIL)
    assert mail == replace(wishes, email="eva@example.org")
    assert plan_page._wrong_mail("eva") == "'eva' is no e-mail address"
    assert plan_page._wrong_mail("") == ""


def test_a_question_that_is_left_plans_nothing_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    planned: list[Wishes] = []

    def plan_it(_menu: Any, asked: Rollout, _title: str) -> Any:
        planned.append(asked.wishes)
        return plan()

    answers = iter([None, 1, 5])

    def ask(*_: object, **__: object) -> int:
        if (answer := next(answers)) is None:
            raise Back
        return answer

    keys = iter([plan_page.LEAST, plan_page.MOST, plan_page.MOST, None])
    monkeypatch.setattr(plan_page, "planned", plan_it)
    monkeypatch.setattr(plan_page, "_show", lambda *_: next(keys))
    monkeypatch.setattr(prompts, "integer", ask)
    plan_page.run(MENU, rollout())
    assert [(one.least, one.most) for one in planned] == [(None, None), (1, 1), (1, 5)]


def test_instances_are_made_anew_with_a_stack_and_with_its_launch_template() -> None:
    assert plan().renews
    other = replace(plan().change_set, is_new=False)
    grown = replace(other, changes=(Change("change", "Workers", "group"),))
    assert not replace(plan(), change_set=grown).renews
    updated = replace(other, changes=(Change("change", "WorkerTemplate", "template"),))
    assert replace(plan(), change_set=updated).renews


def test_changes_are_counted_by_what_is_done() -> None:
    mixed = (*CHANGES[:2], replace(CHANGES[3], action="replace"))
    assert told_of_changes(mixed) == "2 to add, 1 to replace"
