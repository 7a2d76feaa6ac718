"""The reader of a file of lists: each line becomes a job, or is refused; as there is room.

Where a run goes on, the lines that were told are passed over, and those on their way are matched to
their jobs by their places and digests, all of them before anything is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from labapp.errors import RefusedError
from labapp.files.lines import RawLine
from labapp.jobs.entry import DROPPED, PENDING, UNSENT, Entry
from labapp.jobs.flow import Flow, Parcel
from labapp.jobs.proof import Identity
from labapp.jobs.stream_ledger import SENT, TOLD, Line, Standing
from labapp.jobs.wire import Request
from labapp.programs.numbers.line_answers import Outcome
from labapp.programs.numbers.line_lists import Source, body_of, changed

if TYPE_CHECKING:
    from labapp import numbers
    from labapp.jobs.ledger import Ledger
    from labapp.programs.numbers.window import Window


@dataclass(frozen=True)
class Passed:
    """A line that was told before, behind a gap or not noted as told."""

    line: Line


@dataclass(frozen=True)
class CaughtUp:
    """What was told or on its way before is found again: what comes now is new."""


@dataclass(frozen=True)
class End:
    """There are no more lines than these."""

    lines: int


@dataclass(frozen=True)
class Begun:
    """Where a run goes on.

    Attributes:
        standing: how far it is.
        lines: those on their way, by their numbers.
        told: those behind a gap that are told.
    """

    standing: Standing
    lines: Mapping[int, Line]
    told: Container[int]
    last: int

    @classmethod
    def of(cls, standing: Standing, lines: Mapping[int, Line], tail: Iterable[int]) -> Begun:
        """Return it, by the ledger and by what stands at the end of a file of answers."""
        told = {number for number, line in lines.items() if line.state == TOLD} | set(tail)
        told = {number for number in told if number > standing.told}
        return cls(standing, lines, told, max([standing.told, *lines, *told]))


class Reader:
    """Reads lines, and has their lists sent.

    Args:
        source: what is read, for errors.
        rules: what a list must hold to.
        begun: where the run goes on.
        window: the room for lines on their way.
        identity: makes the id of a job to be.
        client: who is answered.
        ledger: what is known of jobs that were sent.
    """

    def __init__(
        self,
        source: Source,
        rules: numbers.Rules,
        begun: Begun,
        window: Window,
        identity: Callable[[], Identity],
        client: str,
        ledger: Ledger,
    ) -> None:
        self._source = source
        self._rules = rules
        self._begun = begun
        self._window = window
        self._identity = identity
        self._client = client
        self._ledger = ledger

    def read(
        self, lines: Iterable[RawLine], flow: Flow[Line], hand: Callable[[Line], object]
    ) -> None:
        """Read to the end, or until the window is over; what comes of it are events of the flow.

        Args:
            lines: the lines.
            flow: sends the jobs.
            hand: told of each job, before anything can come of it.

        Raises:
            UsageError: the lines that were told or sent are not there as they were.
        """
        number, held = 0, []
        standing, last = self._begun.standing, self._begun.last
        if last == standing.told:
            flow.events.put(CaughtUp())
        for line in lines:
            number = line.number
            self._check(line)
            if number <= standing.told:
                continue
            if number <= last:
                held.append(line)
                if number < last:
                    continue
                for one in held:
                    self._take(one, flow, hand)
                held.clear()
                flow.events.put(CaughtUp())
            elif not self._take(line, flow, hand):
                return
        if number < last:
            raise changed(self._source, last)
        flow.events.put(End(number))

    def _check(self, line: RawLine) -> None:
        """Hold a line against what stood there when the run began."""
        standing, known = self._begun.standing, self._begun.lines.get(line.number)
        digest = known.digest if known else ""
        if line.number == standing.told:
            digest = standing.digest
        if digest and digest != line.digest:
            raise changed(self._source, line.number)

    def _take(self, line: RawLine, flow: Flow[Line], hand: Callable[[Line], object]) -> bool:
        """Have a line's list sent; return whether more may be."""
        number, digest = line.number, line.digest
        known = self._begun.lines.get(number)
        if number in self._begun.told:
            job = known.job if known else ""
            flow.events.put(Passed(Line(number, job, digest, TOLD)))
            return True
        if not self._window.enter(number):
            return False
        entry = self._ledger.get(known.job) if known and known.job else None
        if known and entry and entry.status != DROPPED:
            hand(replace(known, state=SENT))
            # Asked again: an answer that came before it was in hand was taken for nobody's.
            self._go_on(known, self._ledger.get(known.job) or entry, flow)
            return True
        try:
            body = body_of(line, self._rules)
        except RefusedError as error:
            flow.events.put(Outcome(number, digest, "refused", error=str(error)))
            return True
        new = self._identity()
        fresh = Line(number, new.job, digest, 0)
        hand(fresh)
        flow.put(Parcel(Request(body, new.job, self._client, nonce=new.nonce), fresh))
        return True

    def _go_on(self, line: Line, entry: Entry, flow: Flow[Line]) -> None:
        """Wait for a job that was sent; ask again for one that may not have been."""
        if entry.status not in (PENDING, UNSENT):
            flow.answered([entry])
        elif line.state == SENT and entry.status == PENDING:
            flow.await_all([entry.job])
        else:
            request = Request(entry.body, entry.job, entry.client, nonce=entry.nonce)
            flow.put(Parcel(request, line, is_written=True))
