"""What is offered to MiniStack applies to the version that is installed, and does what it says."""

from __future__ import annotations

import re
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ministack
import pytest
from ministack import core, services

from labapp.cloud.embedded import long_queues, message_store

PATCH = Path(long_queues.__file__).parents[2] / "help" / "ministack-long-queues.patch"
INSTALLED = Path(ministack.__file__).parents[1]

#: The module of the patch in which ours stands line by line, and its test.
STORE, TEST = "ministack/core/message_store.py", "tests/test_sqs_long_queues.py"


def patched() -> Iterator[tuple[str, str]]:
    """Yield each file that the patch changes, and its text afterwards.

    As `patch` does, but that each line must be as the patch has it, at the very place.
    """
    for part in re.split(r"^--- ", PATCH.read_text("utf-8"), flags=re.MULTILINE)[1:]:
        before, after, *rest = part.splitlines(keepends=True)
        name = after.split()[1].removeprefix("b/")
        old = INSTALLED.joinpath(before.split()[0].removeprefix("a/"))
        lines = old.read_text("utf-8").splitlines(keepends=True) if old.exists() else []
        found: list[str] = []
        at = 0
        for line in rest:
            if head := re.match(r"@@ -(\d+)", line):
                start = max(0, int(head[1]) - 1)
                found += lines[at:start]
                at = start
                continue
            if line[0] in " -":
                assert lines[at] == line[1:], f"{name}:{at + 1}"
                at += 1
            if line[0] in " +":
                found.append(line[1:])
        yield name, "".join([*found, *lines[at:]])


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    return dict(patched())


def module(name: str, text: str) -> Any:
    made = types.ModuleType(name)
    sys.modules[name] = made
    exec(compile(text, name, "exec"), made.__dict__)
    return made


def test_the_patch_holds_what_the_local_cloud_does_itself(files: dict[str, str]) -> None:
    assert files[STORE] == Path(message_store.__file__).read_text("utf-8")
    assert 'queue["messages"].append(msg)' in files["ministack/services/eventbridge.py"]


def test_what_is_patched_passes_its_own_test(
    files: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        for name in ("ministack.core.message_store", "ministack.services.sqs", "offered"):
            patch.setitem(sys.modules, name, None)
        patch.setattr(
            core, "message_store", module("ministack.core.message_store", files[STORE]), False
        )
        sqs = module("ministack.services.sqs", files["ministack/services/sqs.py"])
        patch.setattr(services, "sqs", sqs, raising=False)
        tests = vars(module("offered", files[TEST]))
        ours = {name: test for name, test in tests.items() if name.startswith("test_")}
        assert len(ours) == 7
        for test in ours.values():
            test()


def test_ministack_has_none_of_it_so_far() -> None:
    told = "MiniStack has taken the patch: drop long_queues, message_store and the patch's page"
    assert not (INSTALLED / STORE).exists(), told
