"""Answers given are answers counted, in short: one process, its programs ended at any moment."""

from __future__ import annotations

import random
import threading
from contextlib import closing
from datetime import timedelta
from functools import partial
from operator import methodcaller
from pathlib import Path

import pytest

from labapp.dataset import acting, calls, counting, decisions, label_writer, write_behind
from labapp.dataset.statistics import Statistics
from labapp.dataset.unsent import send_leftovers
from labapp.dataset.write_behind import WriteBehind
from labapp.errors import CloudError, UnreachableError
from labapp.labels import annotator_file, label_file
from labapp.labels.classes import DEFAULT_SCHEME
from labapp.labels.label_file import Entry, Label, format_line
from labapp.labels.layout import OWN
from tests.chaos.admins import Deciding, Duty, together
from tests.chaos.audit_labels import Labelled, Said, audit
from tests.chaos.tally_labels import Decided
from tests.dataset.dataset_kit import START, MemoryBucket, stock

PEOPLE = ("ana", "bo", "cy")


def said(name: str, keys: list[str], count: int, chance: random.Random) -> Said:
    """Return what somebody says: answers, of which some are changed and some undone, and flags."""
    meant: list[tuple[str, Entry]] = []
    for number in range(count):
        at, told, key = START + timedelta(seconds=number), f"{name}-{number}", chance.choice(keys)
        before = [one for one in meant if one[1].is_answer]
        if before and chance.random() < 0.3:
            key, undone = chance.choice(before)
            meant.append((key, label_file.retraction(undone, at, told)))
        elif chance.random() < 0.1:
            meant.append((key, label_file.broken(at, name, told, "blurry")))
        else:
            label = chance.choice((Label.ONE, Label.ZERO, Label.SKIP))
            meant.append((key, label_file.answer(label, at, name, told)))
    return Said(tuple(meant), frozenset(entry.answer_id for _, entry in meant))


def files_of(bucket: MemoryBucket) -> dict[str, bytes]:
    there = bucket.objects.items()
    return {OWN.picture_key(key): found[0] for key, found in there if key.endswith(".txt")}


@pytest.fixture
def bucket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MemoryBucket:
    """Return a bucket that nothing waits for."""
    for room in (calls, label_writer):
        monkeypatch.setattr(room, "pause", lambda *_: None)
    monkeypatch.setattr(write_behind, "delay", lambda *_: 0.001)
    return MemoryBucket(tmp_path)


def test_what_annotators_were_told_is_kept_counts_but_for_what_is_withdrawn(
    bucket: MemoryBucket,
) -> None:
    chance = random.Random(2)

    def fail(*_: object) -> None:
        """Fail now and then: half of such writes are in all the same."""
        if chance.random() < 0.2:
            raise UnreachableError("the network is gone")

    keys = stock(bucket, 6)
    bucket.before_put, bucket.after_put = fail, fail

    everyone = [said(name, keys, 40, chance) for name in PEOPLE]
    for one in everyone:
        rest = [*one.meant]
        while rest:  # a program that is ended after a few, whatever has come through by then
            send_all_leftovers(bucket)
            behind = WriteBehind(bucket).__enter__()
            for _ in range(min(len(rest), chance.randrange(1, 12))):
                assert behind.wait_for_room(10)
                behind.keep(*rest.pop(0))
            behind.close(0)
    send_all_leftovers(bucket)

    given = audit(everyone, files_of(bucket))
    assert given.kept, given
    assert given.told == 120

    act(bucket, "withdraw")
    without = audit(everyone, files_of(bucket), Decided(gone={"ana"}))
    assert without.kept, without
    assert 0 < without.counted < given.counted

    act(bucket, "restore")
    assert audit(everyone, files_of(bucket)) == given


def test_what_admins_were_told_is_done_counts_whatever_fails_and_who_decides_meanwhile(
    bucket: MemoryBucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decisions, "pause", lambda *_: None)
    chance = random.Random(3)
    keys = stock(bucket, 4)
    everyone = [said(name, keys, 12, chance) for name in ("ana", "bo", "cy", "dee", "eve")]
    for key, entry in (one for each in everyone for one in each.meant):
        label_writer.record(bucket, key, entry)
    busy = threading.Lock()

    def kept() -> str:
        found = bucket.objects.get(annotator_file.KEY)
        return found[0].decode() if found else ""

    admins = [
        Deciding(duty, 1, partial(tried, bucket, duty.name), kept)
        for duty in (
            Duty("ada", "ana", "", ("dee", "cy"), tuple(keys[:2])),
            Duty("bea", "bo", "eve", (), tuple(keys[2:])),
        )
    ]

    def fail(*_: object) -> None:
        if chance.random() < 0.2:
            raise UnreachableError("the network is gone")

    def before_put(key: str, _: object) -> None:
        """Let the other admin be quicker, now and then."""
        if chance.random() < 0.2 and busy.acquire(blocking=False):
            admins[1].go_on()
            busy.release()
        fail()

    bucket.before_put, bucket.after_put = before_put, fail
    for _ in range(10):
        for _ in range(5):
            admins[0].go_on()
        with closing(Statistics(bucket)) as statistics:
            found = audit(everyone, files_of(bucket), together(admins), statistics.look().pictures)
        assert found.kept, found
    assert not [told for one in admins for told in one.broken]
    assert {"merge", "split", "withdraw", "restore", "verdict"} <= {*admins[0].acts}
    assert {"leave-out", "take-back"} <= {*admins[1].acts}


def tried(bucket: MemoryBucket, admin: str, words: tuple[str, ...]) -> tuple[bool, str]:
    """Do what a command does, in this process; one that fails is told to be done by no one."""
    act, name, *more = words
    try:
        counts = counting.of(bucket)
        if act == "verdict" and more[0] == "--undo":
            acting.unsettle(bucket, name, admin, counts)
        elif act == "verdict":
            label_class = DEFAULT_SCHEME.by_code[int(more[0])]
            acting.settle(bucket, name, label_class, admin, counts)
        elif act in ("withdraw", "restore"):
            with closing(Statistics(bucket)) as statistics:
                plan = LINES[act](statistics.look(), name)
            for _ in acting.carry_out(bucket, plan, admin):
                pass
        else:
            verb = methodcaller(act.replace("-", "_"), name, *more)
            acting.keep(bucket, verb)
    except CloudError as error:
        return False, str(error)
    return True, ""


LINES = {"withdraw": acting.withdrawal, "restore": acting.restoration}


def send_all_leftovers(bucket: MemoryBucket) -> None:
    for _ in range(50):
        try:
            send_leftovers(bucket)
        except CloudError:
            continue
        return
    raise AssertionError("the leftovers were never sent")


def act(bucket: MemoryBucket, what: str) -> None:
    """Withdraw or restore, each time only a picture or two, as an admin who is ended does."""
    for _ in range(50):
        statistics = Statistics(bucket)
        look = statistics.look()
        statistics.close()
        plan = (
            acting.withdrawal(look, "ana")
            if what == "withdraw"
            else acting.restoration(look, "ana")
        )
        if not plan.lines:
            return
        carried = acting.carry_out(bucket, plan, "admin")
        try:
            next(carried)
        except CloudError:
            continue
        finally:
            carried.close()  # type: ignore[attr-defined]
    raise AssertionError("there was always something left")


def test_the_audit_tells_what_is_lost_doubled_and_counted_otherwise() -> None:
    first = label_file.answer(Label.ONE, START, "ana", "a1")
    second = label_file.answer(Label.ZERO, START, "ana", "a2")
    one, two = format_line(first), format_line(second)
    everyone = [Said((("p", first), ("p", second)), frozenset({"a1", "a2"}))]

    assert audit(everyone, {"p": one + two}) == Labelled(2, 0, 0, 1, 0)
    assert audit(everyone, {"p": two}).lost == 1
    assert audit(everyone, {"p": one + two + two}).doubled == 1
    assert audit(everyone, {"p": two + one}).wrong  # the first answer counts, not the last
    assert audit(everyone, {"p": one + two}, Decided(gone={"ana"})).wrong == 1
    unsure = [Said(everyone[0].meant, frozenset({"a1"}))]
    assert audit(unsure, {"p": one}).kept
    assert audit(unsure, {"p": one + two}).kept
