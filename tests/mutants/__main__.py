"""`python -m tests.mutants --count 60`: let small faults loose, and see which tests notice.

For each room a number of mutations is drawn; each is tried against those of the room's own tests
that run its lines. A mutation that all of them pass is a survivor: a test is missing, or the fault
changes nothing (those that were looked at are listed with their reason in `equivalent.txt`). Ends
with 1 where fewer than nine of ten were killed.
"""

from __future__ import annotations

import argparse
import importlib.util
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.mutations import Mutation, mutations

ROOT = Path(__file__).resolve().parents[2]

#: Each room's files, and its own tests.
ROOMS = {
    "numbers": (("labapp/numbers.py",), ("tests/test_numbers.py",)),
    "labels": (("labapp/labels",), ("tests/labels",)),
    "pictures": (("labapp/pictures",), ("tests/pictures",)),
    "jobs": (("labapp/jobs",), ("tests/jobs",)),
    "worker": (("labapp/worker",), ("tests/worker",)),
    "dialects": (("labapp/dialects",), ("tests/dialects",)),
    "cloud": (("labapp/cloud",), ("tests/cloud",)),
}

#: The part of what is not equivalent that must be killed.
WANTED = 0.9

EQUIVALENT = Path(__file__).with_name("equivalent.txt")


@dataclass(frozen=True)
class Mutant:
    """A mutation of a file."""

    path: str
    mutation: Mutation

    @property
    def told(self) -> str:
        """Where and what, on one line."""
        return f"{self.path}: {self.mutation.told}"


def main() -> int:
    """Try the mutants of each room; 1 where too many survive."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants")
    parser.add_argument("--room", action="append", choices=ROOMS, help="again for more; all")
    parser.add_argument("--count", type=int, default=60, help="mutants of each room; 0: all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="mutants whose line contains this text")
    arguments = parser.parse_args()
    if importlib.util.find_spec("coverage") is None:
        print("skipped: coverage is not installed; pip install -r tests/mutants/requirements.txt")
        return 0
    if sys.platform == "win32":
        print("skipped: mutants run in forks, which Windows has not")
        return 0
    rooms = arguments.room or list(ROOMS)
    lines = [_room(name, arguments.count, arguments.seed, arguments.only) for name in rooms]
    print("\n| room | mutants | killed | equivalent | survived | of those not equivalent |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, line in zip(rooms, lines, strict=True):
        print(f"| {name} | {line.row} |")
    return 0 if all(line.part >= WANTED for line in lines) else 1


@dataclass
class Line:
    """What became of a room's mutants."""

    killed: int = 0
    equivalent: int = 0
    survived: int = 0

    @property
    def part(self) -> float:
        """The killed among those that are not equivalent."""
        return self.killed / max(self.killed + self.survived, 1)

    @property
    def row(self) -> str:
        """The figures as a row of the table."""
        whole = self.killed + self.equivalent + self.survived
        counts = (whole, self.killed, self.equivalent, self.survived)
        return " | ".join([*map(str, counts), f"{100 * self.part:.0f} %"])


def _room(name: str, count: int, seed: int, only: str) -> Line:
    from tests.mutants import runner

    runner.warm()
    files, tests = ROOMS[name]
    found = [one for one in _mutants(files) if only in one.told]
    random.Random(seed).shuffle(found)
    known = set(_equivalent())
    line, tree = Line(), runner.Tree()
    try:
        covered = tree.covered(tests)
        for test in covered.failed:
            print(f"{name}: {test} fails without a mutant")
        for mutant in found[: count or None]:
            if mutant.told in known:
                line.equivalent += 1
            elif _survives(tree, covered, mutant):
                line.survived += 1
                print(f"{mutant.path}:{mutant.mutation.line}: {mutant.mutation.told}", flush=True)
            else:
                line.killed += 1
    finally:
        tree.remove()
    return line


def _survives(tree: object, covered: object, mutant: Mutant) -> bool:
    from tests.mutants.runner import SPARE_SECONDS, Covered, Tree

    assert isinstance(tree, Tree)
    assert isinstance(covered, Covered)
    one = mutant.mutation
    if one.at_import:  # a constant is run by nobody, and used by all who run the file
        tests = covered.tests_of_file(mutant.path)
        tests += [one for one in covered.tests_named_after(mutant.path) if one not in tests]
    else:
        tests = covered.tests(mutant.path, one.line, one.last)
    tests = tests or covered.tests_named_after(mutant.path)
    tests = [test for test in tests if test not in covered.failed]
    if not tests:
        return True
    seconds = 5 * sum(covered.seconds.get(test, 1.0) for test in tests) + SPARE_SECONDS
    survives = tree.survives(mutant.path, one.text, tests, seconds)
    if not survives:
        covered.killers[mutant.path][tree.killer()] += 1
    return survives


def _mutants(places: tuple[str, ...]) -> Iterator[Mutant]:
    for place in places:
        path = ROOT / place
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            for mutation in mutations(file.read_text("utf-8")):
                yield Mutant(file.relative_to(ROOT).as_posix(), mutation)


def _equivalent() -> Iterator[str]:
    """Yield the mutants that change nothing, as they are told; each has its reason above it."""
    if EQUIVALENT.exists():
        for row in EQUIVALENT.read_text("utf-8").splitlines():
            if row and not row.startswith("#"):
                yield row


if __name__ == "__main__":
    sys.exit(main())
