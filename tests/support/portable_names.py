"""The part of pytest that has tests run by what Windows refuses of files (see `windows_rules`).

On Linux and macOS every test fails whose code does with files what it could not do on Windows,
unless it copes with the error, as it would have to there; in the programs that tests start, too.
--portable-names=tell only lists such acts, off does nothing.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import windows_rules

#: Marks a test that is about names which only POSIX has; says what for.
MARK = "posix_names"

#: The folder that Python looks into at a start.
_STARTED = Path(__file__).parent / "started"

#: What workers of pytest-xdist send home.
_SEEN = "portable names"

_refusals: windows_rules.Refusals | None = None
_all_seen: Counter[str] = Counter()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add our flag."""
    with contextlib.suppress(ValueError):  # another such plugin, loaded with -p, has it already
        parser.addoption(
            "--portable-names",
            choices=("refuse", "tell", "off"),
            default="off" if sys.platform == "win32" else "refuse",
            help="refuse what Windows refuses of files, only tell of it, or do neither",
        )


def pytest_configure(config: pytest.Config) -> None:
    """Put the hook in place; Python has no way to take it out again."""
    global _refusals
    config.addinivalue_line(
        "markers", f"{MARK}(why): makes files by names that only POSIX takes, and is about these"
    )
    mode = config.getoption("portable_names")
    if mode != "off" and _refusals is None:
        _refusals = windows_rules.Refusals(tell_only=mode == "tell")
        sys.addaudithook(_refusals.hook)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Watch while a test runs, with its fixtures."""
    if _refusals is None or item.get_closest_marker(MARK):
        return (yield)
    _refusals.at_work = True
    try:
        return (yield)
    finally:
        _refusals.at_work = False


@pytest.fixture(scope="session")
def _noted(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Give what the processes that tests start are told; at the end, read what they saw."""
    folder = tmp_path_factory.mktemp("portable-names")
    yield f"{request.config.getoption('portable_names')}:{folder}"
    seen = folder / "seen"
    if seen.exists():
        _all_seen.update(seen.read_text("utf-8").splitlines())


@pytest.fixture
def started_too(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have what the test starts be watched, too."""
    if _refusals is None or request.node.get_closest_marker(MARK):
        return
    monkeypatch.setenv(windows_rules.VARIABLE, request.getfixturevalue("_noted"))
    paths = [str(_STARTED), os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, paths)))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Send home what a worker of pytest-xdist saw."""
    if _refusals is not None:
        _all_seen.update(_refusals.seen)
    if (output := getattr(session.config, "workeroutput", None)) is not None:
        output[_SEEN] = dict(_all_seen)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object) -> None:
    """Take what a worker of pytest-xdist saw."""
    _all_seen.update(getattr(node, "workeroutput", {}).get(_SEEN, {}))


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, exitstatus: int, config: pytest.Config
) -> None:
    """List what was refused, or would be, unless all tests coped."""
    if not _all_seen or (not exitstatus and config.getoption("portable_names") == "refuse"):
        return
    terminalreporter.section("what Windows refuses of files")
    for line, times in sorted(_all_seen.items()):
        terminalreporter.write_line(f"{times:5} {line}")
