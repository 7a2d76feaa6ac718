"""Batches of messages, sent, deleted and hidden in whatever way the service takes them.

A batch that is refused whole has done nothing, so its parts may be sent again: smaller, without
MessageGroupId, or one by one. What helped is kept in the cloud's `Abilities`, and is the first way
from then on. Nothing that was taken is ever sent twice: of a batch that was taken in part only
those are sent again which the service names as refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from labapp.cloud import boto
from labapp.cloud.abilities import Abilities, Ability
from labapp.cloud.aws_errors import code_of, reading, status_of
from labapp.errors import CloudError

#: What the service says of one entry that it did not do: `Code`, `Message` and `SenderFault`.
Fault = Mapping[str, Any]

#: The name of SQS's attribute for whose message it is.
GROUP: Final = "MessageGroupId"

#: Its name for the id by which a FIFO queue takes a message once.
DEDUPLICATION = "MessageDeduplicationId"

#: What old services put before an error code.
_OLD = "AWS.SimpleQueueService."

#: Error codes of a parameter that a service does not like; which, the text says, if anything does.
_PARAMETERS = frozenset(
    {
        "InvalidAttributeName",
        "InvalidAttributeValue",
        "InvalidParameter",
        "InvalidParameterCombination",
        "InvalidParameterValue",
        "InvalidRequest",
        "SerializationException",
        "UnknownParameter",
        "UnsupportedOperation",
        "ValidationError",
        "ValidationException",
    }
)

#: Error codes of a call that a service does not know.
_NO_CALL = frozenset(
    {
        "InvalidAction",
        "NotImplemented",
        "UnknownOperation",
        "UnknownOperationException",
        "UnsupportedOperation",
    }
)

#: What is said of a message, or of all of a batch, that has too many bytes.
_TOO_LONG = ("shorter than", "too long", "too large", "exceeds the limit", "longer than")


@dataclass(frozen=True)
class Refusal:
    """Why a service refused a call, or one entry of it; nothing of that was done.

    Attributes:
        code: its error code, without what old services put before it.
        text: what it says, in small letters.
        status: of HTTP; 400 for an entry.
    """

    code: str
    text: str
    status: int = 400

    @classmethod
    def of(cls, error: boto.ClientError) -> Refusal:
        """Return what a service has answered."""
        text = str(error.response.get("Error", {}).get("Message", ""))
        return cls(code_of(error).removeprefix(_OLD), text.lower(), status_of(error))

    @property
    def is_of_parameters(self) -> bool:
        """Whether something in the request is refused, for good."""
        return self.code in _PARAMETERS and self.status < 500

    @property
    def is_too_many(self) -> bool:
        """Whether a batch has too many entries."""
        return (
            self.code == "TooManyEntriesInBatchRequest" or "maximum number of entries" in self.text
        )

    @property
    def is_too_long(self) -> bool:
        """Whether a message, or all of a batch, has too many bytes."""
        named = self.code in ("BatchRequestTooLong", "InvalidMessageSize") or self.status == 413
        return named or (self.is_of_parameters and any(words in self.text for words in _TOO_LONG))

    @property
    def may_mean_groups(self) -> bool:
        """Whether it may be for MessageGroupId: services say that in many ways."""
        return self.is_of_parameters and not self.is_too_long

    @property
    def is_of_the_call(self) -> bool:
        """Whether the service has no such call."""
        return self.code in _NO_CALL or self.status in (404, 405, 501)


class Item(NamedTuple):
    """One entry of a batch: its place among all, what is asked of the service, and its bytes."""

    place: int
    entry: Mapping[str, Any]
    size: int = 0


@dataclass
class BatchCall:
    """One call of SQS for many entries.

    Attributes:
        sqs: the client.
        url: the queue's address.
        call: the batch call, such as `send_message_batch`.
        items: the entries, in their order.
        abilities: what the service is known to take.
    """

    sqs: Any
    url: str
    call: str
    items: Sequence[Item]
    abilities: Abilities
    _too_long: int = field(default=0, init=False)

    def faults(self) -> Iterator[tuple[int, Fault]]:
        """Have it done; yield what was not: the place, and why.

        Raises:
            ClientError: the service refuses, and no other way helps.
        """
        rest = list(self.items)
        while rest:
            part = rest[: self._fitting(rest)]
            yield from self._settle(part)
            del rest[: len(part)]

    def _fitting(self, rest: Sequence[Item]) -> int:
        """Return how many of the next entries make a batch, 1 or more."""
        size = 0
        for count, item in enumerate(rest):
            size += item.size
            if count and (
                count == self.abilities.batch_entries or size > self.abilities.batch_bytes
            ):
                return count
        return len(rest)

    def _settle(self, part: Sequence[Item]) -> list[tuple[int, Fault]]:
        """Have a part done in whatever way the service takes it; return what was not."""
        try:
            faults = self._once(part)
        except boto.ClientError as error:
            return self._otherwise(part, error)
        return self._again_without_groups(part, faults)

    def _again_without_groups(
        self, part: Sequence[Item], faults: list[tuple[int, Fault]]
    ) -> list[tuple[int, Fault]]:
        """Send those again whose groups may have been refused; return what is not done."""
        doubtful = {place for place, fault in faults if _refusal_of(fault).may_mean_groups}
        again = [item for item in part if item.place in doubtful and may_lose_group(item.entry)]
        if not again:
            return faults
        left = self._once(_without_groups(again))
        if len(left) < len(again):
            self.abilities.note(Ability.GROUPS, holds=False)
        places = {item.place for item in again}
        return [one for one in faults if one[0] not in places] + left

    def _otherwise(self, part: Sequence[Item], error: boto.ClientError) -> list[tuple[int, Fault]]:
        """Have a part done that was refused whole, in another way."""
        refusal = Refusal.of(error)
        if len(part) > 1 and (refusal.is_too_many or refusal.is_too_long):
            return self._in_smaller_ones(part, refusal)
        if refusal.may_mean_groups and any(may_lose_group(item.entry) for item in part):
            try:
                faults = self._once(_without_groups(part))
            except boto.ClientError as other:  # so it was not for them
                refusal, error = Refusal.of(other), other
            else:
                self.abilities.note(Ability.GROUPS, holds=False)
                return faults
        if refusal.is_of_the_call and not self.abilities.lacks(Ability.BATCHES):
            faults = [fault for item in part for fault in self._single(item)]
            if len(faults) < len(part) or not _refusal_of(faults[0][1]).is_of_the_call:
                self.abilities.note(Ability.BATCHES, holds=False)
            return self._again_without_groups(part, faults)
        self._too_long += refusal.is_too_long
        if refusal.is_of_parameters and len(part) > 1:  # one is at fault, and not the others
            return self._halves(part)
        if len(self.items) == 1 or not (refusal.is_of_parameters or refusal.is_too_long):
            raise error
        return [(part[0].place, _fault_of(error))]

    def _in_smaller_ones(self, part: Sequence[Item], refusal: Refusal) -> list[tuple[int, Fault]]:
        """Have a part done in halves, and remember it if that is what helped."""
        before = self._too_long
        faults = self._halves(part)
        if refusal.is_too_many:
            self.abilities.batch_entries = min(self.abilities.batch_entries, len(part) // 2)
        elif before == self._too_long:
            size = sum(item.size for item in part)
            self.abilities.batch_bytes = min(self.abilities.batch_bytes, size // 2)
        else:  # one message was too large, which says nothing of batches
            return faults
        self.abilities.note(Ability.FULL_BATCHES, holds=False)
        return faults

    def _halves(self, part: Sequence[Item]) -> list[tuple[int, Fault]]:
        middle = len(part) // 2
        return self._settle(part[:middle]) + self._settle(part[middle:])

    def _once(self, part: Sequence[Item]) -> list[tuple[int, Fault]]:
        """Ask the service once for a part; return what it did not do.

        Raises:
            ClientError: it did nothing of it.
        """
        if self.abilities.lacks(Ability.GROUPS):
            part = _without_groups(part)
        if self.abilities.lacks(Ability.BATCHES):
            return [fault for item in part for fault in self._single(item)]
        entries = [{"Id": str(at), **item.entry} for at, item in enumerate(part)]
        answer = getattr(self.sqs, self.call)(QueueUrl=self.url, Entries=entries)
        with reading():
            return [(part[int(one["Id"])].place, one) for one in answer.get("Failed", ())]

    def _single(self, item: Item) -> list[tuple[int, Fault]]:
        """Ask for one entry by the call for one; what is wrong with it ends nothing else."""
        try:
            getattr(self.sqs, self.call.removesuffix("_batch"))(QueueUrl=self.url, **item.entry)
        except boto.ClientError as error:
            refusal = Refusal.of(error)
            if len(self.items) == 1 or not _is_of_one(refusal):
                raise
            return [(item.place, _fault_of(error))]
        return []


def too_large_error(doing: str, size: int, error: boto.ClientError) -> CloudError | None:
    """Return what to tell of a refusal that is for one message's size; None if it is for another.

    Args:
        doing: what was being done and to which queue.
        size: the message's bytes, with its attributes.
        error: the refusal.
    """
    if not Refusal.of(error).is_too_long:
        return None
    text = str(error.response.get("Error", {}).get("Message", "")).strip().rstrip(".")
    return CloudError(
        f"cannot {doing}: the message has {size:,} bytes, which is more than it takes ({text})",
        "Send less in one message, or have the queue's MaximumMessageSize raised.",
    )


def _is_of_one(refusal: Refusal) -> bool:
    """Tell whether a refusal is about that one message, or its receipt."""
    named = refusal.code in ("ReceiptHandleIsInvalid", "MessageNotInflight")
    return named or refusal.is_of_parameters or refusal.is_too_long


def may_lose_group(entry: Mapping[str, Any]) -> bool:
    """Tell whether an entry has a group that it could be sent without: a FIFO queue needs it."""
    return GROUP in entry and DEDUPLICATION not in entry


def _without_groups(part: Sequence[Item]) -> list[Item]:
    return [
        item._replace(entry={name: item.entry[name] for name in item.entry if name != GROUP})
        if may_lose_group(item.entry)
        else item
        for item in part
    ]


def _refusal_of(fault: Fault) -> Refusal:
    code = str(fault.get("Code", "")).removeprefix(_OLD)
    return Refusal(code, str(fault.get("Message", "")).lower())


def _fault_of(error: boto.ClientError) -> Fault:
    return {**error.response.get("Error", {}), "SenderFault": status_of(error) < 500}
