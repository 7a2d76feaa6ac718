"""What is to be done to a picture: operations one after another, their values with a preview."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from labapp.console import Back, lists, picture, slider, theme
from labapp.console.menu import MenuItem, choose
from labapp.errors import LabappError
from labapp.jobs.picture_client import ProcessingRequest, limits_of
from labapp.pictures import frames, pipeline, registry
from labapp.pictures.limits import BEST_QUALITY, FORMATS, LOSSY, USUAL_QUALITY, Limits, losses_of
from labapp.pictures.pipeline import Step
from labapp.programs.menus import picture_page
from labapp.programs.menus.actions import refusal_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from labapp.console.stage import Frame
    from labapp.pictures.header import Header
    from labapp.pictures.registry import Operation, Parameter, Value
    from labapp.programs.menus.session import MenuSession

HELP = """Operations are done one after another, in this order.

Send: the worker does them. Another: add one more step. Format and quality: how results are \
stored. Exact: the worker does them as scikit-image defines them, in float64, which takes longer \
and more memory; else by fast code that gives the same within one grey level. Over again: \
begin anew. Esc goes back to the choice of the last step."""

OPERATION_HELP = """Type a part of a name to find it; Enter chooses. You see what it does to your \
picture before anything is sent."""

FORMAT_HELP = """Results are stored as each picture is, or all in the format chosen here. What the \
picture that you see loses by a format stands beside it."""

QUALITY_HELP = """From 1, the smallest file, to 100, the best picture. Where you choose none, each \
result is as good as its picture."""

VALUE_HELP = """Arrows change the value, PageUp and PageDown by ten steps; a typed number is taken \
too. The picture on the right follows. Enter accepts."""


@dataclass(frozen=True)
class _Copy:
    """A reduced copy of a picture, and what the picture itself is.

    Attributes:
        pixels: the copy.
        scale: its side over the picture's.
        sizes: width and height in pixels of each of the picture's frames or pages.
        limits: what may be made of it.
        header: what the picture says of itself.
    """

    pixels: NDArray[np.uint8]
    scale: float
    sizes: Sequence[tuple[int, int]]
    limits: Limits
    header: Header

    def after(self, steps: list[Step]) -> _Copy:
        """Return what the steps make of it, as they would look on the picture itself.

        Raises:
            RefusedError: the worker would refuse them for the size that they make.
        """
        pipeline.check_sizes(steps, self.sizes, self.limits)
        done = pipeline.apply(self.pixels, [step.on_copy(self.scale) for step in steps])
        sizes = self.sizes
        for step in steps:
            sizes = [step.size(*size) for size in sizes]
        return replace(self, pixels=frames.rgb_of(done), sizes=sizes)

    def compare(self, steps: list[Step], columns: int, rows: int) -> picture.Drawing:
        """Draw it before and after the steps."""
        return picture.before_after(self.pixels, self.after(steps).pixels, columns, rows)


def ask(paths: Sequence[Path], menu: MenuSession, folder: Path | None = None) -> ProcessingRequest:
    """Let the user put steps together, seeing what they do to the first picture that can be read.

    Raises:
        Back: the user left without sending.
        LabappError: none of them can be read.
    """
    seen = menu.wait(f"reading {paths[0].name}", partial(_first_readable, menu, paths))
    copy = _copy(seen, menu)
    steps: list[Step] = []
    request = ProcessingRequest((), folder=folder, exact=menu.context.settings.exact)
    while True:
        try:
            steps.append(_step(copy, steps, menu))
        except Back:
            if not steps:
                raise
        while (chosen := _what_now(copy, steps, request, menu.frame)) in _STORING:
            with contextlib.suppress(Back):
                request = _STORING[chosen](copy, request, menu.frame)
        if chosen == "send":
            return replace(request, steps=tuple(steps))
        if chosen == "back":  # to the operation that was chosen last
            steps.pop()
        elif chosen == "over":
            steps.clear()


def _first_readable(menu: MenuSession, paths: Sequence[Path]) -> picture_page.Seen:
    """Look at the first picture that can be read; at the first file where none can."""
    seen = [picture_page.see(menu, paths[0])]
    for path in paths[1:]:
        if seen[-1].copy is not None:
            break
        seen.append(picture_page.see(menu, path))
    return seen[-1] if seen[-1].copy is not None else seen[0]


def _copy(seen: picture_page.Seen, menu: MenuSession) -> _Copy:
    header, pixels = seen.header, seen.copy
    if header is None or pixels is None:
        raise seen.problem or LabappError(f"cannot read {seen.path}")
    scale = max(pixels.shape[:2]) / max(header.width, header.height)
    return _Copy(pixels, scale, header.sizes, limits_of(menu.context.settings), header)


def _what_now(copy: _Copy, steps: list[Step], request: ProcessingRequest, frame: Frame) -> str:
    full = len(steps) >= pipeline.MAX_STEPS
    refused = refusal_of(partial(pipeline.check_sizes, steps, copy.sizes, copy.limits))
    target = request.format or copy.header.format
    kept = "" if target in LOSSY else "JPEG and WebP have one"
    items = [
        MenuItem("s", "Send", "send", disabled=refused),
        MenuItem("a", "Another operation", "another",
                 disabled=refused or (f"at most {pipeline.MAX_STEPS} steps" if full else "")),
        MenuItem("f", "Format", "format", note=request.format.upper() or "its own"),
        MenuItem("l", "Quality", "quality", note=str(request.quality or "its own"), disabled=kept),
        MenuItem("e", "Exact", "exact", note="yes: slower" if request.exact else "no"),
        MenuItem("o", "Over again", "over"),
    ]  # fmt: skip
    told = ", then ".join(map(in_words, steps))
    lost = losses_of(copy.header, request.format, request.quality)
    # Many steps take several lines, for which a low window has no room.
    low = theme.stdout().height < theme.COMPACT_ROWS
    # Whatever line is pointed at, the steps are the same.
    drawn = lru_cache(partial(copy.compare, list(steps)))
    title, intro = (told, "; ".join(lost)) if low else ("Send it?", "\n".join([told, *lost]))
    item = choose(title, items, intro=intro, frame=frame, help=HELP,
                  preview=lambda _, c, r: drawn(c, r))  # fmt: skip
    return item.value if item else "back"


def _ask_format(copy: _Copy, request: ProcessingRequest, frame: Frame) -> ProcessingRequest:
    """Let the user choose the results' format; each says what this picture loses by it."""
    names = ["", *FORMATS]
    items = [
        MenuItem(str(n), name.upper() or "Each picture's own", name,
                 note="; ".join(losses_of(copy.header, name)))
        for n, name in enumerate(names, start=1)
    ]  # fmt: skip
    start = str(names.index(request.format) + 1)
    item = choose("Format of the results", items, frame=frame, help=FORMAT_HELP, start=start)
    if item is None:
        raise Back
    return replace(
        request, format=item.value, quality=request.quality if item.value in LOSSY else None
    )


def _ask_quality(copy: _Copy, request: ProcessingRequest, frame: Frame) -> ProcessingRequest:
    value = request.quality or copy.header.stored.quality or USUAL_QUALITY
    found = slider.slide("Quality of JPEG and WebP", minimum=1, maximum=BEST_QUALITY, step=1,
                         value=value, frame=frame, help=QUALITY_HELP)  # fmt: skip
    return replace(request, quality=round(found))


def _other_way(_: _Copy, request: ProcessingRequest, __: Frame) -> ProcessingRequest:
    return replace(request, exact=not request.exact)


#: What changes how results are made and stored.
_STORING = {"format": _ask_format, "quality": _ask_quality, "exact": _other_way}


def in_words(step: Step) -> str:
    """Return a step as people call it, with all its values: `Blur (sigma 3)`."""
    operation = registry.get(step.op)
    values = [
        f"{parameter.title.lower()} {_value_in_words(step.values[parameter.name])}"
        for parameter in operation.parameters
    ]
    return f"{operation.title} ({', '.join(values)})" if values else operation.title


def _value_in_words(value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _step(copy: _Copy, before: list[Step], menu: MenuSession) -> Step:
    """Let the user choose one operation and its values."""
    options = [lists.Option(one.title, one, one.summary) for one in registry.operations().values()]
    while True:
        operation = lists.search_list("What is to be done?", options, frame=menu.frame,
                                      help=OPERATION_HELP)  # fmt: skip
        try:
            sofar = menu.wait("making the preview", partial(copy.after, before)) if before else copy
            return _values(operation, sofar, menu.frame)
        except Back:
            continue


def _values(operation: Operation, copy: _Copy, frame: Frame) -> Step:
    values: dict[str, Value] = dict(operation.defaults)
    for parameter in operation.parameters:
        values[parameter.name] = _value(operation, parameter, values, copy, frame)
    return Step.of(operation.name, values)


def _value(
    operation: Operation, parameter: Parameter, values: dict[str, Value], copy: _Copy, frame: Frame
) -> Value:
    """Let the user choose a parameter's value, seeing what the operation does with it."""
    title = f"{operation.title}: {parameter.title.lower()} ({parameter.meaning.rstrip('.')})"
    now = values[parameter.name]

    def draw(value: Value, columns: int, rows: int) -> picture.Drawing:
        step = Step.of(operation.name, {**values, parameter.name: value})
        return copy.compare([step], columns, rows)

    if parameter.kind not in ("int", "float"):
        return _choice(title, parameter, now, draw, frame)
    of_its_kind: Callable[[float], float] = round if parameter.kind == "int" else float
    found = slider.slide(
        title,
        minimum=parameter.minimum or 0,
        maximum=parameter.maximum or 100,
        step=parameter.step or 1,
        value=float(now),
        preview=lambda value, columns, rows: draw(of_its_kind(value), columns, rows),
        frame=frame,
        help=VALUE_HELP,
    )
    return of_its_kind(found)


def _choice(
    title: str,
    parameter: Parameter,
    now: Value,
    draw: Callable[[Value, int, int], picture.Drawing],
    frame: Frame,
) -> Value:
    """Let the user choose one of a few values; the preview follows the pointer."""
    words = ("yes", "no") if parameter.kind == "bool" else parameter.choices
    meant: list[Value] = [word == "yes" if parameter.kind == "bool" else word for word in words]
    items = [
        MenuItem(str(n), word, value)
        for n, (word, value) in enumerate(zip(words, meant, strict=True), start=1)
    ]

    def preview(place: int, columns: int, rows: int) -> picture.Drawing:
        return draw(meant[min(place, len(meant) - 1)], columns, rows)

    start = str(meant.index(now) + 1)
    item = choose(title, items, frame=frame, help=parameter.meaning, start=start, preview=preview)
    if item is None:
        raise Back
    return item.value
