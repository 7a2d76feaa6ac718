"""Sending to the local cloud's queues: what SQS refuses of a message, and MiniStack lets in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Request = dict[str, Any]
Answer = dict[str, Any]
Handler = Callable[[Request, str], Answer]

#: The attributes that a message may have.
MOST_ATTRIBUTES = 10


def with_few_attributes(send: Handler, sqs: Any) -> Handler:
    """Return a SendMessage that takes no more attributes than SQS does, and says so in its words.

    Args:
        send: MiniStack's own.
        sqs: MiniStack's module.
    """

    def sending(request: Request, url: str) -> Answer:
        count = len(request.get("MessageAttributes") or ())
        if count > MOST_ATTRIBUTES:
            raise sqs._Err(
                "InvalidParameterValue",
                f"Number of message attributes [{count}] exceeds the allowed maximum "
                f"[{MOST_ATTRIBUTES}].",
            )
        return send(request, url)

    return sending
