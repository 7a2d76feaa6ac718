"""From a key to the picture on the desk, and to the open desk, with 1,000 pictures in a folder.

    python -m tests.benchmarks.desk [--files 1000] [--keys 12] [--columns 120] [--rows 40]

Each picture has 12 megapixels and a colour of its own in its middle; what is timed is the way from
a key to the first byte of that colour on the terminal, in blocks: the longest way, as everything is
drawn in text. New pictures are reached by PageDown, which nothing reads ahead, and by single steps,
which is read ahead; seen ones by going back. The desk is open once its first rows stand there.
"""

from __future__ import annotations

import argparse
import os
import re
import select
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pexpect
from PIL import Image

from tests.support.ports import free_port
from tests.support.terminal import KEYS, ROOT, environment

#: Width and height of the pictures.
SIZE = 4000, 3000

#: Colours of blocks, as they are sent.
_COLOUR = re.compile(rb"[34]8;2;(\d+);(\d+);(\d+)")

#: How far a colour may be off: a JPEG does not keep it exactly.
_NEAR = 4

#: Seconds within which a picture is there, or it never comes.
_PATIENCE = 20.0

#: How many different pictures there are: one file each, the others are links to them.
PICTURES = 40


#: The colours of their middles, far from each other and from what is around.
COLOURS = np.array([(20 + n % 8 * 30, 20 + n // 8 * 30, 160) for n in range(PICTURES)], np.int16)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--keys", type=int, default=12)
    parser.add_argument("--columns", type=int, default=120)
    parser.add_argument("--rows", type=int, default=40)
    said = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder)
        _write(top / "photos", said.files)
        desk = _Desk(top, said.columns, said.rows)
        try:
            _tell("the desk opens", [desk.open()])
            time.sleep(2)  # what it reads ahead is there
            for what, key, rest in (
                ("a new picture, a page on, not read ahead", "pagedown", 2.0),
                ("a new picture, one step on", "down", 0.7),
                ("a picture seen before", "up", 0.2),
            ):
                times = []
                for _ in range(said.keys):
                    times.append(desk.press(key))
                    time.sleep(rest)
                _tell(what, times)
        finally:
            desk.close()


def _tell(what: str, seconds: list[float]) -> None:
    if seconds:
        each = sorted(1000 * one for one in seconds)
        print(f"{what:45} median {statistics.median(each):6.1f} ms, slowest {each[-1]:6.1f} ms"
              f" of {len(each)}")  # fmt: skip


def _write(folder: Path, files: int) -> None:
    """Write the pictures: noise around, so that they take as long to decode as photos."""
    folder.mkdir()
    width, height = SIZE
    noise = np.random.default_rng(1).integers(0, 60, (height // 8, width // 8, 3), np.uint8)
    around = np.kron(noise, np.ones((8, 8, 1), np.uint8))
    for number in range(min(files, PICTURES)):
        around[height // 4 : -height // 4, width // 4 : -width // 4] = COLOURS[number]
        Image.fromarray(around).save(folder / f"{number:04}.jpg", quality=90)
    for number in range(PICTURES, files):
        os.link(folder / f"{number % PICTURES:04}.jpg", folder / f"{number:04}.jpg")


class _Desk:
    def __init__(self, top: Path, columns: int, rows: int) -> None:
        for name in ("data", "config"):
            (top / name).mkdir()
        (top / "data" / "remembered.json").write_text(
            f'{{"greeted by client": "yes", "pictures folder": "{top / "photos"}"}}', "utf-8"
        )
        extra = {
            "LABAPP_DATA_DIR": str(top / "data"),
            "LABAPP_CONFIG_DIR": str(top / "config"),
            "COLORTERM": "truecolor",
            "LABAPP_IMAGES": "blocks",
            "LABAPP_PORT": str(free_port()),
        }
        self._env, self._top = environment(extra), top
        self._child = pexpect.spawn(
            sys.executable, [str(ROOT / "client.py")], dimensions=(rows, columns),
            env=self._env, cwd=str(top),
        )  # fmt: skip
        self._child.delaybeforesend = None
        self._last = COLOURS[0]
        self._read(lambda data: b"Quit" in data)
        time.sleep(5)  # what is loaded behind the menu is there

    def open(self) -> float:
        """Open the desk; return the seconds until its first rows are there."""
        self._drain()
        began = time.perf_counter()
        self._child.send("2")
        self._read(lambda data: b"0003.jpg" in data)
        return time.perf_counter() - began

    def press(self, key: str) -> float:
        """Press a key; return the seconds until another picture is drawn."""
        self._drain()
        others = COLOURS[(self._last != COLOURS).any(1)]

        def there(data: bytes) -> bool:
            found = np.array(_COLOUR.findall(data), np.int16).reshape(-1, 1, 3)
            near = (abs(found - others) <= _NEAR).all(2).any(0)
            if near.any():
                self._last = others[near][0]
            return bool(near.any())

        began = time.perf_counter()
        self._child.send(KEYS[key])
        self._read(there)
        return time.perf_counter() - began

    def _drain(self) -> None:
        while select.select([self._child.child_fd], [], [], 0.05)[0]:
            os.read(self._child.child_fd, 1 << 16)

    def _read(self, there: Callable[[bytes], bool]) -> None:
        data, deadline = b"", time.monotonic() + _PATIENCE
        while not there(data):
            if time.monotonic() > deadline:
                raise TimeoutError(data[-2000:])
            if select.select([self._child.child_fd], [], [], 0.1)[0]:
                data += os.read(self._child.child_fd, 1 << 16)

    def close(self) -> None:
        self._child.close(force=True)
        stop = [sys.executable, str(ROOT / "admin.py"), "cloud", "stop"]
        subprocess.run(stop, env=self._env, cwd=self._top, check=False, capture_output=True)


if __name__ == "__main__":
    main()
