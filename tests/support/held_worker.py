"""A worker whose jobs can be held: the real engine around a handler that waits for its test.

`python tests/support/held_worker.py FOLDER [--quick] [--broken]`. Each job that begins adds its id
to FOLDER/started, then waits until FOLDER/open exists. With --quick, jobs that were received
together are settled together; with --broken, every job raises.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from pathlib import Path

from labapp import settings as settings_room
from labapp.cloud.session import Cloud
from labapp.jobs import lab
from labapp.jobs.wire import Reply, Request
from labapp.settings import Settings
from labapp.worker import logs
from labapp.worker.engine import Worker
from labapp.worker.handlers import NumbersHandler


class HeldHandler(NumbersHandler):
    """The integer job, held until the test lets it go."""

    def __init__(self, settings: Settings, folder: Path, *, quick: bool, broken: bool) -> None:
        super().__init__(settings)
        self.quick = quick
        self._folder = folder
        self._broken = broken

    def work(self, request: Request) -> Reply:
        with (self._folder / "started").open("a") as started:
            started.write(f"{request.job}\n")
        if self._broken:
            raise RuntimeError("the machine\nis broken\x00")
        while not (self._folder / "open").exists():
            time.sleep(0.01)
        return super().work(request)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--broken", action="store_true")
    arguments = parser.parse_args()
    logs.to_stream(sys.stderr, as_json=True)
    settings = settings_room.load().settings
    cloud = Cloud(settings)
    lab.require(cloud)
    quick, broken = arguments.quick, arguments.broken
    handler = HeldHandler(settings, arguments.folder, quick=quick, broken=broken)
    worker = Worker(cloud, [handler])
    signal.signal(signal.SIGTERM, lambda *_: worker.stop())
    worker.run()


if __name__ == "__main__":
    main()
