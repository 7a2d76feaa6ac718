"""Print one of README's two commands for a shell: `readme_command.py first|test sh|powershell`.

What opens a menu is left out: where there is no terminal there is none.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

README = Path(__file__).resolve().parent.parent / "README.md"

#: What opens the menu of users.
MENU = re.compile(r"(?: &&)?\s+\S*python(?:\.exe)? client\.py\s*$")


def command(which: str, shell: str) -> str:
    """Return the first command or that of the tests, as README has it for a shell.

    Raises:
        LookupError: it has none.
    """
    text = README.read_text("utf-8")
    _, found, after = text.partition(f"<!-- {which} command -->\n")
    block = re.search(rf"^```{shell}\n(.*?)^```$", after, re.MULTILINE | re.DOTALL)
    if not found or block is None:
        raise LookupError(f"README has no {which} command for {shell}")
    return MENU.sub("\n", block[1])


if __name__ == "__main__":
    sys.stdout.write(command(*sys.argv[1:]))
