"""What stands around a part on its page: header, notices, title, status, hints.

Every block is as high as its text, so that a page sits at the top of the screen however large the
terminal is; in a low one the blank lines go first and the part itself scrolls.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from labapp.console import theme
from labapp.console.figures import printable
from labapp.console.header import fragments, lines

if TYPE_CHECKING:
    from prompt_toolkit.formatted_text import AnyFormattedText, StyleAndTextTuples
    from prompt_toolkit.layout import AnyContainer, Window

    from labapp.console.frame import Frame, Notice, Stage

#: Notices shown at once; one where the page is compact.
_NOTICE_ROWS = 3

#: Completions shown at once; the others scroll.
_COMPLETION_ROWS = 8


def width() -> int:
    """Columns that the open page may fill."""
    from prompt_toolkit.application import get_app

    return min(get_app().output.get_size().columns, theme.MAX_WIDTH)


def compact() -> bool:
    """Whether the open page is too low for blank lines."""
    from prompt_toolkit.application import get_app

    return get_app().output.get_size().rows < theme.COMPACT_ROWS


def line(stage: Stage) -> AnyContainer:
    """Lay out a part that is asked in place, without a page around it."""
    from prompt_toolkit.layout import HSplit

    return HSplit([stage.body, _status(stage, spaced=False)])


def body_rows(frame: Frame) -> int:
    """Rows that the open page has for its body, if its status is empty."""
    from prompt_toolkit.application import get_app

    size = get_app().output.get_size()
    header = len(lines(frame.header(), size.columns, size.rows))
    notices = len(_shown(frame.notices()))
    around = 2 if compact() else 5  # title and hints, and the blank lines between
    return max(size.rows - header - notices - around, 1)


def page(stage: Stage, frame: Frame) -> AnyContainer:
    """Lay out a page."""
    from prompt_toolkit.filters import Condition
    from prompt_toolkit.layout import (
        CompletionsMenu,
        ConditionalContainer,
        Float,
        FloatContainer,
        HSplit,
        Window,
    )

    def blank() -> AnyContainer:
        return ConditionalContainer(Window(height=1), Condition(lambda: not compact()))

    helping = Condition(lambda: stage.helping)
    content = HSplit(
        [
            _text(lambda: _header(frame)),
            _text(lambda: _notices(frame.notices())),
            blank(),
            *(
                [_text(lambda: [("class:title", f" {stage.title}")]), blank()]
                if stage.title
                else []
            ),
            *([_text(lambda: _paragraphs(stage.intro, 1)), blank()] if stage.intro else []),
            ConditionalContainer(_text(lambda: _paragraphs(stage.help, 2), shrink=True), helping),
            ConditionalContainer(stage.body, ~helping),
            ConditionalContainer(_status(stage, spaced=True), ~helping),
            blank(),
            _text(lambda: _hints([("any key", "closes")] if stage.helping else stage.hints())),
            Window(),
        ]
    )
    menu = CompletionsMenu(max_height=_COMPLETION_ROWS, scroll_offset=1)
    floats = [Float(menu, xcursor=True, ycursor=True)] if stage.completes else []
    return FloatContainer(content, floats)


def _text(content: Callable[[], AnyFormattedText], *, shrink: bool = False) -> Window:
    """Return a block of lines as high as its text, or with `shrink` as high as there is room."""
    from prompt_toolkit.formatted_text import fragment_list_to_text, to_formatted_text
    from prompt_toolkit.layout import Dimension, FormattedTextControl, Window

    def height() -> Dimension:
        text = fragment_list_to_text(to_formatted_text(content()))
        lines = text.count("\n") + 1 if text else 0
        return Dimension(min=min(lines, 1), preferred=lines) if shrink else Dimension.exact(lines)

    control = FormattedTextControl(content, show_cursor=False)
    return Window(control, height=height, dont_extend_height=True)


def _header(frame: Frame) -> AnyFormattedText:
    from prompt_toolkit.application import get_app

    size = get_app().output.get_size()
    return fragments(frame.header(), size.columns, size.rows, theme.current())


def _notices(notices: Sequence[Notice]) -> StyleAndTextTuples:
    glyphs = theme.current().glyphs
    signs = {
        "info": ("class:accent", glyphs.info),
        "done": ("class:good", glyphs.done),
        "warning": ("class:warn", glyphs.warning),
        "failed": ("class:bad", glyphs.failed),
    }
    fragments: StyleAndTextTuples = []
    for notice in _shown(notices):
        style, sign = signs[notice.kind]
        text = cut(printable(notice.text).replace("\n", " "), width() - 4)
        fragments += [("", "\n" if fragments else ""), (style, f" {sign} "), ("", text)]
    return fragments


def _shown(notices: Sequence[Notice]) -> list[Notice]:
    return list(notices)[-1 if compact() else -_NOTICE_ROWS :]


def _status(stage: Stage, *, spaced: bool) -> Window:
    """Say what is wrong or selected, apart from the body by a blank line where there is room."""

    def content() -> StyleAndTextTuples:
        fragments = stage.status()
        return [("", "\n"), *fragments] if fragments and spaced and not compact() else fragments

    return _text(content)


def _paragraphs(text: str, indent: int) -> str:
    """Return sentences folded for the page; each line of `text` is a paragraph."""
    import textwrap

    room = max(width() - 4, 20)
    paragraphs = [textwrap.wrap(line, room) or [""] for line in text.strip().splitlines()]
    return "\n".join(" " * indent + line for lines in paragraphs for line in lines)


def _hints(hints: Sequence[tuple[str, str]]) -> StyleAndTextTuples:
    fragments: StyleAndTextTuples = []
    room = width() - 1
    for key, what in hints:
        room -= len(key) + len(what) + 3
        if room < 0:
            break
        fragments += [("class:accent", f" {key}"), ("class:muted", f" {what} ")]
    return fragments


def cut(text: str, room: int) -> str:
    """`text` in at most `room` columns, with a sign where something is missing."""
    from prompt_toolkit.utils import get_cwidth

    if get_cwidth(text) <= room:
        return text
    sign = theme.current().glyphs.ellipsis
    room -= len(sign)
    kept = 0
    while kept < len(text) and (room := room - get_cwidth(text[kept])) >= 0:
        kept += 1
    return text[:kept].rstrip() + sign


def cut_middle(text: str, room: int) -> str:
    """`text` in at most `room` columns; of names the end tells them apart as often as the start."""
    from prompt_toolkit.utils import get_cwidth

    if get_cwidth(text) <= room:
        return text
    sign = theme.current().glyphs.ellipsis
    half = max(room - len(sign), 0) // 2
    tail = ""
    for character in reversed(text):
        if get_cwidth(character + tail) > half:
            break
        tail = character + tail
    head = cut(text, room - get_cwidth(tail)).removesuffix(sign)
    return f"{head}{sign}{tail}"


def wrong(text: str) -> StyleAndTextTuples:
    """Return a status line that says what is wrong, by a glyph as well as by colour."""
    return [("class:bad", f"   {theme.current().glyphs.failed} {text}")]
