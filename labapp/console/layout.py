"""What stands around a part on its page: header, notices, title, status, hints.

Every block is as high as its text, so that a page sits at the top of the screen however large the
terminal is; in a low one the blank lines go first and the part itself scrolls.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from labapp.console import theme
from labapp.console.figures import cell_width, cut, in_lines, one_line
from labapp.console.header import fragments, lines
from labapp.console.key import MANUAL
from labapp.console.listing import scrolled

if TYPE_CHECKING:
    from prompt_toolkit.data_structures import Size
    from prompt_toolkit.formatted_text import AnyFormattedText, StyleAndTextTuples
    from prompt_toolkit.layout import AnyContainer, Window

    from labapp.console.stage import Frame, Kind, Notice, Stage

#: Notices shown at once, and lines that each is folded to at most: a path at its end, and what to
#: do, must be read. The same where the page is compact.
_ROOM, _ROOM_COMPACT = (3, 3), (1, 2)

#: What `?` is called where not all keys have room, and how many must have it for that: words of the
#: first two, to leave and the main one, matter more.
_MORE = ("more keys", 2), ("more", 2), ("", 0)

#: Completions shown at once; the others scroll.
_COMPLETION_ROWS = 8


def _size() -> Size:
    """Return the size of the terminal that the page is open on."""
    from prompt_toolkit.application import get_app

    return get_app().output.get_size()


def width() -> int:
    """Columns that text on the open page may fill."""
    return min(_size().columns, theme.MAX_WIDTH)


def whole_width() -> int:
    """Columns of the terminal: what pictures, tables and pages of two sides may fill."""
    return _size().columns


def compact() -> bool:
    """Whether the open page is too low for blank lines."""
    return _size().rows < theme.COMPACT_ROWS


def folded(text: str, room: int, *, hyphens: bool = False) -> list[str]:
    """Return a text on lines of so many columns, one at least, folded at its blanks.

    With `hyphens` also at those, which is for words that are no paths.
    """
    import textwrap

    return textwrap.wrap(text, room, break_on_hyphens=hyphens) or [""]


def line(stage: Stage) -> AnyContainer:
    """Lay out a part that is asked in place, without a page around it."""
    from prompt_toolkit.layout import HSplit

    return HSplit([stage.body, _status(stage, spaced=False)])


def body_rows(frame: Frame, *, steady: bool = False) -> int:
    """Rows that the open page has for its body, if its status is empty; see `Stage.steady`."""
    size = _size()
    header = len(lines(frame.header(), size.columns, size.rows))
    notices = 0 if steady else len(_notice_lines(frame.notices()))
    around = frame.around[0 if compact() else 1]  # title and hints, and the blank lines between
    return max(size.rows - header - notices - around, 1)


def page(stage: Stage, frame: Frame) -> AnyContainer:
    """Lay out a page."""
    from prompt_toolkit.filters import Condition
    from prompt_toolkit.layout import (
        CompletionsMenu,
        ConditionalContainer,
        Dimension,
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
            _text(lambda: _header(stage, frame)),
            _text(lambda: _notices(stage, frame)),
            *([_below_header(stage, frame)] if frame.full_screen else []),
            *(
                [
                    _text(lambda: [("class:title", f" {cut(stage.title(), whole_width() - 2)}")]),
                    blank(),
                ]
                if stage.title()
                else []
            ),
            *([_text(lambda: paragraphs(stage.intro, 1)), blank()] if stage.intro else []),
            ConditionalContainer(_help(stage, frame), helping),
            ConditionalContainer(stage.body, ~helping),
            ConditionalContainer(_status(stage, spaced=True), ~helping),
            blank(),
            _text(lambda: _line_of_keys(stage, frame)),
            Window(height=None if frame.full_screen else Dimension(preferred=0)),
        ]
    )
    menu = CompletionsMenu(max_height=_COMPLETION_ROWS, scroll_offset=1)
    floats = [Float(menu, xcursor=True, ycursor=True)] if stage.completes else []
    return FloatContainer(content, floats)


def _help(stage: Stage, frame: Frame) -> Window:
    """Return the help: as high as its text, or as there is room, and then it scrolls.

    What the window has no room for stands below it, so that nothing is out of reach in a small one.
    """
    from prompt_toolkit.data_structures import Point
    from prompt_toolkit.layout import FormattedTextControl

    def text() -> str:
        title = one_line(stage.title())
        more = [title] if cut(title, whole_width() - 2) != title else []
        more += [*stage.more(), *_cut_notices(frame.notices(), steady=stage.steady())]
        earlier = list(map(one_line, frame.earlier()))
        full = ["", "In full:", *more] if more else []
        told = ["", "Told before:", *earlier] if earlier else []
        return paragraphs("\n".join([stage.whole_help, *full, *told]), 2)

    control = FormattedTextControl(
        text, show_cursor=False, get_cursor_position=lambda: Point(0, stage.help_line)
    )
    stage.help_window = scrolled(control, lambda: stage.help_line)
    return stage.help_window


def _help_hints(stage: Stage, frame: Frame) -> list[tuple[str, str]]:
    scrolls = stage.help_overflow > 0
    arrows = [(theme.current().glyphs.arrows, "scroll")] if scrolls else []
    manual = [(MANUAL.letter, MANUAL.words)] if stage.opens_manual(frame) else []
    return [("any other key" if scrolls else "any key", "closes"), *arrows, *manual]


def _text(content: Callable[[], AnyFormattedText]) -> Window:
    """Return a block of lines as high as its text."""
    from prompt_toolkit.formatted_text import fragment_list_to_text, to_formatted_text
    from prompt_toolkit.layout import Dimension, FormattedTextControl, Window

    def height() -> Dimension:
        text = fragment_list_to_text(to_formatted_text(content()))
        return Dimension.exact(text.count("\n") + 1 if text else 0)

    control = FormattedTextControl(content, show_cursor=False)
    return Window(control, height=height, dont_extend_height=True)


def _header(stage: Stage, frame: Frame) -> AnyFormattedText:
    """Return the header, over which notices lie where they may not move what is below it."""
    size = _size()
    header = fragments(frame.header(), size.columns, size.rows, theme.current())
    if len(lying := _lying(stage, frame)) <= (0 if compact() else 1):
        return header
    height = len(lines(frame.header(), size.columns, size.rows))
    return _in_fragments([*lying, *[(None, "")] * height][:height])


def _below_header(stage: Stage, frame: Frame) -> AnyContainer:
    """Return the blank line below the header, where a notice of one line lies above a picture."""
    from prompt_toolkit.filters import Condition
    from prompt_toolkit.layout import ConditionalContainer, FormattedTextControl, Window

    def content() -> StyleAndTextTuples:
        lying = _lying(stage, frame)
        return _in_fragments(lying) if len(lying) == 1 else []

    line = Window(FormattedTextControl(content, show_cursor=False), height=1)
    return ConditionalContainer(line, Condition(lambda: not compact()))


def _lying(stage: Stage, frame: Frame) -> list[tuple[Kind | None, str]]:
    """Return the lines of the newest notice, where a picture keeps its size; how many more last."""
    notices = frame.notices()
    if not (stage.steady() and notices):
        return []
    size = _size()
    most = len(lines(frame.header(), size.columns, size.rows))
    more = f" (and {len(notices) - 1} more: see ?)" if notices[1:] else ""
    return _cut_to(most, notices[-1], more)


def _notices(stage: Stage, frame: Frame) -> StyleAndTextTuples:
    if stage.steady():
        return []
    return _in_fragments(_notice_lines(frame.notices()))


def _in_fragments(lines: Sequence[tuple[Kind | None, str]]) -> StyleAndTextTuples:
    fragments: StyleAndTextTuples = []
    for kind, text in lines:
        fragments += [("", "\n" if fragments else ""), _sign(kind), ("", text)]
    return fragments


def _sign(kind: Kind | None) -> tuple[str, str]:
    """Return what stands before a notice's line: the sign of its kind, or a blank."""
    roles = {"info": "accent", "done": "good", "warning": "warn", "failed": "bad"}
    if kind is None:
        return "", "   "
    return f"class:{roles[kind]}", f" {theme.current().sign(roles[kind])} "


def _notice_lines(notices: Sequence[Notice]) -> list[tuple[Kind | None, str]]:
    """Return the newest notices, folded; the kind stands with the first line of each."""
    found: list[tuple[Kind | None, str]] = []
    shown, most = _room()
    for notice in list(notices)[-shown:]:
        found += _cut_to(most, notice)
    return found


def _cut_to(most: int, notice: Notice, more: str = "") -> list[tuple[Kind | None, str]]:
    """Return a notice on so many lines at most, and what is said behind it."""
    lines = folded(one_line(notice.text) + more, width() - 4)
    if len(lines) > most:
        room = width() - 4 - len(more)
        rest = " ".join(lines[most - 1 :]).removesuffix(more)
        lines = [*lines[: most - 1], cut(rest, room) + more]
    return [(notice.kind, lines[0]), *((None, line) for line in lines[1:])]


def _folded(notice: Notice) -> list[str]:
    return folded(one_line(notice.text), width() - 4)


def _room() -> tuple[int, int]:
    """Return for how many notices there is room, and for how many lines of each."""
    return _ROOM_COMPACT if compact() else _ROOM


def _cut_notices(notices: Sequence[Notice], *, steady: bool = False) -> list[str]:
    """Return the notices that are not shown in full, the newest first."""
    shown, most = (1, 1) if steady else _room()
    hidden = len(notices) - shown
    return [
        one_line(notice.text)
        for number, notice in reversed(list(enumerate(notices)))
        if number < hidden or len(_folded(notice)) > most
    ]


def _status(stage: Stage, *, spaced: bool) -> Window:
    """Say what is wrong or selected, apart from the body by a blank line where there is room."""

    def content() -> StyleAndTextTuples:
        fragments = stage.status()
        return [("", "\n"), *fragments] if fragments and spaced and not compact() else fragments

    return _text(content)


def paragraphs(text: str, indent: int) -> str:
    """Return sentences folded for the page; each line of `text` is a paragraph."""
    room = max(width() - 4, 20)
    paragraphs = [folded(line, room) for line in in_lines(text).strip().splitlines()]
    return "\n".join(" " * indent + line for lines in paragraphs for line in lines)


def _line_of_keys(stage: Stage, frame: Frame) -> StyleAndTextTuples:
    if stage.helping:
        return _hints(_help_hints(stage, frame))
    instead = stage.instead()
    return [("class:muted", paragraphs(instead, 1))] if instead else _hints(stage.hints)


def _hints(hints: Sequence[tuple[str, str]]) -> StyleAndTextTuples:
    """Return the line of keys: the first ones in words, as many as there is room for."""
    fragments: StyleAndTextTuples = []
    for key, what in _fitting(hints, whole_width()):
        fragments += [("class:accent", f" {key}"), ("class:muted", f" {what} " if what else "")]
    return fragments


def _fitting(hints: Sequence[tuple[str, str]], room: int) -> Sequence[tuple[str, str]]:
    """Return the hints that fit, the others told of by `?`, or as letters where there is none."""
    names = [name for name, _ in hints]
    explains = names.index("?") if "?" in names else -1

    def shown(worded: int, more: str) -> list[tuple[str, str]]:
        letters = [(letter, "") for letter in map(_bare, hints[worded:]) if letter]
        return [*hints[:worded], *([("?", more)] if worded <= explains else letters)]

    for more, least in _MORE:
        for worded in range(len(hints), least - 1, -1):
            if _cells(found := shown(worded, more)) <= room:
                return found
    return shown(0, "")[: room // 2]


def _cells(hints: Sequence[tuple[str, str]]) -> int:
    """Return the cells of some hints."""
    return sum(cell_width(key) + (cell_width(what) + 3 if what else 1) for key, what in hints)


def _bare(hint: tuple[str, str]) -> str:
    """Return the letter of a hint that has no room for its words; empty where it has none."""
    letter = hint[0].removeprefix("Enter/")
    return letter if len(letter) == 1 else ""


def wrong(text: str) -> StyleAndTextTuples:
    """Return a status line that says what is wrong, by a glyph as well as by colour."""
    return [("class:bad", f"   {theme.current().sign('bad')} {one_line(text)}")]
