"""What a help says of pages, where there is none: left out."""

from __future__ import annotations

import re

#: What only a page has, or does.
_OF_PAGES = re.compile(
    r"\b([Aa]rrows?|Left|Right|PageUp|Tab|scrolls?|picture follows|has a sign|acts at once"
    r"|[Uu]p and down|few letters|part of a name|picture shows|[Bb]efore on the left|stands below"
    r"|(refresh|appear)(es)?( here)? by (it|them)sel(f|ves))\b"
)

_ENDS = re.compile(r"(?<=[.;]) +")


def without_pages(text: str) -> str:
    """Return a help without its sentences, and clauses of such, on what only a page has."""
    return re.sub(r"\n{3,}", "\n\n", "\n".join(map(_kept, text.splitlines()))).strip("\n")


def _kept(line: str) -> str:
    parts = _ENDS.split(line)
    kept = [part for part in parts if not _OF_PAGES.search(part)]
    if not kept or len(kept) == len(parts):
        return line if kept else ""
    if kept[0] != parts[0]:
        kept[0] = f"{kept[0][:1].upper()}{kept[0][1:]}"
    return " ".join(kept).rstrip(".;") + "."
