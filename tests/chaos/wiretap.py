"""What passed between the programs and the cloud, as seen from outside both.

The worker's own word is not believed: answers are checked where they enter a reply queue, and
results where they enter the bucket.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from tests.chaos.http11 import Exchange

#: The attribute of a message that names its job.
_JOB = "job"


class Wiretap:
    """Counts and remembers what the cloud has done at somebody's request.

    Attributes:
        requests: every request, by what it was.
        replies: for each job, the queues that an answer to it was put in.
        answers: for each job, how many answers to it were sent.
        puts: how often each object below outbox/ was written.
    """

    def __init__(self) -> None:
        self.requests: Counter[str] = Counter()
        self.replies: dict[str, set[str]] = {}
        self.answers: Counter[str] = Counter()
        self.puts: Counter[str] = Counter()

    def saw(self, request: Exchange) -> None:
        """Note a request that the cloud has carried out."""
        self.requests[request.action or f"s3 {request.method}"] += 1
        if request.action in ("SendMessage", "SendMessageBatch"):
            self._sent(json.loads(request.body))
        elif request.method == "PUT" and "/outbox/" in request.path:
            self.puts[request.path.partition("/outbox/")[2]] += 1

    def _sent(self, document: dict[str, Any]) -> None:
        queue = str(document.get("QueueUrl", "")).rsplit("/", 1)[-1]
        if not queue.startswith("responseQueue-"):
            return
        for entry in document.get("Entries", [document]):
            job = entry.get("MessageAttributes", {}).get(_JOB, {}).get("StringValue", "")
            self.answers[job] += 1
            self.replies.setdefault(job, set()).add(queue.removeprefix("responseQueue-"))
