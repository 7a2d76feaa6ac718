"""Python as on an instance: nothing can be imported but its own library, labapp, and the lock's.

    python locked.py NAMES PROGRAM [WORD ...]

runs a program so, where NAMES are the modules of the packages that `worker.lock` pins, with commas
between them.
"""

from __future__ import annotations

import importlib.abc
import runpy
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType


class Locked(importlib.abc.MetaPathFinder):
    """Finds nothing that is not of the lock."""

    def __init__(self, names: set[str]) -> None:
        self.known = names | sys.stdlib_module_names | {"labapp", "sitecustomize"}

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        top = name.partition(".")[0]
        if top not in self.known:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return None


def main() -> None:
    """Run the program, as if from its own folder."""
    _, names, program, *words = sys.argv
    sys.meta_path.insert(0, Locked({*names.split(",")}))
    sys.argv = [program, *words]
    sys.path[0] = str(Path(program).parent)
    runpy.run_path(program, run_name="__main__")


if __name__ == "__main__":
    main()
