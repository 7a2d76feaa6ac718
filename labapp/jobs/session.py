"""A client's session: send jobs, collect their answers, remember both.

A session holds one slot, and with it one reply queue that nobody else reads. An answer is written
into the ledger before its message is deleted: killed in between, it comes again and is known.
Whoever may send to that queue can name any job. An answer is believed only if it repeats the nonce
that the request carried.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from labapp.cloud import new_queues, provision
from labapp.cloud.patience import HASTY, PATIENT, Patience, until_queue_is_known
from labapp.cloud.queues import Message, Queue
from labapp.cloud.session import Cloud
from labapp.errors import CloudError, ForbiddenError, MissingResourceError
from labapp.jobs import lab, slots
from labapp.jobs.entry import Entry
from labapp.jobs.kind import JobKind
from labapp.jobs.ledger import Ledger
from labapp.jobs.ledger_file import DamagedLedgerError, set_aside
from labapp.jobs.proof import Identity, new_identity
from labapp.jobs.slots import Slot
from labapp.jobs.wire import Request, decode_reply
from labapp.settings import user_name

#: The name of the ledger's file, in the folder of the cloud.
LEDGER_FILE = "jobs.sqlite"


def open_ledger(cloud: Cloud) -> Ledger:
    """Open this machine's ledger for a cloud."""
    return Ledger(cloud.home / LEDGER_FILE)


def has_ledger(cloud: Cloud) -> bool:
    """Return whether a session was ever opened on this machine for this cloud."""
    return (cloud.home / LEDGER_FILE).exists()


def entry_here(cloud: Cloud, job: str) -> Entry | None:
    """Return a job as this machine's ledger has it; None where it was not sent from here."""
    if not has_ledger(cloud):
        return None
    with contextlib.closing(open_ledger(cloud)) as ledger:
        return ledger.get(job)


#: Seconds beyond its wait for which a look passes over messages that are no answers: who floods the
#: queue with such keeps nobody from his timeout, and what is left is sifted by the next look.
LONGEST_SIFT = 2.0

#: Seconds between looks into a reply queue that SQS has made and does not know yet.
UNKNOWN = 1.0

#: Seconds for which one reply queue is emptied, which somebody may fill meanwhile.
LONGEST_PURGE = 60.0


@dataclass(frozen=True)
class Purged:
    """What a purge threw away.

    Attributes:
        given_up: the ids of the jobs that nobody waits for any more, in order of sending.
        cleared: how many rows of the ledger were none of labapp's.
        aside: where the ledger is now that could not be used; None where it could.
    """

    given_up: list[str]
    cleared: int = 0
    aside: Path | None = None


def purge(cloud: Cloud, *, dry: bool = False) -> Purged:
    """Do what `ClientSession.purge` does, whatever this machine's ledger is.

    One that is damaged is set aside, and a new one begun, unless it is a dry run.

    Raises:
        CloudError: the cloud cannot be reached.
        LabappError: the ledger can be neither used nor set aside.
    """
    try:
        with ClientSession(cloud) as session:
            return session.purge(dry=dry)
    except DamagedLedgerError:
        if dry:
            raise
        aside = set_aside(cloud.home / LEDGER_FILE)
    with ClientSession(cloud) as session:
        return replace(session.purge(), aside=aside)


class ClientSession:
    """One program's side of the queues, as a context manager.

    Args:
        cloud: where the jobs go.
        patience: waits, before jobs are sent, for what SQS allows or knows a moment later.
        client: whose slot is taken, if it is free; any that waits for answers unless given.

    Raises:
        CloudError: the cloud cannot be reached, or lacks its queues.
        LabappError: this machine's ledger or slots cannot be used.
    """

    def __init__(self, cloud: Cloud, patience: Patience = PATIENT, client: str = "") -> None:
        self.cloud = cloud
        self._patience = patience
        self.ledger = open_ledger(cloud)
        try:
            waiting = {client} if client else self.ledger.waiting_clients()
            self._slot = slots.take(cloud.home, user_name(cloud.settings), waiting)
        except BaseException:
            self.ledger.close()
            raise
        self.client = self._slot.client
        self._replies = Queue(cloud, provision.reply_queue_name(cloud.settings, self.client))
        #: The queues that were sent to, by name.
        self._queues: dict[str, Queue] = {}
        #: Jobs to which an answer came that proves nothing: those not yet told of, and all of them.
        self._doubted: list[str] = []
        self._doubts: set[str] = set()
        #: Whether the reply queue was there; and whether it was found gone, and nobody told yet.
        self._had = self._lost = False

    def __enter__(self) -> ClientSession:
        return self

    def __exit__(self, *_: object) -> None:
        self._slot.release()
        self.ledger.close()

    def identity(self, nonce: str = "") -> Identity:
        """Return the id of a job to be; `nonce` is what proves it, a new one unless given."""
        return new_identity(self.client, nonce)

    def submit(
        self, kind: JobKind, bodies: Sequence[str], ids: Sequence[Identity] = ()
    ) -> list[str]:
        """Send jobs of a kind, each with a body of its own; return their ids in the same order.

        `ids` are the jobs' ids and proofs, from `identity`; new ones unless given.

        Raises:
            CloudError: not all could be sent; a late answer to one of them is still shown.
        """
        ids = ids or [self.identity() for _ in bodies]
        requests = [
            Request(body, new.job, self.client, nonce=new.nonce)
            for body, new in zip(bodies, ids, strict=True)
        ]
        self.send(kind, requests)
        return [request.job for request in requests]

    def send(self, kind: JobKind, requests: Sequence[Request], note: str = "") -> None:
        """Send jobs whose requests are made already; arguments and errors as for `submit`.

        `note` is kept in the ledger with each of them, for the answer to be made use of.
        """
        self._make_reply_queue(self._patience)
        nonces = {request.job: request.nonce for request in requests}
        self.ledger.add([(r.job, r.body) for r in requests], self.client, kind.name, note, nonces)
        queue_name = kind.request_queue_name(self.cloud.settings)
        try:
            failed = self._put(queue_name, requests)
        except CloudError:
            self.ledger.mark_unsent(request.job for request in requests)
            raise
        if failed:
            self.ledger.mark_unsent(requests[position].job for position in failed)
            raise CloudError(
                f"{len(failed)} of {len(requests)} jobs were not taken by {queue_name}",
                "Send those again.",
            )

    def require_replies(self) -> None:
        """See to it that answers have a queue to come to; before a job is written down."""
        self._make_reply_queue(self._patience)

    def ask_again(self, kind: JobKind, request: Request) -> None:
        """Ask once more for a job that is written down already and may have been sent or not.

        Raises:
            CloudError: it could not be sent.
        """
        self.put(kind, [request])

    def put(self, kind: JobKind, requests: Sequence[Request]) -> list[int]:
        """Put requests that are written down in their queue, as often as need be.

        Returns the positions of those that SQS did not take.

        Raises:
            CloudError: they could not be sent, as far as can be told.
        """
        self._make_reply_queue(self._patience)
        return self._put(kind.request_queue_name(self.cloud.settings), requests)

    def _put(self, queue_name: str, requests: Sequence[Request]) -> list[int]:
        """Put requests in a queue; return the positions of those that SQS did not take."""
        # Kept, as to ask for its address each time is a third of the work of sending.
        queue = self._queues.setdefault(queue_name, Queue(self.cloud, queue_name))
        try:
            return _put_in(queue, requests)
        except MissingResourceError:
            queue.forget()
            # On the local cloud, which somebody reset, it is made. Elsewhere it is there, and what
            # said otherwise has only not heard of it.
            lab.require(self.cloud, patience=self._patience)
            lab.check_made(self.cloud, queue_name)
            early = until_queue_is_known(queue_name)
            return self._patience.retry(lambda: _put_in(queue, requests), early)

    def collect(self, wait: int = 0) -> list[Entry]:
        """Take answers from the reply queue.

        Args:
            wait: seconds to wait for the first one, 0 to 20; without, some may be overlooked.

        Returns:
            The jobs that are answered now and were not before. Duplicates and what is not ours are
            deleted unseen; of an answer that proves nothing `doubted` tells.
        """
        self._make_reply_queue(HASTY)
        try:
            return self._receive(self._replies, self.client, wait)
        except MissingResourceError:
            self._make_reply_queue_again(wait)
            return []

    def take(self, wait: int | None = None) -> tuple[list[Entry], list[str]]:
        """Take ten answers at most in one request, whose messages are deleted later, by `let_go`.

        Args:
            wait: seconds to wait for the first one; None: as long as makes sure.

        Returns:
            What `collect` does, and the receipts of all messages that came.
        """
        self._make_reply_queue(HASTY)
        try:
            messages = self._replies.receive(wait=self._replies.sure if wait is None else wait)
        except MissingResourceError:
            self._make_reply_queue_again(wait or 0)
            return [], []
        return self._settle(messages, self.client), [message.receipt for message in messages]

    def let_go(self, receipts: Sequence[str]) -> None:
        """Delete messages that were taken."""
        self._replies.delete(receipts)

    def _make_reply_queue_again(self, wait: int) -> None:
        """Make the reply queue, or have it known, that SQS says is not there."""
        if self._replies.is_new:  # not every server of SQS knows: once more changes nothing
            new_queues.make(self.cloud, self._replies.name, patience=HASTY)
        else:  # somebody deleted it, or reset the local cloud
            self._replies.forget()
            self._make_reply_queue(HASTY)
        if not self.cloud.is_local:
            time.sleep(min(wait, UNKNOWN))

    def collect_all(self) -> None:
        """Take in all answers that wait now, for idle slots too; a second for each, to be sure."""
        while self.collect(wait=self._replies.sure):
            pass
        for _ in self.elsewhere():
            pass

    def elsewhere(self) -> Iterator[Entry]:
        """Take in what waits for other slots of this machine that no program has.

        Of several slots that wait, the next program takes one; without this the answers of the
        others would run out in their queues. Takes a second for each slot.

        Yields:
            Each answer that was not shown, with its slot held: once it is marked as shown, no
            program that takes the slot shows it again.

        Raises:
            CloudError: a queue cannot be read; what was taken in is in the ledger.
        """
        for slot, replies in self._idle():
            # One under another name of the user's may be nobody's to read any more.
            with contextlib.suppress(MissingResourceError, ForbiddenError):
                while self._receive(replies, slot.client, replies.sure):
                    pass
            yield from self.ledger.unshown(slot.client)

    def unshown(self) -> list[Entry]:
        """Return answers that came in earlier sessions, or meanwhile, and were not yet shown."""
        return self.ledger.unshown(self.client)

    def purge(self, *, dry: bool = False) -> Purged:
        """Give up what is pending, empty the reply queues, clear the ledger of what is no job.

        As with `collect_all`, what is of slots that no program has is meant too. With `dry` it only
        says what would be given up; the queues stay as they are.
        """
        dropped = self._purge(self._replies, self.client, dry=dry)
        for slot, replies in self._idle():
            dropped += self._purge(replies, slot.client, dry=dry)
        return Purged(dropped, self.ledger.clear(dry=dry))

    def _purge(self, replies: Queue, client: str, *, dry: bool) -> list[str]:
        dropped = self.ledger.drop(client, dry=dry)
        # As in `elsewhere`; of the client's own queue all is told.
        others = () if client == self.client else (ForbiddenError,)
        if not dry:
            with contextlib.suppress(MissingResourceError, *others):
                # PurgeQueue may be asked once a minute only.
                until = time.monotonic() + LONGEST_PURGE
                while messages := replies.receive(wait=replies.sure):
                    replies.delete([message.receipt for message in messages])
                    if time.monotonic() > until:
                        break
        return dropped

    def _idle(self) -> Iterator[tuple[Slot, Queue]]:
        """Yield each other slot that waits and that no program has, held, and its queue."""
        for slot in slots.idle(self.cloud.home, self.ledger.waiting_clients() - {self.client}):
            name = provision.reply_queue_name(self.cloud.settings, slot.client)
            yield slot, Queue(self.cloud, name)

    def _receive(self, replies: Queue, client: str, wait: int) -> list[Entry]:
        """Take answers from a client's queue; arguments and results as of `collect`."""
        until = time.monotonic() + wait
        while messages := replies.receive(wait=wait):
            settled = self._settle(messages, client)
            replies.delete([message.receipt for message in messages])
            if settled or time.monotonic() > until + LONGEST_SIFT:
                return settled
            # What was deleted unseen may have hidden an answer behind it.
            wait = min(wait, replies.sure)
        return []

    def _settle(self, messages: Sequence[Message], client: str) -> list[Entry]:
        """Write answers into the ledger; return the jobs that are answered by them."""
        replies = [reply for message in messages if (reply := decode_reply(message))]
        settled, unproved = self.ledger.settle_all(replies, client) if replies else ([], [])
        new = [job for job in unproved if job not in self._doubts]
        self._doubts.update(new)
        self._doubted += dict.fromkeys(new)
        return settled

    def new_doubts(self) -> list[str]:
        """Return, once each, the jobs that an answer came to which proves nothing, and was deleted.

        The job waits on: the good answer may still come.
        """
        told, self._doubted = self._doubted, []
        return told

    def new_loss(self) -> bool:
        """Return, once each time, whether the reply queue was deleted while jobs are pending.

        It is made anew; what was answered in between is in the log alone.
        """
        told, self._lost = self._lost, False
        return told and self.ledger.count_pending(self.client) > 0

    def _make_reply_queue(self, patience: Patience) -> None:
        """Make the reply queue unless it is there, which is asked until it was found once."""
        had = self._had  # asked before the look: threads that send side by side make it once
        try:
            if not (self._replies.is_new or self._replies.exists()):
                self._lost = self._lost or had
                new_queues.make(self.cloud, self._replies.name, patience=patience)
        except ForbiddenError as error:
            # A person's permissions go by the name, which need not be that of the login.
            name = slots.name_in_ids(user_name(self.cloud.settings))
            told = f"If your permissions are for another name than {name}, set LABAPP_USER to it."
            raise type(error)(error.message, f"{error.remedy} {told}") from error
        self._had = True


def _put_in(queue: Queue, requests: Sequence[Request]) -> list[int]:
    """Put requests in a queue; return the positions of those that SQS did not take."""
    if len(requests) == 1:
        queue.send(requests[0].outgoing())
        return []
    return queue.send_batch([request.outgoing() for request in requests])
