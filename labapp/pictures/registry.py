"""The registry of operations, from which menus, help, validation and the worker all draw.

An operation is one function with the `@operation` decorator in a file under `operations/`: its
name, docstring, parameters and definition are all there is to write. It takes a frame, which is its
own to write over, and its parameters by name, checked beforehand; it returns a frame. Its
definition takes the same and gives what the operation is, in float64 (`exact`). Listing the
registry imports neither OpenCV nor NumPy.
"""

from __future__ import annotations

import difflib
import functools
import importlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Literal, TypeAlias, TypeVar

from labapp.errors import RefusedError
from labapp.pictures import exact, frames
from labapp.pictures.exact import Definition
from labapp.pictures.frames import Frame

Value: TypeAlias = int | float | str | bool
Kind: TypeAlias = Literal["int", "float", "choice", "bool"]
Function = TypeVar("Function", bound="Callable[..., Frame]")
#: Takes width, height and the values; gives width and height of the result.
Resizing: TypeAlias = Callable[..., tuple[int, int]]
#: Takes the values; gives how many pixels away is looked, None for the whole picture.
Reach: TypeAlias = Callable[..., int | None]

_WORDS = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}


@dataclass(frozen=True)
class Parameter:
    """One value that an operation takes.

    Args:
        name: as written in `--op` and on the wire.
        title: for menus.
        kind: int, float, choice (one of some words) or bool.
        default: what it is when not given.
        meaning: one sentence for help, with the unit.
        minimum: of a number, included.
        maximum: of a number, included.
        step: by how much a slider moves a number.
        choices: the words of a choice.
        is_length: whether it is a length in the picture's own pixels, which shrinks with a copy.
    """

    name: str
    title: str
    kind: Kind
    default: Value
    meaning: str
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    choices: tuple[str, ...] = ()
    is_length: bool = False

    @property
    def range(self) -> str:
        """What is taken, in words: `a number from 0.1 to 50`."""
        if self.kind == "choice":
            return "one of " + ", ".join(self.choices)
        if self.kind == "bool":
            return "yes or no"
        noun = "a whole number" if self.kind == "int" else "a number"
        return f"{noun} from {self.minimum:g} to {self.maximum:g}"

    def check(self, value: object, owner: str) -> Value:
        """Give the value as this parameter's kind.

        Args:
            value: anything a JSON document may hold.
            owner: the operation, for the message.

        Raises:
            RefusedError: of another type, or out of range; names owner, parameter and range.
        """
        checked = self._converted(value)
        if checked is None:
            raise RefusedError(
                f"{owner} cannot take {self.name} {_in_short(value)}",
                f"{self.name} is {self.range}; {self.default_text} unless given.",
            )
        return checked

    def parse(self, text: str, owner: str) -> Value:
        """Give the value written as text, as in `sigma=3` or `expand=yes`.

        Raises:
            RefusedError: not readable as this kind, or out of range.
        """
        value: object = text.strip().lower()
        if self.kind == "bool":
            value = _WORDS.get(str(value), value)
        elif self.kind in ("int", "float"):
            try:
                value = float(text)
            except ValueError:
                value = text
        return self.check(value, owner)

    @property
    def default_text(self) -> str:
        """The default as it would be typed."""
        return typed(self.default)

    def _converted(self, value: object) -> Value | None:
        if self.kind == "choice":
            return value if isinstance(value, str) and value in self.choices else None
        if self.kind == "bool":
            return value if isinstance(value, bool) else None
        # A whole number of hundreds of digits is an int to JSON, and no float.
        if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e15:
            return None
        number = float(value)
        if not math.isfinite(number) or (self.kind == "int" and not number.is_integer()):
            return None
        low = -math.inf if self.minimum is None else self.minimum
        high = math.inf if self.maximum is None else self.maximum
        if not low <= number <= high:
            return None
        return int(number) if self.kind == "int" else number


@dataclass(frozen=True)
class Operation:
    """What can be done to a picture.

    Args:
        name: as written in `--op`, on the wire and in names of results.
        title: for menus.
        parameters: in the order of menus and help.
        function: (frame, **values) -> frame.
        definition: (frame, **values) -> float64, which the function is held to.
        colour_only: neither of them sees alpha; it is set aside and put back.
        resizing: size of the result, where it may be greater than that of the source.
        enough: the longest side that the function needs to see, where a reader may save itself
            the rest; takes the values.
        tints: whether it makes colours of grey.
        reach: how many pixels away from one the function looks for it; takes the values, and None
            is the whole picture. Without it that is so for all values.
        grid: the side of the squares that it lays over the picture from the top left; takes the
            values.
    """

    name: str
    title: str
    parameters: tuple[Parameter, ...]
    function: Callable[..., Frame]
    definition: Definition
    colour_only: bool = False
    resizing: Resizing | None = None
    enough: Callable[..., int] | None = None
    tints: bool = False
    reach: Reach | None = None
    grid: Callable[..., int] | None = None

    @property
    def summary(self) -> str:
        """What it does, in one sentence: the first line of its docstring."""
        return (self.function.__doc__ or "").strip().partition("\n")[0]

    @property
    def defined(self) -> str:
        """What its definition does, in one sentence."""
        return self.definition.__doc__ or ""

    @property
    def defaults(self) -> Mapping[str, Value]:
        """Every parameter's default."""
        return {parameter.name: parameter.default for parameter in self.parameters}

    def check(self, values: Mapping[str, object]) -> dict[str, Value]:
        """Give all values, checked, in the parameters' order; what is not given is the default.

        Raises:
            RefusedError: an unknown parameter, or a wrong value.
        """
        known = [parameter.name for parameter in self.parameters]
        for name in values:
            if name not in known:
                takes = f"takes {', '.join(known)}" if known else "takes no parameters"
                raise RefusedError(
                    f"{self.name} has no parameter {_in_short(name)}", f"{self.name} {takes}."
                )
        given: dict[str, object] = {**self.defaults, **values}
        return {one.name: one.check(given[one.name], self.name) for one in self.parameters}

    def apply(self, frame: Frame, values: Mapping[str, Value], *, exactly: bool = False) -> Frame:
        """Run the function, which may write over the frame, or the definition, which may not.

        Errors of the latter as `exact.apply`.
        """
        if self.colour_only and frames.has_alpha(frame):
            colour, alpha = frames.split_alpha(frame)
            return frames.join_alpha(self.apply(colour, values, exactly=exactly), alpha)
        if exactly:
            return exact.apply(self.definition, frame, values)
        return self.function(frame, **values)


_registered: dict[str, Operation] = {}


def operation(
    title: str,
    *parameters: Parameter,
    definition: Definition,
    colour_only: bool = False,
    resizing: Resizing | None = None,
    enough: Callable[..., int] | None = None,
    tints: bool = False,
    reach: Reach | None = None,
    grid: Callable[..., int] | None = None,
) -> Callable[[Function], Function]:
    """Register a function as an operation under its own name; see `Operation`."""

    def register(function: Function) -> Function:
        name = function.__name__
        declared = ("frame", *(parameter.name for parameter in parameters))
        for one in (function, definition):
            code: Any = one.__code__
            if code.co_varnames[: code.co_argcount] != declared:
                raise TypeError(
                    f"{one.__name__} takes other arguments than the parameters of {name}"
                )
        _registered[name] = Operation(
            name,
            title,
            parameters,
            function,
            definition,
            colour_only,
            resizing,
            enough,
            tints,
            reach,
            grid,
        )
        return function

    return register


@functools.cache
def operations() -> Mapping[str, Operation]:
    """Give every operation by name, in the order of menus."""
    families = importlib.import_module("labapp.pictures.operations").FAMILIES
    for family in families:
        importlib.import_module(f"labapp.pictures.operations.{family}")
    return MappingProxyType(_registered)


def get(name: str) -> Operation:
    """Give the operation of a name, in any case, with hyphens or underscores.

    Raises:
        RefusedError: there is none; suggests near names.
    """
    known = operations()
    plain = name.strip().lower().replace("-", "_")
    if plain in known:
        return known[plain]
    near = difflib.get_close_matches(plain[:40], known, n=3)
    remedy = f"Did you mean {' or '.join(near)}?" if near else f"There are {', '.join(known)}."
    raise RefusedError(f"there is no operation {_in_short(name)}", remedy)


def own_pixel(**_: Value) -> int:
    """Give the reach of an operation on each pixel by itself."""
    return 0


def number(
    name: str, title: str, default: float, least: float, most: float, step: float, meaning: str
) -> Parameter:
    """Declare a parameter that is a number, from least to most; whole if the default is."""
    kind: Kind = "int" if isinstance(default, int) else "float"
    return Parameter(name, title, kind, default, meaning, least, most, step)


def length(
    name: str, title: str, default: float, least: float, most: float, step: float, meaning: str
) -> Parameter:
    """Declare a `number` that is a length in the picture's own pixels."""
    return replace(number(name, title, default, least, most, step, meaning), is_length=True)


def choice(name: str, title: str, choices: tuple[str, ...], meaning: str) -> Parameter:
    """Declare a parameter that is one of some words, the first being the default."""
    return Parameter(name, title, "choice", choices[0], meaning, choices=choices)


def switch(name: str, title: str, default: bool, meaning: str) -> Parameter:
    """Declare a parameter that is yes or no."""
    return Parameter(name, title, "bool", default, meaning)


def typed(value: Value) -> str:
    """Give a value as it would be typed."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _in_short(value: object) -> str:
    """Show what was sent, short, and on one line."""
    text = repr(value) if not isinstance(value, int) or abs(value) < 10**30 else "of many digits"
    return text if len(text) <= 40 else text[:37] + "..."
