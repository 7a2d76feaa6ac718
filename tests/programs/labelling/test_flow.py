"""A sitting: pictures come and answers go behind, what fails comes back, and undo reaches back."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from labapp.console.accessible import mode
from labapp.dataset import answers, label_writer, unsent
from labapp.dataset.statistics import DatasetSnapshot
from labapp.dataset.upcoming import Shown
from labapp.errors import ForbiddenError, LabappError, SessionEndedError
from labapp.labels.label_file import Label
from labapp.labels.layout import OWN
from labapp.labels.predictions import Prediction
from labapp.programs.labelling import answering, asking, leftovers
from labapp.programs.labelling.flow import Flow
from labapp.settings import Settings
from tests.dataset.dataset_kit import MemoryBucket, label_file_of, stock
from tests.programs.labelling.flow_kit import ANIMALS, Network, look, no_look, standing, take
from tests.support.waiting import PATIENCE, until

YES, NO = Label.ONE, Label.ZERO


def test_answers_skips_and_flags_go_behind_while_the_next_picture_is_there(
    bucket: MemoryBucket, menu: Any, network: Network
) -> None:
    stock(bucket, 4)
    network.is_open.clear()
    with Flow(menu, bucket, "ana") as flow:
        keys = [take(flow)]
        flow.answer(YES)
        keys.append(take(flow))
        flow.answer(Label.SKIP)
        keys.append(take(flow))
        flow.flag("too dark")
        keys.append(take(flow))
        assert len(set(keys)) == 4
        assert not flow.writer.has_room
        network.is_open.set()
        assert flow.writer.flush(PATIENCE) == 0
    assert flow.left == 0
    assert standing(bucket, keys) == ["1", "s", "b", ""]
    assert label_file_of(bucket, keys[2]).entries[0].says == "too_dark"


def test_an_answer_that_is_refused_brings_its_picture_back(
    bucket: MemoryBucket, menu: Any, network: Network
) -> None:
    keys = stock(bucket, 2)
    network.error = ForbiddenError("you may not", "Ask.")
    with Flow(menu, bucket, "ana") as flow:
        first = take(flow)
        flow.answer(YES)
        assert take(flow) != first
        until(lambda: bool(menu.told), "the failure to be told")
        assert (
            "comes again, as your answer (hot dog) was not taken: you may not. Ask." in menu.told[0]
        )
        assert flow.said == []
        network.error = None
        flow.answer(NO)
        assert take(flow) == first
        flow.answer(YES)
        assert flow.writer.flush(PATIENCE) == 0
    assert sorted(standing(bucket, keys)) == ["0", "1"]


def test_a_picture_whose_label_file_is_too_large_is_passed_over(
    bucket: MemoryBucket, menu: Any
) -> None:
    stock(bucket, 1)
    with Flow(menu, bucket, "ana") as flow:
        key = take(flow)
        bucket.write(OWN.label_key(key), b"0\n" * 1_000_000)  # since it was drawn
        flow.answer(YES)
        until(lambda: bool(menu.told), "the failure to be told")
        assert "has 2000000 bytes" in menu.told[0]
        assert (flow.said, flow.take()) == ([], None)


def test_what_cannot_be_sent_is_told_for_as_long_as_that_lasts_and_kept_for_the_next_start(
    bucket: MemoryBucket, menu: Any, network: Network
) -> None:
    stock(bucket, 2)
    network.error = SessionEndedError("the session ended", "Begin another.")
    with Flow(menu, bucket, "ana") as flow:
        keys = [take(flow)]
        flow.answer(YES)
        until(lambda: bool(menu.lasting), "the trouble to be told")
        assert menu.lasting.startswith(
            "1 answer waits on this machine to be sent: the session ended"
        )
        network.error = None
        flow.writer.try_now()
        until(lambda: not menu.lasting, "its end")
        network.error = SessionEndedError("the session ended", "Begin another.")
        keys.append(take(flow))
        flow.answer(NO)
        until(lambda: bool(menu.lasting), "the trouble to be told again")
    assert flow.left == 1
    assert menu.told[-1] == leftovers.waiting_line(1)
    ((told, _),) = leftovers.send(bucket)
    assert told.startswith("1 answer is not sent yet: it is kept here")
    network.error = None
    assert [text for text, _ in leftovers.send(bucket)] == [
        "1 answer that an earlier run had kept here: sent now"
    ]
    assert standing(bucket, keys) == ["1", "0"]
    assert list(leftovers.send(bucket)) == []


def test_what_is_refused_at_the_next_start_is_told_with_its_picture(
    bucket: MemoryBucket, menu: Any, network: Network
) -> None:
    (key,) = stock(bucket, 1)
    network.error = SessionEndedError("the session ended", "")
    with Flow(menu, bucket, "ana") as flow:
        take(flow)
        flow.answer(YES)
        until(lambda: bool(menu.lasting), "the trouble to be told")
    network.error = ForbiddenError("you may not", "")
    ((told, _),) = leftovers.send(bucket)
    assert (
        told == f"what an earlier run had kept here of {OWN.name_of(key)} is not taken: you may not"
    )


def test_undo_goes_back_through_the_sitting_and_then_into_earlier_ones(
    bucket: MemoryBucket, menu: Any
) -> None:
    stock(bucket, 4)
    keys = []
    for _ in range(2):
        with Flow(menu, bucket, "ana") as flow:
            for _ in range(2):
                keys.append(take(flow))
                flow.answer(YES)
            flow.writer.flush(PATIENCE)
    with Flow(menu, bucket, "Ana") as flow:
        assert flow.last is None
        for place in (3, 2):
            found = flow.earlier_answer(no_look)
            assert found is not None
            assert found[0] == keys[place]
            flow.take_back(*found)
        assert take(flow) == keys[2]
        flow.answer(NO)
        assert flow.last is not None
        assert take(flow) == keys[3]
        flow.take_back(*flow.last)
        assert take(flow) == keys[2]
        assert flow.writer.flush(PATIENCE) == 0
    assert standing(bucket, keys) == ["1", "1", "", ""]


def test_what_this_machine_does_not_remember_is_found_by_a_look(
    bucket: MemoryBucket, menu: Any
) -> None:
    keys = stock(bucket, 3)
    label_writer.answer(bucket, keys[1], NO, "ana")  # as on another machine
    answers.answer(bucket, keys[0], YES, "ana")
    gone = answers.answer(bucket, keys[2], YES, "ana")
    label_writer.undo(bucket, keys[2], gone)  # as on another machine, too
    looks = []

    def looked() -> DatasetSnapshot:
        looks.append(1)
        return look(bucket)

    with Flow(menu, bucket, "ana") as flow:
        for key, times in ((keys[0], 0), (keys[1], 1)):
            found = flow.earlier_answer(looked)
            assert found is not None
            assert (found[0], len(looks)) == (key, times)
            flow.take_back(*found)
        assert flow.earlier_answer(looked) is None


def test_in_a_labs_layout_undo_takes_back_and_nothing_is_flagged(
    bucket: MemoryBucket, menu: Any
) -> None:
    bucket.cloud.settings = menu.context.settings = Settings(
        images_prefix="pictures/", labels_key="answers/{stem}.txt", layout_writes=True
    )
    bucket.write("pictures/a.jpg", b"0")
    with Flow(menu, bucket, "ana") as flow:
        take(flow)
        seen: Any = SimpleNamespace(header=None)
        assert [key.letter for key in answering.page_keys(flow, seen)] == ["1", "0", "s", "u"]
        flow.answer(YES)
        assert flow.writer.flush(PATIENCE) == 0
        assert bucket.objects["answers/a.txt"][0] == b"1\n"
    with Flow(menu, bucket, "ana") as flow:
        answering.undo(flow)
        assert "hot dog taken back" in menu.told[-1]
        assert take(flow) == "pictures/a.jpg"
        assert flow.writer.flush(PATIENCE) == 0
    assert bucket.objects["answers/a.txt"][0] == b""


def test_after_a_gold_picture_it_is_said_whether_the_answer_was_right(
    bucket: MemoryBucket, menu: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    stock(bucket, 2)
    monkeypatch.setattr(Flow, "scheme", ANIMALS)
    with Flow(menu, bucket, "ana") as flow:
        for said in (Label.ONE, Label.TWO):
            flow.current = Shown(take(flow), gold=1)
            answering.answer(flow, said)
        flow.writer.flush(PATIENCE)
    right, wrong = menu.told
    assert right.endswith(": right, cat")
    assert wrong.endswith(": you said dog; it is known to be cat")


def test_who_hears_no_picture_change_is_told_what_was_typed_and_once(
    bucket: MemoryBucket, menu: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    stock(bucket, 3)
    monkeypatch.setattr(mode, "_reason", "a test asks for it")
    monkeypatch.setattr(Flow, "scheme", ANIMALS)
    with Flow(menu, bucket, "ana") as flow:
        for gold, said in ((None, Label.ONE), (1, Label.ONE), (None, Label.SKIP)):
            flow.current = Shown(take(flow), gold=gold)
            answering.answer(flow, said)
        flow.writer.flush(PATIENCE)
    assert [told.partition(": ")[2] for told in menu.told] == ["cat", "right, cat", "skipped"]


def test_a_guess_is_told_with_its_confidence() -> None:
    shown = Shown("a", hint=Prediction(1, 0.8333))
    assert answering.hint_line(shown, ANIMALS) == "guess: cat 0.83"
    assert answering.hint_line(Shown("a", hint=Prediction(1)), ANIMALS) == "guess: cat"
    assert answering.hint_line(Shown("a"), ANIMALS) == ""


@pytest.mark.parametrize(("columns", "rows"), [(40, 8), (80, 20)])
def test_the_keys_of_ten_classes_are_all_seen(columns: int, rows: int) -> None:
    lines = asking.class_lines(ANIMALS, columns, rows)
    assert len(lines) <= rows // 4
    assert all(len(line) <= columns for line in lines)
    shown = "  ".join(lines).split("  ")
    assert [word.split()[0] for word in shown] == list("0123456789")
    assert all(len(word) > 3 for word in shown)
    assert asking.class_lines(ANIMALS, 160, rows) == [], "the line of keys has them"


def test_a_leftover_folder_that_cannot_be_read_ends_nothing(
    bucket: MemoryBucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    (bucket.cloud.home / "unsent").mkdir()

    def refuse(_: object) -> None:
        raise LabappError("cannot read what is unsent", "")

    monkeypatch.setattr(unsent, "leftovers", refuse)
    assert [text for text, _ in leftovers.send(bucket)] == ["cannot read what is unsent"]
