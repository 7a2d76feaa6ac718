"""A tiny program per part, started by the tests in a real terminal: `python demo.py NAME`.

Each prints what the part returned, so that a test can read it from the shell's screen.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

from labapp.console import (
    Back,
    browse,
    figures,
    lists,
    live,
    page,
    picture,
    prompts,
    tables,
    terminal,
    theme,
)
from labapp.console.header import Header
from labapp.console.key import Key
from labapp.console.keys import Keys
from labapp.console.menu import MenuItem, choose
from labapp.console.progress import escape, transfer
from labapp.console.slider import slide
from labapp.console.stage import Frame, Notice
from labapp.console.waiting import wait_for
from labapp.programs.shell import exits

#: When a page first asked for something; what happens later happens relative to that.
_FIRST: list[float] = []


def elapsed() -> float:
    _FIRST[:] = _FIRST or [time.monotonic()]
    return time.monotonic() - _FIRST[0]


#: Calls of what draws a dashboard until it is on the screen: for its height, and in opening it.
STARTING = 4

HELP = "Numbers are summarised by a worker.\n\nAny list of up to ten whole numbers will do."


def show(*words: Any, **named: Any) -> str | None:
    """Show a page; the letter that ended it."""
    key = page.show(*words, **named)
    return key.letter if key else None


def header() -> Header:
    alive = None if elapsed() < 0.3 else 1
    return Header("client", "local", "us-east-1", "labapp-hotdogs", "anna", alive)


def notices() -> list[Notice]:
    if elapsed() < 0.6:
        return []
    return [Notice("job 01JD3 is done: minimum is 1 maximum is 55", "done")]


def lasts() -> float | None:
    left = [at - elapsed() for at in (0.3, 0.6)]
    return next((seconds for seconds in left if seconds > 0), None)


def frame() -> Frame:
    return Frame(header, notices, lasts)


def items() -> list[MenuItem[str]]:
    return [
        MenuItem("1", "Type a list", "type"),
        MenuItem("2", "Read a file", "file", note="input.txt"),
        MenuItem("3", "The ready-made list", "ready"),
        MenuItem("4", "Random numbers", "random", note="you choose how many"),
        MenuItem("5", "Purge my replies", "purge", disabled="no reply is waiting in your queue"),
    ]


def menu() -> object:
    with frame() as around:
        choice = choose("Numbers", items(), frame=around, help=HELP)
    return choice.value if choice else None


def top() -> object:
    with frame() as around:
        choice = choose("What would you like to do?", items(), frame=around, top=True)
    return choice.value if choice else None


def stopping() -> object:
    """Have a menu stopped, in the way that nobody hears, the moment that it is first seen."""
    from prompt_toolkit.renderer import Renderer

    render = Renderer.render

    def seen(renderer: Renderer, *words: Any, **names: Any) -> None:
        setattr(Renderer, "render", render)  # noqa: B010
        render(renderer, *words, **names)
        os.kill(os.getpid(), signal.SIGSTOP)

    setattr(Renderer, "render", seen)  # noqa: B010
    return top()


def opening() -> object:
    """Let an item become possible while the menu is open."""
    began: list[float] = []  # when it was first drawn, however late that is

    def growing() -> list[MenuItem[str]]:
        began.append(elapsed())
        waiting = elapsed() - began[0] < 1
        return [MenuItem("1", "Send", "send", disabled="no worker is running" if waiting else "")]

    with Frame(header, lasts=lambda: 0.3) as around:
        choice = choose("Numbers", growing, frame=around)
    return choice.value if choice else None


def counted() -> object:
    """Count how often a menu asks for its lines, beyond once a drawing and once before."""
    asked: list[int] = []

    def counting() -> list[MenuItem[str]]:
        asked.append(1)
        return items()

    with frame() as around:
        choose("Numbers", counting, frame=around)
    drawn = around.app.render_counter if around.app else 0
    return f"{max(0, len(asked) - drawn - 1)} too many; drawn {'often' if drawn > 3 else 'seldom'}"


def text() -> object:
    def check(answer: str) -> str:
        return "" if answer.replace(",", "").isdigit() else f"'{answer}' is not a list of numbers"

    with frame() as around:
        return prompts.text(
            "Which numbers?", check=check, hint="(1, 12, 55)", title="Type a list", frame=around
        )


def integer() -> object:
    with frame() as around:
        return prompts.integer(
            "How many numbers?", minimum=1, maximum=10, default=4, title="Random", frame=around
        )


def path() -> object:
    with frame() as around:
        return str(prompts.path("Which file?", kind="file", title="From a file", frame=around))


def folder() -> object:
    return str(prompts.path("Which folder?", kind="folder"))


def confirm() -> object:
    with frame() as around:
        return prompts.confirm("Delete all 12 replies?", title="Purge my replies", frame=around)


def question() -> object:
    with frame() as around:
        return prompts.confirm("Still uploading 20 pictures. Stop it and quit?",
                               title="A title of many words that has no room here",
                               frame=around)  # fmt: skip


def inline() -> object:
    print("before")
    return prompts.confirm("Delete all 12 replies?"), prompts.text("Name:")


def named() -> object:
    prompts.confirm_by_name("This empties the bucket labapp-hotdogs.", "labapp-hotdogs")
    return "deleted"


def checklist() -> object:
    options = [
        lists.Option("Grayscale", "gray", "shades of gray only"),
        lists.Option("Blur", "blur", "soften by a Gaussian", checked=True),
        lists.Option("Sharpen", "sharpen"),
    ]
    with frame() as around:
        return lists.checklist("Which steps?", options, at_least=1, frame=around)


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
        tables.line("name", least=12),
        tables.number("answers"),
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
            tables.number("Sum"),
            tables.number("Mean"),
            "Note",
        ],
        rows,  # type: ignore[arg-type]
    )
    with frame() as around:
        return show("My jobs", table, frame=around, help=HELP)


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

    with frame() as around:
        return show("Queues", body, frame=around, refresh=0.2, keys=[Key("x", "stop")])


def photo() -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    from PIL import Image

    with Image.open(Path(sys.argv[2])) as image:
        return np.asarray(image.convert("RGB"), np.uint8)


def pictures() -> object:
    pixels = photo()
    with frame() as around:
        return show(
            "Is this a hot dog?",
            lambda columns, rows: picture.draw(pixels, columns, rows),
            frame=around,
            keys=[Key("1", "hot dog"), Key("0", "other"), Key("s", "skip")],
        )


def compared() -> object:
    pixels = photo()
    after = 255 - pixels
    with frame() as around:
        show(
            "Invert",
            lambda columns, rows: picture.before_after(pixels, after, columns, rows),
            frame=around,
        )
    theme.stdout().print(picture.draw(pixels, 20, 8))
    return "printed"


def wait() -> object:
    began = time.monotonic()

    def poll() -> str | None:
        if "--say" in sys.argv:
            # Not by print: a thread that is cut off within it has Python abort (see worker/logs).
            os.write(1, b"asked\n")
        time.sleep(0.6)  # as a long poll of the network
        return "the answer" if time.monotonic() - began > float(sys.argv[2]) else None

    def short() -> object:
        return wait_for("waiting for the answer", poll, interval=0)

    if "--inline" in sys.argv:
        return short()
    with frame() as around:
        return wait_for(
            "waiting for the answer", poll, interval=0, title="Type a list", frame=around
        )


def waiting_inline() -> object:
    return wait_for("waiting for the answer", lambda: time.sleep(0.2))


def slow_upload() -> object:
    with transfer("uploading", 4_000_000) as moving:
        for _ in range(6000):  # a signal between two steps is heard at the next
            if moving.left.wait(0.1):
                break
        return moving.sent


def broken_page() -> object:
    """Fail when it is drawn for the third time."""
    left = [2, 1]

    def body(columns: int, rows: int) -> str:
        return f"{1 / left.pop(0)}" if left else f"{1 / 0}"

    with frame() as around:
        return show("Broken", body, frame=around, refresh=0.2, keys=[Key("x", "stop")])


def broken() -> object:
    def poll() -> str | None:
        raise RuntimeError("the queue is gone")

    try:
        return wait_for("waiting", poll)
    except RuntimeError as error:
        return str(error)


def upload() -> object:
    with transfer("uploading", 4_000_000) as moving:
        for number in range(20):
            moving.moved(300_000)  # half as much again as there is
            time.sleep(0.05 if "--slow" not in sys.argv else 1)
            moving.done(f"uploaded picture-{number:03}.jpg")
            if moving.stopped():
                break
        return moving.sent


def processing() -> object:
    with transfer("processing", 3, "pictures") as moving:
        for _ in range(3):
            moving.moved(1)
            time.sleep(0.05)
        return moving.sent


def given_up() -> object:
    with transfer("processing", 3, "pictures", esc="leaves") as moving:
        moving.moved(1)
        time.sleep(0.2)
        return moving.sent


def two_bars() -> object:
    """Let a key be pressed between two bars."""
    with escape() as left:
        with transfer("uploading", 1, left=left) as moving:
            moving.moved(1)
        print("between", flush=True)
        time.sleep(0.5)
        with transfer("processing", 3, "pictures", left) as moving:
            return left.wait(10)


def slow_keyboard() -> object:
    """Take time to get at the keyboard, as on a busy machine."""
    enter = Keys.__enter__

    def late(keys: Keys) -> Keys:
        time.sleep(0.5)
        return enter(keys)

    setattr(Keys, "__enter__", late)  # noqa: B010 - mypy minds the assignment
    with transfer("processing", 3, "pictures") as moving:
        return moving.left.wait(10)


def slider() -> object:
    pixels = photo() if len(sys.argv) > 2 else None

    def preview(value: float, columns: int, rows: int) -> object:
        if pixels is None:
            return f"preview of {value:g} in {columns} by {rows}"
        from PIL import Image, ImageFilter

        image = Image.fromarray(pixels)
        image.thumbnail((columns * 2, rows * 4))
        blurred = np.asarray(image.filter(ImageFilter.GaussianBlur(value)))
        return picture.draw(blurred, columns, rows)

    with frame() as around:
        return slide(
            "Blur",
            minimum=0,
            maximum=10,
            step=0.1,
            value=3,
            preview=preview,
            unit="px",
            frame=around,
        )


def still() -> object:
    """Show a dashboard of which nothing changes; tell how often it was drawn until a key came."""
    drawn: list[int] = []

    def render() -> str:
        drawn.append(1)
        return "nothing new"

    live.run_live(
        render, lambda key: True, stop=threading.Event(), tick_seconds=0.01, watch=lambda: 1
    )
    return "drawn once" if len(drawn) <= STARTING else f"drawn {len(drawn)} times"


def dashboard() -> object:
    stop = threading.Event()
    console = theme.stdout()
    seen: list[str] = []
    ticks = [0]

    def flag(number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, flag)
    signal.signal(signal.SIGINT, flag)

    def render() -> object:
        from rich.console import Group

        ticks[0] += 1
        return Group(
            tables.key_values({"ticks": ticks[0], "keys": " ".join(seen) or "none"}),
            "steady line",
            f"jobs a second {live.sparkline([0, 1, 2, 4, 8, 4, 2, 1], 8)}",
        )

    def on_key(key: str) -> bool:
        seen.append(key)
        console.print(f"log line: {key}")
        return key == "q"

    live.run_live(render, on_key, stop=stop, tick_seconds=0.2, console=console)  # type: ignore[arg-type]
    return "stopped" if stop.is_set() else "quit"


DEMOS: dict[str, Callable[[], object]] = {
    function.__name__: function
    for function in (
        menu, top, stopping, opening, counted, text, integer, path, folder, confirm, question,
        inline, named,
        checklist, search, names, browsed, results, answer, ticking, pictures, compared, wait,
        waiting_inline, broken, broken_page, upload, slow_upload, processing, given_up, two_bars,
        slow_keyboard, slider, still, dashboard,
    )
}  # fmt: skip


def main() -> int:
    name = sys.argv[1]
    logging.raiseExceptions = True
    exits.hear_signals()
    try:
        print("result:", repr(DEMOS[name]()))
    except Back:
        print("result: back")
    except KeyboardInterrupt:
        print("result: interrupted")
        return 130
    except ZeroDivisionError as error:
        print("result:", repr(error))
    finally:
        terminal.give_back()
    return 0


if __name__ == "__main__":
    sys.exit(main())
