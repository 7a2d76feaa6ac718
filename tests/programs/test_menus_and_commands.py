"""Menus and sub-commands are two ways to the same things; examples and dry runs can be trusted."""

from __future__ import annotations

import argparse
import shlex
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from labapp import settings
from labapp.cloud.bucket import Bucket
from labapp.cloud.queues import Outgoing, Queue
from labapp.cloud.session import Cloud
from labapp.programs import admin_menu, client_menu, find
from labapp.programs.cloud import menu as cloud_menu
from labapp.programs.jobs.client_session import ClientMenuSession
from labapp.programs.logs import page as logs_page
from labapp.programs.menus.actions import items_of
from labapp.programs.menus.session import MenuSession
from labapp.programs.queues import dead_letters_page, page
from labapp.programs.shell.command import lines_of
from labapp.programs.shell.context import Context
from labapp.programs.shell.parsing import values_apart
from labapp.programs.shell.program import Program
from labapp.programs.statistics import pictures_screen, screen
from tests.dataset.dataset_kit import write_pictures

Capture = pytest.CaptureFixture[str]

PROGRAMS = ("client.py", "admin.py", "server.py")

ADMIN = {
    "Label statistics": "stats",
    "Upload pictures": "upload",
    "Export the labels": "export",
    "Import labels": "import",
    "Remove pictures": "images remove",
    "Queues": "queues",
    "Logs": "logs",
    "Workers": "workers",
    "Cloud": "cloud",
    "Status": "cloud status",
    "Make what is missing": "cloud up",
    "Start": "cloud start",
    "Stop": "cloud stop",
    "Reset": "cloud reset",
    "Share": "cloud start --share",
    "For other programs": "cloud env",
    "Settings": "config",
    "dead letters": "queues dead",
    "purge a queue": "queues purge",
    "pictures": "stats",
    "most disputed": "stats --sort",
    "annotators": "stats --annotators",
    "search": "stats --image",
    "sort": "stats --sort",
    "turn round": "stats --reverse",
    "filter": "stats --filter",
    "upload the sample set": "upload",
    "send back": "queues redrive --id",
    "send all": "queues redrive",
    "delete": "queues discard --id",
    "by reason": "queues discard --reason",
    "Send them back": "queues redrive --reason",
    "Delete them": "queues discard --reason",
}

#: What pages do to themselves: another look at what they show, and the whole of one row.
OF_PAGES = {"refresh", "open one", "open"}

#: Commands for scripts alone, or whose screen is a key on a page: fetch, wait and answer are what
#: Results, Jobs and Label do, images is the statistics' table of pictures, `?` opens the manual.
BESIDES = {"config trust", "config distrust", "completion", "help", "images"}

#: A menu that trusted the folder it was started in would be on another cloud in the middle.
CONSENTS = {"config trust", "config distrust"}


def context(program: str) -> Context:
    return Context(program, argparse.Namespace(), settings.load({}))


@pytest.mark.parametrize("program", ["client.py"])
def test_a_command_has_lines_in_menus_or_a_reason_why_none(program: str) -> None:
    parser = find(program).parser()
    for command in find(program).commands:
        assert bool(command.lines) != bool(command.unlisted), command.name
        for line in command.lines:
            assert not line.flag or line.flag in _help(parser, command.name)


def test_every_line_of_the_users_menus_opens_something() -> None:
    menu = ClientMenuSession(context("client.py"))
    commands = find("client.py").commands
    lines = [line for command in commands for line in command.lines if not line.menu]
    assert {line.title for line in (*lines, client_menu.WORKER)} == {
        line.title for line in client_menu.LINES
    }
    submenus = [lines_of(commands, title) for title in ("Numbers", "Pictures")]
    assert sum(len(submenu) for submenu in submenus) == 10
    for those in (client_menu.LINES, client_menu.FIRST_STEPS, *submenus):
        for line in those:
            module, _, function = line.opens.partition(":")
            assert callable(getattr(import_module(f"labapp.programs.{module}"), function))
        keys = [item.key for item in items_of(menu, those)]
        assert len(set(keys)) == len(keys)


def test_every_action_of_the_admins_menus_is_a_command() -> None:
    menu = MenuSession(context("admin.py"), "admin")
    titles = {item.title for one in (admin_menu, cloud_menu) for item in one.items(menu)}
    shown = pictures_screen.Shown()
    dead: list[Any] = ["a dead letter"]
    pages = [page.page_keys(menu), logs_page.page_keys(lambda: None)]
    pages += [screen.overview_keys(known(menu, pictures), shown) for pictures in (0, 1)]
    pages += [[pictures_screen.SEARCH, *shown.keys], dead_letters_page.page_keys(menu, dead)]
    titles |= {key.words for keys in pages for key in keys}
    titles |= {item.title for item in dead_letters_page.OUTCOMES}
    assert titles - OF_PAGES == set(ADMIN)
    _are_commands("admin.py", ADMIN)


def known(menu: MenuSession, pictures: int) -> Any:
    summary = SimpleNamespace(progress=SimpleNamespace(pictures=pictures))
    return SimpleNamespace(menu=menu, summary=summary)


def _are_commands(program: str, actions: dict[str, str]) -> None:
    named = {call.partition(" --")[0] for call in actions.values()}
    assert named | BESIDES | CONSENTS == {command.name for command in find(program).commands}
    parser = find(program).parser()
    for call in actions.values():
        name, _, flag = call.partition(" --")
        assert not flag or f"--{flag}" in _help(parser, name)


def _help(parser: argparse.ArgumentParser, name: str) -> str:
    for word in name.split():
        (subs,) = (a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
        parser = subs.choices[word]
    return parser.format_help()


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_example_of_the_help_can_be_typed(program: str) -> None:
    this: Program = find(program)
    examples = [*this.examples, *(one for c in this.commands for one in c.examples)]
    assert len(examples) > len(this.commands)
    for example in examples:
        words = shlex.split(example)
        this.parser().parse_args(values_apart(words))


@pytest.fixture
def dead(cloud: Cloud) -> str:
    """Put one message in a queue and one among its dead letters; return the latter's id."""
    Queue(cloud, "requestQueue").send(Outgoing("1,2"))
    return Queue(cloud, "requestQueue-dlq").send(Outgoing("x"))


def test_a_dry_run_tells_and_changes_nothing(
    cloud: Cloud, dead: str, tmp_path: Path, capsys: Capture
) -> None:
    write_pictures(tmp_path / "photos", range(2))
    assert find("admin.py").main(["upload", str(tmp_path / "photos" / "1.png")]) == 0
    (key,) = (one.key for one in Bucket(cloud).list("images/"))
    capsys.readouterr()
    out = tmp_path / "labels"
    for program, words, told in (
        ("client.py", ["upload", str(tmp_path / "photos")], "would upload"),
        ("client.py", ["purge"], "would purge; 0 pending jobs given up"),
        ("admin.py", ["upload", str(tmp_path / "photos")], "would upload"),
        ("admin.py", ["export", "--format", "csv", "--out", str(out)], f"would write csv to {out}"),
        ("admin.py", ["queues", "purge", "requestQueue"], "would delete 1 message of"),
        ("admin.py", ["queues", "redrive", "requestQueue"], f"{dead}\twould be sent back"),
        ("admin.py", ["queues", "discard", "requestQueue"], f"{dead}\twould be deleted"),
        ("admin.py", ["images", "remove", key], f"would remove {key}"),
        ("admin.py", ["cloud", "reset", "--cloud", "local"], "would delete all"),
    ):
        assert find(program).main([*words, "--dry-run"]) == 0
        assert told in capsys.readouterr().out, words
    assert not out.exists()
    assert [one.key for one in Bucket(cloud).list("images/")] == [key]
    assert Queue(cloud, "requestQueue").counts().visible == 1


@pytest.mark.usefixtures("dead")
@pytest.mark.parametrize(
    "line",
    [
        "client.py purge",
        "admin.py queues purge requestQueue",
        "admin.py queues discard requestQueue",
        "admin.py cloud reset --cloud local",
    ],
)
def test_destroying_without_a_terminal_needs_yes(cloud: Cloud, line: str, capsys: Capture) -> None:
    program, *words = line.split()
    assert find(program).main(words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "Say --yes to do it." in err
    assert Queue(cloud, "requestQueue").counts().visible == 1
    assert Queue(cloud, "requestQueue-dlq").counts().visible == 1
