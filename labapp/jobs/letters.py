"""The form of a dead letter: a message as it came, and why it is dead.

SQS lets a message have ten attributes. A worker that puts one aside adds three of its own; where
there is no room for them, or another program uses their names, what came is folded into one of
them, with its types, and unfolded when it is looked at or sent back.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from labapp import foreign
from labapp.cloud.abilities import BATCH_BYTES
from labapp.cloud.queues import Message, Outgoing
from labapp.jobs import kinds
from labapp.jobs.attributes import BINARY, MOST, REDRIVEN, is_run, value_text
from labapp.jobs.wire import CLIENT, JOB, MARK, NONCE, is_client_id, quoted
from labapp.message_attribute import Attribute

#: The attributes of a dead letter that the worker put there itself: why, how often the message had
#: been received, and when it was first sent (seconds since 1970).
REASON, RECEIVES, SENT = "reason", "receives", "sent"

#: The attribute of one from a FIFO queue that names the message's group.
GROUP = "group"

#: The attribute that the others are folded into, as JSON: each with its type and value by its name
#: in `attributes`, and `receives`, `sent` and `group` beside them.
CAME = "came"

#: Characters of a reason that are kept.
MOST_REASON = 500

#: The names and types that SQS takes.
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,256}", re.ASCII)
_TYPE = re.compile(r"(String|Number|Binary)(\.[^\s]{1,240})?")


@dataclass(frozen=True)
class Letter:
    """What a dead letter says.

    Attributes:
        came: the attributes of the message that it was.
        reason: why it is dead; empty where nobody said so: SQS moved it.
        receives: how often it had been received, as was written down; empty where it was not.
        sent: when it was first sent, likewise.
        group: the group that the message was of, on a FIFO queue; else empty.
    """

    came: Mapping[str, Attribute]
    reason: str = ""
    receives: str = ""
    sent: str = ""
    group: str = ""


def letter_of(message: Message, reason: str) -> Outgoing:
    """Return the message to keep of one that is put aside: as it came, and why."""
    came = message.typed
    why = {REASON: quoted(reason, MOST_REASON)}
    more = {RECEIVES: str(message.receives), SENT: f"{int(message.sent_at)}"}
    if message.group:
        more[GROUP] = message.group
    taken = came.keys() & {REASON, CAME, *more}
    fits = len(came) + len(why) + len(more) <= MOST and not taken
    if fits and all(_is_sendable(name, one) for name, one in came.items()):
        letter = _outgoing(message.body, came, {**why, **more})
    else:
        ours = (MARK, JOB, CLIENT, NONCE, REDRIVEN, *kinds.attributes())
        kept = {name: one for name, one in came.items() if name in ours and _is_text(name, one)}
        folded = {name: one for name, one in came.items() if name not in kept}
        letter = _outgoing(message.body, kept, {**why, CAME: _folded(folded, more)})
    # A body may leave no room for a reason; then the log alone has it.
    if letter.size > BATCH_BYTES:
        return _in_order(_outgoing(message.body, came), message, message.group)
    # SQS shows ten messages of a group at most: each letter is a group of its own.
    return _in_order(letter, message, message.id)


def read(message: Message) -> Letter:
    """Return what a dead letter says, whoever wrote it."""
    came, told = message.typed, message.attributes
    if REASON in told and CAME in told:
        found = foreign.object_or_empty(told[CAME], BATCH_BYTES)
        kept = {name: one for name, one in came.items() if name not in (REASON, CAME)}
        return Letter(
            {**_unfolded(found), **kept},
            told[REASON].strip("'"),
            foreign.text(found.get(RECEIVES)),
            foreign.text(found.get(SENT)),
            foreign.text(found.get(GROUP)) or message.group,
        )
    receives, sent = told.get(RECEIVES, ""), told.get(SENT, "")
    if REASON in told and receives and sent:
        # Another program's message may have a group for its own, on a queue that is not FIFO.
        ours = (REASON, RECEIVES, SENT, *((GROUP,) if message.group else ()))
        kept = {name: one for name, one in came.items() if name not in ours}
        group = message.group and (told.get(GROUP) or message.group)
        return Letter(kept, told[REASON].strip("'"), receives, sent, group)
    return Letter(came, told.get(REASON, "").strip("'"), receives, sent, message.group)


def message_back(message: Message, run: str) -> Outgoing:
    """Return the message that a dead letter was, marked with the redrive that sends it back.

    One that has no room for the mark, or another's of its name, goes without.
    """
    letter = read(message)
    came = dict(letter.came)
    if is_run(came[REDRIVEN].value) if REDRIVEN in came else len(came) < MOST:
        came[REDRIVEN] = Attribute("String", run)
    client = message.attributes.get(CLIENT, "")
    # SQS takes no group with a space in it, and such a message would stop all behind it.
    group = client if is_client_id(client) else ""
    back = replace(_outgoing(message.body, came), group=group)
    return _in_order(back, message, letter.group)


def again(message: Message) -> Outgoing | None:
    """Return a message as it came, to be sent anew; None where something of it would be lost.

    That is its place in a FIFO queue's order, or an attribute that SQS would not take.
    """
    came = message.typed
    if message.group or len(came) > MOST:
        return None
    if not all(_is_sendable(name, one) for name, one in came.items()):
        return None
    client = message.attributes.get(CLIENT, "")
    return replace(_outgoing(message.body, came), group=client if is_client_id(client) else "")


def _in_order(outgoing: Outgoing, message: Message, group: str) -> Outgoing:
    """Return what is sent for a message of a FIFO queue as another one takes it, and once."""
    if not message.group:
        return outgoing
    return replace(outgoing, group=group, deduplication=message.id)


def _outgoing(
    body: str, attributes: Mapping[str, Attribute], more: Mapping[str, str] | None = None
) -> Outgoing:
    """Return a message with those of some attributes that SQS takes, and some more texts."""
    texts, typed = {}, {}
    for name, one in attributes.items():
        if _is_text(name, one):
            texts[name] = str(one.value)
        elif _is_sendable(name, one):
            typed[name] = one
    return Outgoing(body, {**texts, **(more or {})}, typed=typed)


def _is_sendable(name: str, one: Attribute) -> bool:
    """Tell whether SQS takes an attribute again: some services let in what it does not."""
    fits = _NAME.fullmatch(name) and _TYPE.fullmatch(one.type)
    binary = one.type.startswith(BINARY)
    return bool(fits and one.value) and isinstance(one.value, bytes) is binary


def _is_text(name: str, one: Attribute) -> bool:
    return one.type == "String" and _is_sendable(name, one)


def _folded(attributes: Mapping[str, Attribute], more: Mapping[str, str]) -> str:
    came = {name: [one.type, value_text(one)] for name, one in attributes.items()}
    return json.dumps({**more, "attributes": came}, separators=(",", ":"))


def _unfolded(found: Mapping[str, object]) -> dict[str, Attribute]:
    """Return the attributes that were folded, as far as there are any: anybody may write such."""
    attributes: dict[str, Attribute] = {}
    for name, pair in list(foreign.table(found.get("attributes")).items())[:MOST]:
        kind, value = (*foreign.as_list(pair), None, None)[:2]
        if isinstance(kind, str) and isinstance(value, str):
            with contextlib.suppress(binascii.Error, ValueError):
                raw = base64.b64decode(value, validate=True) if kind.startswith(BINARY) else value
                attributes[name] = Attribute(kind, raw)
    return attributes
