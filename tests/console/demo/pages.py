"""Pages that show something, pictures among them."""

from __future__ import annotations

import sys
import time

from labapp.console import figures, picture, tables, theme
from labapp.console.graphics import choice
from labapp.console.graphics.choice import Choice
from labapp.console.key import Key
from labapp.console.stage import Frame, Notice
from tests.console.columns import number
from tests.console.demo.around import HELP, elapsed, frame, header, photo, show


def results() -> object:
    rows: list[tuple[object, ...]] = [
        (f"01JD3{number:04}", tables.mark("good", "done"), 1234 * number, 0.25 * number, None)
        for number in range(30)
    ]
    rows[1] = ("01JD30001", tables.mark("bad", "failed"), 1, 2.5, "the worker\x1b[31m was killed")
    table = tables.table(
        [
            tables.Column("Job", keep=True),
            tables.Column("Status", keep=True),
            number("Sum"),
            number("Mean"),
            "Note",
        ],
        rows,  # type: ignore[arg-type]
    )
    with frame() as around:
        return show("My jobs", table, frame=around, help=HELP)


def between() -> object:
    with frame() as around:
        show("First", "page", frame=around)
        time.sleep(0.5)
        return show("Second", "page", frame=around, keys=[Key("x", "end"), Key("y", "too")])


def answer() -> object:
    values: dict[str, float | str] = {
        "minimum": 1,
        "maximum": 55,
        "mean": 18,
        "median": 8,
        "sum": 72,
        "count": 4,
    }
    with frame() as around:
        return show(
            "The answer",
            tables.key_values(values | {"round trip": figures.duration(0.24)}),
            frame=around,
            keys=[Key("n", "send another"), Key("p", "pause")],
        )


def ticking() -> object:
    def body(columns: int, rows: int) -> str:
        return f"{columns} by {rows}\nup for {int(elapsed())} s"

    with frame(lambda: 0.2) as around:
        return show("Queues", body, frame=around, watch=elapsed, keys=[Key("x", "stop")])


def broken_page() -> object:
    """Fail when it is drawn for the third time."""
    left = [2, 1]

    def body(columns: int, rows: int) -> str:
        return f"{1 / left.pop(0)}" if left else f"{1 / 0}"

    with frame(lambda: 0.2) as around:
        return show("Broken", body, frame=around, watch=elapsed, keys=[Key("x", "stop")])


def pictures() -> object:
    pixels = photo()
    with frame() as around:
        return show(
            "Is this a hot dog?",
            lambda columns, rows: picture.draw(pixels, columns, rows),
            frame=around,
            keys=[Key("1", "hot dog"), Key("0", "other"), Key("s", "skip")],
            behind=True,
        )


def compared() -> object:
    pixels = photo()
    after = 255 - pixels
    with frame() as around:
        show(
            "Invert",
            lambda columns, rows: picture.before_after(pixels, after, columns, rows),
            frame=around,
            behind=True,
        )
    theme.stdout().print(picture.draw(pixels, 20, 8))
    return "printed"


def pixels() -> object:
    """Show a picture in kitty's pixels."""
    choice.use(Choice("kitty", cell=(8, 16)))
    return pictures()


def two_pages() -> object:
    """Show a short page that any key leaves, and one with a key of its own behind it."""
    with frame(lambda: None) as around:
        first = show("The first", "short", frame=around)
        return [first, show("The second", "short", frame=around, keys=[Key("n", "next")])]


def long_page() -> object:
    """Show a page of fifty lines without keys; with an argument, with a key `b` of its own."""
    keys = [Key("b", "by reason")] if len(sys.argv) > 2 else []
    lines = "\n".join(f"line {number}" for number in range(1, 51))
    with frame(lambda: None) as around:
        return show("Long", lines, frame=around, keys=keys)


def dismissed() -> object:
    """Show a picture while a notice comes, which Ctrl-L takes away."""
    from labapp.programs.menus.notices import Notices

    told = Notices()
    around = Frame(header, told.current, told.seconds_left, told.dismiss, told.earlier)
    pixels = photo()

    def tell() -> None:
        told.add(Notice("3-blur.jpg is back, saved in photos", "done"))
        around.changed()

    with around:
        return show(
            "Is this a hot dog?",
            lambda columns, rows: picture.draw(pixels, columns, rows),
            frame=around,
            keys=[Key("n", "notice", tell, stays=True), Key("x", "end")],
            behind=True,
            help=HELP,
        )
