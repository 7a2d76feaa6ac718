"""What is asked of each picture, and the classes that answers put it in.

A dataset has a scheme of its own, kept in its bucket; one without has `DEFAULT_SCHEME`, whose words
stand here alone. Label files, exports and imports, the keys of the labelling screen, the columns of
statistics, help and messages take their words from a scheme.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class LabelClass:
    """One of the classes that an answer may put a picture in.

    Attributes:
        code: stands for it in label files and, as a number, in exports; 0 to 9.
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

    def counted(self, number: int) -> str:
        """So many pictures of it; of names that are no usual ones nobody knows the plural."""
        is_usual = self in DEFAULT_SCHEME.classes
        return f"{number:,} {self.plural if is_usual and number != 1 else self.name}"

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


class Order(StrEnum):
    """Which picture is shown next."""

    FEWEST = "fewest"
    DISPUTED = "disputed"
    RANDOM = "random"
    UNCERTAIN = "uncertain"

    @property
    def told(self) -> str:
        """What it means, in a line."""
        return _ORDERS[self]


_ORDERS = {
    Order.FEWEST: "fewest answers first",
    Order.DISPUTED: "most disputed first",
    Order.RANDOM: "at random",
    Order.UNCERTAIN: "least certain prediction first",
}


@dataclass(frozen=True)
class Scheme:
    """What is asked of each picture of a dataset and how, and the classes there are.

    Attributes:
        question: what is asked.
        classes: 2 to 10; first the one that is looked for.
        guidelines: what annotators are told at length; empty where nothing is.
        retired: codes of classes that are no more, each with the code that its answers count as;
            None: as no answer. A code is never given to another class.
        order: which picture is shown next.
        gold_every: of how many pictures one is gold, whose class is known; 0: none is.
        has_feedback: whether annotators are told, after a gold picture, what it is.
        has_hints: whether annotators see predictions.
        former: what classes of retired codes were called, as far as that is known.
    """

    question: str
    classes: tuple[LabelClass, ...]
    guidelines: str = ""
    retired: Mapping[int, int | None] = field(
        default_factory=lambda: MappingProxyType({}), hash=False
    )
    order: Order = Order.FEWEST
    gold_every: int = 0
    has_feedback: bool = False
    has_hints: bool = False
    former: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}), hash=False)

    @property
    def first(self) -> LabelClass:
        """The class that is looked for."""
        return self.classes[0]

    @property
    def asked(self) -> str:
        """The question within a line."""
        return self.question[:1].lower() + self.question[1:]

    @cached_property
    def by_code(self) -> Mapping[int, LabelClass]:
        """The classes, by their codes; a code that is retired has the class it counts as."""
        own = {each.code: each for each in self.classes}
        counted = {old: own[new] for old, new in self.retired.items() if new is not None}
        return {**counted, **own}

    @cached_property
    def codes(self) -> frozenset[int]:
        """The codes that lines of label files may have, those that are retired among them."""
        return frozenset({each.code for each in self.classes} | set(self.retired))

    @property
    def meanings(self) -> str:
        """The codes and what they mean, in a sentence."""
        return ", ".join(f"{each.code} {each.name}" for each in self.classes)

    @property
    def names(self) -> str:
        """The classes' names, in a line: `hot dog, other`."""
        return ", ".join(each.name for each in self.classes)

    @property
    def attribute(self) -> str:
        """What the label of a picture is called where a format has one name for it."""
        name = self.first.identifier
        return name if len(self.classes) == 2 and name.isascii() and name.isalnum() else "class"

    def called(self, text: str) -> LabelClass | None:
        """Return the class that a code or a name means, however it is written; None if none.

        A name that is a class's to the letter means that one: `-2` may be what one is called.
        """
        if exact := next((each for each in self.classes if each.name == text), None):
            return exact
        wanted = plain(text)
        for each in self.classes:
            if wanted in (str(each.code), plain(each.name)):
                return each
        return None


def plain(text: str) -> str:
    """Return a name as it is compared: however it is written, it is the same."""
    return " ".join(text.replace("_", " ").replace("-", " ").split()).casefold()


#: What a dataset is asked that has no scheme of its own.
DEFAULT_SCHEME = Scheme(
    "Hot dog?",
    (LabelClass(1, "1", "hot dog", "a hot dog"), LabelClass(0, "0", "other", "something else")),
)
