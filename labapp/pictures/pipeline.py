"""What is to be done to a picture: steps, as typed, as sent, and as run.

A pipeline comes from outside, so everything about it is checked here, once; after that a `Step`
is known to name an operation and to hold every parameter of it within its range.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeVar

from labapp import foreign
from labapp.errors import RefusedError, UsageError, fault_at
from labapp.pictures import registry
from labapp.pictures.frames import Frame
from labapp.pictures.limits import Limits
from labapp.pictures.registry import Value, typed

T = TypeVar("T")

#: Steps in one pipeline. Each is a pass over all pixels; more is a mistake or an attack.
MAX_STEPS = 16

#: Characters of JSON a pipeline may have: sixteen steps with all their parameters take 1,500.
MAX_TEXT = 8_192

#: What says on the wire that a step is done as its operation is defined; no parameter's name.
EXACT = "exact"

#: Characters of a label: a file name may have 255, and name and ending need their part.
MAX_LABEL = 80


@dataclass(frozen=True)
class Step:
    """One operation with all its values, checked.

    Args:
        op: name in the registry.
        values: every parameter of the operation, in its order.
        exact: whether it is done as the operation is defined, and not by its fast kernel.
    """

    op: str
    values: Mapping[str, Value]
    exact: bool = False

    @classmethod
    def of(cls, op: str, values: Mapping[str, object] | None = None, exact: bool = False) -> Step:
        """Make a step; what is not given is the default.

        Raises:
            RefusedError: no such operation or parameter, or a value out of range.
        """
        operation = registry.get(op)
        return cls(operation.name, operation.check(values or {}), exact)

    @classmethod
    def parse(cls, text: str) -> Step:
        """Read a step as typed: `grayscale`, `blur:sigma=3`, `rotate:angle=90,expand=yes`.

        Raises:
            UsageError: not of this form.
            RefusedError: no such operation or parameter, or a value out of range.
        """
        name, colon, rest = text.partition(":")
        operation = registry.get(name)
        known = {parameter.name: parameter for parameter in operation.parameters}
        values: dict[str, object] = {}
        for part in rest.split(",") if colon else ():
            key, equals, value = part.partition("=")
            key = key.strip().lower()
            if not (key and equals and value.strip()) or key in values:
                raise UsageError(
                    f"cannot read {part.strip()!r} in the step {text!r}",
                    f"Write it as {_example(operation)}.",
                )
            # An unknown name is kept as text: the check below says what there is.
            values[key] = known[key].parse(value, operation.name) if key in known else value
        return cls.of(operation.name, values)

    @property
    def text(self) -> str:
        """The step as it would be typed, without the parameters that have their defaults."""
        operation = registry.get(self.op)
        given = [
            f"{name}={typed(value)}"
            for name, value in self.values.items()
            if value != operation.defaults[name]
        ]
        return f"{self.op}:{','.join(given)}" if given else self.op

    def apply(self, frame: Frame) -> Frame:
        """Run the operation; the frame given may be written over.

        Raises:
            JobFailedError: it is to be exact, and there is no scikit-image here.
        """
        return registry.get(self.op).apply(frame, self.values, exactly=self.exact)

    def size(self, width: int, height: int) -> tuple[int, int]:
        """Give the size the result will have at most, without doing it."""
        resizing = registry.get(self.op).resizing
        return (width, height) if resizing is None else resizing(width, height, **self.values)

    def on_copy(self, scale: float) -> Step:
        """Give the step that does to a reduced copy what this one does to the picture itself.

        Args:
            scale: the copy's side over the picture's, at most 1. Lengths in pixels shrink with it,
                down to the least that the operation takes.
        """
        values: dict[str, object] = dict(self.values)
        for parameter in registry.get(self.op).parameters:
            if parameter.is_length:
                least = parameter.minimum or 0
                length = max(float(self.values[parameter.name]) * scale, least)
                values[parameter.name] = round(length) if parameter.kind == "int" else length
        return Step.of(self.op, values)


def parse(texts: Iterable[str]) -> tuple[Step, ...]:
    """Read steps as typed, one text each; errors as `Step.parse`, and more than `MAX_STEPS`."""
    return _counted([Step.parse(text) for text in texts])


def exactly(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Give the same steps, each to be done as its operation is defined."""
    return tuple(replace(step, exact=True) for step in steps)


def is_exact(steps: Sequence[Step]) -> bool:
    """Tell whether all steps are to be done as their operations are defined."""
    return all(step.exact for step in steps)


@lru_cache(maxsize=32)  # thousands of pictures come with the same
def from_wire(text: str) -> tuple[Step, ...]:
    """Read a pipeline as sent: `[{"op": "blur", "sigma": 3}]`.

    A step with `"exact": true` is done as its operation is defined. It stands in the step, where a
    worker that knows nothing of it refuses it, and does not do something else unasked.

    Raises:
        RefusedError: too long, not this JSON, or a step that cannot be; names the step by its
            place, the parameter and its range.
    """
    if len(text) > MAX_TEXT:
        raise RefusedError(
            f"the pipeline has {len(text):,} characters; at most {MAX_TEXT:,} are taken",
            "Send fewer steps.",
        )
    try:
        foreign.check(text, MAX_TEXT)
        document = json.loads(text, object_pairs_hook=_without_doubles)
        foreign.check_characters(text, document)
    except ValueError as error:  # of brackets without end no place is to blame
        line = getattr(error, "lineno", 0)
        where = fault_at(getattr(error, "colno", 0), line) if line else ""
        raise RefusedError(f"the pipeline is not JSON{where}", _FORM) from None
    if not isinstance(document, list):
        raise RefusedError("the pipeline is not a list of steps", _FORM)
    if len(document) > MAX_STEPS:
        _counted(document)
    return _counted([_step(item, place) for place, item in enumerate(document, start=1)])


def to_wire(steps: Sequence[Step]) -> str:
    """Give the canonical JSON: every parameter, in the registry's order, without spaces."""
    document = [
        {"op": step.op, **step.values, **({EXACT: True} if step.exact else {})} for step in steps
    ]
    return json.dumps(document, separators=(",", ":"), allow_nan=False)


def label(steps: Sequence[Step]) -> str:
    """Give a short name for files: `blur`, `blur-grayscale`; at most `MAX_LABEL` characters."""
    text = "-".join(step.op for step in steps)
    if len(text) <= MAX_LABEL:
        return text
    return text[:MAX_LABEL].rpartition("-")[0]


def apply(frame: Frame, steps: Sequence[Step]) -> Frame:
    """Run all steps over one frame; the frame given is not changed."""
    frame = frame.copy()
    for step in steps:
        frame = step.apply(frame)
    return frame


def check_sizes(steps: Sequence[Step], sizes: Sequence[tuple[int, int]], limits: Limits) -> None:
    """Refuse a pipeline that would make a picture beyond the limits, before it is run.

    Args:
        steps: in their order.
        sizes: width and height of each frame or page.
        limits: of the result; what comes between two steps is held to them too.

    Raises:
        RefusedError: names the step, the size it would make, and the limit.
    """
    for place, step in enumerate(steps, start=1):
        sizes = [step.size(*size) for size in sizes]
        area = sum(width * height for width, height in sizes)
        if max(map(max, sizes)) > limits.side or area > limits.pixels:
            raise RefusedError(
                f"step {place}, {step.op}, would make {_sizes_in_words(sizes)} pixels",
                f"At most {limits.side:,} on a side and {limits.pixels / 1e6:g} megapixels in all "
                "are made; ask for less.",
            )


def is_turned(steps: Sequence[Step]) -> bool:
    """Tell whether what was across is down in the end, as after one quarter turn."""
    width, height = 2000, 1000
    for step in steps:
        width, height = step.size(width, height)
    return height > width


def _sizes_in_words(sizes: Sequence[tuple[int, int]]) -> str:
    width, height = max(sizes, key=lambda size: (max(size), min(size)))
    if len(set(sizes)) > 1:
        return f"{len(sizes)} pages, the largest of {width:,} x {height:,}"
    return (f"{len(sizes)} frames of " if len(sizes) > 1 else "") + f"{width:,} x {height:,}"


_FORM = 'Send a list of steps such as [{"op": "blur", "sigma": 3}].'


def _step(item: object, place: int) -> Step:
    if not isinstance(item, dict) or not isinstance(item.get("op"), str):
        raise RefusedError(f"step {place} of the pipeline names no operation", _FORM)
    values = {name: value for name, value in item.items() if name not in ("op", EXACT)}
    exact = item.get(EXACT, False)
    if not isinstance(exact, bool):
        raise RefusedError(f"step {place}: exact is neither true nor false", _FORM)
    try:
        return Step.of(item["op"], values, exact)
    except RefusedError as error:
        raise RefusedError(f"step {place}: {error.message}", error.remedy) from None


def _counted(steps: list[T]) -> tuple[T, ...]:
    """Refuse no steps, and too many."""
    if not steps:
        raise RefusedError("the pipeline has no steps", "Name at least one operation.")
    if len(steps) > MAX_STEPS:
        raise RefusedError(
            f"the pipeline has {len(steps)} steps; at most {MAX_STEPS} are taken",
            "Send fewer, and the result through the rest.",
        )
    return tuple(steps)


def _without_doubles(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Refuse a key given twice: JSON readers differ in which of them counts."""
    items = dict(pairs)
    if len(items) != len(pairs):
        raise RefusedError("a name is given twice in one step of the pipeline", _FORM)
    return items


def _example(operation: registry.Operation) -> str:
    if not operation.parameters:
        return f"{operation.name}, without parameters"
    pairs = ",".join(f"{p.name}={p.default_text}" for p in operation.parameters)
    return f"{operation.name}:{pairs}"
