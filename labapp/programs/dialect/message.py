"""A message as it is typed: attributes such as `Key=a.jpg`, `N:Number=5`, `Raw:Binary=@file`."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from labapp.errors import UsageError, os_errors_as
from labapp.files import typed_paths
from labapp.jobs.attributes import MOST
from labapp.message_attribute import Attribute

#: What an attribute may be typed as.
FORMS = "NAME=VALUE, NAME:Number=5, NAME:Binary=BASE64 or NAME:Binary=@FILE"

#: Names and types that SQS takes ("Message attribute components" in its developer guide).
_NAME = re.compile(r"(?!(?i:aws\.|amazon\.))[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")
_TYPE = re.compile(r"(String|Number|Binary)(?:\.[A-Za-z0-9_.-]+)?")

#: Bytes of a name or a type, and of a file's content.
_MOST_NAME, _MOST_FILE = 256, 1_048_576


def attributes(words: Iterable[str]) -> dict[str, Attribute]:
    """Return the attributes that were typed, by name.

    Raises:
        UsageError: one is none that SQS takes, or there are too many.
    """
    found: dict[str, Attribute] = {}
    for word in words:
        name, one = attribute(word)
        if name in found:
            raise UsageError(f"the attribute {name} is given twice", "Give each once.")
        found[name] = one
    if len(found) > MOST:
        raise UsageError(
            f"there are {len(found)} attributes; SQS takes {MOST} of a message", "Leave some out."
        )
    return found


def attribute(word: str) -> tuple[str, Attribute]:
    """Return the name and the attribute that a word means.

    Raises:
        UsageError: it is none that SQS takes.
    """
    head, equals, value = word.partition("=")
    name, _, kind = head.partition(":")
    if not equals:
        raise UsageError(f"{word!r} is no attribute", f"Write {FORMS}.")
    if not _NAME.fullmatch(name) or len(name) > _MOST_NAME:
        raise UsageError(
            f"{name!r} is no name of an attribute", "It has letters, digits, _, - and single dots."
        )
    kind = kind or "String"
    if not (known := _TYPE.fullmatch(kind)) or len(kind) > _MOST_NAME:
        raise UsageError(
            f"{kind!r} is no type of an attribute", "There are String, Number and Binary."
        )
    if not value:
        raise UsageError(f"the attribute {name} is empty, which SQS takes not", "Give it a value.")
    if known[1] == "Binary":
        return name, Attribute(kind, _octets(name, value))
    if known[1] == "Number":
        _check_number(name, value)
    return name, Attribute(kind, value)


def _octets(name: str, value: str) -> bytes:
    """Return the bytes of a Binary: a file's, or those that stand there in base64."""
    if value.startswith("@"):
        path = typed_paths.parse(value[1:])
        failed = os_errors_as(UsageError, f"cannot read {path}", "Name a file behind the @.")
        with failed, path.open("rb") as file:
            found = file.read(_MOST_FILE + 1)
        if not 0 < len(found) <= _MOST_FILE:
            raise UsageError(f"{path} is empty, or too large for a message", "SQS takes 1 MiB.")
        return found
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise UsageError(
            f"the attribute {name} is not in base64", f"Or name a file: {name}:Binary=@FILE."
        ) from None


def _check_number(name: str, value: str) -> None:
    try:
        if Decimal(value).is_finite() and value.isascii() and "_" not in value:
            return
    except InvalidOperation:
        pass
    raise UsageError(
        f"the attribute {name} is {value!r}, which is no number", f"Leave out :Number, as {name}=…"
    )
