"""In the accessible mode each line of each menu opens, explains itself and can be left."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator

import pytest

from labapp import settings
from labapp.cloud.bucket import Bucket
from labapp.cloud.embedded import launcher
from labapp.cloud.queues import Outgoing, Queue
from labapp.cloud.session import Cloud
from labapp.console import Back
from labapp.console.accessible import pages, waits
from labapp.errors import LabappError
from labapp.programs import find
from labapp.programs.jobs import page
from labapp.programs.jobs.client_session import ClientMenuSession
from labapp.programs.menus.session import MenuSession
from labapp.programs.shell.command import Line, named
from labapp.programs.shell.context import Context
from tests.dataset.dataset_kit import stock
from tests.support.spoken import Spoken
from tests.support.spoken import spoken as spoken

LINES = [
    pytest.param(program, line, id=f"{program} {line.menu} {line.title}".replace("  ", " "))
    for program in ("client.py", "admin.py")
    for command in find(program).commands
    for line in command.lines
]

#: Keys that nobody can type there.
NOT_THERE = re.compile(r"[Aa]rrow|Page(Up|Down)|Left|\bTab\b")

#: Answers after which a line that is still open cannot be left.
MOST = 40


def not_here(*_: object, **__: object) -> None:
    """Stand for what would start a local cloud, or wait for a worker's answer."""
    raise LabappError("not here")


@pytest.fixture
def opened(
    cloud: Cloud, spoken: Spoken, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, MenuSession]]:
    """Give the sessions of both menus, on an account in this process."""
    monkeypatch.setattr(Context, "cloud", lambda self, **_: cloud)
    monkeypatch.setattr(waits, "LOOK", 0.01)
    monkeypatch.setattr(pages, "has_line", lambda: True)
    monkeypatch.setattr(pages, "ARRIVE", 0.1)
    monkeypatch.setattr(launcher, "ensure", not_here)
    monkeypatch.setattr(ClientMenuSession, "hear", not_here)

    def context(program: str) -> Context:
        return Context(program, argparse.Namespace(), settings.load({}))

    menus: dict[str, MenuSession] = {
        "client.py": ClientMenuSession(context("client.py")),
        "admin.py": MenuSession(context("admin.py"), "admin"),
    }
    for menu in menus.values():
        menu.frame = spoken.frame
    yield menus
    for menu in menus.values():
        menu.closed.set()


@pytest.mark.parametrize(("program", "line"), LINES)
def test_every_line_opens_explains_itself_and_can_be_left(
    opened: dict[str, MenuSession], spoken: Spoken, bucket: Bucket, program: str, line: Line
) -> None:
    stock(bucket, 2)
    Queue(bucket.cloud, "requestQueue").send(Outgoing("1,2,3"))
    spoken.type("?")
    spoken.keyboard.then = "<"
    told = ""
    try:
        named(line.opens)(opened[program], *line.arguments)
    except Back:  # which menus take for one step back
        pass
    except LabappError as error:  # which they show
        told = str(error)
    assert spoken.keyboard.asked <= MOST
    assert spoken.text or told
    assert not NOT_THERE.search(spoken.text)
    spoken.keyboard.forget()  # where nothing was asked


def test_jobs_have_numbers_when_they_are_first_read(
    opened: dict[str, MenuSession], spoken: Spoken
) -> None:
    menu = opened["client.py"]
    assert isinstance(menu, ClientMenuSession)
    spoken.type("<")  # before anything is said: opening a session tells of it where that takes long
    menu.session().ledger.add([("job-1", "1,2,3")], "ada", "numbers")
    page.run(menu)
    assert "\n1. " in spoken.text
