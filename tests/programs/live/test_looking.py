"""A look costs what it says: each queue once in two seconds at most, listings more seldom."""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

import pytest

from labapp import utc
from labapp.cloud.bucket import Entry
from labapp.cloud.queues import Counts
from labapp.errors import ForbiddenError, UnreachableError
from labapp.jobs.lab_queues import LabQueue
from labapp.programs.live.answers import KEPT
from labapp.programs.live.looking import Lookout, kept_looking
from labapp.programs.live.model import AnswerNow
from labapp.programs.live.roster import GONE_SHOWN, STOPPED_SHOWN, Roster
from labapp.worker.health import Pulse
from labapp.worker.reports import WorkerRow
from tests.programs.live.labs import answer, job, job_id
from tests.support.clock import Clock

INBOUND, OUTBOUND = ("requestQueue", "imageInbox"), ("responseQueue", "imageOutbox")


class FakeSource:
    """A lab that counts what it is asked."""

    def __init__(self, clients: int = 2, *, is_local: bool = False) -> None:
        self.is_local, self.hidden = is_local, 30
        self.asked: Counter[str] = Counter()
        self.counts: dict[str, Counts] = {}
        self.clients = {f"responseQueue-c{number}": f"c{number}" for number in range(clients)}
        self.alive: list[Pulse] = []
        self.rows: list[WorkerRow] = []
        self.entries: list[Entry] = []
        self.trouble: Callable[[str], object] = lambda what: None

    def ask(self, what: str) -> None:
        self.asked[what] += 1
        self.trouble(what)

    def bucket_name(self) -> str:
        return "lab"

    def lab_queues(self) -> Sequence[LabQueue]:
        return [*(LabQueue(one, True) for one in INBOUND),
                *(LabQueue(one, False) for one in OUTBOUND)]  # fmt: skip

    def count(self, name: str) -> Counts | None:
        self.ask(name)
        return self.counts.get(name, Counts(0, 0, 0))

    def ages(self, waiting: Mapping[str, int]) -> Mapping[str, int]:
        return {name: 12 for name, count in waiting.items() if count}

    def reply_clients(self) -> dict[str, str]:
        self.ask("list queues")
        return self.clients

    def pulses(self) -> Sequence[Pulse]:
        return self.alive

    def reports(self) -> tuple[Sequence[WorkerRow], int]:
        self.ask("list reports")
        self.asked["read reports"] += len(self.rows)
        return self.rows, 1 + len(self.rows)

    def logs(self, after: str) -> Sequence[Entry]:
        self.ask("list logs")
        return [entry for entry in self.entries if entry.key > after]

    def answers(self, entry: Entry) -> Sequence[AnswerNow]:
        self.ask("read a log")
        number = int(entry.key[-8:-4])
        return [answer(number)]

    def answer_to(self, job: str) -> AnswerNow | None:
        self.ask("read a log")
        return answer(int(job[-4:]))

    def log(self, number: int) -> None:
        """Have a job logged now."""
        key = f"logs/log_{utc.now():%Y-%m-%d-%H%M%S}_{job_id(number)}.txt"
        self.entries.append(Entry(key, 100, '"e"', utc.now()))


def away(_: str) -> None:
    raise UnreachableError("the cloud cannot be reached", "Check the network.")


def _pulse(pid: int, **more: object) -> Pulse:
    return Pulse(pid, "running", "", 0.0, 20, **more)  # type: ignore[arg-type]


def _row(worker: str, state: str = "running", pid: int = 1, age: int = 5) -> WorkerRow:
    return WorkerRow(worker, worker, pid, state, "", 5, 0, 0, 1, "", age, (job(1),))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def source() -> FakeSource:
    return FakeSource()


@pytest.fixture
def lookout(source: FakeSource, clock: Clock) -> Lookout:
    return Lookout(source, lambda: clock.now)


def _minute(lookout: Lookout, clock: Clock) -> None:
    for _ in range(30):
        lookout.look()
        clock.sleep(2)


@pytest.mark.parametrize("clients", [0, 2, 300])
def test_what_a_minute_of_looking_on_aws_costs(clients: int, clock: Clock) -> None:
    source = FakeSource(clients)
    source.counts = dict.fromkeys(source.clients, Counts(3, 0, 0))
    source.rows = [_row("a"), _row("b")]
    lookout = Lookout(source, lambda: clock.now)

    _minute(lookout, clock)

    queues = {name: n for name, n in source.asked.items() if "ueue" in name or "mage" in name}
    assert max(queues.values()) <= 30, "each queue at most once in two seconds"
    assert {queues[name] for name in INBOUND} == {30}
    assert {queues[f"{name}-dlq"] for name in INBOUND if clients < 3} <= {6}
    assert source.asked["list queues"] == 1
    assert (source.asked["list reports"], source.asked["read reports"]) == (6, 12)
    assert source.asked["list logs"] == 10
    assert lookout.requests == sum(source.asked.values()) <= 30 * (len(INBOUND) + 4) + 29
    assert lookout.requests == {0: 113, 2: 161, 300: 209}[clients]


def test_a_look_has_what_was_counted(lookout: Lookout, source: FakeSource) -> None:
    source.counts = {
        "requestQueue": Counts(7, 2, 1),
        "requestQueue-dlq": Counts(1, 1, 0),
        "responseQueue-c1": Counts(4, 0, 0),
    }
    lab = lookout.look()
    lab = lookout.look()

    first = lab.queues[0]
    assert (first.name, first.waiting, first.in_flight, first.delayed) == ("requestQueue", 7, 2, 1)
    assert (first.dead, first.oldest) == (2, 12)
    assert (lab.waiting, lab.in_flight, lab.dead, lab.oldest) == (8, 2, 2, 12)
    assert lab.bucket == "lab"


def test_clients_of_whom_something_is_under_way_are_counted_first(
    clock: Clock,
) -> None:
    source = FakeSource(100)
    source.counts = {"responseQueue-c99": Counts(1, 0, 0)}
    lookout = Lookout(source, lambda: clock.now)
    for _ in range(40):
        lookout.look()
        clock.sleep(2)
    counted = [source.asked[name] for name in source.clients]
    assert min(counted) >= 1, "each has its turn"
    assert source.asked["responseQueue-c99"] == max(counted)


def test_a_log_is_read_once_and_of_many_only_the_newest(
    lookout: Lookout, source: FakeSource, clock: Clock
) -> None:
    for number in range(20):
        source.log(number)
    lab = lookout.look()
    assert (lab.stored, len(lab.answers), source.asked["read a log"]) == (0, 5, 5)

    clock.sleep(6)
    source.log(77)
    lab = lookout.look()
    assert (lab.stored, source.asked["read a log"]) == (1, 6)
    assert job_id(77) in [one.job for one in lab.answers]

    clock.sleep(6)
    assert lookout.look().stored == 0
    assert source.asked["read a log"] == 6


def test_the_answer_of_a_job_that_waited_long_is_read_once_no_hand_has_it(clock: Clock) -> None:
    source = FakeSource(is_local=True)
    lookout = Lookout(source, lambda: clock.now)
    source.alive = [_pulse(1, hands=tuple(job(number) for number in range(9)))]
    assert lookout.look().answers == ()
    source.alive = [_pulse(1, hands=(job(8),))]
    assert len(lookout.look().answers) == source.asked["read a log"] == 5, "no more at one look"
    assert len(lookout.look().answers) == 5


def test_where_more_is_logged_than_one_request_lists_the_window_narrows(
    lookout: Lookout, source: FakeSource, clock: Clock
) -> None:
    afters = []
    source.logs = lambda after: afters.append(after) or [source.entries[0]] * 1000  # type: ignore[func-returns-value,method-assign]
    source.log(1)
    for _ in range(3):
        lookout.look()
        clock.sleep(6)
    assert afters == sorted(afters)
    assert afters[0] < afters[2]
    assert lookout._answers._window == timedelta(minutes=10) / 8
    assert len(lookout.look().answers) <= KEPT


def test_what_nobody_lets_us_see_is_told_and_not_asked_for_each_time(
    lookout: Lookout, source: FakeSource, clock: Clock
) -> None:
    def refuse(what: str) -> None:
        if what == "list reports":
            raise ForbiddenError("s3:ListBucket is not allowed", "Ask for it.")

    source.trouble = refuse
    _minute(lookout, clock)
    assert lookout.look().unseen[0].startswith("workers' reports are not shown: s3:ListBucket")
    assert source.asked["list reports"] <= 2

    source.trouble = lambda what: None
    clock.sleep(60)
    assert lookout.look().unseen == ()


def test_an_outage_is_told_in_the_last_picture_and_gone_when_it_is_over(
    lookout: Lookout, source: FakeSource
) -> None:
    look = kept_looking(lookout)

    source.trouble = away
    with pytest.raises(UnreachableError):
        look()
    source.trouble = lambda what: None
    first = look()
    source.trouble = away
    late = look()
    assert late.at == first.at
    assert late.trouble == "the cloud cannot be reached. Check the network."
    source.trouble = lambda what: None
    assert look().trouble == ""


def test_a_worker_that_dies_on_this_machine_is_gone_at_once_and_its_jobs_come_back(
    clock: Clock,
) -> None:
    source = FakeSource(is_local=True)
    source.alive = [_pulse(1, in_hand=2, hands=(job(1), job(2))), _pulse(2)]
    lookout = Lookout(source, lambda: clock.now)
    assert [one.state for one in lookout.look().workers] == ["running", "running"]

    source.alive = [_pulse(2)]
    gone = lookout.look().workers[-1]
    assert (gone.pid, gone.state, [one.job for one in gone.hands]) == (
        1,
        "gone",
        [job_id(1), job_id(2)],
    )

    source.alive = [_pulse(2, in_hand=1, hands=(job(1, receives=2),))]
    assert [one.job for one in lookout.look().workers[-1].hands] == [job_id(2)]

    source.log(2)
    clock.sleep(2)
    assert lookout.look().workers[-1].in_hand == 0


def test_once_they_are_visible_again_a_dead_workers_jobs_are_its_no_longer(clock: Clock) -> None:
    source = FakeSource(is_local=True)
    source.alive = [_pulse(1, in_hand=1, hands=(job(1),))]
    lookout = Lookout(source, lambda: clock.now)
    lookout.look()
    source.alive, source.hidden = [], -1
    assert lookout.look().workers[0].hands == ()


@pytest.mark.parametrize("outage", [False, True])
def test_a_worker_that_was_stopped_is_not_taken_for_dead(clock: Clock, *, outage: bool) -> None:
    source = FakeSource(is_local=True)
    source.alive = [_pulse(1, hands=(job(1),))]
    lookout = Lookout(source, lambda: clock.now)
    lookout.look()
    source.alive, source.rows = [], [_row("host-1", "stopped"), _row("older", "gone")]
    if outage:
        source.trouble = away
        with pytest.raises(UnreachableError):
            lookout.look()
        source.trouble = lambda what: None

    (one,) = lookout.look().workers
    assert (one.state, one.hands) == ("stopped", ())


@pytest.mark.parametrize(
    ("state", "age", "shown"),
    [
        ("running", 5, True),
        ("gone", 100, True),
        ("gone", GONE_SHOWN + 1, False),
        ("stopped", 5, True),
        ("stopped", STOPPED_SHOWN + 1, False),
    ],
)
def test_on_aws_a_worker_is_known_by_its_report(
    lookout: Lookout, source: FakeSource, state: str, age: int, *, shown: bool
) -> None:
    source.rows = [_row("ip-1", state, age=age)]
    found = lookout.look().workers
    assert [one.worker for one in found] == ["ip-1"] * shown
    assert all(len(one.hands) == (state == "running") for one in found)


def test_a_job_that_was_logged_since_a_workers_last_word_is_in_its_hand_no_longer(
    lookout: Lookout, source: FakeSource, clock: Clock
) -> None:
    source.rows = [_row("ip-1", age=20), _row("ip-2", age=1)]
    assert [len(one.hands) for one in lookout.look().workers] == [1, 1]
    source.log(1)
    clock.sleep(6)
    assert [len(one.hands) for one in lookout.look().workers] == [0, 1]


def test_a_worker_is_called_as_its_report_calls_it() -> None:
    roster = Roster()
    roster.take_pulses([_pulse(7, worker="vm-7-ab12"), _pulse(8)])
    assert {one.worker for one in roster.workers(())} == {
        "vm-7-ab12",
        f"{socket.gethostname()}-8",
    }
