"""What a child may say: a JSON object of declared fields, and bytes whose number is known before.

A decoder that a picture has taken over says whatever it likes. So nothing of it is unpickled: an
answer has bounds in bytes, is read as JSON of somebody else (`labapp.foreign`), and every field is
held to the type that its dataclass declares. What is not exactly so is a lie, and is not used.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import functools
import json
import math
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from labapp import foreign
from labapp.errors import JobFailedError, LabappError, RefusedError
from labapp.visible import printable

#: Bytes of an answer's words at most, and what each frame may add: a page of a TIFF is told by some
#: 400, its resolution and quantisation tables included.
MOST_WORDS, WORDS_A_FRAME = 64 * 1024, 2_048

#: Characters of one text, so that a message with the longest key of S3 in it passes; and of what it
#: says to do next.
MOST_TEXT, MOST_REMEDY = 2_000, 500

#: Values in one answer: fields of the header of 10,000 pages.
_MOST_VALUES = 2_000_000

#: The errors that a child may tell of, by their names in an answer.
_ERRORS: Mapping[str, type[LabappError]] = {"refused": RefusedError, "failed": JobFailedError}

#: Types of fields that have no parts.
_SCALARS = frozenset({str, int, float, bool, bytes})

T = TypeVar("T")


class LieError(ValueError):
    """What a child said cannot be: it is broken, or not ours any more."""


@dataclass(frozen=True)
class Answer:
    """What travels back: words as JSON, and bytes."""

    words: bytes
    raw: bytes | bytearray = b""


def answer(value: object, raw: bytes = b"") -> Answer:
    """Return the answer that tells a result, made of what `plain` takes."""
    return _answer({"done": plain(value)}, raw)


def error_answer(error: LabappError) -> Answer:
    """Return the answer that tells an error; one of another kind becomes a failure."""
    kind, said = error_words(error)
    return _answer({kind: said})


def _answer(words: object, raw: bytes = b"") -> Answer:
    return Answer(json.dumps(words, allow_nan=False, separators=(",", ":")).encode(), raw)


def read(words: bytes | bytearray) -> object:
    """Return what an answer's words tell of a result: its fields.

    Raises:
        LieError: they are none.
        LabappError: they tell of it.
    """
    try:
        found = foreign.read(bytes(words), len(words), values=_MOST_VALUES)
    except foreign.ForeignError as error:
        raise LieError(f"what it says {error}") from None
    if not isinstance(found, dict) or len(found) != 1:
        raise LieError("it does not say one thing")
    ((kind, told),) = found.items()
    if kind != "done":
        raise error_of([kind, told])
    return told


def error_of(told: object) -> LabappError:
    """Return the error that was told as its kind and its texts.

    Raises:
        LieError: it is none.
    """
    match told:
        case [str(kind), [str(message), str(remedy)]] if kind in _ERRORS and message:
            return _ERRORS[kind](_text(message, MOST_TEXT), _text(remedy, MOST_REMEDY))
    raise LieError("it tells of no error that there is")


def error_words(error: LabappError) -> tuple[str, list[str]]:
    """Return an error as it stands within a result; `error_of` reads it."""
    kind = "refused" if isinstance(error, RefusedError) else "failed"
    return kind, [error.message[:MOST_TEXT], error.remedy[:MOST_REMEDY]]


def plain(value: object) -> Any:
    """Return a value as JSON has it: dataclasses as objects, tuples as lists, bytes as base64."""
    if dataclasses.is_dataclass(value):
        fields = dataclasses.fields(value)
        return {field.name: plain(getattr(value, field.name)) for field in fields}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, float) and math.isinf(value):
        return "inf"
    return value


def value_of(kind: type[T], value: object) -> T:
    """Return a value of a dataclass from its fields as `plain` gave them.

    Raises:
        LieError: a field is missing, one too many, or not of its type.
    """
    return cast("T", _value_of(kind, value, "it"))


def _value_of(kind: Any, value: object, name: str) -> object:
    if kind in _SCALARS:  # most are
        return _scalar_of(kind, value, name)
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        if value is None:
            return None
        (kind,) = (one for one in inner if one is not types.NoneType)
        return _value_of(kind, value, name)
    if dataclasses.is_dataclass(kind):
        return _fields_of(kind, value, name)
    if origin is tuple:
        return _several(inner, value, name)
    return _scalar_of(kind, value, name)


def _scalar_of(kind: type, value: object, name: str) -> object:
    if not _is(kind, value):
        raise LieError(f"{name} is no {kind.__name__}")
    return _scalar(kind, value, name)


def _is(kind: type, value: object) -> bool:
    """Tell whether a value of JSON is one for a type; `True` is no number, and 1 is a float too."""
    if kind is float:
        return type(value) in (int, float) or value == "inf"
    return type(value) is (str if kind is bytes else kind)


def _scalar(kind: type, value: Any, name: str) -> object:
    if kind is str:
        return _text(value, MOST_TEXT)
    if kind is bytes:
        try:
            return base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            raise LieError(f"{name} is no base64") from None
    if value == "inf":
        return math.inf
    if kind in (int, float) and not abs(value) <= foreign.MOST_NUMBER:  # NaN is not, either
        raise LieError(f"{name} is too great a number")
    return kind(value)


def _several(inner: tuple[Any, ...], value: object, name: str) -> tuple[object, ...]:
    if not isinstance(value, list):
        raise LieError(f"{name} is no list")
    kinds = [inner[0]] * len(value) if inner[-1] is Ellipsis else list(inner)
    if len(kinds) != len(value):
        raise LieError(f"{name} has {len(value)} items")
    return tuple(_value_of(kind, item, name) for kind, item in zip(kinds, value, strict=True))


def _fields_of(kind: Any, value: object, name: str) -> object:
    declared = _declared(kind)
    if not isinstance(value, dict) or value.keys() != declared.keys():
        raise LieError(f"{name} has other fields than {kind.__name__}")
    return kind(**{field: _value_of(declared[field], value[field], field) for field in declared})


@functools.cache
def _declared(kind: type) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    return {field.name: hints[field.name] for field in dataclasses.fields(kind)}


def _text(value: str, most: int) -> str:
    """Return a text of one line; what would steer a terminal is a lie, since ours escape it."""
    if len(value) > most or printable(value) != value:
        raise LieError("a text of it is too long, or steers a terminal")
    return value
