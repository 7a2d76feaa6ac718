"""A message that is tried: what would become of it, in words and as JSON; for command and menu."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

from labapp.console import tables
from labapp.dialects import trial
from labapp.errors import UsageError
from labapp.jobs import attributes, lab_queues, picture_keys
from labapp.jobs.wire import quoted
from labapp.programs.numbers.lists import rules
from labapp.programs.shell.table import Document
from labapp.visible import printable, visible

if TYPE_CHECKING:
    from rich.console import RenderableType

    from labapp.dialects.messages import Answer, Incoming
    from labapp.dialects.rules import Dialect
    from labapp.dialects.trial import Trial
    from labapp.settings import Settings

#: The id that a message has unless one is given: one such as SQS gives.
ID = "00000000-0000-4000-8000-000000000000"

#: What becomes of a message on a queue that the dialect alone names.
PUT_ASIDE = "it is put aside to the dead letters"

#: What `dialect try` writes with --json.
TRIED = Document(
    (
        *("dialect", "path", "state", "queue", "request", "line", "fields", "integers"),
        *("object", "picture", "steps", "format", "quality", "bucket", "result", "content"),
        *("refusal", "remedy", "misfits", "answers"),
    ),
    notes={
        "state": "answered, refused, or unfit: no request is like it",
        "request": "the name of the one that answers",
        "fields": "those of the body, where the request has to do with fields",
        "object": "the key of the object of integers",
        "picture": "its key",
        "bucket": "where the result lies; null: the lab's own",
        "result": "its key",
        "content": "what is stored there, of numbers",
    },
    parts=(
        Document(("request", "line", "reason"), "each misfit"),
        Document(
            ("queue", "body", "group", "deduplication", "attributes"),
            "each answer",
            {"attributes": "list of `name`, `type`, `value`; bytes in base64"},
        ),
    ),
)


#: What a page says first: how good it is, and in a sentence what would become of the message.
_HEADS: dict[str, tuple[Literal["good", "warn", "bad"], str]] = {
    "answered": ("good", "It would be answered."),
    "refused": ("bad", "It would be refused."),
    "unfit": ("warn", "No request of the dialect is like it."),
}


@dataclass(frozen=True)
class Tried:
    """A message that was tried: by which dialect, on which queue, and what would become of it.

    `queue` is empty where no request is like it and nobody says where it waits.
    """

    dialect: Dialect
    settings: Settings
    queue: str
    trial: Trial

    @property
    def state(self) -> Literal["answered", "refused", "unfit"]:
        """What would become of it, in a word."""
        if self.trial.block is None:
            return "unfit"
        return "refused" if self.trial.refusal else "answered"


def attempt(
    dialect: Dialect, settings: Settings, incoming: Incoming, queue: str = "", content: str = ""
) -> Tried:
    """Try a message by a dialect.

    Args:
        dialect: which.
        settings: of the lab.
        incoming: the message.
        queue: where it waits; empty: in that of whichever request is like it.
        content: the text of the object of integers that it names; empty: an example.

    Raises:
        UsageError: no request of the dialect comes by that queue.
    """
    named = [lab_queues.request_queue_of(block, settings) for block in dialect.blocks]
    if queue and queue not in named:
        known = ", ".join(dict.fromkeys(named))
        raise UsageError(
            f"no request of {dialect.name} comes by {printable(queue)}", f"There is {known}."
        )
    blocks = [one for one, name in zip(dialect.blocks, named, strict=True) if queue in ("", name)]
    result = partial(picture_keys.plain_result, settings)
    lab = trial.Lab(
        rules=rules(settings),
        steps=settings.default_pipeline,
        result=result,
        bucket=settings.bucket,
        check_asked=picture_keys.check_asked,
    )
    found = trial.attempt(blocks, incoming, lab, content or trial.EXAMPLE)
    if found.block:
        queue = lab_queues.request_queue_of(found.block, settings)
    return Tried(dialect, settings, queue, found)


def document(tried: Tried) -> dict[str, object]:
    """Return what would become of a message as JSON has it."""
    found, block = tried.trial, tried.trial.block
    picture, refusal = found.picture, found.refusal
    return {
        "dialect": tried.dialect.name,
        "path": str(tried.dialect.path),
        "state": tried.state,
        "queue": tried.queue,
        "request": block.name if block else None,
        "line": block.line if block else None,
        "fields": list(found.fields),
        "integers": list(found.integers),
        "object": found.object_key,
        "picture": picture.key if picture else None,
        "steps": found.steps,
        "format": picture.format if picture else None,
        "quality": picture.quality if picture else None,
        "bucket": found.bucket,
        "result": found.result,
        "content": found.content,
        "refusal": refusal.message if refusal else None,
        "remedy": refusal.remedy if refusal else None,
        "misfits": [
            {"request": one.block.name, "line": one.block.line, "reason": one.reason}
            for one in found.misfits
        ],
        "answers": [
            {
                "queue": _queue_of(tried, one),
                "body": one.body,
                "group": one.group,
                "deduplication": one.deduplication,
                "attributes": attributes.documents(one.attributes),
            }
            for one in found.answers
        ],
    }


def told(tried: Tried) -> dict[str, list[str]]:
    """Return the same in words, by what is told: lines that are fit for a terminal."""
    found, block, path = tried.trial, tried.trial.block, printable(str(tried.dialect.path))
    words = {"dialect": [f"{tried.dialect.name}, {path}"]}
    if found.misfits:
        words["misfit"] = [f"{one.block.name}: {one.reason}" for one in found.misfits]
    if block is None:
        words["unfit"] = unfit(tried)
        return _safe(words)
    words |= {"request": [f"{block.name}, line {block.line}"], "queue": [tried.queue]}
    if found.fields:
        listed = (f"{place} {quoted(one)}" for place, one in enumerate(found.fields, start=1))
        words["fields"] = [", ".join(listed)]
    words |= _reading(found)
    if found.steps:
        words["does"] = [_work(found)]
    if found.result:
        words["stores"] = [f"{found.bucket or _bucket(tried.settings)}: {found.result}"]
    if found.content:
        words["content"] = [quoted(found.content)]
    if found.refusal:
        words["refused"] = [found.refusal.message, *filter(None, [found.refusal.remedy])]
    for place, one in enumerate(found.answers, start=1):
        words[f"answer {place}" if len(found.answers) > 1 else "answer"] = _answer(tried, one)
    return _safe(words)


def unfit(tried: Tried) -> list[str]:
    """Return what becomes of a message that no request of the dialect is like."""
    named = {lab_queues.request_queue_of(one, tried.settings) for one in tried.dialect.blocks}
    lines = ["no request of the dialect is like it"]
    for queue in lab_queues.queues_with(tried.dialect, tried.settings):
        if queue.name not in named or tried.queue not in ("", queue.name):
            continue
        way = f"it goes the ordinary way of {queue.kind.name}" if queue.kind else PUT_ASIDE
        lines.append(f"on {queue.name} {way}")
    return lines


def page_of(tried: Tried) -> RenderableType:
    """Return the same for a terminal, or a page."""
    from rich.console import Group
    from rich.text import Text

    return Group(
        tables.told(*_HEADS[tried.state]),
        Text(""),
        tables.key_values(
            {name: Text("\n".join(lines), overflow="fold") for name, lines in told(tried).items()}
        ),
    )


def _safe(words: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: [visible(printable(line)) for line in lines] for name, lines in words.items()}


def _reading(found: Trial) -> dict[str, list[str]]:
    if found.picture:
        return {"reads": [f"the picture {found.picture.key}"]}
    if not found.integers:
        return {"reads": [f"the object {found.object_key}"]} if found.object_key else {}
    listed = ", ".join(map(str, found.integers))
    of = f" of the object {found.object_key}" if found.object_key else ""
    return {"reads": [f"{listed}{of}"]}


def _work(found: Trial) -> str:
    assert found.picture  # steps are of pictures alone
    more = [f"as {found.picture.format}"] if found.picture.format else []
    more += [f"quality {found.picture.quality}"] if found.picture.quality else []
    return ", ".join([found.steps, *more])


def _bucket(settings: Settings) -> str:
    return settings.bucket or "the lab's own bucket"


def _answer(tried: Tried, one: Answer) -> list[str]:
    order = [("group", one.group), ("deduplication", one.deduplication)]
    return [
        f"on {_queue_of(tried, one)}: {quoted(one.body)}",
        *(attributes.text_of({name: each}) for name, each in sorted(one.attributes.items())),
        *(f"{name} {text}" for name, text in order if text),
    ]


def _queue_of(tried: Tried, one: Answer) -> str:
    """Return the queue of an answer: that of its block's kind, where the file names none."""
    if one.queue or tried.trial.block is None:
        return one.queue
    return lab_queues.kind_of(tried.trial.block).plain_replies_name(tried.settings)
