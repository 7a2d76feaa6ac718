"""Python runs this at the start of each process that tests start (see `portable_names`)."""

from __future__ import annotations

import os
from importlib.machinery import SourceFileLoader
from types import ModuleType

# By its path: of the project's own modules a program under test is to find just what it would.
_support = os.path.dirname(os.path.dirname(__file__))  # noqa: PTH120 - pathlib takes 5 ms to load
_rules = ModuleType("windows_rules")
_rules.__file__ = f"{_support}/windows_rules.py"
SourceFileLoader("windows_rules", _rules.__file__).exec_module(_rules)
_rules.install_by_environment()
