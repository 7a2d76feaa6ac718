"""Making queues on the local cloud: a lab's client gets its own, whoever came first.

A lab's client makes its queue with attributes of its own, and fails where one with others is there
(QueueNameExists). On Amazon whoever wants both makes sure that it comes first; here programs of
labapp make the lab's queues at their first start. So what they make is marked by a tag, and gives
way: an attribute that a client asks for is set, and from then on it is that client's, whose queue
behaves among clients as Amazon's do. What a client made is never changed by making it again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from labapp.cloud.embedded.replay import Queue
from labapp.cloud.embedded.state import MADE_BY_LABAPP

Request = dict[str, Any]
Answer = dict[str, Any]
Handler = Callable[[Request, str], Answer]

#: The attributes of a queue that labapp made before it left a mark: those that MiniStack gives to
#: each, its own, and those that a queue may have besides.
_OLDER = frozenset(
    {
        *("QueueArn", "CreatedTimestamp", "LastModifiedTimestamp", "MaximumMessageSize"),
        *("VisibilityTimeout", "MessageRetentionPeriod", "DelaySeconds"),
        *("ReceiveMessageWaitTimeSeconds", "SqsManagedSseEnabled"),
    }
)
_OLDER_BESIDES = frozenset({"RedrivePolicy", "Policy"})

#: Attributes that a queue has for life, and one that labapp sets of queues of others, too.
_LASTING, _SHARED = "FifoQueue", "Policy"


def giving_way(create: Handler, change: Handler, sqs: Any) -> Handler:
    """Return a CreateQueue by which labapp's own queues give way to a lab's client.

    Args:
        create: MiniStack's own.
        change: MiniStack's SetQueueAttributes.
        sqs: MiniStack's module.
    """

    def creating(request: Request, url: str) -> Answer:
        queue = sqs._queues.get(sqs._queue_url(request.get("QueueName", "")))
        wanted: Mapping[str, Any] = request.get("Attributes") or {}
        if queue and wanted and not _is_marked(request.get("Tags") or request.get("tags")):
            claimed = _claimed(queue)
            differing = {
                name: str(value)
                for name, value in wanted.items()
                if name != _LASTING and queue["attributes"].get(name) != str(value)
            }
            if claimed is not None and not claimed & differing.keys():
                if differing:
                    change({"QueueUrl": queue["url"], "Attributes": differing}, url)
                _claim(queue, claimed, wanted)
        return create(request, url)

    return creating


def claiming(change: Handler, sqs: Any) -> Handler:
    """Return a SetQueueAttributes by which what a client sets is that client's."""

    def changing(request: Request, url: str) -> Answer:
        answer = change(request, url)
        queue = sqs._get_q(request.get("QueueUrl", url))
        claimed = _claimed(queue)
        if claimed is not None:
            _claim(queue, claimed, (request.get("Attributes") or {}).keys() - {_SHARED})
        return answer

    return changing


def _claimed(queue: Queue) -> set[str] | None:
    """Return which attributes of a queue of labapp's are a client's; None of any other queue."""
    tags = queue.get("tags", {})
    if _is_marked(tags):
        return set(str(tags[MADE_BY_LABAPP]).split())
    names = {name for name in queue["attributes"] if not name.startswith("ApproximateNumberOf")}
    is_older = not tags and _OLDER <= names <= _OLDER | _OLDER_BESIDES
    return set() if is_older and queue["attributes"]["DelaySeconds"] == "0" else None


def _claim(queue: Queue, claimed: set[str], names: Iterable[str]) -> None:
    if not claimed.issuperset(names):
        queue.setdefault("tags", {})[MADE_BY_LABAPP] = " ".join(sorted(claimed.union(names)))


def _is_marked(tags: Mapping[str, Any] | None) -> bool:
    return MADE_BY_LABAPP in (tags or {})
