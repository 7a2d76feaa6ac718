"""A page of two sides, spoken: any panel whose rows are sentences."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.key_binding import KeyBindings

from labapp.console.key import Key
from labapp.console.panel import View
from labapp.console.split import Split
from labapp.errors import LabappError
from tests.support.spoken import Spoken


class Picture:
    """A view that knows what it shows once it has been drawn."""

    def __init__(self, panel: Names) -> None:
        self._panel = panel
        self._known: set[Hashable] = set()

    def shows(self) -> Hashable:
        return self._panel.names[self._panel.index]

    def draw(self, shown: Hashable, columns: int, rows: int) -> str:
        if shown == "broken":
            raise LabappError("it is no picture")
        self._known.add(shown)
        return ""

    def caption(self, shown: Hashable, columns: int) -> Sequence[StyleAndTextTuples]:
        known = "JPEG, 40 \N{MULTIPLICATION SIGN} 30" if shown in self._known else ""
        return [[("", str(shown))], [("", known)]]

    def ahead(self) -> Sequence[Hashable]:
        return ()


class Names:
    """A panel of names."""

    help = "Names. Arrows move; Enter opens."
    is_low = False

    def __init__(self, *names: str, title: str = "Names", act: Callable[[str], object]) -> None:
        self.names, self.title, self._act = list(names), title, act
        self.marked: set[str] = set()
        self.index = 0
        self.view: View | None = Picture(self)

    def length(self) -> int:
        return len(self.names)

    def row(self, number: int, pointed: bool, columns: int) -> StyleAndTextTuples:
        return [("", self.names[number])]

    def said(self, number: int) -> str:
        name = self.names[number]
        return f"{name}, marked" if name in self.marked else name

    def keys(self) -> Sequence[Key]:
        def act() -> None:
            self._act(self.names[self.index])

        def mark() -> None:
            self.marked ^= {self.names[self.index]}
            self.index = min(self.index + 1, self.length() - 1)

        return [
            Key("Enter", "open", act, stays=True),
            Key("Space", "mark", mark, "marks one", stays=True),
            Key("/", "search", stays=True),
        ]

    def bindings(self) -> KeyBindings | None:
        return None

    def typing(self) -> bool:
        return False

    def status(self) -> StyleAndTextTuples:
        return [("", f"{len(self.marked)} marked")] if self.marked else []

    def undone(self) -> bool:
        was, self.marked = bool(self.marked), set()
        return was


class Values(Names):
    """A panel whose rows take numbers; its main action is for all."""

    def asks(self, number: int) -> str:
        return "a whole number"

    def take(self, number: int, text: str) -> str:
        if not text.isdigit():
            return "not a number"
        self.names[number] = f"sigma {text}"
        return ""


def attempt(_title: str, action: Callable[[], object]) -> None:
    action()


def test_rows_are_opened_marked_and_described_by_their_numbers(spoken: Spoken) -> None:
    opened: list[str] = []
    panel = Names("one.jpg", "two.jpg", "broken", act=opened.append)
    spoken.type("2", "go", "space 1", "v 1", "v 3", "/two", "/", "9", "?", "<", "<")
    Split(spoken.frame, attempt).run(panel)
    assert opened == ["two.jpg", "two.jpg"]
    assert "1. one.jpg, marked" in spoken.text
    assert "1 marked" in spoken.lines
    assert "JPEG, 40 by 30" in spoken.text
    assert "it is no picture" in spoken.text
    assert "1 with 'two'." in spoken.lines
    assert "There is no '9' here. Type a number from 1 to 3. ? tells the keys." in spoken.text
    assert "Space marks one." in spoken.lines
    assert "Names. Go opens." in spoken.text
    assert spoken.lines[-2].endswith("Taken back."), "the marks, before the page is left"
    told = "a number (open), go (open), Space (mark), v (what the picture is)."
    assert spoken.lines.count(f"Type {told}") == 1
    assert spoken.lines.count(f"Keys: {told}") == 1


def test_a_panel_on_top_is_asked_on_until_it_is_left(spoken: Spoken) -> None:
    sent: list[str] = []
    split = Split(spoken.frame, attempt)
    values = Values("sigma 2", title="Blur", act=sent.append)
    panel = Names("one.jpg", act=lambda _: split.push(values))
    spoken.type("1", "1", "much", "1", "5", "1", "", "go", "<", "<")
    split.run(panel)
    assert sent == ["sigma 5"]
    assert "sigma 2; a whole number. New value, Enter keeps it: Not a number." in spoken.text
    assert "sigma 5" in spoken.text
    titles = [line for line in spoken.lines if line in ("Names", "Blur")]
    assert titles == ["Names", "Blur", "Names"]
    assert spoken.lines[-2] == "1. one.jpg", "the row where it was, and no more"


class Recent(Names):
    """A panel whose first row comes and goes."""

    lettered = 1


def test_rows_that_come_and_go_leave_the_others_their_numbers(spoken: Spoken) -> None:
    opened: list[str] = []
    panel = Recent("again", "blur", "grey", act=opened.append)
    spoken.type("1", "r1", "R1", "2", "mark 1", "r2", "3", "0", "<")
    Split(spoken.frame, attempt).run(panel)
    assert opened == ["blur", "again", "again", "grey"]
    assert "r1. again" in spoken.lines
    assert "1. blur" in spoken.lines
    assert "There is no 'r2' here. Type a number r1 or from 1 to 2." in spoken.text
    assert spoken.text.count("There is no '") == 4


def test_a_key_that_shows_another_folder_or_picture_says_which(spoken: Spoken) -> None:
    panel = Names("one.jpg", act=print)

    def open_other() -> None:
        panel.names, panel.title = ["two.jpg"], "Others"

    def turn() -> None:
        panel.view = Picture(Names("three.jpg", act=print))

    keys = [Key("f", "folder", open_other, stays=True), Key("n", "next", turn, stays=True)]
    panel.keys = lambda: keys  # type: ignore[method-assign]
    spoken.type("f", "n", "<")
    Split(spoken.frame, attempt).run(panel)
    assert spoken.text.count("1. two.jpg") == 1
    assert "three.jpg" in spoken.text


def test_rows_that_come_late_are_waited_for(spoken: Spoken) -> None:
    panel = Names("one.jpg", act=print)
    asked = [0]

    def length() -> int:
        asked[0] += 1
        return 0 if asked[0] < 3 else 1

    panel.length = length  # type: ignore[method-assign]
    spoken.type("<")
    Split(spoken.frame, attempt).run(panel)
    assert "1. one.jpg" in spoken.lines
    assert "There is none." not in spoken.text


class Files(Names):
    """A panel whose rows change by themselves."""

    def row_names(self) -> Sequence[Hashable]:
        return tuple(self.names)


def test_a_number_is_that_of_the_row_as_it_was_read(spoken: Spoken) -> None:
    opened: list[str] = []
    panel = Files("one.jpg", "two.jpg", "three.jpg", act=opened.append)

    def result_comes() -> None:
        panel.names[1:2] = ["one-blur.jpg"]

    spoken.type(result_comes, "3", "2", "space 1", "4", "go", "", "2", "<", "<")
    Split(spoken.frame, attempt).run(panel)
    assert opened == ["three.jpg", "one-blur.jpg", "one-blur.jpg"]
    assert "That is no longer there; Enter alone reads what is." in spoken.text
    assert "1. one.jpg, marked" in spoken.text
    assert "2. one-blur.jpg" in spoken.lines


def test_keys_are_told_in_short_the_second_time(spoken: Spoken) -> None:
    for _ in range(2):
        spoken.type("", "<")
        Split(spoken.frame, attempt).run(Names("one.jpg", act=print))
    assert sum(line.startswith("Type a number (open), go") for line in spoken.lines) == 1
    assert spoken.lines.count("Type a number, go (open), Space, v; ? explains.") == 3


def test_a_value_that_nothing_can_be_typed_for_is_not_asked_for(spoken: Spoken) -> None:
    values = Values("nothing to choose", title="Invert", act=print)
    values.asks = lambda number: ""  # type: ignore[method-assign]
    spoken.type("1", "<")
    Split(spoken.frame, attempt).run(values)
    assert "New value" not in spoken.text
    assert "Type go (open), Space (mark), v (what the picture is)." in spoken.lines


def test_where_a_key_has_moved_is_told(spoken: Spoken) -> None:
    panel = Names("one.jpg", "two.jpg", act=print)
    spoken.type("space 1", "<", "<")
    Split(spoken.frame, attempt).run(panel)
    assert "You are on 2." in spoken.lines
