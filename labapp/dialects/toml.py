"""A text as TOML: what it says, or the line on which it is none, in everyday words."""

from __future__ import annotations

import json
import re
import tomllib

from labapp import settings_file
from labapp.dialects.rules import Fault
from labapp.errors import fault_at

_QUOTES = """Put texts in quotes, such with quotes in them in single ones: '{"mean": {mean}}'."""
_ACCENT = 'Keys with accents, and the like, stand in quotes: "médiane" = "{median}".'
_BLOCKS = "Begin each block with [[request]], each of its answers with [[request.reply]]."
_PARTS = "Write the [[request]] that it is a part of above it."
_ON_ONE = "Write them on one line, or as [request.attributes] with a line for each."

#: What Python's reader says, and what stands where it stops; what is meant, and what to do.
_SENTENCES = (
    ("Invalid value", "[“”„«»]", "TOML has other quotes", 'Write straight ones: "...".'),
    ("Invalid value", "", "this is no value", f"{_QUOTES} Else it is a number, true or false."),
    ("Expected newline or end", r"\]", "there is a bracket too many", "As many on each side."),
    ("Expected newline or end", "", "there is more behind the value", _QUOTES),
    (r"Illegal character '\\n'", "", "a quote is not closed on its line", _QUOTES),
    ("Illegal character", "", "this character stands in no text", "Leave it out."),
    ("Unterminated string|Expected \"'''\"", "", "a quote is not closed", _QUOTES),
    (r"Unescaped '\\'", "", "a backslash stands alone", "Write two, or single quotes around all."),
    (
        "Expected '=' after a key|Invalid initial",
        "[^\0-\x7f]",
        "a key has a letter beyond a to z",
        _ACCENT,
    ),
    ("Expected '=' after a key", "", "a key has no = behind it", 'Write key = "value".'),
    ("Unclosed array", "", "a list is not closed", "End it with ], with commas in it."),
    ("Unclosed inline table", "", "braces are not closed", "End with }, with commas inside."),
    ("Invalid initial character", r"\Z|#", "braces are not closed on their line", _ON_ONE),
    ("Invalid initial character", "}", "a comma stands before the brace", "Leave it out."),
    (r"Expected '\]\]'", "", "a bracket is missing", "Two on each side: [[request]]."),
    (r"Expected '\]' at", "", "a bracket is missing", 'Write one on each side: [queue."inbox"].'),
    ("Cannot declare .*request", "", "this table is there already", _BLOCKS),
    ("Cannot overwrite", r".*\]", "this table is there already", _BLOCKS),
    ("Cannot declare", "", "this table is there already", "Write all of it in one place."),
    ("Cannot|Duplicate inline", "", "a key is there twice", "Leave one of them out."),
    ("Exceeds the limit", "", "a number has too many digits", "Write a shorter one."),
    ("maximum recursion|TOML inline", "", "lists or tables nest too deep", "Write them flat."),
    ("", "", "this is not TOML", 'Write lines such as numbers = "{body}".'),
)

#: What belongs to a block, its queue or the header of a part, and the header of a block.
_PART = re.compile(
    r"^[ \t]*(?:\[{1,2}[ \t]*request[ \t]*\.[^\]\n]*\]{1,2}|queue(?=[ \t]*=))", re.MULTILINE
)
_BLOCK = re.compile(r"^[ \t]*\[\[[ \t]*request[ \t]*\]\]", re.MULTILINE)


def read(text: str) -> tuple[dict[str, object], Fault | None]:
    """Return what a text says, and what is wrong with it where it is no TOML."""
    try:
        return tomllib.loads(text), None
    except (ValueError, RecursionError) as error:  # integers and nesting have limits
        return {}, _fault(text, str(error))


def quoted(text: str) -> str:
    """Return a text as TOML has it between quotes."""
    escaped = json.dumps(text.encode(errors="replace").decode(), ensure_ascii=False)
    return escaped.replace("\x7f", "\\u007f")


def _fault(text: str, told: str) -> Fault:
    part, block = _PART.search(text), _BLOCK.search(text)
    if told.startswith("Cannot") and part and block and part.start() < block.start():
        line = text.count("\n", 0, part.start()) + 1
        return Fault(line, f"{part[0].strip()} stands above the first [[request]]", _PARTS)
    line, column = settings_file.place_of(told)
    where = fault_at(column) if line else ""
    behind = text.split("\n")[line - 1][column - 1 :] if line else ""
    if not line and "end of document" in told:
        line = len(text.rstrip().split("\n"))
    what, remedy = next(
        (what, remedy)
        for said, stands, what, remedy in _SENTENCES
        if re.match(said, told) and re.match(stands, behind)
    )
    return Fault(line, f"{what}{where}", remedy)
