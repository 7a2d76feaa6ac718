"""Menus."""

from __future__ import annotations

import os
import signal
import threading

from labapp.console import key
from labapp.console.key import Key
from labapp.console.menu import MenuItem, choose
from labapp.console.stage import Frame
from tests.console.demo.around import HELP, elapsed, frame, header


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


def everywhere() -> object:
    """Open a menu, a page and a list with a key that all pages have."""
    from tests.console.demo import choices, pages

    ring = Key(
        "z", "ring", lambda stage: setattr(stage, "title", lambda: "Rung"), "rings", stays=True
    )
    key.EVERYWHERE = (*key.EVERYWHERE, ring)
    return [menu(), pages.answer(), choices.search()]


def top() -> object:
    with frame() as around:
        choice = choose("What would you like to do?", items(), frame=around, top=True)
    return choice.value if choice else None


def stopping() -> object:
    """Have a menu stopped, in the way that nobody hears, the moment that it is first seen."""

    def stop() -> None:
        around.painted.wait()
        os.kill(os.getpid(), signal.SIGSTOP)

    with frame() as around:
        threading.Thread(target=stop, daemon=True).start()
        choice = choose("What would you like to do?", items(), frame=around, top=True)
    return choice.value if choice else None


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
