"""Boot an instance from the fleet's own user-data, without EC2; see that it works, and how it goes.

    python -m tests.boot                 # some ten minutes; wants root and systemd
    python -m tests.boot --wheels DIR    # packages are kept there, for the next time

The machine is this one's root with all that is written in memory, and a systemd of its own; its
network has nothing but the stand-ins for S3, SQS, Auto Scaling, and the metadata service at EC2's
own address. So whatever boots there reaches nothing else, and nothing of it is left. A line for
each step; the exit code is 0 if all held, or if it cannot be run here, with the reason.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

#: What the lane's own process is told, which has namespaces of its own.
_INSIDE = "--inside"

#: What it takes besides root.
_TOOLS = ("unshare", "nsenter", "ip", "runuser", "useradd", "unzip", "curl", "dbus-daemon")

#: Where an instance's shell looks for programs.
_PATH = "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

#: The Python that an instance has, and what it takes of it.
_PYTHON = ("python3.11", "-c", "import ensurepip, venv")


def why_not() -> str:
    """Return why the lane cannot be run here; empty if it can."""
    if sys.platform != "linux":
        return "it takes Linux"
    if os.geteuid() != 0:
        return "it takes root, for a root of its own"
    if lacking := [tool for tool in _TOOLS if not shutil.which(tool, path=_PATH)]:
        return f"it takes {', '.join(lacking)}"
    if not Path("/lib/systemd/systemd").exists():
        return "it takes systemd, which need not run"
    if not _ends_well(*_PYTHON):
        return "it takes the system's own python3.11 with venv, as instances have"
    apart = ("--mount", "--net", "--pid", "--cgroup", "--fork", "true")
    return "" if _ends_well("unshare", *apart) else "namespaces cannot be made here"


def _ends_well(*argv: str) -> bool:
    told = subprocess.run(argv, env={"PATH": _PATH}, capture_output=True, check=False)
    return told.returncode == 0


def main() -> int:
    """Take the lane, or say why it cannot be taken."""
    parser = argparse.ArgumentParser(prog="python -m tests.boot", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--wheels", type=Path, metavar="DIR", help="where packages are kept")
    parser.add_argument(_INSIDE, metavar="ZIP", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.inside:
        return _inside(asked.inside)
    if reason := why_not():
        print(f"skipped: {reason}")
        return 0
    with tempfile.TemporaryDirectory(prefix="boot-") as folder:
        kept = (asked.wheels or Path(folder)).resolve()
        kept.mkdir(parents=True, exist_ok=True)
        return _outside(_fetched(kept))


def _fetched(kept: Path) -> Path:
    """Return the zip of the packages, fetched unless it is there: inside there is no network."""
    from labapp.cloud.fleet import artifact, wheels

    path = kept / Path(wheels.key(artifact.build().lock, platform.machine())).name
    if not path.exists():
        with tempfile.TemporaryDirectory(dir=kept) as folder:
            wheels.build(Path(folder), platform.machine()).path.rename(path)
    return path


def _outside(zip: Path) -> int:
    apart = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
    argv = [*apart, sys.executable, "-m", "tests.boot", _INSIDE, str(zip)]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # and all inside ends with it
    return subprocess.run(argv, check=False).returncode


def _inside(zip: Path) -> int:
    from tests.boot import services
    from tests.boot.lane import Lane

    services.bring_up_network()
    folder = Path("/mnt")  # of this mount namespace alone
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(folder)], check=True)
    with services.running() as (imds, calls):
        lane = Lane(folder, zip, imds, calls)
        try:
            lane.take()
        except Exception:  # noqa: BLE001 - the step has told it
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
