"""The terminals that are tried, how each is started, and what each is known to show."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.ports import free_port
from tests.terminals.desktop import Desktop

HERE = Path(__file__).parent

#: A newer Debian's root, as setup.sh makes it; empty without one.
_NEWER = os.environ.get("NEWER_DEBIAN", "")

#: Columns and rows that each begins with.
COLUMNS, ROWS = 100, 30


@dataclass(frozen=True)
class Kind:
    """A terminal.

    Attributes:
        name: what it is called.
        needs: programs without which it cannot be tried.
        command: gives the command that starts it with a shell inside.
        pixels: whether pictures are pixels there.
        env: its environment's further variables.
        around: what is started before it, such as a compositor.
        tmux: what its tmux is told, where there is one in it; None for none.
        resizes: whether its window can be made another size from outside.
        has_colors: whether it draws blocks in all colours; else it is not compared with them.
        newer: whether it is that of a newer Debian, in the folder that `NEWER_DEBIAN` names.
    """

    name: str
    needs: tuple[str, ...]
    command: Callable[[str], list[str]]
    pixels: bool = True
    env: dict[str, str] = field(default_factory=dict)
    around: tuple[tuple[str, ...], ...] = ()
    tmux: str | None = None
    resizes: bool = True
    has_colors: bool = True
    newer: bool = False

    def is_here(self) -> bool:
        """Whether it can be tried on this machine."""
        if self.newer and not _NEWER:
            return False
        tools = (
            *self.needs,
            "Xvfb",
            "xdotool",
            *(["tmux"] if self.tmux is not None else []),
        )
        return all(map(shutil.which, tools))

    def open(self, desktop: Desktop, shell: str) -> None:
        """Start it on a screen, with a shell in it."""
        for command in self.around:
            desktop.start(command, env=self.env)
        if self.tmux is not None:
            config = desktop.home / "tmux.conf"
            config.write_text(f"set -g status off\n{self.tmux}\n", "utf-8")
            inner = desktop.home / "tmux.sh"
            inner.write_text(
                f"#!/bin/sh\nexec tmux -S {desktop.home}/tmux -f {config} new-session {shell}\n",
                "utf-8",
            )
            inner.chmod(0o755)
            shell = str(inner)
        inside = ["chroot", _NEWER] if self.newer else []
        desktop.start([*inside, *self.command(shell)], env=self.env)
        desktop.point()


def _xterm(*more: str) -> Callable[[str], list[str]]:
    size = f"{COLUMNS}x{ROWS}+0+0"
    face = ("-fa", "DejaVu Sans Mono", "-fs", "11")
    return lambda shell: ["xterm", "-geometry", size, *face, *more, "-e", shell]


def _kitty(shell: str) -> list[str]:
    options = {
        "initial_window_width": f"{COLUMNS}c",
        "initial_window_height": f"{ROWS}c",
        "remember_window_size": "no",
        "font_size": "11",
        "cursor_blink_interval": "0",
        "update_check_interval": "0",
        "enable_audio_bell": "no",
    }
    words = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
    return ["kitty", "--config", "NONE", *words, shell]


def _gnome(shell: str) -> list[str]:
    size = f"--geometry={COLUMNS}x{ROWS}+0+0"
    return ["dbus-run-session", "gnome-terminal", "--wait", "--hide-menubar", size, "--", shell]


def _xterm_js(images: int) -> Callable[[str], list[str]]:
    def command(shell: str) -> list[str]:
        port = str(free_port())
        size = f"columns={COLUMNS}&rows={ROWS}&images={images}"
        serve = f"{sys.executable} {HERE / 'xterm_js' / 'serve.py'} {port} {COLUMNS} {ROWS} {shell}"
        browse = (
            "chromium --no-sandbox --test-type --no-first-run --disable-gpu --disable-dev-shm-usage"
            f" --user-data-dir=chromium --window-position=0,0 --window-size=1000,700"
            f" --app='http://127.0.0.1:{port}/?{size}'"
        )
        return ["sh", "-c", f"{serve} & sleep 1; exec {browse}"]

    return command


_VSCODE = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "TERM_PROGRAM": "vscode"}

_KONSOLE = ("konsole", "--nofork", "--geometry", "1000x640+0+0", "--hide-menubar", "--hide-tabbar")

_WESTON = ("weston", "--backend=x11-backend.so", "--use-pixman", "--width=1000", "--height=640",
           "--socket=wl", "--shell=kiosk-shell.so")  # fmt: skip

_PASSES = "set -g allow-passthrough on"
#: tmux asks its terminal whether it has sixel only where it does not know better.
_SIXEL = "set -as terminal-features ',xterm*:sixel'"

KINDS = (
    Kind("kitty", ("kitty",), _kitty),
    Kind("konsole", ("konsole", "dbus-run-session"),
         lambda shell: ["dbus-run-session", *_KONSOLE, "-e", shell]),
    Kind("mlterm", ("mlterm",), lambda shell: [
        "mlterm", "-g", f"{COLUMNS}x{ROWS}", "--fontsize=16", "-e", shell],
         has_colors=False),
    Kind("xterm-sixel", ("xterm",), _xterm("-ti", "vt340")),
    Kind("xterm", ("xterm",), _xterm(), pixels=False),
    Kind("gnome-terminal", ("gnome-terminal", "dbus-run-session"), _gnome, pixels=False),
    Kind("foot", ("foot", "weston"), lambda shell: [
        "sh", "-c", f"sleep 2; exec foot --override=main.font='DejaVu Sans Mono:size=11' {shell}"],
         env={"WAYLAND_DISPLAY": "wl"}, around=(_WESTON,), resizes=False),
    Kind("alacritty", ("alacritty",), lambda shell: [
        "alacritty", "-o", f"window.dimensions={{columns={COLUMNS},lines={ROWS}}}", "-e", shell],
         pixels=False),
    Kind("st", ("st",), lambda shell: [
        "st", "-g", f"{COLUMNS}x{ROWS}+0+0", "-f", "DejaVu Sans Mono:size=11", "-e", shell],
         pixels=False),
    Kind("qterminal", ("qterminal", "dbus-run-session"), lambda shell: [
        "dbus-run-session", "qterminal", "--geometry", "1000x640+0+0", "-e", shell], pixels=False),
    Kind("xterm.js", ("chromium",), _xterm_js(1), env=_VSCODE),
    Kind("xterm.js-no-images", ("chromium",), _xterm_js(0), env=_VSCODE, pixels=False),
    Kind("tmux-in-xterm", ("xterm",), _xterm(), pixels=False, tmux=""),
    Kind("tmux-in-kitty", ("kitty",), _kitty, pixels=False, tmux=_PASSES),
    Kind("newer-kitty", (), _kitty, newer=True),
    Kind("newer-tmux-in-kitty", (), _kitty, tmux=_PASSES, newer=True),
    Kind("newer-tmux-in-kitty-as-it-comes", (), _kitty, pixels=False, tmux="", newer=True),
    Kind("newer-tmux-in-xterm-sixel", (), _xterm("-ti", "vt340"), tmux=_SIXEL, newer=True),
)  # fmt: skip
