"""What is to be known of a kind of job, said once: a new kind is one `JobKind` in its own file.

`kinds` lists them. Every program asks it before anything else is loaded, so that neither it nor the
file of a kind imports the cloud, a screen, or what does the job: a kind names its handler only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from labapp.settings import Settings


def _body(body: str, _notes: Mapping[str, str]) -> str:
    return body


def _without_quotes(request: str) -> str:
    return request.removeprefix("'").removesuffix("'")


def _text(_status: str, text: str) -> str:
    return text


@dataclass(frozen=True)
class JobKind:
    """One kind of job: the queues it travels on, who does it, and how people are told of it.

    Attributes:
        name: what the ledger, logs and screens call it.
        request_queue: the setting that names the queue of its requests; or, where no setting does,
            that queue's own name.
        plain_replies: the same of the queue on which plain clients are answered. Kinds may share
            it.
        handler: the worker's class that does it, as `module:Class`, made of settings and a bucket.
        attributes: the attributes of its requests beside those that every request has.
        logged: those of them that a job's log repeats.
        drops: the prefix of the bucket below which each new object is a job; empty where none is.
        title_of: gives what was asked as people call it, of a request's body and of what the ledger
            notes with it.
        logged_title_of: gives the same of a request as a log repeats it.
        answer_of: gives an answer in one line, of its status and its text.
        text_of: gives an answer's text as it is kept, of the text that came.
        known_values: gives those of an answer's values that are kept, as JSON, and nothing where
            they are none; None where they are kept as they came.
    """

    name: str
    request_queue: str
    plain_replies: str
    handler: str
    attributes: tuple[str, ...] = ()
    logged: tuple[str, ...] = ()
    drops: str = ""
    title_of: Callable[[str, Mapping[str, str]], str] = _body
    logged_title_of: Callable[[str], str] = _without_quotes
    answer_of: Callable[[str, str], str] = _text
    text_of: Callable[[str], str] = str
    known_values: Callable[[Mapping[str, Any]], str] | None = None

    def request_queue_name(self, settings: Settings) -> str:
        """Return the name of the queue of its requests."""
        return queue_name(settings, self.request_queue)

    def plain_replies_name(self, settings: Settings) -> str:
        """Return the name of the queue on which plain clients are answered."""
        return queue_name(settings, self.plain_replies)


def queue_name(settings: Settings, queue: str) -> str:
    """Return the name of a queue that a kind names, by its setting or by itself."""
    return str(getattr(settings, queue, queue))
