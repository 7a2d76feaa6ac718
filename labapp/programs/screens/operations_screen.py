"""What is to be done to a picture: operations one after another, their values with a preview."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from labapp.console import Back, lists, picture, slider
from labapp.console.menu import MenuItem, choose
from labapp.jobs.pictures import Wish
from labapp.pictures import codec, frames, pipeline, registry
from labapp.pictures.pipeline import Step
from labapp.pictures.preview import on_copy
from labapp.programs.screens import picture_page

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from labapp.console.frame import Frame
    from labapp.pictures.registry import Operation, Parameter, Value

HELP = """Operations are done one after another, in this order.

Send: the worker does them. Another: add one more step. Over again: begin anew."""

OPERATION_HELP = """Type a part of a name to find it; Enter chooses. You see what it does to your \
picture before anything is sent."""

VALUE_HELP = """Arrows change the value, PageUp and PageDown by ten steps; a typed number is taken \
too. The picture on the right follows. Enter accepts."""


@dataclass(frozen=True)
class _Copy:
    """A reduced copy of the picture, and its side over the picture's."""

    pixels: NDArray[np.uint8]
    scale: float

    def after(self, steps: list[Step]) -> _Copy:
        """Return what the steps make of it, as they would look on the picture itself."""
        done = pipeline.apply(self.pixels, [on_copy(step, self.scale) for step in steps])
        return _Copy(frames.rgb_of(done), self.scale)


def ask(path: Path, frame: Frame) -> Wish:
    """Let the user put steps together, seeing what they do to a picture.

    Args:
        path: the picture that previews show.
        frame: the program's.

    Raises:
        Back: the user left without sending.
        LabappError: the picture cannot be read.
    """
    copy = picture_page.small(path)
    header = codec.inspect(path)
    scale = max(copy.shape[:2]) / max(header.width, header.height)
    steps: list[Step] = []
    while True:
        try:
            steps.append(_step(_Copy(copy, scale), steps, frame))
        except Back:
            if not steps:
                raise
        chosen = _what_now(steps, frame)
        if chosen == "send":
            return Wish(tuple(steps))
        if chosen == "over":
            steps.clear()


def _what_now(steps: list[Step], frame: Frame) -> str:
    full = len(steps) >= pipeline.MAX_STEPS
    items = [
        MenuItem("s", "Send", "send"),
        MenuItem("a", "Another operation", "another",
                 disabled=f"at most {pipeline.MAX_STEPS} steps" if full else ""),
        MenuItem("o", "Over again", "over"),
    ]  # fmt: skip
    title = ", then ".join(step.text for step in steps)
    item = choose(title, items, frame=frame, help=HELP)
    if item is None:
        raise Back
    return item.value


def _step(copy: _Copy, before: list[Step], frame: Frame) -> Step:
    """Let the user choose one operation and its values."""
    options = [lists.Option(one.title, one, one.summary) for one in registry.operations().values()]
    while True:
        operation = lists.search_list("What is to be done?", options, frame=frame,
                                      help=OPERATION_HELP)  # fmt: skip
        try:
            return _values(operation, copy.after(before), frame)
        except Back:
            continue


def _values(operation: Operation, copy: _Copy, frame: Frame) -> Step:
    values: dict[str, Value] = dict(operation.defaults)
    for parameter in operation.parameters:
        values[parameter.name] = _value(operation, parameter, values, copy, frame)
    return Step.of(operation.name, values)


def _value(
    operation: Operation,
    parameter: Parameter,
    values: dict[str, Value],
    copy: _Copy,
    frame: Frame,
) -> Value:
    title = f"{operation.title}: {parameter.title.lower()}"
    if parameter.kind in ("int", "float"):
        found = slider.slide(
            f"{title} ({parameter.meaning.rstrip('.')})",
            minimum=parameter.minimum or 0,
            maximum=parameter.maximum or 100,
            step=parameter.step or 1,
            value=float(values[parameter.name]),
            preview=partial(_preview, operation, parameter, values, copy),
            frame=frame,
            help=VALUE_HELP,
        )
        return round(found) if parameter.kind == "int" else found
    words = ("yes", "no") if parameter.kind == "bool" else parameter.choices
    items = [MenuItem(str(n), word, word) for n, word in enumerate(words, start=1)]
    item = choose(title, items, frame=frame, help=parameter.meaning)
    if item is None:
        raise Back
    return item.value == "yes" if parameter.kind == "bool" else item.value


def _preview(
    operation: Operation,
    parameter: Parameter,
    values: dict[str, Value],
    copy: _Copy,
    value: float,
    columns: int,
    rows: int,
) -> picture.Drawing:
    """Draw the copy before and after the operation with the slider's present value."""
    whole = round(value) if parameter.kind == "int" else value
    step = Step.of(operation.name, {**values, parameter.name: whole})
    return picture.before_after(copy.pixels, copy.after([step]).pixels, columns, rows)
