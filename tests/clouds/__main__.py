"""Tour clouds that nobody here wrote, or that are made to fail; print a row of a table for each.

    python -m tests.clouds                       # which there are
    python -m tests.clouds localstack fauxqs     # these
    python -m tests.clouds all --cache ~/.cache/labapp-clouds

Each lane installs its service into a folder of its own, starts it on loopback, has the three
programs used there, and removes all again. A line for each step, then the table; the exit code is 0
only if every step of every lane held. PyPI and npm are wanted where the cache is empty.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from tests.clouds.environments import InstallError
from tests.clouds.lane import HEAD, Lane, Outcome, row
from tests.clouds.lanes import LANES
from tests.clouds.servers import ServerError

ALL = "all"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.clouds", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("lanes", nargs="*", metavar="LANE", choices=[*LANES, ALL, []])
    parser.add_argument(
        "--cache", type=Path, metavar="DIR", help="where services stay installed (default: nowhere)"
    )
    return parser.parse_args()


def main() -> int:
    """Take the lanes that were asked for."""
    asked = _arguments()
    if not asked.lanes:
        for lane in LANES.values():
            print(f"{lane.name}\t{lane.title}")
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    names = [*LANES] if ALL in asked.lanes else asked.lanes
    with tempfile.TemporaryDirectory(prefix="clouds-", ignore_cleanup_errors=True) as made:
        folder = Path(made).resolve()
        cache = (asked.cache or folder / "cache").resolve()
        cache.mkdir(parents=True, exist_ok=True)
        ended = [(lane, _taken(lane, cache, folder)) for lane in map(LANES.__getitem__, names)]
    print(f"\n{HEAD}")
    for lane, outcome in ended:
        print(row(lane, outcome, f"{datetime.now(UTC):%Y-%m-%d}"))
    return 0 if all(outcome.held == outcome.done for _, outcome in ended) else 1


def _taken(lane: Lane, cache: Path, folder: Path) -> Outcome:
    print(f"== {lane.title}", flush=True)
    try:
        return lane.run(cache, folder / lane.name)
    except (InstallError, ServerError) as error:
        return Outcome(0, 1, {"start": str(error)})


if __name__ == "__main__":
    sys.exit(main())
