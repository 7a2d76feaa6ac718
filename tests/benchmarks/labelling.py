"""From a key of the labelling screen to the next picture, on a fast network and on a slow one.

    python -m tests.benchmarks.labelling [--keys 40] [--pace 1.0] [--columns 120] [--rows 40]

What is timed is the way from a key to the first byte of the next picture's colours on the terminal,
in blocks: the longest way, as everything is drawn in text. An annotator looks at each picture for
`pace` seconds. The pictures are the sample set's, 20 of them under other names, as many as wanted.
Then: one answers as fast as pictures come, which shows how far what is fetched ahead reaches.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import select
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import pexpect
from PIL import Image

from labapp.dataset.sample_set import sample_set
from tests.benchmarks.narrow import Narrow
from tests.chaos.world import World
from tests.support.terminal import ROOT, environment

#: Name -> seconds there and back, bytes a second.
NETWORKS = {
    "this machine": (0.0, 0.0),
    "300 ms": (0.3, 0.0),
    "300 ms, 200 kB a second": (0.3, 200_000.0),
    "300 ms, 20 kB a second": (0.3, 20_000.0),
}

#: What stands above a picture, and the first of its colours, as they are sent.
_PICTURE = re.compile(rb"(?:Picture \d|yours).*?[34]8;2;\d+;\d+;\d+", re.DOTALL)

_PATIENCE = 120.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keys", type=int, default=40)
    parser.add_argument("--pace", type=float, default=1.0)
    parser.add_argument("--columns", type=int, default=120)
    parser.add_argument("--rows", type=int, default=40)
    parser.add_argument("--network", choices=list(NETWORKS), action="append")
    said = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, World(Path(folder)) as world:
        _fill(world, 4 * said.keys)
        for name in said.network or NETWORKS:
            delay, rate = NETWORKS[name]
            narrow = Narrow(int(world.direct.rpartition(":")[2]), delay, rate)
            screen = _Screen(world, narrow.url, name, said.columns, said.rows)
            try:
                first = screen.open()
                print(f"{name:24} the first picture after {1000 * first:6.0f} ms")
                for what, pace in ((f"a key each {said.pace:g} s", said.pace), ("at once", 0.0)):
                    times = [screen.press("1", pace) for _ in range(said.keys)]
                    _tell(f"{name:24} {what}", [wall for wall, _ in times])
                    _tell(f"{name:24} {what}, less what others ran", [own for _, own in times])
                print(f"{name:24} threads {screen.threads}, {screen.megabytes:.0f} MB")
            finally:
                screen.close()
                narrow.close()


def _tell(what: str, seconds: Sequence[float]) -> None:
    each = sorted(1000 * one for one in seconds)
    within = sum(one <= 50 for one in each)
    print(f"{what:64} median {statistics.median(each):6.1f} ms, nine of ten within"
          f" {each[len(each) * 9 // 10]:7.1f} ms, slowest {each[-1]:7.1f} ms, {within} of"
          f" {len(each)} within 50 ms", flush=True)  # fmt: skip


def _fill(world: World, count: int) -> None:
    """Put pictures into the bucket: those of the sample set, each time with another pixel."""
    from labapp.dataset.upload import Uploader
    from labapp.pictures.limits import Limits

    folder, samples = world.folder / "pictures", sample_set()
    folder.mkdir()
    paths = []
    for number in range(count):
        with Image.open(samples[number % len(samples)]) as picture:
            changed = picture.convert("RGB")
        changed.putpixel((0, 0), (number % 256, number // 256, 0))
        out = io.BytesIO()
        changed.save(out, "JPEG", quality=85)
        paths.append(folder / f"{number:04}.jpg")
        paths[-1].write_bytes(out.getvalue())
    for _ in Uploader(world.bucket, Limits()).upload(paths):
        pass


class _Screen:
    def __init__(self, world: World, url: str, name: str, columns: int, rows: int) -> None:
        own = world.environment(f"client-{name}", endpoint_url=url, annotator=f"ana {name}")
        extra = {"COLORTERM": "truecolor", "LABAPP_IMAGES": "blocks"}
        (world.folder / f"client-{name}").mkdir()
        self._began = time.perf_counter()
        self._child = pexpect.spawn(
            sys.executable,
            [str(ROOT / "client.py"), "label"],
            dimensions=(rows, columns),
            env=own | environment(extra),
            cwd=str(world.folder),
        )
        self._child.delaybeforesend = None

    def open(self) -> float:
        """Wait for the first picture; return the seconds since the start."""
        self._picture()
        return time.perf_counter() - self._began

    def press(self, key: str, pace: float) -> tuple[float, float]:
        """Look at a picture, and press a key.

        Returns:
            The seconds until the next one comes; and the same less those for which the program's
            first thread, which hears the keys and draws, was ready to run and did not, as the
            machine was busy.
        """
        self._rest(pace)
        began, kept = time.perf_counter(), self._kept_waiting
        self._child.send(key)
        text = self._picture()
        if b"Thank you" in text:  # the summary of the first round
            self._rest(0.5)
            began, kept = time.perf_counter(), self._kept_waiting
            self._child.send("n")
            self._picture()
        seconds = time.perf_counter() - began
        return seconds, seconds - (self._kept_waiting - kept)

    @property
    def _kept_waiting(self) -> float:
        pid = self._child.pid
        stat = Path(f"/proc/{pid}/task/{pid}/schedstat").read_text("ascii")
        return int(stat.split()[1]) / 1e9

    @property
    def threads(self) -> int:
        """How many threads the program has."""
        return len(list(Path(f"/proc/{self._child.pid}/task").iterdir()))

    @property
    def megabytes(self) -> float:
        """How much memory it has."""
        pages = int(Path(f"/proc/{self._child.pid}/statm").read_text("ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def close(self) -> None:
        """End it."""
        self._child.kill(signal.SIGKILL)
        self._child.wait()
        self._child.close()

    def _rest(self, seconds: float) -> None:
        """Read what comes until the picture is whole and so long has passed."""
        until = time.perf_counter() + seconds
        while (left := max(until - time.perf_counter(), 0.02)) and self._waits(left):
            self._read()

    def _picture(self) -> bytes:
        """Read until a picture comes, or the summary; return what was read."""
        found, until = b"", time.monotonic() + _PATIENCE
        while not _PICTURE.search(found) and b"Thank you" not in found:
            if time.monotonic() > until:
                raise SystemExit(f"no picture came; the last that did: {found[-2_000:]!r}")
            if self._waits(0.5):
                found += self._read()
        return found

    def _waits(self, seconds: float) -> bool:
        return bool(select.select([self._child.child_fd], [], [], seconds)[0])

    def _read(self) -> bytes:
        return os.read(self._child.child_fd, 1 << 16)


if __name__ == "__main__":
    main()
