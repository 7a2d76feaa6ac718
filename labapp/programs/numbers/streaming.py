"""One run over a file of lists: what is on its way, what is told, and how it ends.

Threads of their own read, send and receive. This one alone decides what is told: in the order of
the lines, or as answers come. An answer is written first, and then noted as told, so whatever ends
the run in between, the next one goes on where this one was.
"""

from __future__ import annotations

import contextlib
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from labapp.errors import TimedOutError, UnreachableError
from labapp.jobs.flow import Answered, Ended, Flow, Parcel, Unsent
from labapp.jobs.number_kind import NUMBERS
from labapp.jobs.stream_ledger import KEPT, TOLD, Line, Standing, StreamLedger
from labapp.programs.jobs.tally import tally
from labapp.programs.numbers.line_answers import CODES, File, Outcome, Sink
from labapp.programs.numbers.reading import Begun, CaughtUp, End, Passed, Reader
from labapp.programs.numbers.window import Window
from labapp.programs.shell import output

if TYPE_CHECKING:
    from collections.abc import Iterable

    from labapp.files.lines import RawLine
    from labapp.jobs.entry import Entry
    from labapp.jobs.session import ClientSession
    from labapp.progress import Progress

#: Seconds of one wait for something to happen, and events that are told together at most.
TICK, TOGETHER = 0.5, 200

#: Lines, and seconds, after which the ledger is told of a file of answers, which is synced first.
OFTEN, AT_LEAST = 1000, 2.0

#: Seconds between two looks for workers, and for answers to another slot.
LOOK = 2.0

#: Seconds between two looks at the clock after which this program itself stood still, as after
#: Ctrl-Z, or before a slow reader of its answers: nobody else is to blame for them.
STOOD_STILL = 5.0


class Run:
    """One run.

    Args:
        session: who is answered.
        book: the stream in the ledger.
        begun: where it goes on.
        sink: where answers are written.
        timeout: seconds without any answer after which it ends.
        unordered: whether answers are told as they come.
        idle: called now and then while nothing comes; tells whether it did something about that,
            so that it is waited for anew.
        away: seconds for which a worker that was killed keeps its jobs from others. A list that
            others overtook ends the run after these and `timeout`, as far as others came in them.
    """

    def __init__(
        self,
        session: ClientSession,
        book: StreamLedger,
        begun: Begun,
        sink: Sink,
        timeout: float,
        *,
        unordered: bool = False,
        idle: Callable[[], object] = lambda: None,
        away: float = 0.0,
    ) -> None:
        self._session = session
        self._book = book
        self._sink = sink
        self._timeout = timeout
        self._unordered = unordered
        self._idle = idle
        self._away = away
        self.standing: Standing = begun.standing
        self.counts = dict(begun.standing.counts)
        if isinstance(sink, File):
            for status in sink.tail.values():
                self.counts[status] = self.counts.get(status, 0) + 1
        self.window = Window(begun.standing.told)
        self._lock = threading.Lock()
        #: What is sent and not answered, in the order of the lines; and of what was overtaken, when
        #: last any was answered that was on its way then, and which was the last of these.
        self._hand: dict[str, Line] = {}
        self._overtaken: dict[str, tuple[float, int]] = {}
        self._highest, self._lowest = 0, math.inf
        #: What is to be told; what is told behind a gap.
        self._ready: dict[int, Outcome] = {}
        self._beyond: dict[int, Line] = {}
        #: What the ledger was not told of yet, and when it was last.
        self._untold: list[Outcome] = []
        self._passed: list[Line] = []
        #: Whether all that an earlier run has told is known; before, the ledger is told nothing.
        self._is_caught_up = False
        self._noted = time.monotonic()
        self._shown: deque[str] = deque()
        self._total: int | None = None
        self._since = self._came = self._looked = self._clock = time.monotonic()

    def go(self, reader: Reader, lines: Iterable[RawLine], bar: Progress) -> int:
        """Have all lines' lists answered; return the exit code.

        Raises:
            TimedOutError: no answer comes any more.
            LabappError: it failed in a way that no waiting mends.
            KeyboardInterrupt: Ctrl-C.
        """
        look = max(0, min(5, int(self._timeout)))
        with Flow(self._session, NUMBERS, self._write_down, self._note_sent, look) as flow:
            threading.Thread(
                target=flow.safely, args=[lambda: reader.read(lines, flow, self._take)],
                name="lines", daemon=True,
            ).start()  # fmt: skip
            try:
                while not (self._is_at_end or bar.stopped() or output.is_left()):
                    self._hear(flow)
                    self._tell(bar)
                    self._look_at_the_clock(flow)
            finally:
                self.window.end()
                self.standing = replace(self.standing, ended=self._is_at_end)
                if not output.is_left():
                    self._note()
        return max((CODES.get(status, 1) for status in self.counts), default=0)

    @property
    def is_whole(self) -> bool:
        """Whether all lines are told."""
        return self.standing.ended

    @property
    def summary(self) -> str:
        """How many lists were told, and of them how many done, refused and so on."""
        return tally(self.counts, "list")

    @property
    def _is_at_end(self) -> bool:
        return self._total is not None and self.standing.told >= self._total

    def _write_down(self, parcels: Sequence[Parcel[Line]]) -> None:
        lines = [(one.thing.number, one.thing.digest) for one in parcels]
        self._book.write_down([one.request for one in parcels], lines, NUMBERS)

    def _note_sent(self, parcels: Sequence[Parcel[Line]]) -> None:
        self._book.mark_sent(one.thing.number for one in parcels)

    def _take(self, line: Line) -> None:
        """Take a line in hand; called by the thread that reads."""
        with self._lock:
            if not self._hand:
                self._since = time.monotonic()
            self._hand[line.job] = line

    def _hear(self, flow: Flow[Line]) -> None:
        """Take in what happened, or wait for a moment."""
        event = flow.event(TICK)
        for _ in range(TOGETHER):
            if event is None:
                return
            self._take_in(event)
            event = flow.event(0.0)

    def _take_in(self, event: object) -> None:
        """Take in one thing that happened."""
        if isinstance(event, Answered):
            for entry in event.entries:
                self._answer(entry)
        elif isinstance(event, Outcome):
            self._ready[event.line] = event
        elif isinstance(event, Passed):
            self._beyond[event.line.number] = event.line
            self._passed.append(event.line)
            self._advance()
            self.window.leave(0, self.standing.told)
        elif isinstance(event, CaughtUp):
            self._is_caught_up = True
        elif isinstance(event, Unsent):
            self._session.ledger.mark_unsent(one.request.job for one in event.parcels)
            for one in event.parcels:
                self._give_up(one.thing, "unsent", "its queue does not take it. Send it again.")
        elif isinstance(event, End):
            self._total = event.lines
        elif isinstance(event, Ended):
            raise event.error

    def _answer(self, entry: Entry) -> None:
        """Take in the answer to a job, unless it is none of this run's, or one more."""
        with self._lock:
            line = self._hand.pop(entry.job, None)
        if line is None:
            return
        self._overtaken.pop(entry.job, None)
        self._came = time.monotonic()
        self._highest = max(self._highest, line.number)
        self._lowest = min(self._lowest, line.number)
        error = "" if entry.status == "done" else entry.reply
        self._ready[line.number] = Outcome(
            line.number, line.digest, entry.status, entry.job, entry, error
        )

    def _give_up(self, line: Line, status: str, error: str) -> None:
        """Tell of a line that it has no answer."""
        with self._lock:
            self._hand.pop(line.job, None)
        self._overtaken.pop(line.job, None)
        entry = self._session.ledger.get(line.job)
        self._ready[line.number] = Outcome(line.number, line.digest, status, line.job, entry, error)

    def _tell(self, bar: Progress) -> None:
        """Write the answers whose turn it is."""
        told = list(self._ready.values()) if self._unordered else self._in_order()
        if not told:
            if self._untold and time.monotonic() - self._noted > AT_LEAST:
                self._note()
            return
        for one in told:
            del self._ready[one.line]
        self._sink.write(told)
        if output.is_left():
            return
        for one in told:
            self.counts[one.status] = self.counts.get(one.status, 0) + 1
            bar.done("", one.status, good=one.status == "done")
            self._beyond[one.line] = Line(one.line, one.job, one.digest, TOLD)
        self._untold += told
        self._advance()
        is_file = isinstance(self._sink, File)
        if not is_file or len(self._untold) >= OFTEN or time.monotonic() - self._noted > AT_LEAST:
            self._note()
        self.window.leave(len(told), self.standing.told)
        bar.moved(len(told))

    def _in_order(self) -> list[Outcome]:
        told, number = [], self.standing.told + 1
        while (one := self._ready.get(number)) or number in self._beyond:
            told += [one] if one else []
            number += 1
        return told

    def _advance(self) -> None:
        """Count what is told without a gap."""
        told, digest = self.standing.told, self.standing.digest
        while one := self._beyond.pop(told + 1, None):
            told, digest = told + 1, one.digest
        self.standing = replace(self.standing, told=told, digest=digest)

    def _note(self) -> None:
        """Tell the ledger what is told."""
        if not self._is_caught_up:
            return
        self._sink.sync()
        told = [*self._passed, *(Line(o.line, o.job, o.digest, TOLD) for o in self._untold)]
        jobs = [one.job for one in told if one.job]
        self._shown.extend(jobs)
        old = [self._shown.popleft() for _ in range(len(self._shown) - KEPT)]
        beyond = [one for one in told if one.number in self._beyond]
        self.standing = replace(self.standing, octets=self._sink.octets, counts=dict(self.counts))
        self._book.tell(self.standing, beyond, jobs, old)
        self._untold.clear()
        self._passed.clear()
        self._noted = time.monotonic()

    def _look_at_the_clock(self, flow: Flow[Line]) -> None:
        """End where an answer that others overtook long ago, or any at all, comes no more.

        Raises:
            TimedOutError: it does not.
        """
        now = time.monotonic()
        if (passed := now - self._clock) < min(TICK, self._timeout / 4):
            return
        self._clock = now
        with self._lock:
            hand = list(self._hand.values())
        if passed > STOOD_STILL:
            self._since = now
        if self._overdue(hand, now, passed):
            raise self._ended_by(self._timeout + self._away, flow)
        if not hand or now - self._looked < min(LOOK, self._timeout):
            return
        self._looked = now
        # What is sent says nothing of who answers: a pipe may send for as long as nobody works.
        if now - max(self._came, self._since) > LOOK and self._idle():
            self._since = time.monotonic()
        self._look_elsewhere(flow, hand)
        heard = max(flow.heard, self._since)
        has_looked = bool(flow.trouble) or flow.looks > 0
        if now - heard > self._timeout and has_looked and flow.events.empty():
            raise self._ended_by(self._timeout, flow)

    def _overdue(self, hand: Sequence[Line], now: float, passed: float = 0.0) -> list[Line]:
        """Return the lines overtaken long ago, and since then none answered that was on its way.

        A long queue that keeps no order has some overtaken for as long as it takes. So each waits
        anew while any is answered that was on its way when it was overtaken. And the seconds that
        `passed` without any answer count for none: an outage is no loss of one line.
        """
        lowest, self._lowest = self._lowest, math.inf
        late: list[Line] = []
        for line in hand:
            if line.number > self._highest:
                break
            since, last = self._overtaken.get(line.job, (now, hand[-1].number))
            since = since + passed if math.isinf(lowest) else since
            self._overtaken[line.job] = (now if lowest <= last else since, last)
            if now - self._overtaken[line.job][0] > self._timeout + self._away:
                late.append(line)
        return late

    def _ended_by(self, seconds: float, flow: Flow[Line]) -> TimedOutError:
        """Return the error for answers that did not come.

        Who goes on asks again for what others overtook: it may be lost, and was then waited for in
        vain each time.
        """
        with self._lock:
            late = [line for job, line in self._hand.items() if job in self._overtaken]
        self._book.mark_doubtful(line.number for line in late)
        within, why = f"within {seconds:g} seconds", f"; {flow.trouble}" if flow.trouble else ""
        if not late or why:
            return TimedOutError(f"no answer {within}{why}")
        first = min(late, key=lambda line: line.number)
        return TimedOutError(
            f"no answer to the list of line {first.number:,} {within}, though others came",
            f"'client.py wait {first.job}' waits for it alone.",
        )

    def _look_elsewhere(self, flow: Flow[Line], hand: Sequence[Line]) -> None:
        """Take in answers to what an earlier run sent by a slot that another program has now."""
        found = [self._session.ledger.get(one.job) for one in hand if one.state]
        others = [one for one in found if one and one.client != self._session.client]
        if not others:
            return
        with contextlib.suppress(UnreachableError):
            for _ in self._session.elsewhere():
                pass
        came = [self._session.ledger.get(one.job) for one in others]
        answered = [one for one in came if one and one.answered_at is not None]
        flow.give_up(one.job for one in answered)
        flow.answered(answered)
