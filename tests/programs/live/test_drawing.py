"""The picture fits every window, whatever the lab holds, and says the same without colour."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from labapp.console import theme
from labapp.console.theme import Depth, Theme
from labapp.programs.live.drawing import draw
from labapp.programs.live.following import Fact, Followed, Found, follow
from labapp.programs.live.model import ANSWERS, LabSnapshot, Movement, QueueNow, labels, movement
from labapp.programs.live.parts import pipe
from labapp.programs.live.view import View
from tests.programs.live.labs import LONG, NOW, answer, job, job_id, lab, worker

SIZES = [(77, 16), (117, 31), (197, 41), (38, 8), (20, 4), (64, 11), (300, 90)]

FOLLOWED = Followed(
    job_id(0),
    "anna-3f2a91c0d4e5",
    "worker",
    (Fact(NOW - 9, "sent"), Fact(NOW - 5, "worker 4999 is gone", "bad")),
    "worker 4711 has it: validated",
)

LABS = {
    "nothing": lab(0, 0),
    "three jobs": lab(3, 2),
    "a thousand": lab(1000, 9, dead=2),
    "one worker gone": lab(24, 1, gone=True),
    "many queues": lab(7, 3, 40, long=True),
    "no cloud": lab(3, 1, trouble="the cloud cannot be reached. Check the network."),
}


def _text(view: View, columns: int = 77, rows: int = 16) -> str:
    return "\n".join(line.plain.rstrip() for line in draw(view, columns, rows))


@pytest.fixture(params=["unicode", "ascii"])
def look(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    is_unicode = request.param == "unicode"
    monkeypatch.setattr(theme, "_current", Theme(Depth.NONE, unicode=is_unicode))
    return str(request.param)


@pytest.mark.parametrize("name", LABS)
def test_no_lab_breaks_out_of_a_window(name: str, look: str) -> None:
    for (columns, rows), followed in itertools.product(SIZES, (None, FOLLOWED)):
        view = View(LABS[name], Movement(12, 3, 4, 5), followed, late=7, phase=2)
        lines = draw(view, columns, rows)
        assert len(lines) <= rows, (columns, rows)
        assert max(line.cell_len for line in lines) <= columns, (columns, rows)
        assert look == "unicode" or _text(view, columns, rows).isascii()


def test_a_lab_is_drawn_from_left_to_right_as_a_job_goes() -> None:
    ways, sums, first = _text(View(lab(24, 2, dead=2))).splitlines()[2:5]
    assert ways.split(" ")[0::2] == ["clients", "queues", "workers", "answers"]
    assert sums.split() == ["4", "36", "wait,", "8", "in", "flight", "2,", "24.6/s", "8", "unread"]
    assert first.split()[:2] == ["anna-d4e5", "●●"]
    assert "2 dead letters" in _text(View(lab(24, 2, dead=2)))


def test_what_a_worker_has_in_hand_stands_below_oldest_first() -> None:
    first = job(1, since=NOW - 75, step="stored", receives=2)
    shown = _text(View(LabSnapshot(NOW, workers=(worker(7, job(2), first),))))
    lines = [line.split() for line in shown.splitlines() if "ABCD" not in line and "KMN" in line]
    assert lines[0] == [
        "in",
        "hand",
        "host-7-ab12",
        "JKMN0001",
        "anna-d4e5",
        "stored,",
        "1",
        "min",
        "15",
        "s",
        "!",
        "2nd",
    ]
    assert lines[1] == ["host-7-ab12", "JKMN0002", "anna-d4e5", "validated,", "3", "s"]


def test_the_jobs_of_a_worker_that_is_gone_are_seen_to_come_back() -> None:
    shown = _text(View(lab(24, 1, gone=True)))
    assert "✗ 4999 gone ●●" in shown
    assert shown.count("comes back within 30 s") == 2


@pytest.mark.parametrize(("columns", "rows"), [(77, 16), (97, 24), (117, 31)])
def test_beside_the_job_that_is_followed_what_is_in_hand_is_seen(columns: int, rows: int) -> None:
    seen = lab(24, 2)
    held = seen.workers[1].hands[2]  # for the second time
    told = tuple(Fact(NOW - 90 + n, f"fact {n}") for n in range(5))
    at = follow(Followed(held.job, told=told), seen, Found())
    lines = _text(View(seen, followed=at), columns, rows).splitlines()
    assert next(line for line in lines if held.job in line).endswith("! 2nd")
    assert "worker host-4712-ab12 has it for the 2nd time: validated" in lines
    shown = "\n".join(lines)
    assert "received for the 2nd time by worker host-4712-ab12" in shown
    assert "in hand" in shown
    assert shown.count("validated, 3 s") >= 1
    assert "more in hand" in shown or shown.count("validated, 3 s") == 8


def test_a_worker_is_called_by_its_whole_id_or_by_a_part_of_it() -> None:
    for room, seen in itertools.product((5, 12, 14, 40), LABS.values()):
        names = labels(seen.workers, room)
        assert all(name in worker for worker, name in names.items())
        assert len(set(names.values())) == len(names)
    assert set(labels(lab(3, 2).workers, 14)) == {"host-4711-ab12", "host-4712-ab12"}
    apart = (replace(worker(1), host="a", worker="a-1-ab12"), replace(worker(2), worker="b-2-ab12",
             host="b"), replace(worker(3), worker="b-3-ab12", host="b"))  # fmt: skip
    assert list(labels(apart, 5).values()) == ["a", "b-2", "b-3"]


def test_a_worker_whose_word_is_old_says_how_old() -> None:
    alive = LabSnapshot(NOW, workers=(worker(7, job(2), rate=1.5),))
    assert "1.5/s" not in _text(View(alive)).splitlines()[4]
    assert "✓ host-7-ab12 ● 1.5/s" in _text(View(alive), 117, 31)
    old = LabSnapshot(NOW, workers=(worker(7, job(2), rate=1.5, age=25),))
    assert "✓ 7 ●, 25 s ago" in _text(View(old))


def test_a_picture_that_is_old_or_paused_says_so() -> None:
    assert "as of" in _text(View(lab()))
    assert "paused at" in _text(View(lab(), paused=True))
    late = _text(View(lab(trouble="the cloud cannot be reached. Check the network."), late=14))
    assert "14 s ago: no newer picture" in late
    assert "the cloud cannot be reached. Check the network." in late


def test_a_small_window_has_a_line_for_each_queue_and_worker() -> None:
    lines = _text(View(lab(24, 2, gone=True)), 38, 8).splitlines()
    assert [line.split()[0] for line in lines[1:3]] == ["imageInbox", "requestQueue"]
    assert lines[3].split() == ["✓", "4711", "●", "4", "JKMN0000", "validated"]
    assert lines[5].split() == ["✗", "4999", "●●", "gone"]
    followed = _text(View(lab(24, 2), followed=FOLLOWED), 38, 8).splitlines()
    assert followed[-2:] == ["JKMN0000: worker 4711 has it:", "validated"]


def test_queues_that_have_no_room_are_counted_and_the_busy_ones_shown() -> None:
    shown = _text(View(lab(80, 1, 40, long=True)))
    assert "imageInbox" in shown
    assert "more, " in shown
    assert LONG not in shown


def test_what_moves_goes_along_the_way_step_by_step() -> None:
    steps = [pipe(12, 2, phase).plain[:-1] for phase in range(3)]
    assert steps == ["●━●━━━━━ 2 ", "━●━●━━━━ 2 ", "━━●━●━━━ 2 "]
    assert pipe(6, 0, 1).plain[:-1] == "━━━━━"


def test_whoever_listens_is_told_all_of_it_in_sentences(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(theme, "_current", Theme(Depth.NONE, spoken=True))
    shown = _text(View(lab(4, 1, gone=True, dead=1), followed=FOLLOWED))
    assert ": 6 jobs wait, the oldest for 4 s; 4 are in flight." in shown
    assert f"Job {job_id(0)}: worker 4711 has it: validated." in shown
    assert "Queue imageInbox: 4 waiting, 4 in flight, 1 dead letter." in shown
    assert "Worker host-4711-ab12: running, 4 in hand, 12.3 jobs a second." in shown
    assert f"It had {job_id(991)} of anna-3f2a91c0d4e5, which comes back." in shown
    assert shown.isascii()


def test_one_of_a_kind_is_told_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(theme, "_current", Theme(Depth.NONE, spoken=True))
    queues = QueueNow("q", waiting=1, in_flight=1), QueueNow("a", ANSWERS, "ada", 1)
    shown = _text(View(LabSnapshot(NOW, queues)))
    assert ": 1 job waits; 1 is in flight." in shown
    assert "ada has 1 answer to read." in shown


def test_movement_is_what_differs_between_two_looks() -> None:
    before, after = lab(10, 2), lab(30, 2)
    assert movement(None, after) == Movement()
    assert movement(before, before) == Movement()
    later = LabSnapshot(NOW + 2, after.queues, after.replies, after.workers, stored=3)
    moved = movement(before, later)
    assert (moved.came, moved.ended) == (33, 3)
    assert moved.any


def test_a_job_that_another_worker_has_again_came_back() -> None:
    before = LabSnapshot(NOW, workers=(worker(1, job(5)),))
    after = LabSnapshot(NOW + 2, workers=(worker(2, job(5, receives=2)),))
    assert movement(before, after).back == (job_id(5),)


@pytest.mark.parametrize("size", SIZES)
def test_what_strangers_wrote_neither_steers_nor_deceives(size: tuple[int, int]) -> None:
    evil = "a\u202eb\x1b[2Jc\u200bd\te\nf"
    held = replace(job(1), job=evil, client=evil, step=evil, queue=evil)
    gone = worker(2, held, state=evil, host=evil, worker=evil, trouble=evil)
    seen = LabSnapshot(
        NOW,
        (QueueNow(evil, waiting=3), QueueNow(evil + "2", ANSWERS, "", 4)),
        (QueueNow(evil + "3", ANSWERS, evil, 4),),
        (worker(1, held, host="x"), gone),
        (replace(answer(3), job=evil, client=evil, status=evil, answer=evil),),
        unseen=(evil,),
        trouble=evil,
    )
    for followed in (None, replace(FOLLOWED, client=evil, where=evil, told=(Fact(NOW, evil),))):
        shown = "".join(line.plain for line in draw(View(seen, followed=followed), *size))
        assert not set("\u202e\x1b\u200b\t\n") & set(shown)
