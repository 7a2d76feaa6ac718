"""The workflow runs README's commands and the tour on what README says is supported."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests import readme_command

TOP = Path(__file__).parent.parent
README = (TOP / "README.md").read_text("utf-8")
WORKFLOW = yaml.safe_load((TOP / ".github" / "workflows" / "tests.yml").read_text("utf-8"))
STEPS: list[dict[str, Any]] = WORKFLOW["jobs"]["tests"]["steps"]
SYSTEMS = {"Linux": "ubuntu-latest", "macOS": "macos-latest", "Windows": "windows-latest"}


def commands(system: str) -> str:
    """Return what is run on a system, as its steps' conditions have it."""
    told = "Windows" if system == "Windows" else "POSIX"
    other = {"Windows": "runner.os != 'Windows'", "POSIX": "runner.os == 'Windows'"}[told]
    return "\n".join(
        step["run"] for step in STEPS if "run" in step and other not in step.get("if", "")
    )


@pytest.mark.parametrize("system", SYSTEMS)
def test_both_commands_and_the_tour_run_on_each_system(system: str) -> None:
    shell = "powershell" if system == "Windows" else "sh"
    run = commands(system)
    assert SYSTEMS[system] in WORKFLOW["jobs"]["tests"]["strategy"]["matrix"]["system"]
    assert f"tests/readme_command.py first {shell}" in run
    assert "bash .ci/run" in run or f"tests/readme_command.py test {shell}" in run
    assert "-m tests.windows.tour" in run


def test_a_command_that_cannot_be_read_from_the_readme_fails_its_step() -> None:
    # A pipe's exit code is its last command's: GitHub's bash knows no pipefail unless it is named.
    for step in STEPS:
        if "shell" not in step:
            assert " | " not in step.get("run", ""), step["name"]


def test_each_system_checks_the_types_of_the_tests_as_linux_has_them() -> None:
    # They name signals and calls that Windows has none of; labapp itself is checked for each.
    settings = tomllib.loads((TOP / "pyproject.toml").read_text("utf-8"))["tool"]["mypy"]
    assert settings["platform"] == "linux"


def test_the_oldest_and_the_newest_python_that_are_told() -> None:
    told = re.search(r"^Python (3\.\d+) to (3\.\d+)\.", README, re.MULTILINE)
    assert told
    assert WORKFLOW["jobs"]["tests"]["strategy"]["matrix"]["python"] == [told[1], told[2]]


@pytest.mark.parametrize("shell", ["sh", "powershell"])
def test_a_command_is_taken_from_the_readme_without_its_menu(shell: str) -> None:
    first = readme_command.command("first", shell).strip()
    assert first.endswith("client.py numbers 1,12,55,4")
    assert "-r requirements.txt" in first
    assert "pytest" in readme_command.command("test", shell)


def test_a_command_that_the_readme_does_not_have_is_an_error() -> None:
    with pytest.raises(LookupError, match="no first command for fish"):
        readme_command.command("first", "fish")
