"""What is measured in the room: each function gives the rows of the table that it stands for."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
from PIL import Image

from tests.load.classroom.room import ROOT, Room
from tests.load.classroom.terminals import PATIENCE, Program

#: What the first menu shows.
_MENU = "What would you like"

#: Seconds after a menu is on the screen until what it does behind is done.
SETTLED = 6.0

#: Pixels of the side of a student's pictures, which are small.
_SIDE = 96

#: What a row's figures are, in words.
Row = tuple[str, str]


@dataclass(frozen=True)
class Idle:
    """What menus took while nothing happened: percent of a core and bytes written, each."""

    percent: list[float]
    octets: list[int]


def opened(room: Room, students: int, settled: float = SETTLED) -> list[Program]:
    """Open the students' menus; wait until each is on its screen, and has been for a while."""
    menus = [room.menu("client.py", room.student(number)) for number in range(students)]
    room.terminals.wait(menus, lambda one: _MENU in one.text)
    room.terminals.read(settled)
    return menus


def watched(room: Room, programs: Sequence[Program], seconds: float) -> Idle:
    """Let programs be for some seconds, and tell what they took."""
    cpu = [one.cpu() for one in programs]
    octets = [len(one.raw) for one in programs]
    began = time.monotonic()
    room.terminals.read(seconds)
    share = 100 / (time.monotonic() - began)
    return Idle(
        [share * (one.cpu() - before) for one, before in zip(programs, cpu, strict=True)],
        [len(one.raw) - before for one, before in zip(programs, octets, strict=True)],
    )


def idle(room: Room, menus: Sequence[Program], seconds: float) -> list[Row]:
    """Measure menus that nobody touches, the admin's too."""
    admin = room.menu("admin.py", room.teacher)
    room.terminals.wait([admin], lambda one: _MENU in one.text)
    room.terminals.read(SETTLED)
    found = watched(room, [*menus, admin], seconds)
    admin.type("q")
    room.terminals.wait([admin], lambda one: not one.child.isalive())
    return [
        ("an idle menu of a student", f"{_mean(found.percent[:-1]):.2f} % of a core"),
        ("an idle menu of the admin", f"{found.percent[-1]:.2f} % of a core"),
        ("bytes written by an idle menu", f"{max(found.octets)}"),
    ]


def lists(
    room: Room, menus: Sequence[Program], seconds: float, settled: float = SETTLED
) -> list[Row]:
    """Send a list from each menu in the same second, twice: to no worker at first, then to one."""
    for one in menus:
        one.type("1")
    room.terminals.wait(menus, lambda one: "Random numbers" in one.text)
    _typed(room, menus, 0)
    # What it did before stood in the same line, and letters that stay are not written again.
    room.terminals.wait(menus, lambda one: "the answer" in one.text)
    room.terminals.read(settled)
    waiting = watched(room, menus, seconds)
    room.start_worker()
    first = _answered(room, menus, 0)
    began = _typed(room, menus, 1)
    second = _answered(room, menus, 1)
    took = [time_ + began for time_ in second.times]
    wrong = first.wrong + second.wrong
    return [
        ("a menu that waits for its answer", f"{_mean(waiting.percent):.2f} % of a core"),
        (
            f"{len(menus)} lists in the same second, answered on their screens",
            f"half within {median(took):.2f} s, all within {max(took):.2f} s",
        ),
        ("answers shown to another student", f"{wrong} of {2 * len(menus)}"),
    ]


def folders(room: Room, students: int, pictures: int) -> list[Row]:
    """Have folders of small pictures processed at once, each sent by a student's command."""
    sources = [_folder(room, number, pictures) for number in range(students)]
    cloud, worker = room.cpu()
    clients = _children()
    began = time.monotonic()
    commands = [
        subprocess.Popen(
            [sys.executable, str(ROOT / "client.py"), "image", str(source), "--op", "invert"],
            env=room.student(number), cwd=room.folder, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        for number, source in enumerate(sources)
    ]  # fmt: skip
    for command in commands:
        assert command.wait(PATIENCE) == 0
    took = time.monotonic() - began
    parts = [
        _children() - clients,
        *(now - was for now, was in zip(room.cpu(), (cloud, worker), strict=True)),
    ]
    wrong = sum(_strange(source, number) for number, source in enumerate(sources))
    total = students * pictures
    return [
        (
            f"{students} folders of {pictures} small pictures",
            f"{total / took:.1f} pictures a second",
        ),
        (
            "CPU time a picture: its student's program, the cloud, the worker",
            ", ".join(f"{1000 * part / total:.0f} ms" for part in parts),
        ),
        ("results of another student", f"{wrong} of {total}"),
    ]


def leaving(room: Room, menus: Sequence[Program]) -> list[Row]:
    """Leave one of the menus by Ctrl-C, then all others at once."""
    one, *others = menus
    alone = _left(room, [one])
    rows = [(f"Ctrl-C to the shell, with {len(menus)} menus open", f"{max(alone):.2f} s")]
    if others:
        rows.append(
            (f"{len(others)} Ctrl-C in the same moment", f"{max(_left(room, others)):.2f} s")
        )
    return rows


@dataclass(frozen=True)
class _Answers:
    times: list[float]
    wrong: int


def _typed(room: Room, menus: Sequence[Program], turn: int) -> float:
    """Type each student's list, then send all; return the seconds that sending them took."""
    for one in menus:
        one.type("1")
    room.terminals.wait(menus, lambda one: "List:" in one.text)
    began = time.monotonic()
    for number, one in enumerate(menus):
        one.type(f"{','.join(map(str, _list(number, turn)))}\r")
    return time.monotonic() - began


def _answered(room: Room, menus: Sequence[Program], turn: int) -> _Answers:
    """Wait for every answer, look whose it is, and go back to the menu."""
    times = room.terminals.wait(menus, lambda one: "there and back" in one.text)
    sums = [re.search(r"sum\s+([\d,]+)", one.text) for one in menus]
    wrong = sum(
        found is None or int(found[1].replace(",", "")) != sum(_list(number, turn))
        for number, found in enumerate(sums)
    )
    for one in menus:
        one.type("\x1b")
    room.terminals.wait(menus, lambda one: "Random numbers" in one.text)
    return _Answers(times, wrong)


def _list(number: int, turn: int) -> list[int]:
    """Return a student's list, with a sum that no other list has."""
    return [number, 1000 * (turn + 1), 7]


def _folder(room: Room, number: int, pictures: int) -> Path:
    """Make a student's pictures: noise, all of one size, which nobody else's pictures have."""
    folder = room.folder / f"pictures-{number:02}"
    folder.mkdir()
    for place in range(pictures):
        noise = np.random.default_rng([number, place]).integers(0, 256, (_SIDE, _SIDE + number, 3))
        Image.fromarray(noise.astype(np.uint8)).save(folder / f"{place:03}.png")
    return folder


def _strange(folder: Path, number: int) -> int:
    """Count the sources that lack a result which is theirs."""
    strange = 0
    for source in sorted(folder.glob("???.png")):
        result = source.with_name(f"{source.stem}-invert.png")
        if not result.exists():
            strange += 1
            continue
        with Image.open(source) as before, Image.open(result) as after:
            same = np.array_equal(255 - np.asarray(before), np.asarray(after.convert("RGB")))
            strange += not same
    return strange


def _left(room: Room, programs: Sequence[Program]) -> list[float]:
    for one in programs:
        one.type("\x03")
    return room.terminals.wait(programs, lambda one: not one.child.isalive())


def _children() -> float:
    """Seconds of CPU time that programs took which have ended."""
    times = os.times()
    return times.children_user + times.children_system


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
