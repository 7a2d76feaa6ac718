"""What pictures' processes are forked from is warm, and none of them takes all cores."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

SAYS = """
import gc, json, os, sys
import labapp.worker.preload
import cv2
loaded = [name for name in ("numpy", "PIL.PngImagePlugin", "boto3") if name in sys.modules]
threads = cv2.getNumThreads(), os.environ["OPENBLAS_NUM_THREADS"]
print(json.dumps([loaded, threads, gc.get_freeze_count() > 1000]))
"""


def test_it_has_loaded_what_pictures_need_and_uses_one_thread() -> None:
    bare = {name: text for name, text in os.environ.items() if "NUM_THREADS" not in name}
    done = subprocess.run(
        [sys.executable, "-c", SAYS], cwd=ROOT, env=bare, capture_output=True, check=True
    )
    assert json.loads(done.stdout) == [["numpy", "PIL.PngImagePlugin"], [1, "1"], True]
