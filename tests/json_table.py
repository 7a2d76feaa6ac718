"""Write the manual's table of JSON documents from the commands: `python -m tests.json_table`."""

from __future__ import annotations

import re
from pathlib import Path

from labapp.programs import find

PAGE = Path(__file__).parent.parent / "labapp" / "help" / "json.md"

_TABLE = re.compile(r"(?<=^\| command \| document \|\n\| --- \| --- \|\n)(?:\|.*\n)+", re.MULTILINE)


def rows() -> list[str]:
    """Return the table's rows, in the order of the programs' commands."""
    return [
        f"| `{f'{program} {command.name} {document.flag}'.strip()}` | {document.text} |"
        for program in ("client.py", "server.py", "admin.py")
        for command in find(program).commands
        for document in command.documents
    ]


def written() -> list[str]:
    """Return the rows that the manual has."""
    found = _TABLE.search(PAGE.read_text("utf-8"))
    assert found, f"{PAGE} has no table of documents"
    return found[0].splitlines()


def main() -> None:
    """Write the table into the manual."""
    body = "".join(f"{row}\n" for row in rows())
    PAGE.write_text(_TABLE.sub(lambda _: body, PAGE.read_text("utf-8"), count=1), "utf-8")


if __name__ == "__main__":
    main()
