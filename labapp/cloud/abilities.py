"""What an endpoint was found to do, or not: learnt from its answers, kept while a program runs.

Amazon's own services and the local cloud do all of it. Others lack one thing or another, and most
say so only when they are asked: the first refusal teaches, what is done instead is remembered here,
and a sentence is told once. Nothing is asked ahead but by the probe of `conditions`, as a store
that ignores a condition says nothing at all.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from enum import StrEnum

#: Entries that one batch call of SQS takes, and messages that one receive gives.
BATCH = 10

#: Bytes of all bodies and attributes that one message or one batch may hold. Amazon takes 1 MiB
#: since 2025; emulators and older regions take 256 KiB, so no more is sent.
BATCH_BYTES = 256 * 1024

#: Seconds of the longest poll that SQS takes.
LONGEST_WAIT = 20


class Ability(StrEnum):
    """One thing that an endpoint does or lacks; its value is what people call it."""

    CONDITIONS = "conditional writes"
    NO_CHECKSUM = "writes without a checksum"
    CHECKSUMS = "x-amz-checksum headers"
    UNSIGNED = "unsigned bodies"
    COPIES = "copies within the bucket"
    NOTIFICATIONS = "notifications of new objects"
    GROUPS = "message groups"
    BATCHES = "batches of messages"
    FULL_BATCHES = "full batches of messages"
    LONG_POLLS = "long polling"
    QUEUE_ATTRIBUTES = "all attributes of queues"


#: What is said where an ability is lacking: what that means, and what is done instead.
LACKING = {
    Ability.CONDITIONS: "this store does not heed If-Match: each answer is an object of its own, so"
    " none is lost",
    Ability.NO_CHECKSUM: "this store wants a checksum with each write: it gets one",
    Ability.CHECKSUMS: "this store refuses x-amz-checksum headers: it gets Content-MD5 instead",
    Ability.UNSIGNED: "this store refuses unsigned bodies: they are signed, which costs some time",
    Ability.COPIES: "this store cannot copy objects: they are read and written again",
    Ability.NOTIFICATIONS: "this store tells no queue of new objects: what is put in drop/ waits"
    " for nobody",
    Ability.GROUPS: "this service takes no MessageGroupId on standard queues: messages go without,"
    " and who sends many may delay the others",
    Ability.BATCHES: "this service has no batch calls: messages go one by one, which takes longer",
    Ability.FULL_BATCHES: "this service takes less in a batch than Amazon's: smaller ones are sent",
    Ability.LONG_POLLS: "this service refuses long polls: it is asked again every second",
    Ability.QUEUE_ATTRIBUTES: "this service does not know all attributes of queues: it is left at"
    " those that it knows",
}  # fmt: skip


class Abilities:
    """What one cloud's endpoints were found to do; shared by threads.

    Attributes:
        batch_entries: entries that a batch call takes.
        batch_bytes: bytes that all messages of a batch may have.
        receive_limit: messages that may be asked for at once.
        longest_wait: seconds that a poll may wait.
        bucket_region: the region in which the bucket was found, where it is not the cloud's own.
        probing: held while a probe is made, so that of many threads one makes it.
    """

    def __init__(self) -> None:
        self.batch_entries = BATCH
        self.batch_bytes = BATCH_BYTES
        self.receive_limit = BATCH
        self.longest_wait = LONGEST_WAIT
        self.bucket_region = ""
        self.probing = threading.Lock()
        self._found: dict[Ability, bool] = {}
        self._tell: Callable[[str], object] | None = None
        self._untold: list[str] = []
        self._said: set[str] = set()
        self._guard = threading.Lock()

    def holds(self, ability: Ability) -> bool | None:
        """Tell whether the endpoint has an ability; None where nothing has shown it yet."""
        return self._found.get(ability)

    def lacks(self, ability: Ability) -> bool:
        """Tell whether an ability is known to be lacking."""
        return self._found.get(ability) is False

    def note(self, ability: Ability, *, holds: bool) -> None:
        """Keep what was found of an ability; that it is lacking is told, the first time."""
        self._found[ability] = holds
        if not holds:
            self.tell(LACKING[ability])

    def note_region(self, region: str, own: str) -> None:
        """Keep in which region the bucket was found, and tell it; `own` is the cloud's."""
        self.bucket_region = region
        self.tell(f"the bucket is in {region}, and is served from there; queues are in {own}")

    def listen(self, tell: Callable[[str], object]) -> None:
        """Have sentences told, from any thread; those that nobody was told yet come at once."""
        with self._guard:
            self._tell = tell
            untold, self._untold = self._untold, []
        for sentence in untold:
            tell(sentence)

    def tell(self, sentence: str) -> None:
        """Tell a sentence, once, or keep it until somebody listens."""
        with self._guard:
            if sentence in self._said:
                return
            self._said.add(sentence)
            tell = self._tell
            if tell is None:
                self._untold.append(sentence)
        if tell is not None:
            tell(sentence)
