"""The desk opens at once, also where nothing was imported before it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_the_desk_needs_neither_the_cloud_s_library_nor_what_decodes() -> None:
    look = (
        "import sys, labapp.programs.desk.screen;"
        "print([name for name in ('boto3', 'botocore', 'numpy', 'PIL') if name in sys.modules])"
    )
    found = subprocess.run(
        [sys.executable, "-c", look], cwd=ROOT, text=True, capture_output=True, check=True
    )
    assert found.stdout.strip() == "[]"
