"""The packages of `worker.lock` as one zip in the bucket, for networks that reach no PyPI.

They are fetched here, for the instances' machine and Python and not for this one, and checked
against the lock's hashes, as each boot does once more. A zip is named after the lock and the
machine, so whether it is there is known before anything is fetched.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from labapp.cloud.bucket import Bucket
from labapp.errors import (
    CloudError,
    LabappError,
    MissingResourceError,
    UnreachableError,
    os_errors_as,
)

#: The pins, as pip reads them; made by `python -m tests.cloud.fleet.lock`.
LOCK = Path(__file__).with_name("worker.lock")

#: The Python of the instances.
PYTHON = "3.11"

#: Kinds of machines that instances are of, as wheels name them.
INTEL, ARM = "x86_64", "aarch64"

#: The C libraries that wheels may want, newest first: Amazon Linux 2023 has glibc 2.34. pip takes
#: none of the older ones for granted where it fetches for another machine.
_PLATFORMS = ("manylinux_2_34", "manylinux_2_28", "manylinux_2_17", "manylinux2014")

#: Where zips of wheels lie in the bucket.
PREFIX = "deploy/wheels-"

#: Seconds that pip has: some 105 MB over a poor line.
_MOST_SECONDS = 3600

#: Characters of pip's complaint that are told.
_MOST_TOLD = 300

#: What pip says of wheels that are others than the lock's, and of an index that does not answer.
_OTHER_HASH, _BROKEN = "DO NOT MATCH THE HASHES", "after connection broken by"

_CONNECT = (
    "Look at the network, or at what PIP_INDEX_URL says; without --vendor the instances fetch the"
    " packages themselves."
)
_NO_PIP = (
    "Install it, as by 'python -m ensurepip'; without --vendor the instances fetch the packages"
    " themselves."
)
_PYPI = "Take them from PyPI itself: another index may have built its own."
_ROOM = "See to it that the disk has room: it takes 250 MB for a moment."


@dataclass(frozen=True)
class Wheels:
    """A zip of wheels: where it is to lie in the bucket, and where it lies here."""

    key: str
    path: Path


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


def targets(machine: str) -> list[str]:
    """Return what tells pip to look for an instance's wheels, wherever it runs itself."""
    told = ["--only-binary", ":all:", "--python-version", PYTHON, "--implementation", "cp"]
    for platform in _PLATFORMS:
        told += ["--platform", f"{platform}_{machine}"]
    return told


def build(folder: Path, machine: str, lock: Path = LOCK) -> Wheels:
    """Fetch the wheels of a lock, and zip them.

    Args:
        folder: where there is room for them twice.
        machine: `INTEL` or `ARM`.
        lock: the pins.

    Raises:
        CloudError: they cannot be fetched, or are not those of the lock.
        LabappError: there is no pip, or the disk is full.
    """
    with os_errors_as(LabappError, f"cannot write the wheels to {folder}", _ROOM):
        pins = lock.read_bytes().replace(b"\r\n", b"\n")
        wheels = folder / f"wheels-{machine}"
        wheels.mkdir()
        fetch(lock, wheels, machine)
        path = folder / f"{wheels.name}.zip"
        with zipfile.ZipFile(path, "w") as archive:  # which are zips themselves
            for wheel in sorted(wheels.glob("*.whl")):
                archive.write(wheel, wheel.name)
    return Wheels(key(hashlib.sha256(pins).hexdigest(), machine), path)


def fetch(lock: Path, folder: Path, machine: str) -> None:
    """Have pip fetch the wheels of a lock into a folder; errors as of `build`."""
    argv = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    argv += ["--no-input", "--require-hashes", "--dest", str(folder), *targets(machine)]
    try:
        ended = subprocess.run(
            [*argv, "--requirement", str(lock)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_MOST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise CloudError("pip has fetched for an hour and is not done", _CONNECT) from None
    if ended.returncode:
        raise _failure(ended.stderr.decode(errors="replace"))


def _failure(said: str) -> LabappError:
    """Return the error of ours for what pip said when it failed."""
    if "No module named pip" in said:
        return LabappError("there is no pip beside this Python, to fetch packages with", _NO_PIP)
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    doing = "pip cannot fetch the worker's packages"
    if any(_OTHER_HASH in line for line in lines):
        others = [line.partition(" from ")[0] for line in lines if " (from -r " in line]
        return CloudError(f"{doing}: not those that worker.lock names: {', '.join(others)}", _PYPI)
    if _BROKEN in said:
        return UnreachableError(f"{doing}: the package index does not answer", _CONNECT)
    errors = [line.partition("ERROR:")[2].strip() for line in lines if "ERROR:" in line]
    told = (errors or lines or ["it does not say why"])[0][:_MOST_TOLD].rstrip(".")
    return CloudError(f"{doing}: {told}", _CONNECT)


def provide(
    bucket: Bucket,
    machine: str,
    moved: Callable[[int], None] | None = None,
    making: Callable[[], object] | None = None,
) -> str:
    """See to it that the wheels of this checkout's lock lie in the bucket; return their key.

    Args:
        bucket: where they are to lie.
        machine: `INTEL` or `ARM`.
        moved: told of bytes as they are sent.
        making: told once where they have to be fetched first.

    Raises:
        LabappError: as of `build`.
        CloudError: they cannot be sent.
    """
    with os_errors_as(LabappError, f"cannot read {LOCK}", _ROOM):
        pins = LOCK.read_bytes().replace(b"\r\n", b"\n")
    lies = key(hashlib.sha256(pins).hexdigest(), machine)
    if is_there(bucket, lies):
        return lies
    if making:
        making()
    with tempfile.TemporaryDirectory(prefix="labapp-", ignore_cleanup_errors=True) as folder:
        made = build(Path(folder), machine)
        bucket.upload(made.path, lies, "application/zip", moved=moved)
    return lies


def is_there(bucket: Bucket, key: str) -> bool:
    """Tell whether wheels lie in the bucket."""
    try:
        bucket.head(key)
    except MissingResourceError:
        return False
    return True


def prune(bucket: Bucket, in_use: Collection[str]) -> list[str]:
    """Remove all wheels but those of some keys; return the keys of those that went.

    Raises:
        CloudError: one cannot be removed.
    """
    gone = [entry.key for entry in bucket.list(PREFIX) if entry.key not in in_use]
    for key in gone:
        bucket.delete(key)
    return gone
