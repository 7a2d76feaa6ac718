"""What fails while labelling, or once it has ended: nothing of it is lost, or told wrongly."""

from __future__ import annotations

from typing import Any

import pytest

from labapp.console import waiting
from labapp.dataset import write_behind
from labapp.dataset.unsent import Unsent
from labapp.errors import ForbiddenError, LabappError, SessionEndedError
from labapp.labels.label_file import Label
from labapp.programs.labelling import screen
from labapp.programs.labelling.flow import Flow
from tests.dataset.dataset_kit import MemoryBucket, stock
from tests.programs.labelling.flow_kit import Network, no_look, standing, take
from tests.support.waiting import PATIENCE

YES, NO = Label.ONE, Label.ZERO


def test_what_is_refused_at_once_comes_back_too(
    bucket: MemoryBucket, menu: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    stock(bucket, 2)
    with Flow(menu, bucket, "ana") as flow:
        failed = flow._failed
        monkeypatch.setattr(
            flow.writer, "keep", lambda key, entry: failed(Unsent(key, entry, LabappError("no")))
        )
        first = take(flow)
        flow.answer(YES)
        assert (flow.said, flow.upcoming.progress.mine, take(flow)) == ([], 0, first)


def test_what_cannot_be_kept_here_was_not_said(
    bucket: MemoryBucket, menu: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    stock(bucket, 2)
    with Flow(menu, bucket, "ana") as flow:

        def full(*_: object) -> None:
            raise LabappError("the disk is full")

        first = take(flow)
        with monkeypatch.context() as patched:
            patched.setattr(flow.writer, "keep", full)
            with pytest.raises(LabappError):
                flow.answer(YES)
        assert (flow.said, flow.upcoming.progress.mine, take(flow)) == ([], 0, first)
        flow.answer(YES)
        assert take(flow) != first


def test_what_fails_after_the_end_is_told_of_no_more(
    bucket: MemoryBucket, menu: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    stock(bucket, 1)
    with Flow(menu, bucket, "ana") as flow:
        take(flow)
    problem = property(lambda _: SessionEndedError("the session ended", ""))
    monkeypatch.setattr(write_behind.WriteBehind, "problem", problem)
    monkeypatch.setattr(write_behind.WriteBehind, "unsent", 1)
    flow._tell_problem()
    assert menu.lasting == ""


def test_who_leaves_is_told_of_what_the_bucket_does_not_take_in_the_end(
    bucket: MemoryBucket, menu: Any, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    stock(bucket, 1)
    monkeypatch.setattr(waiting, "wait_for", lambda _, poll, **__: poll())
    network.error = ForbiddenError("you may not", "")
    with Flow(menu, bucket, "ana") as flow:
        first = take(flow)
        flow.answer(YES)
        assert not screen._all_sent(flow)
        assert take(flow) == first
        assert screen._all_sent(flow)


def test_what_cannot_be_taken_back_stands(
    bucket: MemoryBucket, menu: Any, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = stock(bucket, 2)
    with Flow(menu, bucket, "ana") as flow:
        before = take(flow)
        flow.answer(YES)
        flow.writer.flush(PATIENCE)
    with Flow(menu, bucket, "ana") as flow:
        take(flow)
        flow.answer(NO)
        flow.writer.flush(PATIENCE)
        network.error = ForbiddenError("you may not", "")
        here = flow.last
        assert here is not None
        flow.take_back(*here)
        flow.writer.flush(PATIENCE)
        assert (flow.last, flow.said) == (here, [here])
        for _ in range(2):
            earlier = flow.earlier_answer(no_look)
            assert earlier is not None
            assert earlier[0] == before
            flow.take_back(*earlier)
            flow.writer.flush(PATIENCE)
        assert flow.said == [here]
        assert flow.upcoming.progress.mine == 2
    assert sorted(standing(bucket, keys)) == ["0", "1"]


def test_neither_an_answer_nor_its_undo_that_is_refused_stands(
    bucket: MemoryBucket, menu: Any, network: Network
) -> None:
    stock(bucket, 2)
    network.error = ForbiddenError("you may not", "")
    network.is_open.clear()
    with Flow(menu, bucket, "ana") as flow:
        first = take(flow)
        flow.answer(YES)
        assert flow.last is not None
        flow.take_back(*flow.last)
        network.is_open.set()
        assert flow.writer.flush(PATIENCE) == 0
        assert (flow.said, flow.upcoming.progress.mine, take(flow)) == ([], 0, first)
