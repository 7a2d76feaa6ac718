"""A screen that nobody sees, with a terminal on it: typed on by a tool, looked at by its pixels."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageGrab

Shot = NDArray[np.uint8]

#: Width and height of the whole screen.
SIZE = 1280, 900

#: Seconds that anything may take: a terminal and a browser start in some.
PATIENCE = 60.0


class Desktop:
    """An X server of its own and what was started on it; all of it ends with the block.

    Args:
        home: a folder for whatever programs keep; their HOME.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        self._started: list[subprocess.Popen[bytes]] = []
        reading, writing = os.pipe()
        size = "x".join(map(str, SIZE))
        command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{size}x24", "-nolisten",
                   "tcp", "-noreset"]  # fmt: skip
        self.environ = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8"}
        self.start(command, pass_fds=(writing,))
        os.close(writing)
        with os.fdopen(reading) as told:
            display = told.readline().strip()
        runtime = home / "runtime"
        runtime.mkdir(mode=0o700, exist_ok=True)
        self.environ |= {
            "DISPLAY": f":{display}",
            "LIBGL_ALWAYS_SOFTWARE": "1",
            "XDG_RUNTIME_DIR": str(runtime),
            "NO_AT_BRIDGE": "1",
        }

    def __enter__(self) -> Desktop:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(
        self, command: Sequence[str], env: Mapping[str, str] | None = None, **more: Any
    ) -> subprocess.Popen[bytes]:
        """Start a program of this screen."""
        with (self.home / "started.log").open("ab") as log:
            self._started.append(
                subprocess.Popen(
                    command,
                    env={**self.environ, **(env or {})},
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd=self.home,
                    start_new_session=True,
                    **more,
                )
            )
        return self._started[-1]

    def close(self) -> None:
        """End all that was started, the last first."""
        if (socket := self.home / "tmux").exists():
            self.tool("tmux", "-S", socket, "kill-server")
        for number in (signal.SIGTERM, signal.SIGKILL):
            for one in reversed(self._started):
                if one.poll() is None:
                    os.killpg(one.pid, number)
                    try:
                        one.wait(3)
                    except subprocess.TimeoutExpired:
                        continue

    def tool(self, *command: str | int | Path) -> bytes:
        """Run a tool of the screen; return what it wrote."""
        words = list(map(str, command))
        done = subprocess.run(words, env=self.environ, capture_output=True, timeout=PATIENCE)
        return done.stdout

    def shot(self) -> Shot:
        """Return the screen as it is: rows by columns by red, green and blue."""
        return np.asarray(ImageGrab.grab(xdisplay=self.environ["DISPLAY"]).convert("RGB"))

    def key(self, *names: str) -> None:
        """Press keys, by the names that X has for them."""
        self.tool("xdotool", "key", "--delay", "30", *names)

    def type(self, text: str) -> None:
        """Type text."""
        self.tool("xdotool", "type", "--delay", "15", text)

    def point(self) -> None:
        """Put the pointer where the terminal is, which gets the keys, and nothing is hidden."""
        self.tool("xdotool", "mousemove", 8, 200)

    def window(self) -> str:
        """Return the id of the largest window on the screen."""
        found = self.tool("xdotool", "search", "--onlyvisible", "--name", ".*").decode().split()
        return max(found, key=self._area, default="")

    def _area(self, window: str) -> int:
        told = self.tool("xdotool", "getwindowgeometry", "--shell", window).decode()
        size = dict(line.split("=") for line in told.split())
        width, height = int(size.get("WIDTH", 0)), int(size.get("HEIGHT", 0))
        return width * height if (width, height) != SIZE else 0  # the screen itself is one, too

    def resize(self, width: int, height: int) -> None:
        """Change the terminal's window."""
        self.tool("xdotool", "windowsize", self.window(), width, height)

    def until(
        self, condition: Callable[[Shot], object], what: str, patience: float = PATIENCE
    ) -> Shot:
        """Look until what is seen is so twice in a row, and return it.

        Raises:
            AssertionError: not in time; the last look is kept in the home folder.
        """
        deadline, last = time.monotonic() + patience, self.shot()
        while True:
            time.sleep(0.25)
            now = self.shot()
            if condition(now) and np.array_equal(now, last):
                return now
            if time.monotonic() > deadline:
                path = self.home / "missed.png"
                Image.fromarray(now).save(path)
                raise AssertionError(f"waited {patience:.0f} s for {what}; see {path}")
            last = now

    def still(self) -> Shot:
        """Return what is seen once it stands still."""
        return self.until(lambda _: True, "the screen to stand still")
