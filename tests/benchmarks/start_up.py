"""From launch to menu beside importing rich and questionary alone, and how soon a key answers.

    python -m tests.benchmarks.start_up [--rounds 20]

Each round times in turn a Python that imports the two libraries and says so on a terminal, and each
menu until its last line stands on an equal terminal; then, right after the menu is there and while
more loads behind it, how long an arrow key takes to move the pointer. Compare within one run; on a
busy machine the quickest of each tell more than the medians.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.support.terminal import ROOT, Terminal

IMPORTS = "import rich.console, questionary; print('imported', flush=True); input()"

#: Keys pressed in each round.
KEYS = 6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    rounds = parser.parse_args().rounds
    launches: dict[str, list[float]] = {"imports": [], "client.py": [], "admin.py": []}
    keys: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(rounds):
            launches["imports"].append(_imports(Path(folder)))
            for program in ("client.py", "admin.py"):
                took, answered = _menu(program, Path(folder))
                launches[program].append(took)
                keys += answered
    for what, figure in (("median", statistics.median), ("quickest", min)):
        alone = figure(launches["imports"])
        for name, times in launches.items():
            took = figure(times)
            print(
                f"{name:10} {what:8} {1000 * took:5.0f} ms   {took / alone:.2f} times the imports"
            )
    keys.sort()
    print(
        f"a key      {1000 * statistics.median(keys):6.1f} ms   the slowest of 20:"
        f" {1000 * keys[int(0.95 * len(keys))]:.1f} ms"
    )


def _imports(folder: Path) -> float:
    began = time.perf_counter()
    with Terminal([sys.executable, "-c", IMPORTS], cwd=folder) as screen:
        screen.wait_until(lambda: b"imported" in screen.raw, "the imports")
        return time.perf_counter() - began


def _menu(program: str, folder: Path) -> tuple[float, list[float]]:
    """Return the seconds until the menu is there, and those that each key took."""
    for name in ("data", "config"):
        (folder / name).mkdir(exist_ok=True)
    (folder / "data" / "remembered.json").write_text(
        '{"greeted by client": "yes", "greeted by admin": "yes"}', "utf-8"
    )
    env = {
        "LABAPP_DATA_DIR": str(folder / "data"),
        "LABAPP_CONFIG_DIR": str(folder / "config"),
        # A cloud that nobody answers for: what is timed is the menu, not the cloud's own start.
        "LABAPP_CLOUD": "aws",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
    }
    began = time.perf_counter()
    with Terminal([sys.executable, ROOT / program], cwd=folder, env=env) as screen:
        screen.wait_until(lambda: b"Quit" in screen.raw, "the menu")
        took = time.perf_counter() - began
        answered = []
        screen.wait_for("q  Quit")
        for number in range(KEYS):
            pressed = time.perf_counter()
            screen.send("down")
            screen.wait_until(lambda n=number: _pointer(screen) == n + 1, "the pointer")  # type: ignore[misc]
            answered.append(time.perf_counter() - pressed)
        return took, answered


def _pointer(screen: Terminal) -> int:
    """Return the place of the menu's line that the pointer is on, from 0."""
    lines = [line for line in screen.lines if line[3:4].isalnum() and line[4:6] == "  "]
    return next((n for n, line in enumerate(lines) if line.startswith(" ❯")), -1)  # noqa: RUF001 - the pointer


if __name__ == "__main__":
    main()
