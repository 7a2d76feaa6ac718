"""Every reader of foreign bytes returns, or raises one of the project's own errors."""

from __future__ import annotations

import contextlib
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from labapp.errors import LabappError
from tests.fuzz.targets import GOOD, TARGETS

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", TARGETS)
def test_good_inputs_are_read_or_refused(name: str) -> None:
    for data in GOOD[name]:
        with contextlib.suppress(LabappError):
            TARGETS[name](data)


@pytest.mark.parametrize("name", TARGETS)
@hypothesis_settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_bytes_of_strangers_raise_nothing_but_our_own_errors(
    name: str, data: st.DataObject
) -> None:
    good = data.draw(st.sampled_from(GOOD[name]))
    cut = data.draw(st.integers(0, len(good)))
    foreign = data.draw(st.binary(max_size=40) | st.text(max_size=40).map(str.encode))
    with contextlib.suppress(LabappError):
        TARGETS[name](good[:cut] + foreign + good[cut:])


@pytest.mark.skipif(importlib.util.find_spec("atheris") is not None, reason="atheris is installed")
def test_without_atheris_the_run_says_how_to_get_it() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", "--seconds", "1"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0
    assert "pip install -r tests/fuzz/requirements.txt" in done.stdout
