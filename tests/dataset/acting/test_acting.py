"""An admin's acts on a bucket: the dry run's figures are what happens, and nothing is lost."""

from __future__ import annotations

import itertools
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labapp.dataset import acting, label_writer
from labapp.dataset.label_parts import read_whole
from labapp.errors import RefusedError, TooLargeError, UnreachableError
from labapp.labels import label_file
from labapp.labels.classes import DEFAULT_SCHEME
from labapp.labels.effective import AS_WRITTEN
from labapp.labels.effects import effect
from labapp.labels.label_file import Label
from labapp.labels.layout import OWN
from labapp.settings import Settings
from tests.dataset.acting.acting_kit import SCRIPTS, carried, counted, look_at, made
from tests.dataset.dataset_kit import MemoryBucket, answer, label_file_of, stock
from tests.labels.builders import entries

#: Numbers of homes.
HOMES = itertools.count()

HOT_DOG, OTHER = DEFAULT_SCHEME.classes


@pytest.fixture
def bucket(tmp_path: Path) -> MemoryBucket:
    return MemoryBucket(tmp_path)


def test_withdrawn_answers_count_no_more_and_come_back(bucket: MemoryBucket) -> None:
    keys = stock(bucket, 3)
    answer(bucket, keys[0], "ana1", "bo0", "cy0")
    answer(bucket, keys[1], "ana1", "ana0", "bo0")
    answer(bucket, keys[2], "bo1")
    before = look_at(bucket)
    plan = acting.withdrawal(before, "ana")
    assert plan.lines == {keys[0]: 1, keys[1]: 2}
    assert look_at(bucket).pictures == before.pictures  # a plan writes nothing
    assert carried(bucket, plan) == plan.lines
    after = look_at(bucket)
    assert effect(before.pictures, after.pictures) == plan.effect
    assert (plan.effect.pictures, plan.effect.answers_less) == (2, 2)
    assert acting.withdrawal(after, "ana").total == 0
    assert carried(bucket, plan) == {keys[0]: 0, keys[1]: 0}  # and so of an old plan
    answer(bucket, keys[2], "ana1")
    assert [one.annotator for one in look_at(bucket).picture(keys[2]).answers] == ["bo", "ana"]
    back = acting.restoration(look_at(bucket), "ana")
    assert (back.total, back.effect.answers_more) == (3, 2)
    carried(bucket, back)
    assert counted(look_at(bucket))[:2] == counted(before)[:2]


def test_one_that_was_stopped_is_finished_and_doubles_nothing(bucket: MemoryBucket) -> None:
    keys = stock(bucket, 150)
    for key in keys:
        answer(bucket, key, "ana1")
    plan = acting.withdrawal(look_at(bucket), "ana")
    through: list[str] = []
    for key, _ in acting.carry_out(bucket, plan, "eve", lambda: len(through) >= 3):
        through.append(key)
        answer(bucket, key, "bo1")
    assert 3 <= len(through) < 150
    rest = acting.withdrawal(look_at(bucket), "ana")
    assert rest.total == 150 - len(through)
    carried(bucket, rest)
    for key in keys:
        kinds = [entry.label for entry in label_file_of(bucket, key).entries]
        assert kinds.count(Label.WITHDRAWAL) == 1
    assert sum(len(one.answers) for one in look_at(bucket).pictures) == len(through)


def test_others_who_write_meanwhile_lose_nothing(bucket: MemoryBucket) -> None:
    key = stock(bucket, 1)[0]
    answer(bucket, key, "ana1")
    plan = acting.withdrawal(look_at(bucket), "ana")
    late = iter(["bo1", "ana0", "cy1"])

    def before_put(key: str, body: bytes) -> None:
        if b"\nx " in body and (word := next(late, "")):
            answer(bucket, keys[0], word)

    keys = [key]
    bucket.before_put = before_put
    # What ana said until the line came in is withdrawn with the rest.
    assert carried(bucket, plan) == {key: 2}
    assert [one.annotator for one in look_at(bucket).picture(key).answers] == ["bo", "cy"]


def test_a_write_that_seemed_lost_is_not_done_again(
    bucket: MemoryBucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(label_writer, "pause", lambda *_: None)
    key = stock(bucket, 1)[0]
    answer(bucket, key, "ana1")
    plan = acting.withdrawal(look_at(bucket), "ana")
    fails = iter([True])

    def after_put(key: str) -> None:
        if next(fails, False):
            raise UnreachableError("gone")

    bucket.after_put = after_put
    assert carried(bucket, plan) == {key: 1}
    settled = acting.settle(bucket, key, OTHER, "eve", AS_WRITTEN)
    assert settled.lines == 1
    assert len(label_file_of(bucket, key).entries) == 3


def test_of_two_verdicts_one_is_taken_back_though_that_seemed_lost(
    bucket: MemoryBucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(label_writer, "pause", lambda *_: None)
    key = stock(bucket, 1)[0]
    for label_class in (HOT_DOG, OTHER):
        acting.settle(bucket, key, label_class, "eve", AS_WRITTEN)
    fails = iter([True])

    def after_put(_: str) -> None:
        if next(fails, False):
            label_writer.answer(bucket, key, Label.ONE, "ana")
            raise UnreachableError("gone")

    bucket.after_put = after_put
    taken_back = acting.unsettle(bucket, key, "eve", AS_WRITTEN)
    assert (taken_back.lines, len(label_file_of(bucket, key).entries)) == (1, 4)
    verdict = look_at(bucket).picture(key).verdict
    assert verdict is not None
    assert (verdict.code, taken_back.after.verdict) == (HOT_DOG.code, verdict)


def test_where_conditions_are_not_heeded_lines_lie_beside_the_file(bucket: MemoryBucket) -> None:
    bucket.heeds = False
    key = stock(bucket, 1)[0]
    answer(bucket, key, "ana1", "bo0")
    before = look_at(bucket)
    assert before.in_parts == {key}
    carried(bucket, acting.withdrawal(before, "ana"))
    assert [one.annotator for one in look_at(bucket).picture(key).answers] == ["bo"]
    acting.settle(bucket, key, HOT_DOG, "eve", AS_WRITTEN)
    bucket.heeds = True  # it was moved to another store: what lies beside is read there too
    assert acting.unsettle(bucket, key, "eve", AS_WRITTEN).lines == 1
    carried(bucket, acting.restoration(look_at(bucket), "ana"))
    assert counted(look_at(bucket)) == counted(before)


def test_a_withdrawal_is_ended_though_another_admins_clock_is_behind(
    bucket: MemoryBucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket.heeds = False
    key = stock(bucket, 1)[0]
    answer(bucket, key, "ana1")
    carried(bucket, acting.withdrawal(look_at(bucket), "ana"))
    monkeypatch.setattr("labapp.utc.now", lambda: entries("ana1")[0].at)
    carried(bucket, acting.restoration(look_at(bucket), "ana"))
    assert [one.annotator for one in look_at(bucket).picture(key).answers] == ["ana"]


def test_a_verdict_settles_a_picture_until_it_is_taken_back(bucket: MemoryBucket) -> None:
    key = stock(bucket, 1)[0]
    answer(bucket, key, "ana1", "bo0")
    before = look_at(bucket)
    dry = acting.settle(bucket, key, OTHER, "eve", AS_WRITTEN, dry=True)
    assert look_at(bucket).pictures == before.pictures
    done = acting.settle(bucket, key, OTHER, "eve", AS_WRITTEN)
    assert done.effect == dry.effect
    assert (done.effect.consensus, done.effect.pictures) == (1, 1)
    (verdict,) = [look_at(bucket).picture(key).verdict]
    assert verdict is not None
    assert (verdict.code, verdict.annotator) == (OTHER.code, "eve")
    assert acting.settle(bucket, key, OTHER, "bo", AS_WRITTEN).lines == 0
    acting.settle(bucket, key, HOT_DOG, "bo", AS_WRITTEN)
    undone = acting.unsettle(bucket, key, "eve", AS_WRITTEN)
    assert undone.after.verdict == verdict
    acting.unsettle(bucket, key, "eve", AS_WRITTEN)
    assert acting.unsettle(bucket, key, "eve", AS_WRITTEN).lines == 0
    assert counted(look_at(bucket)) == counted(before)


def test_flags_are_dismissed_and_brought_back(bucket: MemoryBucket) -> None:
    key = stock(bucket, 1)[0]
    for name in ("ana", "bo"):
        flag = label_file.broken(entries("ana1")[0].at, name, f"flag-{name}", "blurry")  # type: ignore[arg-type]
        label_writer.record(bucket, key, flag)
    before = look_at(bucket)
    assert acting.dismiss(bucket, key, "eve", AS_WRITTEN, dry=True).lines == 2
    assert acting.dismiss(bucket, key, "eve", AS_WRITTEN).after.broken == ()
    assert acting.dismiss(bucket, key, "eve", AS_WRITTEN).lines == 0
    assert look_at(bucket).picture(key).broken == ()
    assert acting.bring_back(bucket, key, "eve", AS_WRITTEN).lines == 2
    assert counted(look_at(bucket)) == counted(before)


DECISIONS = {
    "leave_out": (("ana",), "take_back", ("ana",)),
    "merge": (("ana_k", "ana"), "split", ("ana_k",)),
}


@pytest.mark.parametrize("what", DECISIONS)
@given(scripts=st.lists(SCRIPTS, min_size=1, max_size=3))
@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_decision_does_what_its_dry_run_says_and_can_be_taken_back(
    tmp_path: Path, what: str, scripts: list[str]
) -> None:
    bucket = MemoryBucket(tmp_path / str(next(HOMES)))  # whose cache knows of no other example
    keys = stock(bucket, len(scripts))
    for key, script in zip(keys, scripts, strict=True):
        lines = (b"1\n" if one.is_bare else label_file.format_line(one) for one in entries(script))
        bucket.write(OWN.label_key(key), b"".join(lines))
    names, reverse, back = DECISIONS[what]
    before = look_at(bucket)
    planned = made(bucket, before, what, *names)
    acting.keep(bucket, planned.edit)
    after = look_at(bucket)
    assert effect(before.pictures, after.pictures) == planned.effect
    assert not made(bucket, after, what, *names).is_new
    planned = made(bucket, after, reverse, *back)
    acting.keep(bucket, planned.edit)
    assert effect(after.pictures, look_at(bucket).pictures) == planned.effect
    assert effect(before.pictures, look_at(bucket).pictures).pictures == 0


@given(scripts=st.lists(SCRIPTS, min_size=1, max_size=3), merged=st.booleans())
@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_withdrawal_does_what_its_dry_run_says_and_can_be_taken_back(
    tmp_path: Path, scripts: list[str], merged: bool
) -> None:
    bucket = MemoryBucket(tmp_path / str(next(HOMES)))  # whose cache knows of no other example
    keys = stock(bucket, len(scripts))
    for key, script in zip(keys, scripts, strict=True):
        named = [one for one in entries(script) if not one.is_bare]
        bucket.write(OWN.label_key(key), b"".join(map(label_file.format_line, named)))
    if merged:
        acting.keep(bucket, lambda decided: decided.merge("ana_k", "ana"))
    looks = [look_at(bucket)]
    for planned in (acting.withdrawal, acting.restoration):
        plan = planned(looks[-1], "ana")
        assert carried(bucket, plan) == plan.lines
        looks.append(look_at(bucket))
        assert effect(looks[-2].pictures, looks[-1].pictures) == plan.effect
    assert effect(looks[0].pictures, looks[2].pictures).pictures == 0


def test_decisions_that_are_made_at_once_are_all_kept(bucket: MemoryBucket) -> None:
    others = iter(["bo", "cy"])

    def before_put(key: str, body: bytes) -> None:
        if name := next(others, ""):
            acting.keep(bucket, lambda decided: decided.leave_out(name))

    bucket.before_put = before_put
    decided = acting.keep(bucket, lambda decided: decided.leave_out("ana"))
    assert sorted(decided.left_out) == ["ana", "bo", "cy"]


def test_a_file_that_would_be_too_large_hinders_no_other(
    bucket: MemoryBucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = stock(bucket, 40)
    for key in keys:
        answer(bucket, key, "ana1")
    answer(bucket, keys[0], "a_long_name_of_nobody1")
    plan = acting.withdrawal(look_at(bucket), "ana")
    monkeypatch.setattr("labapp.cloud.bounds.LABELS", 170)
    with pytest.raises(TooLargeError, match="at most 170 are read"):
        carried(bucket, plan)
    monkeypatch.undo()
    assert acting.withdrawal(look_at(bucket), "ana").lines == {keys[0]: 1}


def test_labs_own_layouts_refuse_what_they_cannot_hold(bucket: MemoryBucket) -> None:
    bucket.cloud = SimpleNamespace(
        home=bucket.cloud.home,
        settings=Settings(images_prefix="pics/", labels_key="pics/{name}.txt", layout_writes=True),
    )
    bucket.write("pics/a.jpg", b"a")
    bucket.write("pics/a.jpg.txt", b"110")
    look = look_at(bucket)
    for who in ("ana", ""):
        with pytest.raises(RefusedError, match=r"lab's own"):
            acting.withdrawal(look, who)
    with pytest.raises(RefusedError, match="bare answers only"):
        acting.settle(bucket, "pics/a.jpg", OTHER, "eve", AS_WRITTEN)
    planned = made(bucket, look, "leave_out", "")
    assert planned.effect.answers_less == 3
    acting.keep(bucket, planned.edit)
    assert look_at(bucket).pictures[0].answers == ()
    acting.keep(bucket, lambda decided: decided.take_back(""))
    assert len(look_at(bucket).pictures[0].answers) == 3


def test_answers_of_labs_programs_are_not_withdrawn(bucket: MemoryBucket) -> None:
    key = stock(bucket, 1)[0]
    bucket.write(OWN.label_key(key), b"1\n0\n")
    with pytest.raises(RefusedError, match="leave-out"):
        acting.withdrawal(look_at(bucket), "")
    assert read_whole(bucket, OWN.label_key(key)) == b"1\n0\n"
    assert list(itertools.islice(acting.carry_out(bucket, acting.withdrawal(look_at(bucket), "x"),
                                                  "eve"), 1)) == []  # fmt: skip
