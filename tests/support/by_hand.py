"""The manual's page on a worker by hand: its commands for AWS, its files, and its steps."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import labapp

PAGE = Path(labapp.__file__).parent / "help" / "by-hand.md"

#: The ids that stand for the reader's own.
INSTANCE, IMAGE = "i-0123456789abcdef0", "ami-0123456789abcdef0"


def blocks(*languages: str) -> list[str]:
    """Return the blocks of some languages, in the page's order."""
    found = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE.read_text("utf-8"), re.M | re.S)
    return [block for language, block in found if language in languages]


def aws_commands(*languages: str) -> list[list[str]]:
    """Return the words of each command for AWS, without where its answer goes."""
    lines = "".join(blocks(*languages)).splitlines()
    found = [line.partition(" > ")[0].partition(" | ")[0] for line in lines]
    return [shlex.split(line) for line in found if line.startswith("aws ")]


def file_named(name: str) -> dict[str, Any]:
    """Return a file that the page shows, by its name in the sentence before it."""
    text = PAGE.read_text("utf-8")
    shown = re.findall(r"`(\w+\.json)`[^`]*```json\n(.*?)^```$", text, re.M | re.S)
    found: dict[str, Any] = json.loads(dict(shown)[name])
    return found
