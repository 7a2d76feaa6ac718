"""A message as it is typed: attributes such as `Key=a.jpg`, `N:Number=5`, `Raw:Binary=@file`."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable

from labapp.dialects import limits, names
from labapp.errors import UsageError, os_errors_as
from labapp.files import typed_paths
from labapp.message_attribute import Attribute

#: What an attribute may be typed as.
FORMS = "NAME=VALUE, NAME:Number=5, NAME:Binary=BASE64 or NAME:Binary=@FILE"

#: Attributes that a message may have.
MOST = limits.MOST_ATTRIBUTES

#: What the types of attributes begin with that are no text.
_BINARY, _NUMBER = "Binary", "Number"


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
    if fault := names.attribute_fault(name):
        raise UsageError(f"{name!r} is no name of an attribute: {fault}", f"Write {FORMS}.")
    kind = kind or "String"
    if fault := names.type_fault(kind):
        raise UsageError(f"{kind!r} is no type of an attribute: {fault}", f"Write {FORMS}.")
    if not value:
        raise UsageError(f"the attribute {name} is empty, which SQS takes not", "Give it a value.")
    if kind.startswith(_BINARY):
        return name, Attribute(kind, _octets(name, value))
    one = Attribute(kind, value)
    if kind.startswith(_NUMBER) and not limits.is_number(value):
        raise UsageError(
            f"the attribute {name} is {value!r}, which is no number of SQS's",
            f"Leave out the type: {name}=VALUE.",
        )
    return name, one


def _octets(name: str, value: str) -> bytes:
    """Return the bytes of a Binary: a file's, or those that stand there in base64."""
    if value.startswith("@"):
        path = typed_paths.parse(value[1:])
        failed = os_errors_as(UsageError, f"cannot read {path}", "Name a file behind the @.")
        with failed, path.open("rb") as file:
            found = file.read(limits.MOST_BYTES + 1)
        if not 0 < len(found) <= limits.MOST_BYTES:
            raise UsageError(f"{path} is empty, or too large for a message", "SQS takes 256 KiB.")
        return found
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise UsageError(
            f"the attribute {name} is not in base64", f"Or name a file: {name}:Binary=@FILE."
        ) from None
