"""The files for editors and for git's hooks ask for what `.ci/run` asks for."""

from __future__ import annotations

import configparser
import re
import tomllib
from pathlib import Path

import yaml

from tests import readme_command

TOP = Path(__file__).parent.parent
HOOKS = yaml.safe_load((TOP / ".pre-commit-config.yaml").read_text("utf-8"))["repos"]
SKIPPED = {".svg", ".jpg", ".pyc"}

#: Every file of text that people edit.
TEXTS = sorted(
    path
    for folder in (".ci", ".github", "images", "labapp", "tests")
    for path in (TOP / folder).rglob("*")
    if path.is_file() and path.suffix not in SKIPPED and path.parent.name != "__pycache__"
) + [path for path in TOP.iterdir() if path.suffix in (".md", ".py", ".toml", ".txt", ".yaml")]


def editors(pattern: str) -> configparser.SectionProxy:
    read = configparser.ConfigParser(default_section="")
    text = (TOP / ".editorconfig").read_text("utf-8")
    read.read_string(text[text.index("[") :])
    return read[pattern]


def checks() -> list[str]:
    """Return the commands of `.ci/run` that look at the code and run nothing of it."""
    command = readme_command.command("test", "sh").replace("\n", " ")
    tools = [part.strip() for part in command.split("&&") if re.search(r"/(ruff|mypy)\b", part)]
    ci = (TOP / ".ci" / "run").read_text("utf-8")
    platforms = re.search(r"^for platform in (.*); do\n +(.*)$", ci, re.MULTILINE)
    assert platforms
    programs = " ".join(sorted(path.name for path in TOP.glob("*.py")))
    for platform in platforms[1].split():
        line = platforms[2].removesuffix(" &").replace("$platform", platform).replace('"', "")
        tools.append(line.replace("./*.py", programs))
    return tools


def test_the_hooks_run_what_ci_runs() -> None:
    hooks = [hook for repo in HOOKS for hook in repo["hooks"]]
    assert [hook["entry"] for hook in hooks] == checks()
    assert len(hooks) == 5
    for hook in hooks:
        assert (hook["language"], hook["pass_filenames"]) == ("system", False)
    assert {repo["repo"] for repo in HOOKS} == {"local"}


def test_editors_fold_where_ruff_wants_it() -> None:
    ruff = tomllib.loads((TOP / "pyproject.toml").read_text("utf-8"))["tool"]["ruff"]
    assert int(editors("*.py")["max_line_length"]) == ruff["line-length"]


def test_editors_end_lines_as_git_does() -> None:
    assert f"eol={editors('*')['end_of_line']}" in (TOP / ".gitattributes").read_text("utf-8")


def is_as_editors_are_told(path: Path, told: configparser.SectionProxy) -> bool:
    text = path.read_bytes().decode(told["charset"])
    is_ended = text.endswith("\n") or not text or told["insert_final_newline"] != "true"
    trailing = told["trim_trailing_whitespace"] == "true"
    trailing = trailing and any(line != line.rstrip() for line in text.split("\n"))
    return is_ended and "\r" not in text and not trailing


def test_each_text_is_as_editors_are_told() -> None:
    told = editors("*")
    assert len(TEXTS) > 900
    texts = [path for path in TEXTS if path.suffix != ".patch"]  # whose empty lines have a blank
    assert [path for path in texts if not is_as_editors_are_told(path, told)] == []
