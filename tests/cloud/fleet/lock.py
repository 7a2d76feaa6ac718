"""Make `worker.lock` anew, from requirements.txt and PyPI.

    python -m tests.cloud.fleet.lock            # writes labapp/cloud/fleet/worker.lock

It pins what a worker imports on AWS, and what that needs, with the hashes of the wheels for both
kinds of machines. pip finds them as it would there; nothing is installed here.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labapp.cloud.fleet import wheels

TOP = Path(__file__).parents[3]

#: What a worker on AWS does without, and who needs it.
LEFT_OUT = {
    "scikit-image": "'exact' alone, and the tests: operations are OpenCV's and our own",
    "questionary": "menus",
    "prompt_toolkit": "menus, and the live console",
    "ministack": "the embedded cloud",
    "hypercorn": "the embedded cloud",
    "shtab": "completion",
    "watchfiles": "image --watch",
}

HEAD = """\
# What a worker on AWS runs on: every package, with the hashes of its wheels for x86_64 and aarch64.
# Made by 'python -m tests.cloud.fleet.lock' from requirements.txt, for Python {python} on Linux.
"""

_PIN = re.compile(r"([A-Za-z0-9._-]+)==([^ ;#\\]+)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True)
class Pin:
    """One package: its version, and the hashes of its wheels."""

    name: str
    version: str
    hashes: tuple[str, ...]

    def __str__(self) -> str:
        lines = [f"{self.name}=={self.version}", *(f"--hash=sha256:{one}" for one in self.hashes)]
        return " \\\n    ".join(lines)


def normal(name: str) -> str:
    """Return a package's name as PyPI compares them (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def required() -> dict[str, str]:
    """Return what requirements.txt pins, by name."""
    lines = (TOP / "requirements.txt").read_text("utf-8").splitlines()
    found = [match for line in lines if (match := _PIN.match(line))]
    return {normal(match[1]): match[2] for match in found}


def wanted() -> dict[str, str]:
    """Return what of it a worker on AWS needs."""
    without = {normal(name) for name in LEFT_OUT}
    return {name: version for name, version in required().items() if name not in without}


def pins(text: str) -> list[Pin]:
    """Read a lock."""
    whole = text.replace("\\\n", " ")
    lines = [line for line in whole.splitlines() if line and not line.startswith("#")]
    found = []
    for line in lines:
        match = _PIN.match(line)
        assert match, line
        found.append(Pin(match[1], match[2], tuple(_HASH.findall(line))))
    return found


def resolved(machine: str) -> Iterator[dict[str, Any]]:
    """Yield the packages that pip would install on a machine, as it reports them."""
    with tempfile.TemporaryDirectory() as folder:
        report, list_ = Path(folder, "report.json"), Path(folder, "wanted.txt")
        lines = "".join(f"{one}=={version}\n" for one, version in wanted().items())
        list_.write_text(lines, "utf-8")
        argv = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run"]
        argv += ["--ignore-installed", "--target", folder, "--report", str(report)]
        subprocess.run([*argv, *wheels.targets(machine), "-r", str(list_)], check=True)
        yield from json.loads(report.read_text("utf-8"))["install"]


def main() -> int:
    """Write the lock; return 0."""
    found: dict[tuple[str, str], set[str]] = {}
    for machine in (wheels.INTEL, wheels.ARM):
        for one in resolved(machine):
            named = (normal(one["metadata"]["name"]), one["metadata"]["version"])
            hashes = one["download_info"]["archive_info"]["hashes"]
            found.setdefault(named, set()).add(hashes["sha256"])
    lines = [str(Pin(*named, tuple(sorted(hashes)))) for named, hashes in sorted(found.items())]
    text = HEAD.format(python=wheels.PYTHON) + "\n".join(lines) + "\n"
    wheels.LOCK.write_text(text, "utf-8", newline="\n")
    print(f"{len(lines)} packages in {wheels.LOCK}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
