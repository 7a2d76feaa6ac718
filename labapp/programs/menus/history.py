"""What was answered before to the questions of the menus: ↑ steps through it, in any program.

It is kept on this machine, in one file of the user's own. Nothing secret is asked for by any menu;
the words that confirm what cannot be undone are not kept, as they are to be typed each time, nor
are the attributes of a message that is tried, which may hold what a lab's client signs in with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from labapp import foreign
from labapp.programs.menus.kept_file import KeptFile

#: The file's name, in the data folder.
FILE = "history.json"

#: Answers that are kept to one question, and characters of all of them: the oldest go. A longer
#: answer than a tenth of that is not kept: nobody looks through it.
MOST, MOST_TEXT = 100, 20_000
MOST_ANSWER = MOST_TEXT // 10

#: Some twenty questions; a character may take six bytes of JSON.
_KEPT = KeptFile(FILE, 4_000_000)


@dataclass(frozen=True)
class History:
    """The answers to one question, or to several that ask for the same."""

    name: str

    def answers(self) -> list[str]:
        """Return them, the newest last, each once."""
        return _bounded(_KEPT.read().get(self.name))

    def add(self, answer: str) -> None:
        """Keep an answer as the newest; an empty one is none."""
        answer = answer.strip()
        if not answer or len(answer) > MOST_ANSWER or self.answers()[-1:] == [answer]:
            return

        def with_it(known: dict[str, Any]) -> dict[str, Any]:
            others = [one for one in _bounded(known.get(self.name)) if one != answer]
            return {**known, self.name: _bounded([*others, answer])}

        _KEPT.change(with_it)


def _bounded(kept: object) -> list[str]:
    """Return the newest answers that there is room for, of what was read of the file."""
    texts = [one for one in foreign.as_list(kept) if isinstance(one, str) and one]
    found: list[str] = []
    room = MOST_TEXT
    for one in reversed(texts[-MOST:]):
        room -= len(one)
        if room < 0:
            break
        found.append(one)
    return found[::-1]


def newest(answers: Sequence[str], most: int) -> list[str]:
    """Return the last answers, the newest first, for who offers them."""
    return list(answers[: -most - 1 : -1])


#: What is asked for, by the name under which its answers are kept.
LISTS = History("lists of numbers")
LENGTHS = History("how many numbers")
NUMBER_FILES = History("files of numbers")
PICTURE_FOLDERS = History("folders of pictures")
RESULT_FOLDERS = History("folders of results")
RECIPES = History("names of recipes")
ANNOTATORS = History("annotators")
UPLOADS = History("pictures to upload")
REMOVALS = History("pictures to remove")
IMPORTS = History("labels to import")
EXPORTS = History("where labels are exported to")
FLAGS = History("why pictures are broken")
LEAST_ANSWERS = History("least answers of a picture")
CLASS_FILES = History("files of classes and guidelines")
DIALECT_FILES = History("files of dialects")
QUEUES = History("queues that are watched")
BODIES = History("bodies of messages")
CONTENTS = History("objects of integers")
GROUPS = History("groups of messages")
