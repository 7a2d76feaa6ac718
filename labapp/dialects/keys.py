"""The keys of blocks and answers, and what is told of one that stands where it does not belong.

In TOML a key belongs to the header above it: one that is written below a part of a block, such as
`[request.attributes]` or `[queue."inbox"]`, is that part's.
"""

from __future__ import annotations

from labapp.dialects.tables import Table

#: The keys of a message that answers.
OF_ANSWERS = ("body", "attributes", "echo", "group", "deduplication", "answer")

#: Keys of blocks of one kind alone.
OF_NUMBERS = ("number", "content")
OF_PICTURES = ("steps", "format", "quality")

#: The keys of a block, in the order in which the manual tells them.
OF_BLOCKS = (
    *("name", "queue", "answer", "bucket", "result_bucket", "when", "numbers", "separators"),
    *("picture", *OF_PICTURES, "result", "content", "pick", "number"),
    *(*OF_ANSWERS[:-1], "error", "reply"),
)

#: Those that are hardly meant where a part may have keys of any name.
_HARDLY_NAMES = (
    *("queue", "answer", "bucket", "result_bucket", "numbers", "picture", "separators"),
    *("steps", "result", "body", "echo", "error"),
)


def homes(header: str) -> dict[str, str]:
    """Return what to do about each key of a block that stands below a part's header."""
    remedy = f"It is a key of the [[request]] itself: write it above {header}, as parts come last."
    return dict.fromkeys(OF_BLOCKS, remedy)


def check_swallowed(table: Table) -> None:
    """Find fault with keys that were meant for the block, and are a part's of any keys."""
    for key, value in table.said.items():
        is_below = table.line(key) > table.line()  # on one line it was meant
        if key in _HARDLY_NAMES and is_below and f"{{{key}}}" not in str(value):
            table.fault(
                f"{key} stands below {table.name}, and is taken for one of these",
                "Write it above their header; one that is meant as it stands goes with them on"
                " one line: { ... }.",
                key,
            )
