"""The list of files on the desk: folders, pictures, and results below what they were made of."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from labapp.console import figures, theme
from labapp.console.accessible import mode
from labapp.console.figures import cell_width, count, cut, cut_middle, in_lines
from labapp.console.key import Key, typed_by
from labapp.console.layout import compact, whole_width, wrong
from labapp.console.panel import View
from labapp.pictures.files import others_line
from labapp.programs.desk import actions
from labapp.programs.desk.picture_view import ZOOM, PictureView

if TYPE_CHECKING:
    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.key_binding import KeyBindings
    from prompt_toolkit.key_binding.key_processor import KeyPressEvent

    from labapp.programs.desk.desk import Desk
    from labapp.programs.desk.folder_listing import Item

HELP = """Choose pictures, say what is to be done to them, and send them; a worker does it, and \
the results appear here by themselves, below the pictures they were made of. Nothing is \
overwritten.

Arrows move, and the picture follows. Right opens a folder, Left leaves it. A file that has just \
come has a sign until you look at it; a picture that has results has another."""

#: Columns of the sign before a name, and between a name and its note.
_SIGN, _GAP = 2, 2

#: Columns that a name keeps before a note gets any.
_LEAST_NAME = 12

#: What helps where there is no picture, and where there are folders alone.
_HELPS = "t shows sample pictures, f names another folder, {} goes up."
_NO_PICTURE = "no picture here: t shows samples, f names another folder"

#: Says that letters are a search.
_TYPE = Key("type", "to search", stays=True)


class FilesPanel:
    """The files of a folder, as a panel."""

    is_low = False

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.files = desk.files
        self.pictures = PictureView(desk, desk.files)
        self.view: View | None = self.pictures
        self.searching = False
        self.message = ""

    @property
    def title(self) -> str:
        """The folder."""
        deeper = " and the folders in it" if self.files.contents.deep else ""
        return f"Pictures in {self.files.folder}{deeper}"

    help = HELP

    # The rows.

    def length(self) -> int:
        """Return how many files and folders there are now."""
        return len(self.files.rows)

    @property
    def index(self) -> int:
        """The row that the pointer is on."""
        return self.files.index

    @index.setter
    def index(self, value: int) -> None:
        self.message = ""
        self.files.index = value

    def row(self, number: int, pointed: bool, columns: int) -> StyleAndTextTuples:
        """Return a row: signs, the name, and its size where there is room."""
        rows = self.files.rows
        if number >= len(rows):  # the list has become shorter in this moment
            return []
        item = rows[number]
        style = "class:pointed" if pointed else ""
        if item.is_folder:
            name = cut_middle(f"{item.name}/", columns - _SIGN)
            return [("", " " * _SIGN), (style or "class:accent", name)]
        result = self.files.is_result(item.path)
        indent = f"{theme.current().glyphs.corners[2]} " if result else ""
        note = self._note(item)
        told = sum(cell_width(text) for _, text, *_ in note)
        room = columns - _SIGN - len(indent)
        if room - told - _GAP < _LEAST_NAME:
            note, told = [], -_GAP
        name = cut_middle(item.name, room - told - _GAP)
        blank = " " * (room - told - cell_width(name)) if note else ""
        sign = self._sign(item.path)
        return [sign, ("class:muted", indent), (style, name), ("", blank), *note]

    def _sign(self, path: Path) -> tuple[str, str]:
        glyphs = theme.current().glyphs
        if path in self.files.marked:
            return ("class:good", f"{glyphs.checked} "[:_SIGN])
        if path in self.files.new:
            return ("class:accent", f"{glyphs.on} ")
        return ("", " " * _SIGN)

    def _note(self, item: Item) -> StyleAndTextTuples:
        if self.desk.pictures.problem(item.path):
            return [("class:bad", theme.current().sign("bad"))]
        facts = self.files.facts.get(item.path)
        size = figures.size(facts.octets) if facts else ""
        if self.files.results_of(item.path):
            return [("class:good", theme.current().glyphs.done), ("class:muted", f" {size}")]
        return [("class:muted", size)] if size else []

    def said(self, number: int) -> str:
        """Return all that is known of a row, as a sentence."""
        rows = self.files.rows
        if number >= len(rows):
            return ""
        item = rows[number]
        if item.is_folder:
            return f"folder {item.name}"
        words = [item.name, *self.pictures.said(item.path)]
        if problem := self.desk.pictures.problem(item.path):
            words.append(str(problem).rstrip("."))
        words += ["new"] if item.path in self.files.new else []
        words += ["marked"] if item.path in self.files.marked else []
        return ", ".join(words)

    def row_names(self) -> Sequence[Path]:
        """Return what each row is known by again."""
        return [item.path for item in self.files.rows]

    # The keys.

    def keys(self) -> Sequence[Key]:
        """Return the keys, as things stand."""
        if self.searching:
            return [_TYPE, Key("Enter", "go on with these", self._search, stays=True)]
        desk, item = self.desk, self.files.pointed
        on_picture = item is not None and not item.is_folder
        keys = []
        if item is not None and item.is_folder and not self.files.marked:
            keys.append(Key("Enter", "open", self.enter, "opens the folder", stays=True))
        elif self.files.chosen():
            told = "says what is to be done to the picture, or to all that are marked"
            keys.append(Key("o", "process", self.process, told, stays=True, enter=True))
        keys += actions.sending_keys(desk)
        if on_picture and item and not mode.is_on() and self.pictures.pair(item.path):
            told = "shows a picture and its result side by side, then the other one alone"
            keys.append(Key("b", "before/after", self.pictures.turn, told, stays=True))
        if on_picture:
            told = "marks the picture and goes on to the next"
            keys.append(Key("Space", "mark", self._mark, told, stays=True))
        if self.files.has_pictures:
            keys += [
                Key("a", "all", self._mark_all,
                    "marks all pictures but results and broken ones, or none", stays=True),
                Key("/", "search", self._search, "shows only names with the words that you type",
                    stays=True),
            ]  # fmt: skip
        if mode.is_on():  # where there are no arrows, and pictures are told in words
            told = "opens the folder that this one is in"
            return [*keys, Key("u", "up", self.up, told, stays=True), *actions.keys(desk)]
        if on_picture and item:
            told = "shows a place of the picture at 1:1"
            keys.append(Key(ZOOM, "1:1", partial(self._place, item.path), told, stays=True))
        keys += actions.keys(desk)
        return keys

    def _place(self, path: Path) -> None:
        from labapp.programs.desk.place_panel import open_place

        open_place(self.desk, path)

    def bindings(self) -> KeyBindings | None:
        """Return what else listens: a search that is typed, and arrows into folders and out."""
        from prompt_toolkit.filters import Condition
        from prompt_toolkit.key_binding import KeyBindings
        from prompt_toolkit.keys import Keys

        bindings = KeyBindings()
        types = Condition(lambda: self.searching)

        @bindings.add(Keys.Any, filter=types)
        @bindings.add(Keys.BracketedPaste, filter=types)
        def _type(event: KeyPressEvent) -> None:
            self.files.search(self.files.typed + typed_by(event))

        @bindings.add("backspace", eager=True, filter=types)
        def _erase(event: KeyPressEvent) -> None:
            self.files.search(self.files.typed[:-1])

        bindings.add("right", eager=True)(lambda _: self.enter())
        bindings.add("left", eager=True)(lambda _: self.up())
        return bindings

    def enter(self) -> None:
        """Open the folder at the pointer."""
        item = self.files.pointed
        if item is not None and item.is_folder:
            self._open(item.path)

    def up(self) -> None:
        """Open the folder that this one is in."""
        folder = self.files.folder
        if folder.parent != folder:
            self._open(folder.parent)

    def _open(self, folder: Path) -> None:
        self.searching, self.message = False, ""
        self.desk.open_folder(folder, deep=False)

    def process(self) -> None:
        """Say what is to be done to the pictures."""
        self.desk.process(self.files.chosen())

    def _mark(self) -> None:
        self.message = ""
        if (item := self.files.pointed) is not None and not item.is_folder:
            self.files.mark(item.path)
            if self.files.index + 1 < len(self.files.rows):
                self.files.index += 1

    def _mark_all(self) -> None:
        broken = self.desk.broken()
        left = self.files.mark_all(broken)
        told = [figures.plural(left, "result")] if left else []
        told += [f"{count(len(broken))} broken"] if broken else []
        self.message = f"{' and '.join(told)} left out" if told else ""

    def _search(self) -> None:
        self.searching = not self.searching
        if not self.searching:
            self.files.found()

    def typing(self) -> bool:
        """Tell whether a search is typed."""
        return self.searching

    def undone(self) -> bool:
        """Clear the search, and then the marks."""
        if self.searching or self.files.typed:
            self.searching = False
            self.files.search("")
            return True
        if self.files.marked:
            self.files.unmark_all()
            return True
        return False

    # What stands below.

    def status(self) -> StyleAndTextTuples:
        """Return how many there are, what is marked, and what is not taken or wrong."""
        files, contents = self.files, self.files.contents
        if not files.is_read:
            return [("class:muted", f"   reading the folder{theme.current().glyphs.ellipsis}")]
        if contents.problem is not None:
            return wrong(str(contents.problem))
        if not files.rows:
            return self._nothing()
        room = min(whole_width(), theme.MAX_WIDTH) - 4
        told = self._counted()
        fragments: StyleAndTextTuples = [("class:muted", f"   {cut(told, room)}")]
        if (sending := self.desk.sending) is not None and not sending.is_over:
            fragments.append(("class:accent", f"  {cut(sending.line, max(room - len(told), 8))}"))
        if files.typed or self.searching:
            searched = in_lines(files.typed)
            fragments.append(("class:accent", f"  /{cut(searched, max(room - len(told), 8))}"))
        left = others_line(contents.others)
        told = left if files.has_pictures or files.typed else _NO_PICTURE
        if told and not (compact() and told is left):
            fragments.append(("class:muted", f"\n   {cut(told, room)}"))
        return fragments

    def _counted(self) -> str:
        files = self.files
        # Where rows are read they have the numbers that they had then.
        of = "" if mode.is_on() else f"{count(files.index + 1)} of {count(len(files.rows))}"
        marked = f"{count(len(files.marked))} marked" if files.marked else ""
        new = f"{count(len(files.new))} new" if files.new else ""
        return f" {theme.current().glyphs.separator} ".join(
            filter(None, (of, marked, self.message, new))
        )

    def _nothing(self) -> StyleAndTextTuples:
        """Say why the list is empty, and what helps."""
        if self.files.typed or self.searching:
            return wrong(f"nothing matches '{in_lines(self.files.typed)}'")
        left = others_line(self.files.contents.others)
        told = f"there is no picture in {self.files.folder}" + (f" ({left})" if left else "")
        room = min(whole_width(), theme.MAX_WIDTH) - 6
        helps = _HELPS.format("u" if mode.is_on() else "Left")
        return [*wrong(cut(told, room)), ("class:muted", f"\n     {cut(helps, room)}")]
