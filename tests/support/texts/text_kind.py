"""The kind of job that counts the words and lines of a text, and finds its longest word."""

from __future__ import annotations

from collections.abc import Mapping

from labapp.jobs.kind import JobKind


def _title(body: str, _notes: Mapping[str, str]) -> str:
    """Return the text's first line; the ledger has it all on one, with its line breaks escaped."""
    return body.partition(r"\x0a")[0]


TEXTS = JobKind(
    "texts",
    request_queue="textQueue",
    plain_replies="response_queue",
    handler="tests.support.texts.text_handler:TextHandler",
    attributes=("least",),
    title_of=_title,
)
