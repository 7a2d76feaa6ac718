"""Everything that a worker does, once, by a Python that has only what the lock brings; no network.

Run by test_locked.py, in the folder of labapp. It says what it did, in a line.
"""

from __future__ import annotations

import importlib
import io
import json
import pkgutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from labapp import numbers
from labapp.pictures import lazy, limits, process, registry
from labapp.pictures.pipeline import Step


def pictures(folder: Path) -> Iterator[Path]:
    """Yield a small picture of each format."""
    from PIL import Image

    one = Image.fromarray(lazy.np.arange(32 * 40 * 3, dtype=lazy.np.uint8).reshape(32, 40, 3))
    for name in limits.FORMATS:
        path = folder / f"picture{limits.EXTENSIONS[name]}"
        one.save(path, name.upper())
        yield path


def steps() -> Iterator[Step]:
    """Yield each operation as it is by default, and with each word of its choices."""
    for operation in registry.operations().values():
        yield Step.of(operation.name)
        for parameter in operation.parameters:
            for word in parameter.choices:
                yield Step.of(operation.name, {parameter.name: word})


def process_all() -> int:
    """Run every operation on every format; return how often that was."""
    done = 0
    with tempfile.TemporaryDirectory() as made:
        for path in pictures(Path(made)):
            for step in steps():
                process.process(io.FileIO(path), [step], Path(made, "result"))
                done += 1
            for name in limits.FORMATS:
                process.process(io.FileIO(path), [], Path(made, "result"), format=name)
    return done


def speak_all() -> int:
    """Have every dialect that ships asked for a list; return how many there are."""
    from labapp.dialects import loading, trial
    from labapp.dialects.messages import Incoming

    for path in loading.shipped():
        for block in loading.load(path).blocks:
            trial.attempt([block], Incoming("1", "1,12,55,4"))
    return len(loading.shipped())


def import_all() -> int:
    """Import every module of the rooms that a worker stands on; return how many there are."""
    done = 0
    for room in ("jobs", "worker", "dialects", "cloud"):
        for one in pkgutil.iter_modules(importlib.import_module(f"labapp.{room}").__path__):
            if one.name != "preload_exact":  # which is scikit-image's
                importlib.import_module(f"labapp.{room}.{one.name}")
                done += 1
    return done


def main() -> None:
    """Do all of it, and say how much that was."""
    summary = numbers.summarise(numbers.parse("1,12,55,4"))
    print(json.dumps([summary.sum, process_all(), speak_all(), import_all()]))


if __name__ == "__main__":
    main()
