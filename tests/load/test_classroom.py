"""A small class: what is idle draws nothing, nobody sees another's answers, all of it ends.

The table with its times is a command: `python -m tests.load.classroom`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import psutil
import pytest

from tests.support.processes import alive

if sys.platform == "win32":
    pytest.skip("there are no ptys", allow_module_level=True)

from tests.load.classroom import measures
from tests.load.classroom.room import Room

#: Seconds for which nothing may be drawn: several times what a clock of old took.
QUIET = 1.0

#: Looks until menus that have just opened have shown what they found out behind.
LOOKS = 20


@pytest.mark.timeout(180)
def test_a_small_class_draws_nothing_while_idle_and_nobody_sees_anothers_answers() -> None:
    with Room() as room:
        menus = measures.opened(room, 3, settled=0.0)
        looks = (measures.watched(room, menus, QUIET) for _ in range(LOOKS))
        assert any(not any(look.octets) for look in looks)
        rows = dict(measures.lists(room, menus, seconds=0.1, settled=0.0))
        assert rows["answers shown to another student"] == "0 of 6"
        assert len(measures.leaving(room, menus)) == 2
        rows = dict(measures.folders(room, 2, 2))
        assert rows["results of another student"] == "0 of 4"
        cloud = _pid(room.folder)
        worker = psutil.Process(room.worker_pid)
        started = [cloud, *(one.pid for one in [worker, *worker.children(recursive=True)])]
        started += [menu.pid for menu in menus]
    assert not [pid for pid in started if psutil.pid_exists(pid) and alive(pid)]
    assert not room.folder.exists()


def _pid(folder: Path) -> int:
    state = json.loads((folder / "teacher/data/local/cloud.json").read_text("utf-8"))
    return int(state["pid"])
