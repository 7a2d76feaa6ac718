"""README and manual tell the truth: their settings, commands and links are those there are."""

from __future__ import annotations

import argparse
import dataclasses
import re
import shlex
from pathlib import Path

import pytest

from labapp.dialects import keys
from labapp.programs import find
from labapp.programs.shell.parsing import EXIT_CODES, values_apart
from labapp.settings import Settings
from labapp.worker import embedded_metrics
from tests.support import powershell

TOP = Path(__file__).parent.parent
README = (TOP / "README.md").read_text("utf-8")
PAGES = sorted((TOP / "labapp" / "help").glob("*.md"))

#: All that is told, README first.
TEXTS = [README, *(page.read_text("utf-8") for page in PAGES)]

#: What links to files and headings.
LINKED = [
    *(TOP / name for name in ("README.md", ".github/CONTRIBUTING.md", "images/README.md")),
    *(TOP / "tests" / "windows" / "wine").glob("*.md"),
    TOP / "tests" / "terminals" / "README.md",
    *PAGES,
]

#: Blocks of all pages: what stands before it, the language, the lines.
BLOCKS = [
    (before.strip().rpartition("\n")[2], language, body)
    for page in TEXTS
    for before, language, body in re.findall(r"([^`]*?)^```(\w*)\n(.*?)^```$", page, re.M | re.S)
]
LINUX = "<!-- Linux only -->"

#: Languages of blocks that no shell is given.
FILES = ("ini", "toml", "python", "json", "yaml")

#: What PowerShell, or the Windows PowerShell 5.1 that Windows comes with, does not know.
FOREIGN = (
    r"&&|\|\||^export\b|^source\b|\bprintf\b|\bpython3\b|\$\(|<\(|\\$|/bin/|\beval\b"
    r"|^\w+=|\bActivate\.ps1|\bunset\b|\bhead\b"
)


def manual(name: str) -> str:
    return (TOP / "labapp" / "help" / f"{name}.md").read_text("utf-8")


def test_every_setting_is_told_with_its_default_and_its_meaning() -> None:
    told = re.findall(r"^\| `(\w+)` \| (?:`(.*?)`|) \| (.+) \|$", manual("settings"), re.MULTILINE)
    assert told == [
        (field.name, written(field.default), re.sub(r"([|<])", r"\\\1", field.metadata["meaning"]))
        for field in dataclasses.fields(Settings)
    ]


def written(default: object) -> str:
    """Return a setting's default as a file of settings has it."""
    return str(default).lower() if isinstance(default, bool) else f"{default}".removesuffix(".0")


def test_every_exit_code_is_told() -> None:
    codes = re.findall(r"^  (\d+) ", EXIT_CODES, re.MULTILINE)
    assert re.findall(r"^\| (\d+) \|", manual("exit-codes"), re.MULTILINE) == codes


@pytest.mark.parametrize("program", ["client.py", "admin.py", "server.py"])
def test_every_command_that_is_told_is_there(program: str) -> None:
    known = {command.name for command in find(program).commands}
    lines = re.findall(rf"^python {program} ([^\n#]*)", "\n".join(TEXTS), re.MULTILINE)
    for line in filter(None, (line.strip() for line in lines)):
        words = line.split()
        names = {words[0], " ".join(words[:2])}
        assert names & known or words[0].startswith("--"), line


@pytest.mark.parametrize("program", ["client.py", "admin.py", "server.py"])
def test_every_command_is_told(program: str) -> None:
    told = manual("commands")
    for command in find(program).commands:
        assert command.name.split()[-1] in told, command.name


def test_every_listing_that_may_be_cut_is_told() -> None:
    told = re.search(r"long listing \((.*?)\)", manual("commands"), re.DOTALL)
    assert told
    found = set()
    for program in ("client.py", "admin.py", "server.py"):
        for command in find(program).commands:
            parser = argparse.ArgumentParser()
            command.arguments(parser)
            if any("--limit" in action.option_strings for action in parser._actions):
                found.add(command.name)
    assert set(re.findall(r"`([a-z ]+)`", told[1])) == found


def test_every_page_of_the_manual_is_found_from_the_readme() -> None:
    rows = re.findall(r"^\| \[([\w-]+)\]\((labapp/help/[^)#]+)\) \|", README, re.MULTILINE)
    assert sorted(path for _, path in rows) == [page.relative_to(TOP).as_posix() for page in PAGES]
    assert all(Path(path).stem == name for name, path in rows)


def test_the_readme_can_be_read_in_one_sitting() -> None:
    assert README.count("\n") < 300


def anchors(page: Path) -> set[str]:
    """Return what links may name in a page: its headings, as GitHub writes them."""
    heads = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", LINKED, ids=lambda page: str(page.relative_to(TOP)))
def test_every_link_leads_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    for link in re.findall(r"\]\(([^)]+)\)", re.sub("`[^`]*`", "", text)):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.is_relative_to(TOP), link
        assert target.is_file(), link
        assert not anchor or anchor in anchors(target), link


def test_what_contributors_are_sent_to_is_there() -> None:
    text = (TOP / ".github" / "CONTRIBUTING.md").read_text("utf-8")
    paths = {
        path for path in re.findall(r"`([\w.]+/[\w/.]*)`", text) if not re.search(r"\bx[/_]", path)
    }
    assert len(paths) > 20
    for path in paths - {"embedded/", "menus/"}:  # within what stands before them
        assert (TOP / path).exists() or (TOP / "labapp" / path).exists(), path
    for module in re.findall(r"python -m (tests\.[\w.]+)", text):
        path = TOP / module.replace(".", "/")
        assert path.with_suffix(".py").is_file() or (path / "__main__.py").is_file(), module


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_names_commands_and_settings_that_are_there(page: Path) -> None:
    text = page.read_text("utf-8")
    names = {field.name for field in dataclasses.fields(Settings)} | {*keys.OF_BLOCKS}
    names |= {*embedded_metrics.ENDS.values(), *embedded_metrics.BACKLOG}
    if page.stem != "json":  # whose fields are held by a test of their own
        assert set(re.findall(r"`(?!labapp_)([a-z]+_[a-z_]+)`", text)) <= names
    for program, words in re.findall(r"`((?:client|admin|server)\.py) ([a-z ]+)", text):
        known = {command.name for command in find(program).commands}
        assert any(words == name or words.startswith(f"{name} ") for name in known), words
    for words in re.findall(r"`((?:cloud|config) [a-z]+)", text):
        assert words in {command.name for command in find("admin.py").commands}, words


def test_beside_each_block_for_bash_stands_one_for_powershell_with_nothing_of_bashs() -> None:
    languages = [language for before, language, _ in BLOCKS if before != LINUX]
    assert languages.count("sh") == languages.count("powershell") >= 5
    for here, after in zip(languages, [*languages[1:], ""], strict=True):
        assert after == "powershell" if here == "sh" else here in ("powershell", "text", *FILES)
    for _, language, body in BLOCKS:
        if language in ("powershell", "text"):
            for line in body.splitlines():
                assert not re.search(FOREIGN, line.partition(" #")[0]), line


def test_each_command_for_every_shell_is_the_same_in_each() -> None:
    lines = [
        line for _, language, body in BLOCKS if language == "text" for line in body.split("\n")
    ]
    commands = [line for line in lines if re.match(r"(echo .*)?python ", line)]
    assert len(commands) > 50
    for line in commands:
        words = powershell.commands(line)[-1]
        assert words == shlex.split(line.partition(" #")[0].rpartition("| ")[2])
        if words[1].endswith(".py"):
            find(words[1]).parser().parse_args(values_apart(words[2:]))


def test_what_a_million_jobs_cost_adds_up_and_is_within_what_was_asked() -> None:
    prices = {"SQS": 0.40, "S3 PUT": 5.00}
    page = manual("operators").partition("## What a million jobs cost")[2]
    tables = re.findall(r"^\| a million .*?\*\*\$[\d.]+\*\* \|$", page, re.DOTALL | re.MULTILINE)
    sums = []
    for table in tables:
        rows = re.findall(r"\| ([\d,]+) (SQS|S3 PUT) \| \$([\d.]+) \|$", table, re.MULTILINE)
        costs = [int(count.replace(",", "")) / 1e6 * prices[what] for count, what, _ in rows]
        assert [f"{cost:.2f}" for cost in costs] == [told for *_, told in rows]
        sums.append(sum(costs))
        assert table.endswith(f"**${sums[-1]:.2f}** |")
    alone, together = sums
    assert alone == pytest.approx(6.44)
    assert together <= 1.80
