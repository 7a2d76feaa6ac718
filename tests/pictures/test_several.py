"""Several small pictures in one child: whatever one of them does, it alone ends by it."""

from __future__ import annotations

import sys
import threading
from collections import deque
from collections.abc import Sequence
from typing import Any

import pytest

from labapp.errors import JobFailedError, LabappError, RefusedError
from labapp.pictures import sandbox
from labapp.pictures.answers import Answer, LieError
from labapp.pictures.begin import Ended
from labapp.pictures.held import Held, HeldTask
from labapp.pictures.limits import Limits
from labapp.pictures.line import GoneError, LateError, Most
from labapp.pictures.sandbox import Caps, EndedError, Sandbox
from labapp.pictures.several import Several
from labapp.worker.picture_work import PRELOADED
from tests.pictures import odd_children
from tests.pictures.samples import INVERT, PNG

CAPS = Caps(60, 450_000_000)


def task(name: str, data: bytes = PNG) -> HeldTask:
    return HeldTask(data, INVERT, Limits(), "", name)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere each picture goes alone")
def test_of_many_pictures_only_those_that_go_wrong_fail_and_the_others_are_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sandbox, "_work", odd_children.by_name)
    same = Sandbox(Caps(2, CAPS.memory), PRELOADED)
    names = ["a", "b", "crash", "c", "devour", "d", "text", "killed", "hang", "e"]
    tasks = [task(name, b"My notes.\n" if name == "text" else PNG) for name in names]
    found: dict[str, Any] = {}
    left: list[str] = []

    def do(places: Sequence[int]) -> None:
        def tell(place: int, outcome: object) -> None:
            name = names[places[place]]
            assert name not in found, "each is told of once"
            found[name] = outcome

        def leave(behind: Sequence[int]) -> None:
            left.extend(names[places[place]] for place in behind)
            other = threading.Thread(target=do, args=([places[place] for place in behind],))
            other.start()
            other.join(30)

        same.run_all([tasks[place] for place in places], tell, leave)

    do(range(len(names)))

    assert left[-1:] == ["e"], "nobody waits behind one that hangs"
    good = [name for name in names if isinstance(found[name], Held)]
    assert good == ["a", "b", "c", "d", "e"]
    assert len({found[name].data for name in good}) == 1
    told = {name: (type(one), one.message) for name, one in found.items() if name not in good}
    assert told == {
        "crash": (JobFailedError, "the process of the picture crashed (SIGSEGV)"),
        "devour": (RefusedError, "the picture needs more than 450 MB of memory"),
        "text": (RefusedError, "text is text, not a picture that is taken"),
        "killed": (EndedError, "the process of the picture was killed from outside"),
        "hang": (JobFailedError, "the picture took longer than 2 seconds"),
    }


class FakeChild:
    """A child that says what a test has it say: answers, or what befalls who listens."""

    def __init__(self, *said: object) -> None:
        self.said = deque(said)
        self.given: list[int] = []
        self.ended = Ended(-11)

    def send(self, tasks: bytes, _until: float) -> None:
        if isinstance(self.said[0], str):
            raise {"stuck": LateError, "speaks": LieError}[str(self.said.popleft())]
        self.given.append(tasks.count(b"HeldTask"))

    def speaks(self, _until: float) -> bool:
        return self.said[0] is not None or bool(self.said.popleft())

    def hear(self, _most: Most, _until: float) -> Answer:
        said = self.said.popleft()
        if isinstance(said, type):
            raise said
        assert isinstance(said, Answer)
        return said


def answers(*tasks: HeldTask) -> list[Answer]:
    from labapp.pictures.task_files import Files

    return [one.answer_of(one(Files())) for one in tasks]


class Told:
    """What became of pictures that a child was given."""

    def __init__(self, child: FakeChild, count: int, *, is_used: bool) -> None:
        tasks = [task(str(place)) for place in range(count)]
        self.left = deque(range(count))
        self.outcomes: dict[int, object] = {}
        self.elsewhere: list[int] = []
        one: Any = child
        work = Several(
            one, is_used, tasks, self.left, self.outcomes.__setitem__, self.elsewhere.extend, CAPS
        )
        self.wants_fresh = work.run()
        self.is_well = work.is_well


GOOD = answers(task("a"))[0]


def test_a_used_child_is_given_all_at_once_and_kept() -> None:
    child = FakeChild(GOOD, GOOD, GOOD)
    told = Told(child, 3, is_used=True)
    assert child.given == [3]
    assert [type(told.outcomes[at]) for at in range(3)] == [Held] * 3
    assert told.is_well


def test_a_fresh_childs_first_picture_is_alone_with_it() -> None:
    child = FakeChild(GOOD, GOOD, GOOD)
    assert Told(child, 3, is_used=False).is_well
    assert child.given == [1, 2]


@pytest.mark.parametrize("said", [GoneError, Answer(b"what?")])
def test_what_goes_wrong_in_a_used_child_is_not_told_yet(said: object) -> None:
    told = Told(FakeChild(GOOD, said), 3, is_used=True)
    assert (list(told.outcomes), [*told.left]) == ([0], [1, 2])
    assert told.wants_fresh
    assert not told.is_well


@pytest.mark.parametrize(
    ("said", "error"), [(GoneError, JobFailedError), (Answer(b"what?"), LieError)]
)
def test_what_goes_wrong_in_a_fresh_child_is_the_pictures_own(
    said: object, error: type[Exception]
) -> None:
    told = Told(FakeChild(said), 2, is_used=False)
    assert isinstance(told.outcomes[0], error)
    assert [*told.left] == [1]
    assert not told.wants_fresh
    assert not told.is_well


def test_a_picture_over_its_deadline_has_failed_and_its_child_does_no_more() -> None:
    told = Told(FakeChild(GOOD, LateError), 3, is_used=True)
    assert isinstance(told.outcomes[1], LabappError)
    assert [*told.left] == [2]
    assert (told.is_well, told.wants_fresh) == (False, False)


def test_those_behind_one_that_takes_long_go_elsewhere_in_their_order() -> None:
    told = Told(FakeChild(GOOD, None, GOOD), 4, is_used=True)
    assert (list(told.outcomes), told.elsewhere, [*told.left]) == ([0, 1], [2, 3], [])
    assert not told.is_well, "it has those that are done elsewhere before it"


def test_a_child_that_does_not_take_all_keeps_none_of_them_waiting() -> None:
    told = Told(FakeChild("stuck", GOOD), 3, is_used=True)
    assert (list(told.outcomes), told.elsewhere) == ([0], [1, 2])
    assert not told.is_well


def test_one_that_speaks_unasked_is_believed_nothing() -> None:
    told = Told(FakeChild("speaks", GOOD), 2, is_used=True)
    assert (told.outcomes, told.wants_fresh) == ({}, True)


def test_where_no_child_can_be_begun_all_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(_preload: str) -> None:
        raise sandbox.unbegun("no memory")

    monkeypatch.setattr(sandbox, "begun", none)
    found: dict[int, object] = {}
    Sandbox(CAPS, PRELOADED).run_all([task("a"), task("b")], found.__setitem__, lambda _: None)
    assert [type(one) for one in found.values()] == [EndedError, EndedError]
