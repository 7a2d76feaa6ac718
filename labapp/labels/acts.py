"""What an admin's acts are made of: which lines of a label file each of them withdraws.

Every act ends by the one that is its reverse: a withdrawal by withdrawing it. Answers and skips of
a person are one thing, flags that a picture is broken another, verdicts a third, so that no act's
reverse brings back what another took away.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from labapp.labels.effective import AS_WRITTEN, Counting, labels_of, standing, withdrawals
from labapp.labels.label_file import Entry, Label, LabelFile

#: Gives the lines of a label file that an act withdraws.
Rule = Callable[[LabelFile], list[Entry]]


@dataclass(frozen=True)
class Span:
    """The time in which something was said; open where there is no bound.

    Attributes:
        since: the first moment of it.
        until: the first moment that is not in it.
    """

    since: datetime | None = None
    until: datetime | None = None

    def has(self, at: datetime | None) -> bool:
        """Tell whether a moment is in it."""
        if at is None:
            return self.since is None and self.until is None
        return (self.since is None or at >= self.since) and (self.until is None or at < self.until)


#: All that was ever said.
ALWAYS = Span()


def answers_of(who: str, span: Span = ALWAYS, counting: Counting = AS_WRITTEN) -> Rule:
    """Return the rule that withdraws a person's answers and skips.

    All of them and not the latest alone: of a picture that somebody answered twice, the first
    answer would count again.
    """

    def rule(file: LabelFile) -> list[Entry]:
        if not any(counting.person(one.annotator) == who for one in file.entries):
            return []  # as of most files there are
        return [
            one
            for one in standing(file, counting)
            if (one.is_answer or one.label is Label.SKIP)
            and counting.person(one.annotator) == who
            and span.has(one.at)
        ]

    return rule


def withdrawn_answers_of(who: str, span: Span = ALWAYS, counting: Counting = AS_WRITTEN) -> Rule:
    """Return the rule that restores a person's answers and skips."""

    def rule(file: LabelFile) -> list[Entry]:
        if not (found := withdrawals(file)):
            return []
        said = {
            one.answer_id
            for one in file.entries
            if (one.is_answer or one.label is Label.SKIP)
            and not one.is_bare
            and counting.person(one.annotator) == who
            and span.has(one.at)
        }
        return [one for one in found if one.retracts in said]

    return rule


def flags(counting: Counting = AS_WRITTEN) -> Rule:
    """Return the rule that dismisses what everybody has said of a picture that it is broken."""
    return lambda file: [one for one in standing(file, counting) if one.label is Label.BROKEN]


def dismissed_flags(file: LabelFile) -> list[Entry]:
    """Return what is withdrawn where dismissed flags are brought back: it is a rule."""
    said = {one.answer_id for one in file.entries if one.label is Label.BROKEN}
    return [one for one in withdrawals(file) if one.retracts in said]


def verdict(counting: Counting = AS_WRITTEN) -> Rule:
    """Return the rule that takes the verdict back that counts; the one before counts again."""

    def rule(file: LabelFile) -> list[Entry]:
        found = labels_of("", file, counting=counting).verdict
        return [] if found is None else [one for one in standing(file, counting) if _is(one, found)]

    return rule


def _is(one: Entry, found: Entry) -> bool:
    return one.answer_id == found.answer_id


def keys_with(rule: Rule, files: Collection[tuple[str, LabelFile]]) -> dict[str, int]:
    """Return how many lines a rule withdraws of each of some label files, less those of none."""
    counted = ((key, len(rule(file))) for key, file in files)
    return {key: count for key, count in counted if count}
