"""Have a systemd run the units of a worker, its guard and its health check, hardened as they are.

    python -m tests.units       # some four minutes; wants root, Linux and systemd 252

`python -m tests.boot` has stand-ins for systemd, which keep nothing from a worker. Here is a real
one, the first process of a root of its own, so that what the units forbid is forbidden. A line for
each step; the exit code is 0 if all held or it cannot be run here, with the reason.
"""

from __future__ import annotations

import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys

#: What the lane's own process is told, which has a network of its own.
_INSIDE = "--inside"

#: What it takes besides root, and the first systemd that Amazon Linux 2023 had.
_TOOLS = ("unshare", "nsenter", "mount", "pivot_root", "ip", "useradd", "dbus-daemon")
_SYSTEMD, _LEAST = "/lib/systemd/systemd", 252


def why_not() -> str:
    """Return why the lane cannot be run here; empty if it can."""
    if sys.platform != "linux":
        return "it takes Linux"
    if os.geteuid() != 0:
        return "it takes root, for a root of its own"
    if lacking := [tool for tool in _TOOLS if not shutil.which(tool)]:
        return f"it takes {', '.join(lacking)}"
    if not pathlib.Path(_SYSTEMD).exists():
        return "it takes systemd"
    said = subprocess.run([_SYSTEMD, "--version"], capture_output=True, text=True, check=False)
    found = re.match(r"systemd (\d+)", said.stdout)
    if found is None or int(found[1]) < _LEAST:
        return f"it takes systemd {_LEAST}"
    version = "import sys; print(*sys.version_info[:2])"
    other = subprocess.run(
        ["/usr/bin/python3", "-c", version], capture_output=True, text=True, check=False
    )
    if other.stdout.split() != [str(part) for part in sys.version_info[:2]]:
        return "it takes /usr/bin/python3 to be of the version that this runs on"
    tried = subprocess.run(["unshare", "--mount", "--net", "--pid", "--fork", "true"], check=False)
    return "" if tried.returncode == 0 else "namespaces cannot be made here"


def main() -> int:
    """Take the lane, or say why it cannot be taken."""
    if _INSIDE in sys.argv:
        return _inside()
    if reason := why_not():
        print(f"skipped: {reason}")
        return 0
    apart = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # and all inside ends with it
    argv = [*apart, sys.executable, "-m", "tests.units", _INSIDE]
    return subprocess.run(argv, check=False).returncode


def _inside() -> int:
    from tests.boot import services
    from tests.units.lane import Lane

    services.bring_up_network()
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/mnt"], check=True)
    with services.running() as (imds, calls):
        lane = Lane(imds, calls)
        try:
            lane.take()
        except Exception:  # noqa: BLE001 - the step has told it
            return 1
        finally:
            lane.end()
    return 0


if __name__ == "__main__":
    sys.exit(main())
