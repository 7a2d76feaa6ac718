"""What became of one message: made by the processor, answered by `Replies`, then settled."""

from __future__ import annotations

from dataclasses import dataclass

from labapp.cloud.queues import Message
from labapp.jobs.logbook import UNTOLD
from labapp.jobs.wire import Reply, Request

#: Status of a message that nobody can be answered for.
PUT_ASIDE = UNTOLD


@dataclass(frozen=True)
class Outcome:
    """What became of one message.

    Attributes:
        message: the message.
        request: what it asked for; None where that could not be told.
        reply: the answer to send; None where nobody is to be answered now.
        aside: why it goes to the dead letters; empty where it does not.
        again_in: seconds after which it is to be tried again; None where it is settled.
        seconds: how long the job took.
        untold: why the answer reaches nobody; empty where it does, or nobody is to be answered.
        known: whether the message was settled before, and only its deletion lacks.
    """

    message: Message
    request: Request | None = None
    reply: Reply | None = None
    aside: str = ""
    again_in: float | None = None
    seconds: float = 0.0
    untold: str = ""
    known: bool = False

    @property
    def is_stored(self) -> bool:
        """Whether the job was done, well or in vain, and its log stored."""
        return bool(self.reply and self.reply.body and not self.aside and self.again_in is None)

    @property
    def is_to_be_answered(self) -> bool:
        """Whether somebody waits for the answer."""
        return self.reply is not None and not self.reply.to_nobody
