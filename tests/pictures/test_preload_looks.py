"""The process that looks are forked from."""

from __future__ import annotations

import subprocess
import sys


def test_the_process_that_looks_are_forked_from_is_warm_and_frozen() -> None:
    code = (
        "import gc, io, sys\n"
        "from labapp.pictures import preload_looks\n"
        "assert gc.get_freeze_count() > 10_000\n"
        "from PIL import Image\n"
        "from labapp.pictures.looks import preview\n"
        "before = set(sys.modules)\n"
        "for kind in ('JPEG', 'PNG', 'GIF'):\n"
        "    file = io.BytesIO()\n"
        "    Image.new('RGB', (90, 90)).save(file, kind)\n"
        "    preview(file.getvalue(), 20)\n"
        "print(sorted(set(sys.modules) - before))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
