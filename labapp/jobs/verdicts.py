"""How it stands with a job, in a sentence, and what helps: the first rule that fits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from labapp import foreign
from labapp.cloud.new_queues import RETENTION
from labapp.jobs.entry import DROPPED, UNSENT
from labapp.jobs.job_facts import DAY, Facts, Held
from labapp.jobs.logbook import PLAIN, UNTOLD
from labapp.jobs.wire import DONE

#: How good it is: it was done, it is under way, it needs somebody, or nothing is known.
Outcome = Literal["good", "warn", "bad"]

#: Why a message is received again.
AGAIN = "before, a worker died or stopped, or the job failed"

#: Why nothing is known of what was done.
NO_LOGS = "its worker keeps no logs"
MAYBE_NONE = "no log is there: its worker may keep none (log = none)"

#: Seconds from which a worker's word is old.
OLD = 5

#: Characters of a reason or an answer that is repeated.
_MOST = 300


@dataclass(frozen=True)
class Verdict:
    """How it stands with a job.

    Attributes:
        outcome: how good that is.
        text: a sentence, without a full stop.
        remedy: what helps; empty where nothing needs to.
    """

    outcome: Outcome
    text: str
    remedy: str = ""


def verdict(facts: Facts) -> Verdict:
    """Return how it stands with a job."""
    found = next(found for rule in _RULES if (found := rule(facts)))
    return replace(found, text=found.text.rstrip("."))


def span(seconds: float) -> str:
    """Return a span for a line: `3 ms`, `1.2 s`, `48 s`, `5 min`, `3 h`, `2 days`."""
    if seconds < 0.9995:
        return f"{max(0, round(seconds * 1000))} ms"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    for size, least, unit in ((DAY, 2 * DAY, "days"), (3600, 7200, "h"), (60, 120, "min")):
        if seconds >= least:
            return f"{int(seconds // size):,} {unit}"
    return f"{round(seconds)} s"


def plural(count: int, noun: str) -> str:
    """Return a count with its noun."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def held_text(held: Held) -> str:
    """Return who has a job in hand; since its word it may have died, where that is old."""
    told = f", as it told {span(held.age)} ago" if held.age >= OLD else ""
    return f"{foreign.text(held.worker, _MOST) or 'a worker'} has it in hand{told}"


def where(facts: Facts) -> str:
    """Return what waits in a job's queues, and whether anybody takes it."""
    if not facts.queues:
        return "its queue is not there"
    parts = []
    if facts.waiting:
        parts.append(f"{facts.waiting:,} {'waits' if facts.waiting == 1 else 'wait'}")
    if facts.in_flight:
        parts.append(f"{facts.in_flight:,} {'is' if facts.in_flight == 1 else 'are'} in flight")
    held = " and ".join(parts) or "nothing waits or is in flight"
    at_work = ""
    if facts.workers is not None and not facts.is_quiet:
        workers = plural(facts.workers, "worker") if facts.workers else "no worker"
        at_work = f", {workers} {'is' if facts.workers < 2 else 'are'} at work"
    return f"{held} in {facts.queue_names}{at_work}"


def lost_text(facts: Facts) -> str:
    """Return who had a job in hand and is gone, and where that is now; empty where nobody had."""
    lost = facts.lost
    if lost is None or facts.log or facts.held or facts.letter:
        return ""
    worker = foreign.text(lost.worker, _MOST) or "a worker"
    if facts.is_in_lost_hands:
        back = f"within its visibility timeout of {span(facts.hidden)}"
        return f"in the hands of {worker}, which is gone; it comes back {back}"
    return f"{worker} had it in hand and is gone; its visibility timeout is over"


def _again(facts: Facts) -> str:
    """Return what it means that a job was received more than once; empty where it was not."""
    often = facts.receives
    if often < 2:
        return ""
    if facts.was_done_again:
        return (
            f". It was done again after that, as its worker was gone before the message was deleted"
            f": received {often:,} times"
        )
    return f". It was received {often:,} times: {before_text(facts)}"


def before_text(facts: Facts) -> str:
    """Return what became of a job before it was received the last time."""
    if facts.log and facts.lost and not facts.log.worker.startswith(facts.lost.worker):
        return f"before, {foreign.text(facts.lost.worker, _MOST)} had it in hand, which is gone"
    return AGAIN


def _put_aside(facts: Facts) -> Verdict | None:
    letter, log = facts.letter, facts.log
    if letter:
        reason = foreign.text(letter.reason, _MOST)
        message = foreign.text(letter.id, _MOST)
        back = f"'admin.py queues redrive {letter.queue} --id {message}' sends it back"
        return Verdict("bad", f"put aside: {reason}", f"Once that is mended, {back}.")
    if log and log.status == UNTOLD:
        text = f"put aside: {foreign.text(log.outcome, _MOST)}{_again(facts)}"
        return Verdict("bad", text, "'admin.py queues dead' shows it, unless it was sent back.")
    return None


def _finished(facts: Facts) -> Verdict | None:
    """Tell of a job whose answer was read here."""
    entry = facts.entry
    if entry is None or not facts.is_answered:
        return None
    took = "" if entry.seconds is None else f" in {span(entry.seconds)}"
    if entry.status == DONE:
        return Verdict("good", f"done, answered and read{took}{_again(facts)}")
    said = foreign.text(entry.answer, _MOST)
    return Verdict("bad", f"{entry.status}, and read{took}: {said}{_again(facts)}")


def _given_up(facts: Facts) -> Verdict | None:
    if facts.entry is None or facts.entry.status != DROPPED:
        return None
    status = foreign.text(facts.log.status, _MOST) if facts.log else ""
    done = f"; it was {status} all the same" if status else ""
    return Verdict("warn", f"given up with 'client.py purge'{done}", "Send it again if need be.")


def _worked(facts: Facts) -> Verdict | None:
    """Tell of a job that was done, and not read as far as is known."""
    log = facts.log
    if log is None:
        return None
    outcome: Outcome = "good" if log.status == DONE else "bad"
    said = foreign.text(log.status, _MOST) or "done"
    if log.status != DONE:
        said += f": {foreign.text(log.answer, _MOST)}"
    again = _again(facts)
    if facts.entry is not None or (facts.replies and log.client != PLAIN):
        if facts.replies == 0:
            text = f"{said}; no answer waits: it is on its way, or somebody took it{again}"
            return Verdict(
                "warn", text, "If none comes, send it again: 'client.py wait JOB' tells."
            )
        here = "'client.py jobs' reads it." if facts.entry else "Its sender opens client.py."
        if facts.may_come_again:  # then it is done again, and answered
            text = f"{said}, not read yet; answered, unless its worker was gone right before that"
            return Verdict(outcome, text + again, here)
        return Verdict(outcome, f"{said}, answered, not read yet{again}", here)
    return Verdict(outcome, f"{said}{again}")


def _in_hand(facts: Facts) -> Verdict | None:
    held = facts.held
    if held is None:
        lost = lost_text(facts) if facts.is_in_lost_hands and not facts.is_answered else ""
        return Verdict("warn", lost, "Then the next worker takes it.") if lost else None
    since = span(max(0.0, facts.now - held.since))
    return Verdict("warn", f"at work: {held_text(held)}; received {since} ago{_again(facts)}")


def _out_of_sight(facts: Facts) -> Verdict | None:
    """Tell where this role may see neither log nor queue."""
    if not {"log", "queues"} <= facts.unseen:
        return None
    ago = f" {span(facts.age)} ago" if facts.age else ""
    text = f"sent{ago}, no answer read yet; what workers do is not seen by this role"
    return Verdict(
        "warn", text, "'client.py jobs' takes in answers; 'admin.py trace JOB' sees all."
    )


def _waits(facts: Facts) -> Verdict | None:
    """Tell of a job that may wait in its queue."""
    if facts.has_expired or facts.age > RETENTION or not (facts.waiting or facts.in_flight):
        return None
    entry, is_taken = facts.entry, facts.in_flight and not facts.waiting
    told = "sent, not done yet"
    if lost := lost_text(facts):
        told = lost
    elif entry is None:  # its id alone tells of it, and may have a typing error
        told = "no log of it; it may be among what is there"
    elif entry.status == UNSENT:
        told = "sending it failed, and it may have arrived all the same"
    elif facts.waiting and facts.workers == 0:
        told = "sent, not received"
    elif is_taken:
        told = "sent, maybe received"
    text = f"{told}: {where(facts)}"
    if facts.waiting and facts.workers == 0:
        remedy = "'python server.py' starts a worker; on a fleet, 'admin.py deploy wake' does."
        return Verdict("bad", text, remedy)
    died = "If its worker died, it comes again once its visibility timeout is over."
    return Verdict("warn", text, died if is_taken else "")


def _gone(facts: Facts) -> Verdict:
    """Tell of a job of which nothing is left, or nothing was ever there."""
    if facts.entry and facts.entry.status == UNSENT:
        return Verdict("bad", "sending it failed, and nothing arrived", "Send it again.")
    if facts.forged:
        return Verdict("bad", f"nothing of it is there: {facts.forged}")
    if facts.has_expired:
        return Verdict("warn", f"its log expired after {facts.keep_days} days; more is not known")
    if facts.age > RETENTION:
        days = RETENTION // DAY
        text = f"never done: SQS keeps a request for {days} days, and no log of it is there"
        return Verdict("bad", text, "Send it again.")
    if facts.keeps_no_logs:
        text = f"{NO_LOGS}, so whether it was done is not known: {where(facts)}"
        return Verdict(
            "warn", text, "'client.py jobs' of who sent it has the answer, if it was read."
        )
    if facts.unseen:
        unseen = ", ".join(sorted(facts.unseen))
        return Verdict("warn", f"nothing of it is there; not seen by this role: {unseen}")
    dead = f"; none of {plural(facts.dead, 'dead letter')} is it" if facts.dead else ""
    text = f"not there: no log of it, and {where(facts)}{dead}"
    return Verdict("bad", text, "It was purged, or never arrived. Send it again.")


_RULES: tuple[Callable[[Facts], Verdict | None], ...] = (
    _put_aside,
    _finished,
    _given_up,
    _worked,
    _in_hand,
    _out_of_sight,
    _waits,
    _gone,
)
