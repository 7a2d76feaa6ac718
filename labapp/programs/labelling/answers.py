"""What the commands and the pages of labelling have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labapp.labels.label_file import Entry

#: Pictures of one round, unless `--count` says otherwise.
ROUND = 4


def replaced_note(before: Entry, when: str) -> str:
    """Say that an answer was replaced which the same name had given in another session.

    Args:
        before: the answer that counted until now.
        when: it was given, as it is to be shown.
    """
    from labapp.labels.label_file import annotator_name

    word = before.answer.name if before.answer else ""
    return (
        f"{annotator_name(before.annotator)} had answered it before, in another session"
        f" ({word}, {when}). Only the new answer counts. Does somebody else use that name?"
    )
