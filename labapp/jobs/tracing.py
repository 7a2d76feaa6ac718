"""One job's whole way, from what is known of it: facts → steps → verdict.

Each source tells a part: this machine's ledger what it sent and read, the job's log who did it and
when, the queues how much waits, reports who is at work. None tells all, a role may not see some,
and SQS tells nothing of one message. So a step is known, missing, not known, or not seen by this
role; and what is missing says what that means, and what helps.

No network here, and no clock: `programs.tracing` gathers the facts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from labapp import foreign, utc
from labapp.jobs import verdicts
from labapp.jobs.dead_letters import BY_SQS
from labapp.jobs.entry import DROPPED, UNSENT
from labapp.jobs.job_facts import Facts, Source
from labapp.jobs.logbook import PLAIN, UNTOLD
from labapp.jobs.steps import RECEIVED
from labapp.jobs.verdicts import AGAIN, MAYBE_NONE, NO_LOGS, Verdict, held_text, plural, span, where

#: What is known of a step: that it was taken, that it was not, that it went wrong, nothing, or
#: nothing as this role may not look.
State = Literal["done", "missing", "bad", "unknown", "unseen"]

#: What a role is told of what it may not see.
UNSEEN = "not seen by this role"

#: What is said of a step that nothing tells of, and that is still to come.
NOT_YET = "not yet, as far as is known"

#: What is said of the answer of a job that was put aside without one.
NO_ANSWER = "no answer is known of"

#: What is said of answers where nobody asked.
NOBODY = "nobody asked: it was dropped in the bucket"

#: Characters of a name or a reason that a step repeats.
MOST = 200


@dataclass(frozen=True)
class Step:
    """One step of a job.

    Attributes:
        name: what it is called.
        at: when it was taken, in seconds since 1970; None where nobody tells.
        state: what is known of it.
        text: by whom, on what, or what its lack means.
        after: seconds since the last step of which the time is known; None where that is not told,
            or where two clocks contradict each other.
    """

    name: str
    at: float | None
    state: State
    text: str
    after: float | None = None


@dataclass(frozen=True)
class Trace:
    """One job's way.

    Attributes:
        facts: what it is told from.
        steps: one for each of `NAMES`.
        verdict: how it stands with the job, and what helps.
    """

    facts: Facts
    steps: tuple[Step, ...]
    verdict: Verdict


def trace(facts: Facts) -> Trace:
    """Return a job's way, as far as the facts go."""
    steps = [replace(rule(facts), name=name) for name, rule in _RULES.items()]
    return Trace(facts, tuple(_with_spans(steps, facts)), verdicts.verdict(facts))


def _with_spans(steps: list[Step], facts: Facts) -> list[Step]:
    """Add what passed since the step before, where one clock, or two that agree, can tell."""
    found: list[Step] = []
    last: float | None = None
    for step in steps:
        at = step.at
        if at is None or last is None:
            found.append(step)
            last = last if at is None else at
        elif at >= last:
            found.append(replace(step, after=at - last))
            last = at
        elif step.name == "read" and facts.was_done_again:
            found.append(step)  # no clock is wrong
        else:
            found.append(replace(step, text=f"{step.text} (by another clock)".strip()))
    return found


def _step(state: State, text: str, at: float | None = None) -> Step:
    return Step("", at, state, text)


def _lacking(facts: Facts, *sources: Source, told: str = "") -> Step:
    """Return a step that nothing tells of: it was not taken, or who could tell is not heard."""
    if facts.unseen & set(sources):
        return _step("unseen", UNSEEN)
    return _step("missing", told)


def _sent(facts: Facts) -> Step:
    entry, log, letter = facts.entry, facts.log, facts.letter
    if entry:
        if entry.status == UNSENT and not (log or letter):
            told = "sending failed; it may have arrived all the same"
            return _step("bad", told, entry.sent_at)
        return _step("done", f"from this machine, by {_word(entry.client)}", entry.sent_at)
    if log:
        at = utc.seconds_of(log.sent) or facts.made_at or utc.seconds_of(log.time)
        return _step("done", f"by {_word(log.client)}", at)
    if letter:
        return _step("done", f"by {_word(letter.client or PLAIN)}", letter.first)
    if facts.made_at is not None:
        return _step("unknown", "its id was made then; not from this machine", facts.made_at)
    return _lacking(facts, "log", told="nobody here knows when")


def _received(facts: Facts) -> Step:
    log, held, letter = facts.log, facts.held, facts.letter
    if log and log.receives is not None:
        by = f"by {_word(log.worker)}" + (f" on {_word(log.host)}" if log.host else "")
        wait = "" if log.wait is None else f", waited {span(log.wait)}"
        told = f"once, {by}{wait}"
        if log.receives > 1:  # the time is that of the first receive, the worker that of the last
            told = f"for the first time{wait}{_earlier(facts)}; "
            told += f"the last of {log.receives:,} times {by}"
            told += "" if _earlier(facts) else f"; {AGAIN}"
        return _step("done", told, utc.seconds_of(log.received))
    if held:
        often = f", received {held.receives:,} times" if held.receives > 1 else ""
        return _step("done", held_text(held) + often)
    if lost := verdicts.lost_text(facts):
        return _step("done", lost)
    if letter:
        by = "moved by SQS" if letter.reason == BY_SQS else "put aside"
        return _step("done", f"{plural(letter.receives, 'time')}, and then {by}")
    if log:
        return _step("done", "by a worker of before they told who they are")
    if facts.is_answered:
        told = f"by a worker; which one is {UNSEEN}" if "log" in facts.unseen else "by a worker"
        return _step("done", told)
    return _lacking(facts, "log", "queues", told=where(facts))


def _earlier(facts: Facts) -> str:
    """Return which worker had a job before, where one that is gone told of it."""
    lost, log = facts.lost, facts.log
    if lost is None or log is None or log.worker.startswith(lost.worker):
        return ""
    when = "," if lost.receives < 2 else f"; receive {lost.receives:,} was"
    return f"{when} by {_word(lost.worker)}, which is gone"


def _begun(facts: Facts) -> Step:
    log, held = facts.log, facts.held
    if log and (at := utc.seconds_of(log.begun)):
        told = f"the last time, by {_word(log.worker)}" if (log.receives or 1) > 1 else ""
        return _step("done", told, at)
    if held and held.step != RECEIVED:
        return _step("done", f"reached: {_word(held.step)}", held.since)
    if log or facts.is_answered:
        return _step("done", "when is not told")
    if facts.letter:
        return _step("unknown", "as far as that went")
    return _lacking(facts, "log", told=NOT_YET)


def _stored(facts: Facts) -> Step:
    log = facts.log
    if log:
        at = utc.seconds_of(log.done) or facts.stored_at
        if facts.result_key:
            return _step("done", f"result {_word(facts.result_key)}, then its log", at)
        again = ", written again" if facts.was_done_again else ""
        return _step("done", f"its log, {_word(log.status)}{again}", at)
    if facts.result_key:
        return _step("done", f"result {_word(facts.result_key)}", facts.result_at)
    if facts.forged:
        return _step("missing", facts.forged)
    if facts.has_expired:
        return _step("unknown", f"its log expired after {facts.keep_days} days")
    if facts.keeps_no_logs and (facts.is_answered or facts.is_quiet):
        return _step("unknown", NO_LOGS)
    if facts.is_answered and "log" not in facts.unseen:
        if facts.may_keep_none:
            return _step("unknown", MAYBE_NONE)
        return _step("missing", "its log is gone")
    return _lacking(facts, "log", told="no log of it is there")


def _answered(facts: Facts) -> Step:
    log, entry = facts.log, facts.entry
    queue = f" on {_word(facts.reply_queue)}" if facts.reply_queue else ""
    if facts.is_answered:
        return _step("done", queue.strip())
    if log and log.status == UNTOLD:
        return _step("bad", f"reached nobody: {_word(log.outcome)}")
    if not log:
        if facts.letter:
            return _step("missing", NO_ANSWER)
        return _lacking(facts, "log", "replies", told=NOT_YET)
    if facts.is_dropped:
        return _step("done", NOBODY)
    if log.answered:
        return _step("done", f"by a dialect: {_word(log.answered)}")
    if facts.replies and (entry or log.client != PLAIN):
        # Where its message may still be there, its worker may have ended before it answered.
        state: State = "unknown" if facts.may_come_again else "done"
        return _step(state, answers_wait(facts.replies, facts.reply_queue))
    if facts.is_quiet:
        return _step("done", queue.strip())
    if facts.unseen & {"queues", "replies"}:
        return _step("unseen", UNSEEN)
    return _step("unknown", "the worker answers once it has stored")


def _deleted(facts: Facts) -> Step:
    if facts.letter:
        return _step("bad", f"from {_word(facts.letter.queue)}; it lies in the dead letters")
    settled = facts.log is not None or facts.is_answered
    if settled and facts.is_quiet:
        return _step("done", f"nothing is left in {facts.queue_names}")
    if settled and facts.queues:
        return _step("unknown", f"{where(facts)}; SQS does not tell which")
    if settled and "queues" not in facts.unseen:
        return _step("unknown", "its queue is not there")
    return _lacking(facts, "queues", told=NOT_YET)


def _read(facts: Facts) -> Step:
    entry, log, held = facts.entry, facts.log, facts.reply_queue
    if facts.is_answered and entry:
        took = "" if entry.seconds is None else f", {span(entry.seconds)} after it was sent"
        again = ", before it was done again" if facts.was_done_again else ""
        return _step("done", f"on this machine{took}{again}", entry.answered_at)
    if entry and entry.status == DROPPED:
        return _step("missing", "given up with 'client.py purge'")
    if facts.is_dropped:
        return _step("done", NOBODY)
    if log and log.client == PLAIN and not entry:
        return _step("unknown", "a plain client's answer tells nothing of its job")
    if facts.replies is None or (facts.letter and not log):
        return _lacking(facts, "replies", told=NO_ANSWER)
    if facts.is_open:  # what waits there answers other jobs
        return _step("missing", NOT_YET)
    if facts.replies:
        return _step("missing", f"{answers_wait(facts.replies, held)}: open client.py there")
    if log and not entry:
        return _step("unknown", f"no answer waits on {_word(held)}: it was read, or thrown away")
    return _step("missing", f"no answer waits on {_word(held)}")


def answers_wait(count: int, queue: str) -> str:
    """Return how many answers wait on a queue."""
    on = f" on {_word(queue)}" if queue else ""
    return f"{plural(count, 'answer')} {'waits' if count == 1 else 'wait'}{on}"


def _word(text: str) -> str:
    """Return what somebody wrote, for a line."""
    return foreign.text(text, MOST) or "?"


#: What tells each step, in the one order of work.
_RULES: dict[str, Callable[[Facts], Step]] = {
    "sent": _sent,
    "received": _received,
    "begun": _begun,
    "stored": _stored,
    "answered": _answered,
    "deleted": _deleted,
    "read": _read,
}

#: The names of the steps, in their order.
NAMES = tuple(_RULES)
