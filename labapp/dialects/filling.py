"""A block's texts filled and its choices made; what lacks is told with the key that lacked it."""

from __future__ import annotations

from labapp.dialects.facts import Facts, LackError
from labapp.dialects.rules import Block, Choice, Text
from labapp.dialects.templates import Template
from labapp.errors import RefusedError
from labapp.visible import printable, visible

#: Characters of a value, and known values, that a refusal repeats.
_SHOWN, _MOST_KNOWN = 40, 12


class BlockError(RefusedError):
    """A refusal that names the key of the block, the dialect and the block already."""


def filled(text: Text, facts: Facts, block: Block, key: str) -> str:
    """Return a text of a block with its placeholders filled.

    Args:
        text: which may be a choice.
        facts: what it is filled with.
        block: whose it is.
        key: the key of the block that says it, which a refusal names.

    Raises:
        RefusedError: a message lacks something, or says what is not to choose.
    """
    try:
        template = text if isinstance(text, Template) else chosen(text, facts)
        return template.fill(facts)
    except RefusedError as error:
        raise told(error, block, key) from None


def told(error: RefusedError, block: Block, key: str) -> BlockError:
    """Return a refusal that names the key of the block that lacked something, and the block."""
    if isinstance(error, BlockError):
        return error
    where = f"dialect {block.dialect}, {block.name}" if block.dialect else block.name
    return BlockError(f"{key}: {error.message} ({where})", error.remedy)


def chosen(text: Text, facts: Facts) -> Template:
    """Return the text that a choice comes to: exactly its value's, else without regard to case.

    What gives the value may be missing where there is a text for any other.

    Raises:
        RefusedError: there is none for the value.
    """
    if not isinstance(text, Choice):
        return text
    try:
        value = text.by.fill(facts).strip()
    except LackError:
        if text.other is None:
            raise
        return text.other
    if value in text.texts:
        return text.texts[value]
    folded = _folded(value)
    found = next((one for key, one in text.texts.items() if _folded(key) == folded), text.other)
    if found is None:
        more = ", ..." if len(text.texts) > _MOST_KNOWN else ""
        known = ", ".join([*text.texts][:_MOST_KNOWN])
        raise RefusedError(f"{shown(value)} is none of {known}{more}", "Ask for one of these.")
    return found


def _folded(text: str) -> str:
    """Return a word without regard to case, and to how an accent is put together (NFC)."""
    if not text.isascii():
        import unicodedata  # few words need it

        text = unicodedata.normalize("NFC", text)
    return text.casefold()


def shown(text: str) -> str:
    """Return what somebody sent as a sentence repeats it."""
    return f"'{visible(printable(text[:_SHOWN]))}{'...' if len(text) > _SHOWN else ''}'"
