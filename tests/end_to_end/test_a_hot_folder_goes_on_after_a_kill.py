"""A folder that is watched: killed with pictures in hand, none is lost and none is done twice."""

from __future__ import annotations

import json
import signal
from pathlib import Path

from labapp.jobs.session import has_ledger, open_ledger
from tests.end_to_end.lab import Lab, Program, on_one_cloud, until
from tests.pictures.samples import PNG


def begin(lab: Lab) -> Program:
    words = ("--watch", str(lab.folder / "in"), "--out", str(lab.folder / "out"))
    return lab.spawn("client.py", "image", *words, "--op", "invert", "--json")


def results(lab: Lab) -> list[str]:
    return sorted(path.name for path in (lab.folder / "out").glob("[!.]*"))


@on_one_cloud
def test_pictures_in_hand_when_it_is_killed_come_back_once(lab: Lab) -> None:
    (lab.folder / "in").mkdir()
    names = [f"{number}.png" for number in range(6)]
    for name in names[:5]:
        (lab.folder / "in" / name).write_bytes(PNG)
    lab.held_server()  # it does no pictures, and keeps the client from beginning one that does
    first = begin(lab)
    until(lambda: has_ledger(lab.cloud) and open_ledger(lab.cloud).count() == 5, "the jobs")
    first.kill()
    (lab.folder / "in" / names[5]).write_bytes(PNG)
    lab.server()
    again = begin(lab)
    expected = [f"{Path(name).stem}-invert.png" for name in names]
    until(lambda: results(lab) == expected, "the results")
    until(lambda: len(again.lines) >= 7, "the lines")
    again.process.send_signal(signal.SIGINT)
    assert again.process.wait(30) == 130
    told = [json.loads(line) for line in again.lines if line.startswith("{")]
    assert sorted(Path(one["path"]).name for one in told) == names
    assert {one["status"] for one in told} == {"done"}
    assert [entry.status for entry in open_ledger(lab.cloud).newest()] == ["done"] * 6
