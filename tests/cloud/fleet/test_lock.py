"""`worker.lock` is requirements.txt's, closed under what packages need, each with its hashes."""

from __future__ import annotations

import re
from importlib import metadata

import pytest
from packaging.requirements import Requirement

from labapp.cloud.fleet import wheels
from tests.cloud.fleet import lock

PINS = {lock.normal(pin.name): pin for pin in lock.pins(wheels.LOCK.read_text("utf-8"))}

#: The instances, as markers of requirements see them.
INSTANCES = [
    {
        "python_version": wheels.PYTHON,
        "python_full_version": f"{wheels.PYTHON}.14",
        "sys_platform": "linux",
        "platform_system": "Linux",
        "os_name": "posix",
        "platform_machine": machine,
        "platform_python_implementation": "CPython",
        "implementation_name": "cpython",
        "extra": "",
    }
    for machine in (wheels.INTEL, wheels.ARM)
]

#: Packages that have compiled parts, and so a wheel for each machine.
COMPILED = {"isal", "numpy", "opencv-python-headless", "pillow", "simplejpeg"}


def needs_of(name: str) -> list[str]:
    """Return what a package needs, as far as it is installed here: isal has no wheel for some."""
    try:
        return metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return []


def test_what_a_worker_needs_is_pinned_as_in_the_requirements() -> None:
    wanted = lock.wanted()
    pinned = {name: pin.version for name, pin in PINS.items() if name in wanted}
    assert pinned == wanted, "make it anew: python -m tests.cloud.fleet.lock"


def test_what_it_does_without_is_of_the_requirements_and_not_pinned() -> None:
    left_out = {lock.normal(name) for name in lock.LEFT_OUT}
    assert left_out <= lock.required().keys()
    assert left_out.isdisjoint(PINS)


@pytest.mark.parametrize("instance", INSTANCES, ids=[wheels.INTEL, wheels.ARM])
def test_all_that_packages_need_is_pinned_and_nothing_else(instance: dict[str, str]) -> None:
    reached, waiting = set[str](), [*lock.wanted()]
    while waiting:
        name = waiting.pop()
        if name in reached:
            continue
        reached.add(name)
        for text in needs_of(name):
            need = Requirement(text)
            if need.marker and not need.marker.evaluate(instance):
                continue
            other = lock.normal(need.name)
            assert other in PINS, f"{name} needs {need}"
            assert need.specifier.contains(PINS[other].version), f"{name} needs {need}"
            waiting.append(other)
    assert reached == PINS.keys()


def test_each_has_the_hashes_of_its_wheels() -> None:
    for name, pin in PINS.items():
        assert len(pin.hashes) == (2 if name in COMPILED else 1), name
        assert all(re.fullmatch("[0-9a-f]{64}", one) for one in pin.hashes)
    assert {name for name, pin in PINS.items() if len(pin.hashes) == 2} == COMPILED


def test_it_is_written_as_it_is_read() -> None:
    text = wheels.LOCK.read_text("utf-8")
    head = lock.HEAD.format(python=wheels.PYTHON)
    assert text == head + "".join(f"{pin}\n" for pin in lock.pins(text))
