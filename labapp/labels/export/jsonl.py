"""Export as JSON Lines: an object per answer that counts, with the columns of the answers table."""

from __future__ import annotations

from collections.abc import Iterator

from labapp.labels.export.format import Format, Labels, compact_json


def answers_jsonl(labels: Labels) -> Iterator[str]:
    """Yield one line per answer; what is not known of an anonymous one is null, as is a hash."""
    names = labels.answer_columns
    for row in labels.answer_rows():
        fields = {
            name: None if value == "" else float(value) if name == "probability" else value
            for name, value in zip(names, row, strict=True)
        }
        yield compact_json(fields) + "\n"


FORMAT = Format(
    "jsonl",
    "one JSON object per answer and line",
    lambda labels: {"answers.jsonl": answers_jsonl(labels)},
    is_hashed=True,
    answers="answers.jsonl",
)
