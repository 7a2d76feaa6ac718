"""What is said of a job that stands at a step: what is true, what comes next, what a kill means.

Each sentence is a promise of the worker's, and proved by a test that kills it at that step.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from labapp.cloud.queue_names import FIFO
from labapp.jobs import events, log_batches, logbook, steps
from labapp.jobs.kinds import kind_of
from labapp.jobs.picture_kind import PICTURES
from labapp.jobs.steps import STEPS
from labapp.jobs.wire import DONE, FAILED, REFUSED, is_marked
from labapp.settings import LOG_BATCH, LOG_NONE

if TYPE_CHECKING:
    from labapp.worker.standing import Stand

#: Who asks where no client is named.
PLAIN = "a plain client"

#: What is said of the message that S3 sends first.
TRIAL = """It is S3's trial message (s3:TestEvent): S3 sent it when it was told to send its events \
to this queue. It asks for nothing."""

#: What the next worker does again where SQS moves the message away instead.
LAST = """This was receive {receives} of {most}: the first poll after {visibility} s has SQS move \
the message to the dead letters, and no worker does it again."""


#: What is said of a job that left nothing in S3, as its worker keeps no logs.
NOT_LOGGED = "This worker keeps no logs, so nothing of it is in S3"


@dataclass(frozen=True)
class Told:
    """What is said of a job at a step: what is so now, what comes next, what a kill here means."""

    now: str
    next: str
    killed: str


def told(stand: Stand, visibility: int) -> Told:
    """Return what is said of a job; `visibility` is the visibility timeout in seconds."""
    now, then = _now(stand), _next(stand)
    if _is_trial(stand) and stand.step in (steps.RECEIVED, steps.VALIDATED):
        now, then = TRIAL, "nothing is to be done with S3's trial message."
    return Told(now, then, _killed(stand, visibility))


def title(stand: Stand) -> str:
    """Return which step it is, such as `step 4 of 7: stored`."""
    return f"step {STEPS.index(stand.step) + 1} of {len(STEPS)}: {stand.step}"


def whose(stand: Stand) -> str:
    """Return which job it is, of whom, and how often its message was received."""
    request, reply, most = stand.request, stand.reply, f" of {stand.most}" if stand.most else ""
    client = ""
    if _is_trial(stand):
        return f"S3's trial message, receive {stand.message.receives}{most}, {stand.queue}"
    if request:
        client = request.client or request.dialect or PLAIN
        client = f" from {'S3' if reply and reply.to_nobody else client}"
    return f"{stand.kind}{client}, receive {stand.message.receives}{most}, {stand.queue}"


def lease(stand: Stand, left: float | None, visibility: int) -> str:
    """Return what another worker sees of the message, and until when.

    Args:
        stand: the job.
        left: seconds for which others do not see it; None where that is not known.
        visibility: the visibility timeout in seconds.
    """
    if stand.step == steps.DELETED:
        return "Another worker sees nothing of it, ever."
    if left is None:
        return "The lease is lost: another worker has the message, or can have it."
    if left <= 0:
        return "Another worker can receive it now: its time is over, and nothing extended that."
    if stand.step == steps.LEASE_STOPPED:
        return f"Another worker sees it in about {left:.0f} s: nothing extends that any more."
    ago, every = max(0.0, visibility - left), visibility / 3
    return (
        f"Another worker does not see it for {left:.0f} s more: the lease asked for {visibility} s"
        f" {ago:.0f} s ago, and does every {every:.0f} s."
    )


def _is_picture(stand: Stand) -> bool:
    return kind_of(stand.kind) is PICTURES


def _is_trial(stand: Stand) -> bool:
    return not is_marked(stand.message) and events.is_trial(stand.message.body)


def _is_own(stand: Stand) -> bool:
    """Tell whether one of labapp's own clients asks, who knows what it has seen."""
    return bool(stand.request and stand.request.client)


def _now(stand: Stand) -> str:
    reply, earlier = stand.reply, stand.message.receives - 1
    if stand.step == steps.RECEIVED:
        if earlier:
            times = "once" if earlier == 1 else f"{earlier} times"
            return f"It was received {times} before; what was done then may lie in S3."
        return "The message is this worker's for now, and nobody has looked at it."
    if stand.step == steps.VALIDATED:
        return "It is understood and breaks no rule." + ("" if earlier else " Nothing is stored.")
    if stand.step == steps.DONE:
        return _done(stand)
    if stand.step == steps.STORED:
        return _stored(stand)
    if stand.step == steps.ANSWERED:
        told = f"The answer is in {_queues(stand)}." if reply and stand.answers_on else ""
        aside = f"The message is in the dead letters, since {stand.aside}." if stand.aside else ""
        return " ".join(filter(None, (told, aside))) or "Nobody asked, so nobody was told."
    if stand.step == steps.LEASE_STOPPED:
        known = "This worker settled it before; only its deletion lacked. " if stand.known else ""
        return f"{known}Nothing extends the visibility timeout any more."
    return "The message is gone, and the job is over."


def _done(stand: Stand) -> str:
    reply = stand.reply
    if stand.found:
        return "Its result was in S3 already, and found: nothing was done again."
    if reply and reply.status == REFUSED:
        return "It breaks a rule, so it is refused; the refusal is in this worker's memory alone."
    if reply and not reply.body:
        return "It asks for nothing: S3 tells that it can send, or of what is done already."
    return "The work is done; what came of it is on this worker's machine alone."


def _stored(stand: Stand) -> str:
    reply, request = stand.reply, stand.request
    if reply is None or request is None:
        return "Nothing of it is in S3: nobody can be answered."
    if not reply.body:
        return "It left nothing in S3."
    has_result = _is_picture(stand) and reply.status == DONE and not reply.to_nobody
    if not _is_logged(stand):
        return f"{f'S3 has its result {reply.body}' if has_result else NOT_LOGGED}."
    may_share = reply.status != FAILED and log_batches.may_share(request)
    is_shared = stand.log == LOG_BATCH and may_share
    key = log_batches.key_alone(request) if is_shared else logbook.key_of(request)
    log = f"its log {key}"
    if reply.status == FAILED:
        return f"It failed for good; S3 has {log}, if that could be written."
    if has_result:
        return f"S3 has its result {reply.body} and {log}."
    return f"S3 has {log}."


def _is_logged(stand: Stand) -> bool:
    """Tell whether the job is logged, once it is done."""
    request = stand.request
    return stand.log != LOG_NONE or (request is not None and not log_batches.may_share(request))


def _queues(stand: Stand) -> str:
    return " and ".join(stand.answers_on)


def _next(stand: Stand) -> str:
    if stand.step == steps.RECEIVED:
        return "read what it asks, and see whether it may."
    if stand.step == steps.VALIDATED:
        if not _is_picture(stand):
            return "sum the integers up."
        known = ", unless its result is in S3 already" if stand.message.receives > 1 else ""
        return f"fetch the picture and process it{known}."
    if stand.step == steps.DONE:
        if stand.reply and not stand.reply.body:
            return "nothing is stored."
        only_log = not _is_picture(stand) and not (stand.request and stand.request.spoken)
        if only_log or (stand.reply and (stand.found or stand.reply.status == REFUSED)):
            return "store its log in S3." if _is_logged(stand) else "nothing is stored."
        return f"store its result{' and its log' if _is_logged(stand) else ''} in S3."
    if stand.step == steps.STORED:
        send = f"send the answer to {_queues(stand)}" if stand.answers_on else ""
        aside = "put the message in the dead letters, with the reason" if stand.aside else ""
        what = " and ".join(filter(None, (send, aside)))
        return f"{what or 'nobody asked, so nobody is told'}."
    if stand.step == steps.ANSWERED:
        return "stop the lease, so that no extension comes after the deletion."
    if stand.step == steps.LEASE_STOPPED:
        return f"delete the message from {stand.queue}."
    return "receive the next message."


def _killed(stand: Stand, visibility: int) -> str:
    """Return what a kill means: what stays, and what the next worker does."""
    if stand.step == steps.DELETED:
        return "Nothing: there is nothing left to be done, or done again."
    stays = _stays(stand)
    back = f"The message is visible again within {visibility} s"
    if stand.queue.endswith(FIFO):
        back += ", and the rest of its group waits for it"
    if stand.is_last_receive:
        receives = stand.message.receives
        last = LAST.format(receives=receives, most=stand.most, visibility=visibility)
        return " ".join(filter(None, (stays, last)))
    return " ".join(filter(None, (stays, f"{back}; {_again(stand)}")))


def _stays(stand: Stand) -> str:
    if stand.step in (steps.RECEIVED, steps.VALIDATED):
        return ""
    if stand.step == steps.DONE:
        nothing = stand.found or (stand.reply and not stand.reply.body)
        job = "." if stand.is_last_receive else ", the job is not."
        return "" if nothing else f"The work is lost{job}"
    if stand.step == steps.STORED:
        if not _is_logged(stand) and not _is_picture(stand):
            return (
                "The work is lost."
                if stand.is_last_receive
                else "The work is lost, the job is not."
            )
        return "What is stored stays; the answer is not sent." if stand.answers_on else ""
    if stand.reply and stand.answers_on:
        return "The client has its answer." if _is_own(stand) else "The answer can be read."
    return ""


def _again(stand: Stand) -> str:
    """Return what the next worker does with the message."""
    if stand.step in (steps.RECEIVED, steps.VALIDATED):
        return "the next worker begins with it anew. Nothing is lost."
    if stand.known:
        return "a worker that did not settle it does the job again."
    if stand.step in (steps.ANSWERED, steps.LEASE_STOPPED):
        return f"the next worker {_redo(stand)}{_second_answer(stand)}"
    one = ""
    if stand.answers_on and stand.step == steps.STORED:
        first = stand.message.receives == 1
        one = " The client sees one answer." if first or _is_own(stand) else ""
    return f"the next worker {_redo(stand)}.{one}"


def _redo(stand: Stand) -> str:
    """Return what of the work the next worker does again, as its message comes again."""
    reply = stand.reply
    if stand.aside:
        return "comes to the same end with it"
    if reply and not reply.body:
        return "has nothing to do with it but to delete it"
    if reply and reply.status == REFUSED:
        return "refuses it again, where nothing has changed"
    if stand.found:
        return "finds the result as well"
    if not _is_picture(stand) or stand.step == steps.DONE:
        is_kept = stand.step != steps.DONE and _is_logged(stand)
        over = " under the same key" if is_kept else ""
        return f"does the job again{over}"
    if not (stand.request and stand.request.spoken) and _has_own_place(stand):
        return "finds the result and processes nothing again"
    return "does it again where it cannot tell that the result is there: the same, under its key"


def _has_own_place(stand: Stand) -> bool:
    """Tell whether a result lies in a folder of its job, by which the next worker finds it."""
    reply = stand.reply
    return bool(reply and (reply.to_nobody or reply.job in reply.body.rpartition("/")[0]))


def _second_answer(stand: Stand) -> str:
    if stand.aside:
        return ". The dead letters then have it twice."
    if not stand.answers_on:
        return "."
    sent = ", and sends the same answer a second time"
    if _is_own(stand):
        return f"{sent}; the client knows what it has seen, and shows it once."
    if all(queue.endswith(FIFO) for queue in stand.answers_on):
        return f"{sent}; SQS drops that within five minutes of the first."
    return f"{sent}: who reads {_queues(stand)} gets it twice."
