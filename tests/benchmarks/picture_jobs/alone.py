"""Decode, steps and encode alone, again and again, in one process: what no worker can beat.

Run as `python -m tests.benchmarks.picture_jobs.alone SOURCE STEPS COUNT`. It says `ready`, begins
with the first line on its standard input, and says the CPU seconds it took when it is done.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from labapp.pictures import pipeline
from labapp.pictures.process import prepare, process


def main() -> None:
    """Be ready, wait for the word, work."""
    source, steps, count = Path(sys.argv[1]), pipeline.parse([sys.argv[2]]), int(sys.argv[3])
    prepare()
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "result"
        process(source, steps, result)
        print("ready", flush=True)
        sys.stdin.readline()
        began = time.process_time()
        for _ in range(count):
            process(source, steps, result)
        print(time.process_time() - began, flush=True)


if __name__ == "__main__":
    main()
