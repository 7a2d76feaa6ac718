"""Boot an instance from the fleet's own user-data, without EC2; see that it works, and how it goes.

    python -m tests.boot                 # some six minutes; wants root, Linux and Python 3.11
    python -m tests.boot --wheels DIR    # packages are kept there, for the next time

The machine is this one's root with all that is written in memory; its network has nothing but the
stand-ins for S3, SQS, Auto Scaling, and the metadata service at EC2's own address. So whatever
boots there reaches nothing else, and nothing of it is left. A line for each step; the exit code is
0 if all held or it cannot be run here, with the reason.
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
_TOOLS = ("unshare", "mount", "chroot", "ip", "runuser", "useradd", "unzip", "curl")


def why_not() -> str:
    """Return why the lane cannot be run here; empty if it can."""
    if sys.platform != "linux":
        return "it takes Linux"
    if os.geteuid() != 0:
        return "it takes root, for a root of its own"
    if sys.version_info[:2] != (3, 11):
        return f"it takes Python 3.11, as instances have, and this is {platform.python_version()}"
    if lacking := [tool for tool in _TOOLS if not shutil.which(tool)]:
        return f"it takes {', '.join(lacking)}"
    tried = subprocess.run(["unshare", "--mount", "--net", "--pid", "--fork", "true"], check=False)
    return "" if tried.returncode == 0 else "namespaces cannot be made here"


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
