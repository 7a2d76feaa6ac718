"""`python -m tests.fuzz --seconds 60`: feed each reader of foreign bytes for a time.

Coverage-guided by atheris, each target in a process of its own. Whatever a stranger sends, a reader
may return or raise one of labapp's own errors: any other exception, or a hang, ends the run with
the input that caused it in a file. Finds are kept as tests beside the reader's own.
"""

from __future__ import annotations

import argparse
import importlib.util
import subprocess
import sys
import tempfile

from tests.fuzz.targets import TARGETS

#: Seconds that one input may take before it counts as a hang.
HANG = 10


def main() -> int:
    """Run every target for its share of the time; 1 where one of them found something."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--seconds", type=int, default=60, help="for all targets together")
    parser.add_argument("--only", default="", help="one target: " + ", ".join(TARGETS))
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    if importlib.util.find_spec("atheris") is None:
        print("skipped: atheris is not installed; pip install -r tests/fuzz/requirements.txt")
        return 0
    wanted = [arguments.only] if arguments.only else list(TARGETS)
    share = max(1, arguments.seconds // len(wanted))
    found = []
    for name in wanted:
        with tempfile.TemporaryDirectory(prefix="fuzz-") as corpus:
            command = [sys.executable, "-m", "tests.fuzz.target", name, corpus]
            command += [f"-max_total_time={share}", f"-seed={arguments.seed}", f"-timeout={HANG}"]
            command += ["-rss_limit_mb=2048", "-max_len=4096", "-print_final_stats=1"]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        runs = _stat(done.stderr, "stat::number_of_executed_units:")
        print(f"{name}: {'found something' if done.returncode else 'nothing found'}, {runs} inputs")
        if done.returncode:
            found.append(name)
            print("\n".join((done.stdout + done.stderr).splitlines()[-40:]))
    return 1 if found else 0


def _stat(text: str, name: str) -> str:
    lines = [line for line in text.splitlines() if line.startswith(name)]
    return lines[-1].removeprefix(name).strip() if lines else "?"


if __name__ == "__main__":
    sys.exit(main())
