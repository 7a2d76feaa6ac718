"""What tmux says of the terminal that it is shown on, asked by its own command.

The terminal's answers are of no use in there: tmux answers itself, the same whatever it is shown
on, and of the variables many are left from where it was started.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

from labapp.console.graphics.cells import Cell, plausible

#: Seconds that tmux may take; it takes some hundredths.
_SECONDS = 1.0

_ASKED = (
    *("version", "pane_tty", "session_attached", "client_termtype", "client_termfeatures"),
    *("client_cell_width", "client_cell_height", "allow-passthrough"),
)


@dataclass(frozen=True)
class Tmux:
    """What tmux says.

    Attributes:
        version: its own, as two numbers; (0, 0) where it says none.
        tty: the terminal that it made for the pane.
        clients: how many terminals show the session.
        terminal: name and version of the terminal that shows it: `kitty(0.41.1)`.
        features: what tmux may use of that.
        cell: width and height of a cell in pixels.
        passes: whether pictures may be passed through to it.
    """

    version: tuple[int, int] = (0, 0)
    tty: str = ""
    clients: int = 1
    terminal: str = ""
    features: frozenset[str] = frozenset()
    cell: Cell | None = None
    passes: bool = False


def ask() -> Tmux | None:
    """Ask the tmux that this pane belongs to; None where it does not say."""
    import subprocess

    form = "|".join(f"#{{{name}}}" for name in _ASKED)
    command = ["tmux", "display-message", "-p", form]
    with contextlib.suppress(OSError, subprocess.SubprocessError, ValueError):
        done = subprocess.run(
            command, capture_output=True, check=True, timeout=_SECONDS, stdin=subprocess.DEVNULL
        )
        return read(done.stdout.decode("utf-8", "replace"))
    return None


def read(line: str) -> Tmux:
    """Read what tmux has written.

    Raises:
        ValueError: it is nothing that tmux writes.
    """
    version, tty, clients, terminal, features, width, height, passes = line.strip().split("|")
    return Tmux(
        version=_numbers(version),
        tty=tty,
        clients=int(clients or 0),
        terminal=terminal,
        features=frozenset(features.split(",")),
        cell=plausible(int(width or 0), int(height or 0)),
        passes=passes in ("on", "all"),
    )


def version_of(terminal: str) -> tuple[int, int]:
    """Return the version in a terminal's name as tmux has it; (0, 0) where there is none."""
    return _numbers(terminal.partition("(")[2])


def _numbers(version: str) -> tuple[int, int]:
    """Read `3.5a`, `next-3.6` or `0.41.1`."""
    import re

    found = re.search(r"(\d+)\.(\d+)", version)
    return (int(found[1]), int(found[2])) if found else (0, 0)
