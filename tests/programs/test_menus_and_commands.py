"""Menus and sub-commands are two ways to the same things; examples and dry runs can be trusted."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Iterable
from inspect import signature
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from labapp import settings
from labapp.cloud.bucket import Bucket
from labapp.cloud.queues import Outgoing, Queue
from labapp.cloud.session import Cloud
from labapp.programs import admin_menu, client_menu, find
from labapp.programs.jobs.client_session import ClientMenuSession
from labapp.programs.logs import page as logs_page
from labapp.programs.menus.actions import items_of
from labapp.programs.menus.session import MenuSession
from labapp.programs.queues import page
from labapp.programs.shell.command import Line, lines_of, named
from labapp.programs.shell.context import Context
from labapp.programs.shell.parsing import values_apart
from labapp.programs.shell.program import Program
from labapp.programs.shell.table import Document
from labapp.programs.statistics import annotators_screen, pictures_screen, screen
from tests.dataset.dataset_kit import write_pictures
from tests.support.commands import admin

Capture = pytest.CaptureFixture[str]

PROGRAMS = ("client.py", "admin.py", "server.py")

#: What each key of the statistics' pages is called as a command.
STATISTICS = {
    "pictures": "stats",
    "most disputed": "stats --sort",
    "annotators": "stats --annotators",
    "model": "stats --model",
    "confusion": "stats --confusion",
    "classes": "stats --classes",
    "search": "stats --image",
    "sort": "stats --sort",
    "turn round": "stats --reverse",
    "filter": "stats --filter",
    "upload the sample set": "upload",
    "broken": "broken",
}

#: What pages do to themselves: another look at what they show, and the whole of one row.
OF_PAGES = {"refresh", "open one", "open"}


def context(program: str) -> Context:
    return Context(program, argparse.Namespace(), settings.load({}))


@pytest.mark.parametrize("program", ["client.py", "admin.py"])
def test_a_command_has_lines_in_menus_or_a_reason_why_none(program: str) -> None:
    parser = find(program).parser()
    for command in find(program).commands:
        assert bool(command.lines) != bool(command.unlisted), command.name
        for line in command.lines:
            assert not line.flag or line.flag in _help(parser, command.name)


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_command_names_what_it_runs(program: str) -> None:
    for command in find(program).commands:
        runs = signature(named(command.runs))
        assert list(runs.parameters) == ["context"], command.name
        assert runs.return_annotation in ("None", "int"), command.name
        command.arguments(argparse.ArgumentParser())
        assert all(isinstance(document, Document) for document in command.documents)


def test_every_line_of_the_users_menus_opens_something() -> None:
    commands = find("client.py").commands
    lines = [line for command in commands for line in command.lines if not line.menu]
    assert {line.title for line in (*lines, client_menu.WORKER)} == {
        line.title for line in client_menu.LINES
    }
    numbers = lines_of(commands, "Numbers")
    assert len(numbers) == 5
    _open_something(
        ClientMenuSession(context("client.py")),
        (client_menu.LINES, client_menu.FIRST_STEPS, numbers),
    )


def test_every_line_of_the_admins_menus_opens_something() -> None:
    commands = find("admin.py").commands
    menus = [lines_of(commands, title) for title in ("", "Cloud", "Dialects")]
    assert sum(map(len, menus)) == sum(len(command.lines) for command in commands) == 28
    _open_something(MenuSession(context("admin.py"), "admin"), (admin_menu.FIRST_STEPS, *menus))


def _open_something(menu: MenuSession, menus: Iterable[Iterable[Line]]) -> None:
    for lines in menus:
        for line in lines:
            assert callable(named(line.opens))
        keys = [item.key for item in items_of(menu, lines)]
        assert keys
        assert len(set(keys)) == len(keys)
        digits = [int(key) for key in keys if key.isdigit()]
        assert digits == list(range(1, len(digits) + 1))


def test_every_key_of_the_queues_pages_is_a_command() -> None:
    menu, dead = MenuSession(context("admin.py"), "admin"), cast("Any", ["a dead letter"])
    pages = {
        "queues": page.page_keys(menu),
        "dead letters": page.dead_letter_keys(menu, dead),
    }
    for name, keys in pages.items():
        told = [
            re.findall(r"\b[a-z]\b", match[1])
            for command in find("admin.py").commands
            if (match := re.match(rf"(.+) on the page of {name} ", command.unlisted))
        ]
        letters = {key.letter for key in keys if key.words not in OF_PAGES}
        assert letters == {letter for letters in told for letter in letters}
    others = {key.words for key in logs_page.page_keys(menu, lambda: None)} - OF_PAGES
    assert others == {"search", "trace"}


def test_every_key_of_the_statistics_pages_is_a_command() -> None:
    menu = MenuSession(context("admin.py"), "admin")
    shown = pictures_screen.Shown()
    pages = [screen.overview_keys(known(menu, pictures), shown) for pictures in (0, 1)]
    pages += [[pictures_screen.SEARCH, *shown.keys]]
    pages += [annotators_screen.page_keys(known(menu, 1))]
    titles = {key.words for keys in pages for key in keys}
    assert titles - OF_PAGES == set(STATISTICS)
    parser = find("admin.py").parser()
    for call in STATISTICS.values():
        name, _, flag = call.partition(" --")
        assert not flag or f"--{flag}" in _help(parser, name)


def known(menu: MenuSession, pictures: int) -> Any:
    summary = SimpleNamespace(progress=SimpleNamespace(pictures=pictures, broken=1))
    return SimpleNamespace(menu=menu, summary=summary, switch_model=lambda: None)


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
    assert admin("upload", str(tmp_path / "photos" / "1.png")) == 0
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
