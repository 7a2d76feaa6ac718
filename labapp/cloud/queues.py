"""The one place that talks to Amazon SQS.

A `Queue` is one queue by name. Batches are cut to what the service takes (ten entries, 256 KiB
together); what a batch could not do is returned, never swallowed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from labapp.cloud import boto, policies, queue_polls
from labapp.cloud.abilities import BATCH, Ability
from labapp.cloud.aws_errors import reading, translated
from labapp.cloud.patience import PATIENT, Patience, until_purge_is_allowed
from labapp.cloud.queue_address import AddressedQueue
from labapp.cloud.queue_batches import (
    DEDUPLICATION,
    GROUP,
    BatchCall,
    Fault,
    Item,
    Refusal,
    may_lose_group,
    too_large_error,
)
from labapp.cloud.queue_names import FIFO
from labapp.cloud.session import Cloud
from labapp.errors import CloudError, ForbiddenError
from labapp.message_attribute import Attribute
from labapp.unlocked import cached_property

if TYPE_CHECKING:
    from types_boto3_sqs.literals import QueueAttributeNameType
    from types_boto3_sqs.type_defs import MessageAttributeValueTypeDef, MessageTypeDef

#: What SQS says of a receipt that is no longer ours; some emulators do not set SenderFault.
_NOT_OURS = frozenset(
    {
        "ReceiptHandleIsInvalid",
        "MessageNotInflight",
        "InvalidParameterValue",
        "AWS.SimpleQueueService.MessageNotInflight",
    }
)

#: A receipt that no message has.
_NO_RECEIPT = "labapp-has-no-such-message"

#: What SQS calls its `Counts`, in their order.
COUNTS: tuple[QueueAttributeNameType, ...] = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)


@dataclass(frozen=True)
class Message:
    """One message as received.

    Attributes:
        id: the id that SQS gave it.
        body: its text.
        attributes: its attributes of type String.
        odd_attributes: the names of its attributes of any other type, which labapp never sends.
        receipt: the handle by which it is deleted or kept hidden.
        receives: how often it was received, this time included.
        sent_at: when it was sent, in seconds since 1970, UTC.
        first_received_at: when it was first received, likewise.
        received: its attributes as SQS gave them; see `typed`.
        group: its MessageGroupId, on a FIFO queue; else empty.
    """

    id: str
    body: str
    attributes: Mapping[str, str]
    odd_attributes: frozenset[str]
    receipt: str
    receives: int
    sent_at: float
    first_received_at: float
    received: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)
    group: str = ""

    @cached_property
    def typed(self) -> Mapping[str, Attribute]:
        """All its attributes with their types and values, of whatever type; made when asked for."""
        if not self.received:
            return {name: Attribute("String", text) for name, text in self.attributes.items()}
        return {name: _attribute(value) for name, value in self.received.items()}


@dataclass(frozen=True)
class Outgoing:
    """One message to be sent: its text, its attributes of type String, and those of any type.

    `group` is SQS's MessageGroupId: on a standard queue it only names whose message this is, so
    that one sender's flood does not delay the others (SQS fair queues). A FIFO queue takes no
    message without one and a `deduplication` id, by which it is taken once in five minutes.
    """

    body: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    group: str = ""
    typed: Mapping[str, Attribute] = field(default_factory=dict)
    deduplication: str = ""

    @property
    def size(self) -> int:
        """Bytes of this message, as SQS counts them: names, types and values of attributes too."""
        pairs = sum(len(name) + 6 + len(text.encode()) for name, text in self.attributes.items())
        if self.typed:
            pairs += sum(_size(name, one) for name, one in self.typed.items())
        return len(self.body.encode()) + pairs


@dataclass(frozen=True)
class Counts:
    """How many messages a queue holds, as SQS estimates it."""

    visible: int
    in_flight: int
    delayed: int

    @classmethod
    def of(cls, found: Mapping[Any, str]) -> Counts:
        """Return what a queue's attributes tell, those of `COUNTS`."""
        return cls(*(int(found.get(name, 0)) for name in COUNTS))

    @property
    def all(self) -> int:
        """Whatever the queue holds: what a purge deletes."""
        return self.visible + self.in_flight + self.delayed


class Queue(AddressedQueue):
    """One SQS queue, by name.

    Every method raises CloudError or one of its kinds; a queue that is not there raises
    MissingResourceError.
    """

    @property
    def sure(self) -> int:
        """Seconds of a poll that may be taken at its word when it finds nothing.

        With any wait SQS asks all its servers, without one only some. The local cloud is one.
        """
        return 0 if self.cloud.is_local else 1

    def receive(
        self, limit: int = BATCH, wait: int = 0, visibility: int | None = None
    ) -> list[Message]:
        """Take messages, which stay hidden from others for the visibility timeout.

        Args:
            limit: most messages to take, 1 to 10.
            wait: seconds to wait for the first one, 0 to 20; see `sure`.
            visibility: seconds to hide them; None: as the queue says.
        """
        hide = {} if visibility is None else {"VisibilityTimeout": visibility}
        with translated(f"receive from {self.name}"):
            answer = queue_polls.receive(
                self.cloud.direct_sqs,
                self.url,
                limit,
                wait,
                hide,
                self.cloud.abilities,
                groups=self.name.endswith(FIFO),
            )
            with reading():
                return [_message(raw) for raw in answer.get("Messages", ())]

    def send(self, message: Outgoing) -> str:
        """Send one message; return the id that SQS gave it."""
        entry = _entry(message)
        if self.cloud.abilities.lacks(Ability.GROUPS) and may_lose_group(entry):
            del entry[GROUP]
        doing = f"send to {self.name}"
        with translated(doing):
            try:
                answer = self.cloud.direct_sqs.send_message(QueueUrl=self.url, **entry)
                return str(answer["MessageId"])
            except boto.ClientError as error:
                if too_large := too_large_error(doing, message.size, error):
                    raise too_large from error
                if not (Refusal.of(error).may_mean_groups and may_lose_group(entry)):
                    raise
            del entry[GROUP]
            answer = self.cloud.direct_sqs.send_message(QueueUrl=self.url, **entry)
        self.cloud.abilities.note(Ability.GROUPS, holds=False)
        return str(answer["MessageId"])

    def send_batch(self, messages: Sequence[Outgoing]) -> list[int]:
        """Send many messages; return the positions of those that SQS did not take."""
        items = [Item(at, _entry(message), message.size) for at, message in enumerate(messages)]
        return [place for place, _ in self._faults("send to", "send_message_batch", items)]

    def delete(self, receipts: Sequence[str]) -> list[int]:
        """Delete received messages; return the positions of those that SQS did not delete."""
        items = [Item(at, {"ReceiptHandle": receipt}) for at, receipt in enumerate(receipts)]
        return [place for place, _ in self._faults("delete from", "delete_message_batch", items)]

    def try_deletion(self) -> None:
        """Ask to delete a message that nobody has, by which it is seen whether one may delete.

        Raises:
            ForbiddenError: one may not. Whatever else the answer is, permissions come before it.
        """
        try:
            self.delete([_NO_RECEIPT])
        except ForbiddenError:
            raise
        except CloudError:  # met again, and told, by whoever asks next for something
            pass

    def hide(self, receipts: Sequence[str], seconds: int) -> list[int]:
        """Keep received messages hidden for `seconds` from now (0: show them to others at once).

        Returns the positions of those that SQS did not change, as they are no longer ours. One
        that it could not change for a fault of its own is not among them: it is as it was.
        """
        items = [
            Item(at, {"ReceiptHandle": receipt, "VisibilityTimeout": seconds})
            for at, receipt in enumerate(receipts)
        ]
        doing = "change the visibility of messages of"
        return [
            place
            for place, fault in self._faults(doing, "change_message_visibility_batch", items)
            if fault.get("SenderFault") or fault.get("Code") in _NOT_OURS
        ]

    def _faults(self, doing: str, call: str, items: Sequence[Item]) -> Iterator[tuple[int, Fault]]:
        """Call SQS for batch after batch; yield what it did not do: the position, and why."""
        if not items:
            return
        doing = f"{doing} {self.name}"
        with translated(doing):
            try:
                yield from BatchCall(
                    self.cloud.direct_sqs, self.url, call, items, self.cloud.abilities
                ).faults()
            except boto.ClientError as error:
                if len(items) == 1 and (told := too_large_error(doing, items[0].size, error)):
                    raise told from error
                raise

    def most_receives(self) -> int | None:
        """Return after how many receives SQS moves a message away; None where it never does."""
        found = self.attributes("read the redrive policy of", "RedrivePolicy")
        policy = policies.read(found.get("RedrivePolicy", ""), self.name)
        most = str(policy.get("maxReceiveCount", ""))
        return int(most) if most.isdecimal() else None

    def made_at(self) -> float:
        """Return when the queue was made, in seconds since 1970; 0 where SQS does not say."""
        doing = "read the age of"
        found = self.attributes(doing, "CreatedTimestamp")
        with translated(f"{doing} {self.name}"), reading():
            return float(found.get("CreatedTimestamp", 0))

    def counts(self) -> Counts:
        """Return how many messages wait, are in flight, and are delayed."""
        doing = "count the messages of"
        found = self.attributes(doing, *COUNTS)
        with translated(f"{doing} {self.name}"), reading():
            return Counts.of(found)

    def purge(self, patience: Patience = PATIENT) -> None:
        """Delete every message of the queue, those in flight too; SQS does so once in 60 seconds.

        Raises:
            TooSoonError: it was purged a moment ago, and `patience` ended before.
        """
        early = until_purge_is_allowed(self.name)
        with translated(f"purge {self.name}"):
            patience.retry(lambda: self.cloud.sqs.purge_queue(QueueUrl=self.url), early)

    def delete_queue(self) -> None:
        """Delete the queue itself, with whatever is in it."""
        with translated(f"delete the queue {self.name}"):
            self.cloud.sqs.delete_queue(QueueUrl=self.url)


def names(cloud: Cloud, prefix: str = "") -> list[str]:
    """Return the names of the account's queues that begin with `prefix`, in order."""
    found: list[str] = []
    with translated("list the queues"):
        # Without a page size, SQS ends after the first thousand and does not say so.
        asked: dict[str, Any] = {"QueueNamePrefix": prefix, "MaxResults": 1000}
        while True:
            page = cloud.direct_sqs.list_queues(**asked)
            with reading():
                found += [url.rpartition("/")[2] for url in page.get("QueueUrls", ())]
            before, asked["NextToken"] = asked.get("NextToken"), page.get("NextToken")
            if asked["NextToken"] in (None, "", before):
                break
    return sorted(found)


def _entry(message: Outgoing) -> dict[str, Any]:
    entry: dict[str, Any] = {"MessageBody": message.body}
    if message.attributes or message.typed:
        attributes: dict[str, MessageAttributeValueTypeDef] = {
            name: {"DataType": "String", "StringValue": text}
            for name, text in message.attributes.items()
        }
        for name, one in message.typed.items():
            held = "BinaryValue" if isinstance(one.value, bytes) else "StringValue"
            attributes[name] = {"DataType": one.type, held: one.value}  # type: ignore[misc]
        entry["MessageAttributes"] = attributes
    if message.group:
        entry[GROUP] = message.group
    if message.deduplication:
        entry[DEDUPLICATION] = message.deduplication
    return entry


def _size(name: str, attribute: Attribute) -> int:
    value = attribute.value
    held = len(value) if isinstance(value, bytes) else len(value.encode())
    return len(name) + len(attribute.type.encode()) + held


def _attribute(value: Mapping[str, Any]) -> Attribute:
    """Return an attribute as received; with an empty value where a service gives none."""
    found = value.get("StringValue", value.get("BinaryValue"))
    held = found if isinstance(found, str | bytes) else ""
    return Attribute(str(value.get("DataType", "")), held)


def _message(raw: MessageTypeDef) -> Message:
    attributes, odd = {}, set()
    received = raw.get("MessageAttributes", {})
    for name, value in received.items():
        if value.get("DataType", "").partition(".")[0] == "String" and "StringValue" in value:
            attributes[name] = value["StringValue"]
        else:
            odd.add(name)
    texts = (raw.get("MessageId", ""), raw.get("Body", ""), raw.get("ReceiptHandle", ""))
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("a message that is no text")
    system = raw.get("Attributes", {})
    sent = int(system.get("SentTimestamp", 0)) / 1000
    return Message(
        id=texts[0],
        body=texts[1],
        attributes=attributes,
        odd_attributes=frozenset(odd),
        receipt=texts[2],
        receives=int(system.get("ApproximateReceiveCount", 1)),
        sent_at=sent,
        first_received_at=int(system.get("ApproximateFirstReceiveTimestamp", 0)) / 1000 or sent,
        received=received,
        group=system.get(GROUP, ""),
    )
