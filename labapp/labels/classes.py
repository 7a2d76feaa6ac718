"""What is asked of each picture, and the classes that answers put it in: said here alone.

Label files, exports and imports, the keys of the labelling screen, the columns of statistics, help
and messages take their words from here.
"""

from __future__ import annotations

from dataclasses import dataclass

#: What is asked of each picture.
QUESTION = "Hot dog?"

#: The same within a line.
ASKED = QUESTION[0].lower() + QUESTION[1:]


@dataclass(frozen=True, slots=True)
class LabelClass:
    """One of the classes that an answer may put a picture in.

    Attributes:
        code: stands for it in label files and, as a number, in exports.
        key: gives it on the labelling screen.
        name: what it is called in exports, in tables and in lines.
        title: what there is in such a picture, in a sentence.
    """

    code: int
    key: str
    name: str
    title: str

    @property
    def plural(self) -> str:
        """What many pictures of it are called."""
        return f"{self.name}s"

    @property
    def word(self) -> str:
        """Its name as one word, as flags have it."""
        return self.name.replace(" ", "-")

    @property
    def field(self) -> str:
        """Its name within that of a JSON field."""
        return self.name.replace(" ", "_")

    @property
    def identifier(self) -> str:
        """Its name as attributes and files have it, without blanks."""
        return self.name.replace(" ", "")

    @property
    def column(self) -> str:
        """The heading of its share of the answers."""
        return f"{self.name} %"


#: All of them; first the one that is looked for.
CLASSES = (
    LabelClass(1, "1", "hot dog", "a hot dog"),
    LabelClass(0, "0", "other", "something else"),
)
POSITIVE, NEGATIVE = CLASSES

#: The same, by the codes.
BY_CODE = {each.code: each for each in CLASSES}

#: The codes and what they mean, in a sentence.
MEANINGS = ", ".join(f"{each.code} {each.name}" for each in CLASSES)
