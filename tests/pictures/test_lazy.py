"""Libraries that are loaded when they are wanted."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

LOOK = (
    "import os, sys; from labapp.pictures import lazy;"
    "print(os.environ['OPENBLAS_NUM_THREADS'], 'numpy' in sys.modules)"
)


@pytest.mark.parametrize(("asked", "threads"), [({}, "1"), ({"OPENBLAS_NUM_THREADS": "2"}, "2")])
def test_matrix_products_have_one_thread_unless_the_user_says_more(
    asked: dict[str, str], threads: str
) -> None:
    env = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    done = subprocess.run(
        [sys.executable, "-c", LOOK], env=env | asked, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [threads, "False"]
