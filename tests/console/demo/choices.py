"""Lists to choose from and tables to move in."""

from __future__ import annotations

from labapp.console import browse, lists, tables
from labapp.console.key import Key
from tests.console.columns import line, number
from tests.console.demo.around import frame


def checklist() -> object:
    options = [
        lists.Option("Grayscale", "gray", "shades of gray only"),
        lists.Option("Blur", "blur", "soften by a Gaussian", checked=True),
        lists.Option("Sharpen", "sharpen"),
    ]
    with frame() as around:
        return lists.checklist("Which steps?", options, frame=around)


def search() -> object:
    options = [lists.Option(f"picture-{number:03}.jpg", number) for number in range(200)]
    with frame() as around:
        return lists.search_list("Which picture?", options, frame=around)


def names() -> object:
    long = "a_very_long_name_that_no_window_has_room_for_and_that_goes_on_"
    options = [
        lists.Option("short.jpg", 0, "1 kB"),
        lists.Option(f"{long}to_the_name_of_one.jpg", 1, "1.2 MB"),
        lists.Option(f"{long}to_the_name_of_another.jpg", 2, "3 kB"),
    ]
    with frame() as around:
        return lists.search_list("Which picture?", options, frame=around)


def browsed() -> object:
    heads: list[tables.Column | str] = [
        line("name", least=12),
        number("answers"),
        tables.Column("state", keep=True, drop=1),
    ]
    rows = [
        (f"picture-{number:05}.jpg", number, tables.mark("warn", "disputed"))
        for number in range(10_000)
    ]
    with frame() as around:
        pressed = browse.browse(
            "Pictures",
            tables.fitted(heads, rows),
            frame=around,
            keys=[Key("Enter", "open"), Key("s", "sort")],
        )
    return pressed and (pressed[0].letter, pressed[1])
