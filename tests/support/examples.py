"""The dialects that ship, and the clients that the manual has of each."""

from __future__ import annotations

import re
from dataclasses import dataclass

from labapp.programs.shell import manual

#: The page of the manual that shows them.
PAGE = manual.FOLDER / "dialect-examples.md"

_EXAMPLE = re.compile(
    r"^## ([\w-]+)\n\n(?:[^\n]+\n)+\n```toml\n(.*?)^```\n\n```python\n(.*?)^```$", re.M | re.S
)


@dataclass(frozen=True)
class Example:
    """What the manual shows of a dialect.

    Attributes:
        name: that of the dialect.
        file: the text of its file.
        client: a whole program in Python that asks by it.
        prints: what that writes, as a remark behind its last line says.
    """

    name: str
    file: str
    client: str
    prints: str


def examples() -> dict[str, Example]:
    """Return the manual's examples, by the names of their dialects."""
    return {
        name: Example(name, file, client, client.rstrip().rpartition("  # ")[2])
        for name, file, client in _EXAMPLE.findall(PAGE.read_text("utf-8"))
    }
