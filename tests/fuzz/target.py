"""One target under atheris: `python -m tests.fuzz.target NAME CORPUS [libFuzzer's options]`."""

from __future__ import annotations

import contextlib
import importlib
import sys
from typing import Any

# Installed for this alone, and not everywhere.
atheris: Any = importlib.import_module("atheris")

with atheris.instrument_imports(include=["labapp"]):
    from labapp.errors import LabappError
    from tests.fuzz.targets import TARGETS, seeds


def main() -> None:
    """Fuzz until the time is up."""
    name, corpus = sys.argv[1], sys.argv[2]
    seeds(name, corpus)
    target = TARGETS[name]

    def one(data: bytes) -> None:
        with contextlib.suppress(LabappError):  # what a reader may say
            target(data)

    atheris.Setup([sys.argv[0], *sys.argv[2:]], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
