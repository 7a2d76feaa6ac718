"""Dialects' files as teachers write them, and what is told of wrong ones."""

from __future__ import annotations

from pathlib import Path

from labapp.dialects import loading
from labapp.dialects.rules import Block

#: A picture's key and sigma in attributes.
OF_ATTRIBUTES = """\
# numbers by our own wire; pictures as this lab's client asks: key and sigma in attributes
[[request]]
queue      = "inbox"
answer     = "outbox"
bucket     = "mybucket975846589"
picture    = "{attr.Key}"
steps      = "blur:sigma={attr.Sigma}"
result     = "{stem}_blurred{ext}"
body       = "Réponse à {message_id}"
attributes = { Key = "{result}" }
"""

#: Numbers and pictures on one queue, told apart by an attribute.
OF_ONE_QUEUE = """\
[[request]]
queue      = "request_queue"
answer     = "response_queue"
when       = { "attr.RequestType" = "Average" }
numbers    = "{body}"
body       = "{median},{mean},{min},{max}"
attributes = { ResponseType = "{attr.RequestType}" }
[[request]]
queue      = "request_queue"
answer     = "response_queue"
when       = { "attr.RequestType" = "ImageEffect" }
bucket     = "julgio-cli-bucket"
picture    = "{field1}"
steps      = { by = "{field2}", "1" = "flip", "2" = "grayscale" }
result     = "effect-{name}"
attributes = { ResponseType = "{attr.RequestType}" }
"""

#: Where a text is said to stand.
PATH = Path("lab.toml")


def told(text: str) -> list[str]:
    """Return what is told of a file of this text, each behind its line: `3: ...`."""
    return [f"{one.line}: {one.what}. {one.remedy}" for one in loading.examined(text, PATH)[1]]


def block(*rows: str) -> Block:
    """Return the one block that has these lines behind its `[[request]]`."""
    (found,) = loading.parse("\n".join(("[[request]]", *rows)), PATH).blocks
    return found


def told_of_block(*rows: str) -> list[str]:
    """Return what is told of a file of one block, whose first line is `[[request]]`."""
    return told("\n".join(("[[request]]", *rows)))
