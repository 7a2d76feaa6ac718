"""What is installed to run labapp is what it imports, pinned, each with what it is for."""

from __future__ import annotations

import ast
import re
import sys
from importlib import metadata
from pathlib import Path

import pytest

TOP = Path(__file__).parent.parent
RUN = (TOP / "requirements.txt").read_text("utf-8")
TESTS = (TOP / "tests" / "requirements.txt").read_text("utf-8")

#: A requirement: its name, its version, perhaps a marker, and what it is for.
LINE = re.compile(r"([\w-]+)(?:\[[\w,]+\])?==([\w.]+)(?:; ([^#]+))?\s+# .+")


#: What boto3 and rich bring, and is told what to do with; and what botocore takes its authorities
#: from where somebody has installed it.
BROUGHT = {"botocore", "urllib3", "markdown-it-py", "certifi"}


def names(text: str) -> set[str]:
    lines = [line for line in text.splitlines() if line and not line.startswith(("#", "-r "))]
    found = {line: LINE.fullmatch(line) for line in lines}
    assert all(found.values()), [line for line, match in found.items() if not match]
    return {match[1].lower().replace("_", "-") for match in found.values() if match}


def imported() -> set[str]:
    """Return the distributions that labapp's own modules import, some when they are first used."""
    roots: set[str] = set()
    for file in (TOP / "labapp").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                roots |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                roots.add(node.module.partition(".")[0])
            elif isinstance(node, ast.Call) and ast.unparse(node.func) == "_Lazy":
                roots.add(ast.literal_eval(node.args[0]).partition(".")[0])
    known = metadata.packages_distributions()
    others = roots - set(sys.stdlib_module_names) - {"labapp"}
    return {known[root][0].lower().replace("_", "-") for root in others if root in known}


def test_what_runs_labapp_is_what_it_imports() -> None:
    types = {name for name in imported() if name.startswith("types-")}  # seen by mypy alone
    assert imported() - types - BROUGHT == names(RUN)


def test_nothing_of_the_tests_is_installed_to_run_labapp() -> None:
    assert names(TESTS)
    assert names(RUN).isdisjoint(names(TESTS))


def test_what_the_tests_need_includes_what_runs_labapp() -> None:
    assert "-r ../requirements.txt" in TESTS.splitlines()


@pytest.mark.parametrize(
    ("machine", "wanted"), [("ARM64", False), ("AMD64", True)], ids=["arm", "intel"]
)
def test_isa_l_is_left_out_where_it_has_no_wheel(machine: str, wanted: bool) -> None:
    from packaging.requirements import Requirement

    (line,) = (line for line in RUN.splitlines() if line.startswith("isal"))
    marker = Requirement(line.partition("#")[0]).marker
    assert marker is not None
    assert marker.evaluate({"sys_platform": "win32", "platform_machine": machine}) is wanted
