r"""Number jobs: labapp's worker beside Celery and loops by boto3 and by hand, in one run.

    pip install -r tests/benchmarks/requirements.txt
    python -m tests.benchmarks.worker            # about 40 minutes on two cores
    python -m tests.benchmarks.worker --quick    # about 4 minutes, rougher
    python -m tests.benchmarks.worker --only raw,labapp --scenes "one client" --rounds 3 \
        --calls 0 --idle 0 --no-mixes            # a few of them, while you try what you changed

Everything runs on this machine: emulators and workers are started and ended by the benchmark. In
each round every worker does the same jobs once; compare within a round, since absolute figures move
with the machine. It says which targets of DESIGN are held and exits with 0 either way.
"""

from __future__ import annotations

import argparse
import sys
import time

from tests.benchmarks.worker import measures, report, variants
from tests.benchmarks.worker.harness import FAKE, MINISTACK, emulator, forget_own_settings
from tests.benchmarks.worker.scenes import SCENES, words
from tests.benchmarks.worker.variants import Variant

#: Jobs of a mix at least, so that a hundredth of them is some.
FEWEST = 1000

#: The workers whose round trips and idle requests are shown.
ALONE = (variants.NAIVE, variants.CELERY, variants.TUNED[0], variants.LABAPP)


def main() -> int:
    """Run the benchmark and print its tables."""
    arguments = _arguments()
    forget_own_settings()
    found = report.Results()
    began = time.monotonic()
    for number in range(1, arguments.rounds + 1):
        for scene in arguments.scenes:
            _say(f"round {number} of {arguments.rounds}: {scene}")
            _compare(scene, arguments, found)
    for number in range(1, arguments.rounds + 1 if arguments.mixes else 0):
        _say(f"round {number} of {arguments.rounds}: mixes of messages")
        _mixes(max(arguments.jobs, FEWEST), found)
    if not arguments.calls and not arguments.idle:
        pass  # only the scenes
    elif arguments.quick:
        _round_trips((variants.CELERY, variants.LABAPP), FAKE, arguments.calls, found)
        _idle((variants.LABAPP,), arguments.idle, found)
    else:
        _round_trips(ALONE, FAKE, arguments.calls, found)
        _round_trips(ALONE, MINISTACK, arguments.calls, found)
        _idle(ALONE[1:], arguments.idle, found)  # the naive loop asks all the time
    _say(f"done in {time.monotonic() - began:.0f} s")
    report.print_results(found)
    return 0


def _compare(name: str, arguments: argparse.Namespace, found: report.Results) -> None:
    scene = SCENES[name]
    compared = [one for one in scene.workers if one.word in arguments.only]
    if not compared:
        return
    with emulator(scene.emulator) as where:
        for variant in compared:
            run = measures.throughput(variant, where, arguments.jobs, scene.clients)
            found.runs[name, variant.name].append(run)
            _say(
                f"  {variant.name}: {run.jobs:.0f} jobs/s, {run.cpu:.2f} ms and {run.sqs:.2f} + "
                f"{run.s3:.2f} requests a job, {run.memory:.0f} MB"
            )


def _mixes(jobs: int, found: report.Results) -> None:
    with emulator(MINISTACK) as where:
        for mix in measures.MIXES:
            run = measures.throughput(variants.LABAPP, where, jobs, mix=mix)
            found.mixes[mix].append(run)
            _say(f"  {mix}: {run.sqs:.2f} requests, {run.cpu:.2f} ms a job")


def _round_trips(alone: tuple[Variant, ...], kind: str, calls: int, found: report.Results) -> None:
    if not calls:
        return
    _say(f"round trips on {kind}")
    with emulator(kind) as where:
        for variant in alone:
            found.trips[variant.name][kind] = measures.round_trips(variant, where, calls)


def _idle(alone: tuple[Variant, ...], seconds: float, found: report.Results) -> None:
    if not seconds:
        return
    _say("idle workers")
    with emulator(MINISTACK) as where:
        for variant in alone:
            found.idle[variant.name] = measures.idle(variant, where, seconds)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "python -m tests.benchmarks.worker",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--jobs", type=int, default=1000, help="jobs queued ahead in each run (1000)")
    add("--rounds", type=int, default=5, help="rounds of all workers in all scenes (5)")
    add("--calls", type=int, default=100, help="round trips of each worker; 0: none (100)")
    add("--idle", type=float, default=60.0, help="seconds of idleness; 0: not measured (60)")
    add("--no-mixes", dest="mixes", action="store_false", help="no mixes of messages")
    add("--quick", action="store_true", help="200 jobs, one round, little else")
    add("--scenes", nargs="+", default=list(SCENES), choices=list(SCENES), help="only these")
    add("--only", metavar="WORKER,…", type=_named, default=words(),
        help=f"only these workers, of {', '.join(words())}")  # fmt: skip
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.jobs, arguments.rounds, arguments.calls, arguments.idle = 200, 1, 20, 20.0
    return arguments


def _named(text: str) -> list[str]:
    found = text.split(",")
    unknown = [word for word in found if word not in words()]
    if unknown:
        raise argparse.ArgumentTypeError(f"{unknown[0]} is none of {', '.join(words())}")
    return found


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
