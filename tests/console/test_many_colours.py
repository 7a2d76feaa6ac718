"""Text with thousands of colours is read as the library reads it, and its styles look alike."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from prompt_toolkit.application import Application
from prompt_toolkit.formatted_text import ANSI, split_lines, to_formatted_text
from prompt_toolkit.input import DummyInput
from prompt_toolkit.output.vt100 import Vt100_Output
from prompt_toolkit.styles import Attrs

from labapp.console import picture, theme
from labapp.console.many_colours import look_up_quickly, styled_lines
from labapp.console.theme import Depth, Theme


def cells(lines: Any) -> list[list[tuple[str, str]]]:
    return [[(style, sign) for style, text, *_ in line for sign in text] for line in lines]


def as_the_library_reads(text: str) -> list[list[tuple[str, str]]]:
    return cells(split_lines(to_formatted_text(ANSI(text))))


@pytest.mark.parametrize("depth", [Depth.TRUECOLOR, Depth.ANSI256, Depth.ANSI16, Depth.NONE])
@pytest.mark.parametrize("unicode", [True, False])
def test_a_drawn_picture_is_read_as_by_the_library(depth: Depth, unicode: bool) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (40, 60, 3), np.uint8)
    text = str(picture.draw(pixels, 24, 8, look=Theme(depth, unicode)))
    assert cells(styled_lines(text)) == as_the_library_reads(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain\n\nlines",
        "\x1b[38;5;16m▀\x1b[48;5;255m▄\x1b[0m\n\x1b[38;5;231;48;5;232mx\x1b[m y",
        "\x1b[38;2;1;2;3mtwo lines\nof it\x1b[0m",
        "\x1b[1;31mbold\x1b[0m and \x1b[8mhidden\x1b[0m",
        "\x01\x1b]zero width\x02x",
        "\x1b[38;5;3mone of sixteen\x1b[0m",
    ],
)
def test_other_codes_are_read_by_the_library_too(text: str) -> None:
    assert cells(styled_lines(text)) == as_the_library_reads(text)


def test_a_style_looks_as_before() -> None:
    output = Vt100_Output(io.StringIO(), lambda: None)  # type: ignore[arg-type,return-value]
    app: Application[None] = Application(
        style=theme.current().prompt_style(), output=output, input=DummyInput()
    )
    usual = app._merged_style
    look_up_quickly(app)
    assert app.renderer.style is app._merged_style, "it is the renderer that looks them up"

    def look(style: str) -> tuple[Attrs, Attrs]:
        return app._merged_style.get_attrs_for_style_str(style), usual.get_attrs_for_style_str(
            style
        )

    for style in ("", "#0a1b2c", "#0a1b2c bg:#ffffff", "bg:#123456", "class:muted", "bold #0a1b2c"):
        quick, library = look(style)
        assert quick == library, style
