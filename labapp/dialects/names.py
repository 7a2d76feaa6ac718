"""Names and attributes that SQS and S3 take, as far as a dialect's file can say them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from labapp.dialects import keys, limits
from labapp.dialects.rules import QueueRule
from labapp.dialects.tables import Table, shown
from labapp.message_attribute import Attribute

#: Characters of a queue's name at most, and those that its dead letters' name adds behind it.
MOST_QUEUE, ROOM = 80, len("-dlq")

# Amazon's has no dot but that of `.fifo`; services that stand in for it take more.
_QUEUE = re.compile(r"[A-Za-z0-9_.-]+", re.ASCII)
_BUCKET = re.compile(
    r"(?![0-9]+(?:\.[0-9]+){3}$)(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", re.ASCII
)


def queue(table: Table, key: str, *, takes_requests: bool) -> str:
    """Return the name of a queue; empty where there is none.

    Args:
        table: it stands there.
        key: its key there.
        takes_requests: whether it has dead letters beside it, whose name is longer.
    """
    if isinstance(table.said.get(key), dict):
        what = f"{key} of {table.name} is a table"
        table.fault(what, 'How a queue is made stands in [queue."NAME"], without request.', key)
        return ""
    name = _name(table, key)
    if fault := queue_fault(name, takes_requests=takes_requests) if name else "":
        table.fault(f"{key} of {table.name} is {shown(name)}: {fault}", "Take another name.", key)
    return name


def queue_fault(name: str, *, takes_requests: bool) -> str:
    """Return what is wrong with a queue's name, as the end of a sentence; empty: nothing."""
    most = MOST_QUEUE - (ROOM if takes_requests else 0)
    if not _QUEUE.fullmatch(name) or name == limits.FIFO:
        return (
            "queues are called by letters, digits, - and _, those that are FIFO with .fifo behind"
        )
    if len(name) > most:
        why = ", so that -dlq has room behind it" if takes_requests else ""
        return f"it may have {most} characters{why}"
    return ""


def bucket(table: Table, key: str) -> str:
    """Return the name of a bucket; empty where there is none."""
    name = _name(table, key)
    if name and not _BUCKET.fullmatch(name):
        what = "buckets are called by 3 to 63 small letters, digits, hyphens and dots"
        table.fault(f"{key} of {table.name} is {shown(name)}: {what}", "Take another name.", key)
    return name


def attribute_fault(name: str) -> str:
    """Return what is wrong with the name of a message's attribute; empty: nothing."""
    if limits.takes(name, Attribute("String", "x")):
        return ""
    return (
        f"attributes are called by up to {limits.MOST_WORD} letters, digits, hyphens, underscores"
        " and single dots inside, and do not begin with AWS or Amazon and a dot"
    )


def type_fault(kind: str) -> str:
    """Return what is wrong with the type of a message's attribute; empty: nothing."""
    if any(limits.takes("x", Attribute(kind, value)) for value in ("1", b"1")):
        return ""
    return "types are String, Number and Binary, each with a word behind a dot if you like"


def _name(table: Table, key: str) -> str:
    name = table.text(key)
    if "{" in name:
        table.fault(
            f"{key} of {table.name} has a placeholder",
            "Write the name itself: where messages go is never said by a message.",
            key,
        )
        return ""
    return name


@dataclass(frozen=True)
class _Whole:
    """An attribute of a queue that is a whole number."""

    least: int
    most: int


#: A queue's attributes that can be said as it is made: a range, the words, or what it is.
_WORDS = ("true", "false")
_JSON, _TEXT = "json", "text"
_ATTRIBUTES: Mapping[str, _Whole | tuple[str, ...] | str] = {
    "DelaySeconds": _Whole(0, 900),
    "MaximumMessageSize": _Whole(1_024, 1_048_576),
    "MessageRetentionPeriod": _Whole(60, 1_209_600),
    "ReceiveMessageWaitTimeSeconds": _Whole(0, 20),
    "VisibilityTimeout": _Whole(0, 43_200),
    "Policy": _JSON,
    "RedrivePolicy": _JSON,
    "RedriveAllowPolicy": _JSON,
    "KmsMasterKeyId": _TEXT,
    "KmsDataKeyReusePeriodSeconds": _Whole(60, 86_400),
    "SqsManagedSseEnabled": _WORDS,
    "FifoQueue": ("true",),
    "ContentBasedDeduplication": _WORDS,
    "DeduplicationScope": ("messageGroup", "queue"),
    "FifoThroughputLimit": ("perQueue", "perMessageGroupId"),
}
_OF_FIFO = (
    *("FifoQueue", "ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit"),
)


def queue_rule(table: Table, name: str) -> QueueRule:
    """Return how a queue is made: what its `[queue.NAME]` says."""
    if fault := queue_fault(name, takes_requests=False):
        table.fault(f"{table.name}: {fault}", "Write the queue's name.")
    table.check_keys(("wait", *_ATTRIBUTES), keys.homes(table.name))
    wait = table.said.get("wait", False)
    if not isinstance(wait, bool):
        table.fault(f"wait of {table.name} is {shown(wait)}", "It is true or false.", "wait")
    attributes = {}
    for key, value in table.said.items():
        if key in _ATTRIBUTES:
            attributes[key] = _attribute(table, key, value)
            if key in _OF_FIFO and not name.endswith(limits.FIFO):
                what = f"{key} is of FIFO queues, whose names end in .fifo"
                table.fault(what, "Leave it out, or name such a queue.", key)
    if wait is True and attributes:
        what = f"{table.name} has attributes, and wait = true leaves making it to the lab's client"
        table.fault(what, "Leave out the one or the other.", "wait")
    return QueueRule(name, attributes, wait is True, table.line())


def _attribute(table: Table, key: str, value: object) -> str:
    """Return an attribute's value as SQS is given it."""
    rule = _ATTRIBUTES[key]
    if isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, dict) and rule == _JSON:
        text = json.dumps(value, default=str)
    else:
        text = value if isinstance(value, str) else shown(value)
    if isinstance(rule, _Whole):
        digits = text.removeprefix("-")
        good = digits.isascii() and digits.isdigit() and len(digits) < 10
        right = good and rule.least <= int(text) <= rule.most
        takes = f"a whole number from {rule.least} to {rule.most}"
    elif isinstance(rule, tuple):
        right, takes = text in rule, " or ".join(rule)
    elif rule == _JSON:
        right, takes = isinstance(value, dict) or text.lstrip().startswith("{"), "a JSON object"
    else:
        right, takes = isinstance(value, str) and bool(value), "a text"
    if not right:
        table.fault(f"{key} of {table.name} is {shown(value)}", f"It is {takes}.", key)
    return text
