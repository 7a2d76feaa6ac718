"""The packages of `worker.lock` as one zip in the bucket, for networks that reach no PyPI.

They are fetched here, for the instances' machine and Python and not for this one, and checked
against the lock's hashes, as each boot does once more. A zip is named after the lock and the
machine, so whether it is there is known before anything is fetched.
"""

from __future__ import annotations

import hashlib

#: Where zips of wheels lie in the bucket.
PREFIX = "deploy/wheels-"

#: Kinds of machines that instances are of, as wheels name them.
INTEL, ARM = "x86_64", "aarch64"


def machine(type: str) -> str:
    """Return the kind of machine that a type of instance is of."""
    return ARM if type.partition(".")[0].endswith("g") else INTEL


def key(lock: str, machine: str) -> str:
    """Return where the wheels of a lock lie in the bucket.

    Args:
        lock: the hash of the worker.lock, as `Code` has it.
        machine: `INTEL` or `ARM`.
    """
    named = hashlib.sha256(f"{lock} {machine}".encode()).hexdigest()
    return f"{PREFIX}{named[:16]}.zip"
