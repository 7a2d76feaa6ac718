"""`python -m tests.chaos`: the storm, the rows of the promises, or the soak.

python -m tests.chaos --jobs 10000 --pictures 500 --minutes 10 --seed 1 --workers 3
python -m tests.chaos --rows [--only fair,labels] [--full] [--log batch]
python -m tests.chaos --soak --minutes 30
python -m tests.chaos --mutant delete-first
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from labapp.settings_table import LOG_CHOICES, LOG_EACH
from tests.chaos import odd_worker, storm
from tests.chaos.world import SHARED, World


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--jobs", type=int, default=300, help="number jobs")
    parser.add_argument("--pictures", type=int, default=12, help="picture jobs")
    parser.add_argument("--minutes", type=float, default=5.0, help="after which it is given up")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--faults", type=float, default=0.05, help="part of requests that fail")
    parser.add_argument("--machines", type=int, default=2, help="client processes")
    parser.add_argument("--clients", type=int, default=3, help="clients in each process")
    parser.add_argument("--kill-every", type=float, default=4.0, help="seconds; 0: never")
    parser.add_argument("--outages", action="store_true", help="network, key and emulator go too")
    parser.add_argument("--visibility", type=int, default=5, help="the visibility timeout")
    parser.add_argument("--log", default=LOG_EACH, choices=LOG_CHOICES, help="how jobs are logged")
    parser.add_argument("--mutant", default="", choices=["", *odd_worker.MUTANTS])
    parser.add_argument("--rows", action="store_true", help="each promise by itself")
    parser.add_argument("--only", default="", help="rows to run, with commas between")
    parser.add_argument("--full", action="store_true", help="rows at their full sizes")
    parser.add_argument("--soak", action="store_true", help="mixed load; watch memory")
    return parser.parse_args()


def main() -> int:
    """Run what was asked for; 1 where a promise was broken."""
    arguments = _arguments()
    SHARED["log"] = arguments.log
    if arguments.rows:
        from tests.chaos.rows import run

        return run(arguments.only, full=arguments.full, seed=arguments.seed)
    if arguments.soak:
        from tests.chaos.soak import run as soak

        return soak(arguments.minutes, arguments.seed)
    plan = storm.Plan(
        numbers=arguments.jobs,
        pictures=arguments.pictures,
        machines=arguments.machines,
        sessions=arguments.clients,
        workers=arguments.workers,
        faults=arguments.faults,
        kill_every=arguments.kill_every,
        outages=arguments.outages,
        minutes=arguments.minutes,
        mutant=arguments.mutant,
    )
    with (
        tempfile.TemporaryDirectory(prefix="chaos-") as folder,
        World(Path(folder), arguments.seed, visibility_timeout=arguments.visibility) as world,
    ):
        outcome = storm.Storm(world, plan).run()
    storm.show(outcome, f"storm with seed {arguments.seed}")
    return 1 if outcome.verdict.broken else 0


if __name__ == "__main__":
    sys.exit(main())
