"""What a message asks by a dialect's block, and what is answered."""

from __future__ import annotations

import re
from collections.abc import Sequence

from labapp import numbers
from labapp.dialects import facts, limits, patterns, separators
from labapp.dialects.answering import answers, facts_of, ordinary, refusals
from labapp.dialects.facts import Facts
from labapp.dialects.filling import chosen, filled, shown, told
from labapp.dialects.messages import Answer, Done, Incoming, PictureAsked
from labapp.dialects.rules import Block, Condition, Numbers, Picture, Text
from labapp.dialects.templates import Template
from labapp.errors import RefusedError
from labapp.visible import printable

__all__ = [
    "Answer",
    "Done",
    "Incoming",
    "PictureAsked",
    "answers",
    "block_of",
    "content",
    "extension_of",
    "fitting",
    "holds",
    "integers",
    "misfit",
    "object_key",
    "picture",
    "refusals",
    "result_key",
]

#: What parts a step's parameters, and steps: nothing that a message gives for one may hold it.
_PARTING = re.compile(r"[:,=\s]")

#: A number with a comma for its point, as programs of many countries write it; what may group its
#: digits, as 1,000, is none.
_COMMA = re.compile(r"([+-]?(?![1-9][0-9]{0,2},[0-9]{3}\Z)[0-9]+),([0-9]+)", re.ASCII)
_BLANKS = re.compile(r"\s+")

#: What advice has in it that is for who sets labapp, or types its commands.
_ON_LABAPP = re.compile(r"LABAPP_|\bsetting\b|--[a-z]")


def block_of(blocks: Sequence[Block], message: Incoming) -> Block | None:
    """Return the first block whose `when` fits a message; None where none does."""
    return next((block for block in blocks if misfit(block, message) is None), None)


def misfit(block: Block, message: Incoming) -> Condition | None:
    """Return the first condition of a block that does not hold of a message; None where all do.

    Texts are compared without the blanks around them, and exactly, case too; of several attributes
    that fit one condition any may do.
    """
    if not block.when:
        return None
    known = Facts(message, block.work.separators)
    for condition in block.when:
        if not holds(condition, known):
            return condition
    return None


def holds(condition: Condition, known: Facts) -> bool:
    """Tell whether a condition holds of a message."""
    value = facts.reader(condition.fact)(known)
    if value is None or not condition.patterns:
        return value is None and not condition.patterns
    if isinstance(value, list):
        return any(_fits(condition, str(one)) for one in value)
    return _fits(condition, facts.text_of(value))


def _fits(condition: Condition, text: str) -> bool:
    text = text.strip()
    return text in condition.patterns or any(patterns.fits(one, text) for one in condition.patterns)


def object_key(block: Block, message: Incoming) -> str:
    """Return the key of the object that holds the integers; empty where the message has them.

    Raises:
        RefusedError: the message lacks what gives it.
    """
    work = _numbers(block)
    return _key(work.source, block, message, "numbers") if work.is_object else ""


def integers(block: Block, message: Incoming, content: str = "") -> list[int]:
    """Return the integers that a message asks of, or those in `content`, its object's text.

    They are not yet held against a lab's rules; they are as many as their text has room for.

    Raises:
        RefusedError: the message lacks what gives them, or one is no integer.
    """
    work = _numbers(block)
    found: list[int] = []
    texts = [content] if work.is_object else _lists(work, block, message)
    try:
        for text in texts:
            if len(texts) == 1 or text.strip():
                found += separators.integers(text, work.separators)
        return found or numbers.read(())
    except RefusedError as error:
        # Its advice is for who types lists; this client may have them in JSON, or in attributes.
        raise RefusedError(error.message) from None


def fitting(error: RefusedError) -> RefusedError:
    """Return a refusal as a lab's client is told it: without advice on how labapp is set."""
    return type(error)(error.message) if _ON_LABAPP.search(error.remedy) else error


def _lists(work: Numbers, block: Block, message: Incoming) -> list[str]:
    """Return the texts that hold the integers: several of a JSON list, or several attributes."""
    known = Facts(message, work.separators)
    try:
        template = chosen(work.source, known)
        value = template.lone.read(known) if template.lone else None
        if isinstance(value, list):
            return list(map(str, value))
        return [template.fill(known)]
    except RefusedError as error:
        raise told(error, block, "numbers") from None


def picture(block: Block, message: Incoming) -> PictureAsked:
    """Return the picture that a message asks for; its key and steps are not yet looked at.

    Raises:
        RefusedError: the message lacks what gives them, or its format or quality is none.
    """
    from labapp.pictures.limits import known_format, known_quality

    work = _picture(block)
    known = Facts(message, work.separators)
    key = _key(work.key, block, message, "picture")
    steps = None if work.steps is None else _words(work.steps, known, block)
    form = filled(work.format, known, block, "format").strip() if work.format else ""
    quality = filled(work.quality, known, block, "quality").strip() if work.quality else ""
    part = "format"
    try:
        # Programs name formats as files and as the web do: .jpg, image/png.
        named = known_format(form.lower().removeprefix("image/")) if form else ""
        part = "quality"
        return PictureAsked(key, steps, named, known_quality(quality) if quality else None)
    except RefusedError as error:
        raise told(error, block, part) from None


def extension_of(asked: PictureAsked) -> str:
    """Return the extension of a result: the picture's own, where that says the format asked for."""
    from labapp.pictures.limits import EXTENSIONS, known_format

    own = facts.extension(asked.key)
    try:
        is_same = known_format(own) == asked.format
    except RefusedError:
        is_same = False
    return own if is_same or not asked.format else EXTENSIONS[asked.format]


def _key(text: Text, block: Block, message: Incoming, part: str) -> str:
    key = filled(text, Facts(message, block.work.separators), block, part).strip()
    parts = key.split("/")
    why, remedy = _unfit(key, parts), "Send the key of an object as it stands in the bucket."
    if not why and "" in parts:
        why, remedy = _empty_folder(key)
    if why:
        error = RefusedError(f"the key {shown(key)} cannot be used: {why}", remedy)
        raise told(error, block, part)
    return key


def _empty_folder(key: str) -> tuple[str, str]:
    """Return why a key that has an empty part is not read, and what to send."""
    kind, colon, rest = key.partition("://")
    if colon:
        rest = rest.partition("/")[2] if kind.lower() == "s3" else ""
        alone = f"{shown(rest)} alone" if rest else "the key alone, as it stands in the bucket"
        return "it is an address", f"Send {alone}."
    if key.endswith("/"):
        return "it ends in a slash, as a folder's does", "Send the key of an object in it."
    meant = shown("/".join(filter(None, key.split("/"))))
    why = "it begins with a slash" if key.startswith("/") else "it has a folder without a name"
    return why, f"Send {meant}."


def _words(text: Text, known: Facts, block: Block) -> tuple[str, ...]:
    """Return steps as typed. What a message gives for a part of one never becomes more than that.

    A placeholder alone may hold several steps.
    """
    try:
        template = chosen(text, known)
        if template.lone:
            return tuple(template.fill(known).split())
        return tuple(word for word in _filled_words(template, known) if word)
    except RefusedError as error:
        raise told(error, block, "steps") from None


def _filled_words(template: Template, known: Facts) -> list[str]:
    words = [""]
    for part in template.parts:
        if isinstance(part, str):
            first, *more = _BLANKS.split(part)
            words[-1] += first
            words += more
            continue
        value = part.fill(known).strip()
        if decimal := _COMMA.fullmatch(value):
            value = f"{decimal[1]}.{decimal[2]}"
        if value != part.other and (parting := _PARTING.search(value)):
            raise RefusedError(
                f"{shown(value)} cannot be part of a step, as it holds {shown(parting[0])}",
                "Send one word or number, with a point for decimals.",
            )
        words[-1] += value
    return words


def result_key(block: Block, message: Incoming, done: Done, own: str = "") -> str:
    """Return the key of a result; empty where the block says none.

    Empty folders in it are dropped, so that `{folder}/small/{name}` is good for a key without one.

    Args:
        block: the one that answers the message.
        message: as it came.
        done: what came of it.
        own: the name of the lab's own bucket, where a block may name that for results.

    Raises:
        RefusedError: the message lacks what gives it, or no object may have it.
    """
    if block.result is None:
        return ""
    text = filled(block.result, facts_of(block, message, done), block, "result")
    parts = [part for part in text.strip().split("/") if part]
    key = "/".join(parts)
    fault = _unfit(key, parts) or _among_own(key)
    same_bucket = (block.result_bucket or block.bucket or own) == (block.bucket or own)
    if not fault and same_bucket and key == done.source:
        fault = "that is the object that was asked for"
    if fault:
        error = RefusedError(f"the key {shown(key)} cannot be written: {fault}", "Take another.")
        raise told(error, block, "result")
    return key


def _unfit(key: str, parts: Sequence[str]) -> str:
    """Return why a key is neither read nor written; empty where it may be."""
    if not key:
        return "it is empty"
    if len(key.encode(errors="replace")) > limits.MOST_KEY:
        return f"S3 takes {limits.MOST_KEY:,} bytes"
    if ".." in parts or "." in parts:
        return "it leads out of its folder"
    if printable(key) != key:
        return "it holds control characters"
    return ""


def _among_own(key: str) -> str:
    """Return why nothing of a lab's is written at a key; empty where it may be."""
    own = next((prefix for prefix in limits.OWN_PREFIXES if key.startswith(prefix)), "")
    return f"labapp keeps its own objects in {own}" if own else ""


def content(block: Block, message: Incoming, done: Done) -> str:
    """Return what is written to the object of a numbers block's answer.

    Raises:
        RefusedError: the message lacks something of it.
    """
    if block.content is None:
        return ordinary(done)
    return filled(block.content, facts_of(block, message, done), block, "content")


def _numbers(block: Block) -> Numbers:
    if not isinstance(block.work, Numbers):
        raise TypeError(f"{block.name} has a picture")
    return block.work


def _picture(block: Block) -> Picture:
    if not isinstance(block.work, Picture):
        raise TypeError(f"{block.name} has numbers")
    return block.work
