"""What a help says of pages, where there is none: left out."""

from __future__ import annotations

import re

#: What only a page has, or does.
_OF_PAGES = re.compile(
    r"\b([Aa]rrows?|Left|Right|PageUp|Tab|scrolls?|picture follows|has a sign|acts at once"
    r"|[Uu]p and down|few letters|part of a name|picture shows|[Bb]efore on the left|stands below"
    r"|has another|refreshes by itself)\b"
)

_ENDS = re.compile(r"(?<=\.) +")


def without_pages(text: str) -> str:
    """Return a help without its sentences, and clauses of such, on what only a page has."""
    return re.sub(r"\n{3,}", "\n\n", "\n".join(map(_kept, text.splitlines()))).strip("\n")


def _kept(line: str) -> str:
    told = []
    for said in _ENDS.split(line):
        clauses = said.rstrip(".").split("; ")
        kept = "; ".join(clause for clause in clauses if not _OF_PAGES.search(clause))
        if len(kept) == len(said.rstrip(".")):
            told.append(said)
        elif kept:
            is_key = kept[1:2] == " "
            told.append(f"{kept if is_key else kept[:1].upper() + kept[1:]}.")
    return " ".join(told)
