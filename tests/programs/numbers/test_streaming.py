"""A run over a file of lists: each line's answer once, in its place, whatever ends it."""

from __future__ import annotations

import contextlib
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from labapp.errors import TimedOutError, UsageError
from labapp.jobs import stream_ledger
from labapp.jobs.entry import PENDING
from labapp.jobs.ledger import Ledger
from labapp.jobs.stream_ledger import Line, Standing
from labapp.jobs.wire import DONE, Reply, Request
from labapp.programs.numbers import streaming, window
from labapp.programs.numbers.line_answers import JSON
from labapp.programs.numbers.reading import Begun
from labapp.programs.numbers.streaming import Run
from tests.programs.numbers.stream_kit import Fuse, KilledError, Lab, Untold, hasten, run


@pytest.fixture(autouse=True, scope="module")
def hasty() -> object:
    with pytest.MonkeyPatch.context() as patch:
        hasten(patch)
        yield


def lists(count: int) -> bytes:
    return b"".join(b"%d,%d\n" % (number, number + 1) for number in range(1, count + 1))


def told(text: bytes) -> list[tuple[int, str, str]]:
    """Return line, status and sum of each answer of a file."""
    rows = [row.split("\t") for row in text.decode().splitlines()]
    return [(int(row[0]), row[1], row[6] if row[1] == "done" else "") for row in rows]


def expected(count: int) -> list[tuple[int, str, str]]:
    return [(number, "done", str(2 * number + 1)) for number in range(1, count + 1)]


def test_answers_stand_in_the_order_of_the_lists_and_requests_go_in_tens(tmp_path: Path) -> None:
    lab = Lab(seed=1)
    run(tmp_path, lab, lists(300))
    assert told((tmp_path / "out").read_bytes()) == expected(300)
    assert set(lab.sent.values()) == {1}
    assert len(lab.sent) == 300
    assert 60 <= lab.puts + lab.deletes <= 90
    assert lab.answers == []
    assert lab.hidden == {}


def test_unordered_answers_are_all_there_once(tmp_path: Path) -> None:
    sink = Untold()
    run(tmp_path, Lab(seed=2, twice=True), lists(120), unordered=True, sink=sink)
    assert sorted(one.line for one in sink.told) == list(range(1, 121))


def test_a_bad_line_is_an_answer_and_ends_no_other(tmp_path: Path) -> None:
    bad = [b"", b"x", b"\xff1", b"1\x002", b"-1", b"1," * 20, b"1" * 300_000, b" ", b"1,000"]
    text = b"\xef\xbb\xbf1,2\r\n" + b"".join(line + b"\n2,3\n" for line in bad) + b"3,4"
    made = run(tmp_path, Lab(), text, form=JSON)
    documents = [json.loads(line) for line in (tmp_path / "out").read_bytes().splitlines()]
    assert [one["line"] for one in documents] == list(range(1, 21))
    assert [one["status"] for one in documents] == ["done", *["refused", "done"] * 9, "done"]
    assert [one["result"]["sum"] for one in documents if one["result"]] == [3, *[5] * 9, 7]
    assert all(one["error"] for one in documents if one["status"] == "refused")
    assert made.summary == "20 lists: 11 done, 9 refused"
    assert made.is_whole


@pytest.mark.parametrize("text", [b"", b"\n"])
def test_a_file_without_lists_ends(tmp_path: Path, text: bytes) -> None:
    assert run(tmp_path, Lab(), text).summary == ("1 list: 1 refused" if text else "0 lists: none")


def test_no_more_is_on_its_way_than_there_is_room_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(window, "WINDOW", 40)
    monkeypatch.setattr(window, "AT_LEAST", 10)
    lab = Lab()
    run(tmp_path, lab, lists(400))
    assert told((tmp_path / "out").read_bytes()) == expected(400)
    assert lab.most_under_way <= 40


def test_the_ledger_holds_what_is_on_its_way_and_the_newest_jobs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "KEPT", 20)
    monkeypatch.setattr(stream_ledger, "KEPT", 5)
    monkeypatch.setattr(streaming, "OFTEN", 50)
    run(tmp_path, Lab(), lists(300))
    ledger = Ledger(tmp_path / "jobs.sqlite")
    assert ledger.count() == 20
    ledger.add([("mine", "1")], "ada-1", "numbers")
    stream_ledger.StreamLedger(ledger, "another").begin("cells", "ada-1")
    assert ledger.count() == 6
    assert ledger.unshown("ada-1") == []
    with ledger.change() as db:
        assert db.execute("SELECT count(*) FROM lines").fetchone() == (0,)
    ledger.close()


@settings(max_examples=15)
@given(
    cuts=st.lists(st.integers(0, 150), min_size=1, max_size=3),
    seed=st.integers(0, 99),
    unordered=st.booleans(),
)
@example(cuts=[0], seed=0, unordered=False)
@example(cuts=[40, 40, 40], seed=1, unordered=True)
def test_whatever_cuts_it_off_each_list_is_answered_once(
    cuts: list[int], seed: int, *, unordered: bool
) -> None:
    lab = Lab(seed)
    text = lists(20) + b"x\n" + lists(12)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for cut in cuts:
            with contextlib.suppress(KilledError):
                run(folder, lab, text, fuse=Fuse(cut), unordered=unordered)
        run(folder, lab, text, unordered=unordered)
        found = told((folder / "out").read_bytes())
    behind = [(line + 21, *rest) for line, *rest in expected(12)]
    wanted = [*expected(20), (21, "refused", ""), *behind]
    assert (sorted(found) if unordered else found) == wanted
    # A job is asked for again only where nobody can tell whether it was sent.
    assert len(lab.sent) == 32
    assert max(lab.sent.values()) <= len(cuts) + 1


@pytest.mark.parametrize("unordered", [False, True])
def test_a_list_whose_answer_never_comes_is_never_told_and_is_asked_for_again(
    tmp_path: Path, *, unordered: bool
) -> None:
    lab = Lab(lost=("2,3",))
    with pytest.raises(TimedOutError, match="no answer to the list of line 2 within"):
        run(tmp_path, lab, lists(30), timeout=0.3, unordered=unordered)
    rows = told((tmp_path / "out").read_bytes())
    assert [line for line, *_ in rows if line < 3] == [1]
    assert {status for _, status, _ in rows} == {"done"}
    lab.lost = ()
    assert run(tmp_path, lab, lists(30)).summary == "30 lists: 30 done"
    assert sorted(told((tmp_path / "out").read_bytes())) == expected(30)
    assert [job for job, times in lab.sent.items() if times > 1] == [
        job for job, body in lab.bodies.items() if body == "2,3"
    ]


def test_without_any_answer_it_ends_and_can_be_gone_on_with(tmp_path: Path) -> None:
    lab = Lab(lost=("1,2", "2,3"))
    with pytest.raises(TimedOutError, match=r"no answer within 0\.2 seconds"):
        run(tmp_path, lab, lists(2), timeout=0.2)
    assert (tmp_path / "out").read_bytes() == b""
    for job, body in lab.bodies.items():  # the worker comes back
        nonce = _nonce_of(tmp_path, job)
        lab.answers.append((job, lab.answer(Request(body, job, "ada-1", nonce=nonce))))
    run(tmp_path, lab, lists(2))
    assert told((tmp_path / "out").read_bytes()) == expected(2)
    assert set(lab.sent.values()) == {1}


def _nonce_of(folder: Path, job: str) -> str:
    ledger = Ledger(folder / "jobs.sqlite")
    try:
        entry = ledger.get(job)
        assert entry
        return entry.nonce
    finally:
        ledger.close()


def test_what_was_purged_meanwhile_is_sent_anew(tmp_path: Path) -> None:
    lab = Lab(lost=("1,2", "2,3"))
    with pytest.raises(TimedOutError):
        run(tmp_path, lab, lists(2), timeout=0.1)
    ledger = Ledger(tmp_path / "jobs.sqlite")
    assert len(ledger.drop("ada-1")) == 2
    ledger.close()
    lab.lost = ()
    run(tmp_path, lab, lists(3))
    assert told((tmp_path / "out").read_bytes()) == expected(3)
    assert len(lab.sent) == 5


def test_a_ledger_that_a_power_cut_has_set_back_is_caught_up_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(window, "SPREAD", 5)
    run(tmp_path, Lab(), lists(30))
    ledger = Ledger(tmp_path / "jobs.sqlite")
    with ledger.change() as db:
        db.execute("UPDATE streams SET told = 0, digest = '', octets = 0, counts = ''")
    ledger.close()
    lab = Lab()
    made = run(tmp_path, lab, lists(40))
    assert told((tmp_path / "out").read_bytes()) == expected(40)
    assert (len(lab.sent), made.summary) == (10, "40 lists: 40 done")


def test_a_worker_that_was_lost_is_replaced_while_lists_are_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = Lab(lost=("1,2",))

    def idle() -> bool:
        for job, body in lab.bodies.items():
            request = Request(body, job, "ada-1", nonce=_nonce_of(tmp_path, job))
            lab.answers.append((job, lab.answer(request)))
        return True

    monkeypatch.setattr(streaming, "LOOK", 0.1)
    run(tmp_path, lab, lists(1), timeout=0.5, idle=idle)
    assert told((tmp_path / "out").read_bytes()) == expected(1)


def test_who_waits_in_a_long_queue_is_not_given_up(tmp_path: Path) -> None:
    nobody: Any = None
    made = Run(nobody, nobody, Begun.of(Standing(), {}, ()), Untold(), timeout=10.0)
    hand = [Line(number, f"job-{number}", "", 0) for number in (1, 2, 3, 7)]
    made._highest = 5
    assert made._overdue(hand, now=0.0) == []
    made._lowest = 6  # it was on its way when these were overtaken
    assert made._overdue(hand, now=11.0) == []
    made._lowest = 8  # it was sent later
    assert made._overdue(hand, now=20.0) == []
    assert made._overdue(hand, now=500.0, passed=480.0) == []  # nothing came at all meanwhile
    made._lowest = 8
    assert made._overdue(hand, now=502.0) == hand[:3]


def test_what_the_queue_does_not_take_is_told_as_that(tmp_path: Path) -> None:
    lab = Lab()
    lab.refuse = 5
    made = run(tmp_path, lab, lists(3))
    assert made.summary == "3 lists: 3 unsent"
    lab.refuse = 2
    assert run(tmp_path, lab, lists(5)).summary == "5 lists: 2 done, 3 unsent"


@pytest.mark.parametrize("text", [lists(30).replace(b"3,4", b"3,5"), lists(10), b""])
def test_a_file_that_was_changed_is_told(tmp_path: Path, text: bytes) -> None:
    run(tmp_path, Lab(), lists(30))
    with pytest.raises(UsageError, match="was changed since: what stands up to line 30"):
        run(tmp_path, Lab(), text)
    run(tmp_path, Lab(), lists(40))  # more lines are no change
    assert told((tmp_path / "out").read_bytes()) == expected(40)


@pytest.mark.parametrize("text", [b"", b"nonsense\n"])
def test_a_file_of_answers_that_was_changed_is_told(tmp_path: Path, text: bytes) -> None:
    run(tmp_path, Lab(), lists(3))
    out = tmp_path / "out"
    out.write_bytes(out.read_bytes() + text if text else b"")
    with pytest.raises(UsageError, match="out was changed since"):
        run(tmp_path, Lab(), lists(3))


def test_answers_that_prove_nothing_or_are_others_change_nothing(tmp_path: Path) -> None:
    lab = Lab(twice=True)
    lab.answers += [(f"x{n}", Reply("sum is 1", f"unknown-{n}", DONE)) for n in range(15)]
    run(tmp_path, lab, lists(25))
    assert told((tmp_path / "out").read_bytes()) == expected(25)


def test_an_answer_that_comes_while_a_run_takes_up_its_jobs_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = Lab(lost=("1,2", "2,3"))
    with pytest.raises(TimedOutError):
        run(tmp_path, lab, lists(2), timeout=0.1)
    get = Ledger.get

    def answered_in_between(ledger: Ledger, job: str) -> object:
        entry = get(ledger, job)
        if entry and entry.status == PENDING:
            answer = lab.answer(Request(entry.body, job, "ada-1", nonce=entry.nonce))
            ledger.settle_all([answer], "ada-1")
        return entry

    monkeypatch.setattr(Ledger, "get", answered_in_between)
    run(tmp_path, lab, lists(2), timeout=2.0)
    assert told((tmp_path / "out").read_bytes()) == expected(2)
