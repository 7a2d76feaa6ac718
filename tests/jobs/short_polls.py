"""SQS as it is on AWS: a poll without a wait asks some servers only, and may see nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def short_sighted(receive: Callable[..., Any]) -> Callable[..., Any]:
    """Return a `Queue.receive` that sees nothing unless it waits, and then takes no time."""

    def received(queue: Any, limit: int = 10, wait: int = 0, visibility: int | None = None) -> Any:
        return receive(queue, limit, 0, visibility) if wait else []

    return received
