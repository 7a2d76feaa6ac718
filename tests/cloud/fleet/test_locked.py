"""A worker does all that it does with the packages of its lock, and no others."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

from labapp.cloud.fleet import artifact, wheels
from labapp.pictures import limits, registry
from tests.cloud.fleet import lock

HERE = Path(__file__).parent


def locked_names() -> str:
    """Return the modules that the lock's packages bring."""
    pinned = {lock.normal(pin.name) for pin in lock.pins(wheels.LOCK.read_text("utf-8"))}
    return ",".join(
        module
        for module, packages in metadata.packages_distributions().items()
        if any(lock.normal(package) in pinned for package in packages)
    )


def run(program: Path, *words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, str(HERE / "locked.py"), locked_names(), str(program), *words]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LABAPP_")}
    own = {"LABAPP_DATA_DIR": str(folder / "data"), "LABAPP_CONFIG_DIR": str(folder / "config")}
    kept |= own
    return subprocess.run(
        argv, cwd=folder, env=kept, capture_output=True, encoding="utf-8", check=False
    )


def test_packages_that_are_not_of_the_lock_are_out_of_reach(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text("import skimage\n", "utf-8")
    assert "No module named 'skimage'" in run(program, folder=tmp_path).stderr


def test_every_kind_of_work_is_done(tmp_path: Path) -> None:
    ended = run(HERE / "all_work.py", folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    total, pictures, dialects, modules = json.loads(ended.stdout)
    assert total == 72
    assert pictures >= len(registry.operations()) * len(limits.FORMATS)
    assert dialects == 13
    assert modules > 100


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--help",), 0, "Take jobs from the lab's queues"),
        (("health",), 1, "no worker runs on this machine"),
        (("doctor", "--help"), 0, "doctor"),
    ],
    ids=["help", "health", "doctor"],
)
def test_server_runs_from_its_zip(
    words: tuple[str, ...], code: int, told: str, tmp_path: Path
) -> None:
    with zipfile.ZipFile(io.BytesIO(artifact.build().data)) as archive:
        archive.extractall(tmp_path / "labapp")
    ended = run(tmp_path / "labapp/server.py", *words, folder=tmp_path)
    assert (ended.returncode, told in ended.stdout) == (code, True), ended.stderr
