"""Run short commands one after the other, and write of each what it loaded that takes long to load.

All of that is in this one process: what is written is empty, or names who loaded it first.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys

from labapp.programs import find

#: What no short command in a pipe needs where the direct way is open.
HEAVY = frozenset(
    {
        *("boto3", "botocore", "s3transfer", "urllib3", "dateutil"),
        *("rich", "prompt_toolkit", "questionary", "numpy", "PIL", "asyncio"),
    }
)

COMMANDS = (
    "client.py numbers 1,12,55,4",
    "client.py jobs",
    "client.py trace",
    "client.py results",
    "client.py answers --annotator ann",
    "admin.py queues",
    "admin.py logs",
    "admin.py stats",
    "admin.py workers",
)

#: On AWS it reads the bucket's policy, which is botocore's to do.
LOCAL_COMMANDS = ("admin.py cloud status",)

if __name__ == "__main__":
    is_local = os.environ.get("LABAPP_CLOUD") == "local"
    for line in COMMANDS + (LOCAL_COMMANDS if is_local else ()):
        program, *words = line.split()
        with contextlib.redirect_stdout(io.StringIO()):
            code = find(program).main(words)
        loaded = sorted(HEAVY & sys.modules.keys())
        if code or loaded:
            sys.exit(f"{line}: code {code}, {', '.join(loaded)}")
