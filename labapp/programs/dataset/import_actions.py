"""What an import of answers or predictions does and says, for the command and the menu alike."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from labapp.console.figures import plural
from labapp.dataset import importing
from labapp.dataset.importing import State
from labapp.labels.importing import IMPORTED, Fault
from labapp.labels.tokens import annotator_name, annotator_token

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from labapp.cloud.bucket import Bucket
    from labapp.dataset.importing import Outcome
    from labapp.labels.classes import Scheme
    from labapp.labels.importing import Row
    from labapp.labels.layout import Layout
    from labapp.progress import Progress

#: Unknown classes that are told by name.
_MOST_NAMES = 5

#: Characters of the name of an unknown class that are told.
_MOST_NAME = 40


def put_in(
    bucket: Bucket,
    rows: Sequence[tuple[Path, Row]],
    progress: Progress,
    *,
    dry: bool = False,
) -> Iterator[Outcome]:
    """Put answers into the label files; yield what became of each, as pictures are through.

    `progress` is told of each answer; where it is stopped, no other picture is begun. A dry run
    only says what would become of each.
    """
    for one in importing.put_in(bucket, rows, dry=dry, stop=progress.stopped):
        good = one.state is not State.REFUSED
        progress.moved(1)
        progress.done(
            f"{one.key}: {one.state.value}" if good else refusal(one), one.state.value, good=good
        )
        yield one


def refusal(one: Outcome) -> str:
    """Return why a row is not taken, with the number of its line."""
    return f"{one.path}:{one.line}: {one.reason}"


def counts_line(outcomes: Iterable[Outcome], word: Callable[[State], str] = str) -> str:
    """Return how many answers ended how, in one line."""
    counts = Counter(one.state for one in outcomes)
    always = (State.ADDED, State.THERE)
    return ", ".join(
        f"{counts[state]:,} {word(state)}" for state in State if counts[state] or state in always
    )


def fault_lines(outcomes: Iterable[Outcome], scheme: Scheme) -> list[str]:
    """Return what keeps rows from being taken, by its kinds, and what to do about each."""
    faults = Counter[Fault | None]()
    unknown = Counter[str]()
    for one in outcomes:
        faults[one.fault] += 1
        if one.fault is Fault.CLASS:
            unknown[one.row.unknown[:_MOST_NAME]] += 1
    lines = []
    if unknown:
        named = [f"{name!r} {count:,}" for name, count in unknown.most_common(_MOST_NAMES)]
        more = [f"{len(unknown) - _MOST_NAMES:,} more"] if len(unknown) > _MOST_NAMES else []
        lines.append(
            f"no such class: {', '.join([*named, *more])}."
            f" {_meant(unknown.most_common(1)[0][0], scheme)}The classes are {scheme.names};"
            " 'admin.py classes set' changes them"
        )
    if pictures := faults[Fault.PICTURE]:
        are = "names a picture" if pictures == 1 else "name pictures"
        lines.append(
            f"{plural(pictures, 'row')} {are} that {'is' if pictures == 1 else 'are'} not there,"
            " or not alone with that name: 'admin.py images' lists the keys"
        )
    return lines


def other_names_line(outcomes: Iterable[Outcome], scheme: Scheme) -> str:
    """Return which classes a file calls otherwise than they are called here; empty for none.

    Their codes count, so they are the same classes, called otherwise since, or the file is of
    another dataset.
    """
    found = Counter(
        (one.row.otherwise[:_MOST_NAME], int(one.row.given.entry.label))
        for one in outcomes
        if one.row.otherwise and one.row.given and one.state is not State.REFUSED
    )
    named = [
        f"{name!r} as {scheme.by_code[code].name!r} ({code}), {plural(count, 'row')}"
        for (name, code), count in found.most_common(_MOST_NAMES)
    ]
    return f"codes count, and not names: {'; '.join(named)}" if named else ""


def _meant(name: str, scheme: Scheme) -> str:
    """Return a question after the class that a name that is none may be, with a blank behind it."""
    import difflib

    names = {each.name.casefold(): each.name for each in scheme.classes}
    close = difflib.get_close_matches(name.casefold(), names, 1)
    return f"Is {name!r} {names[close[0]]!r}? " if close else ""


def withdrawal_line(outcomes: Iterable[Outcome], annotator: str, layout: Layout) -> str:
    """Return how to take back answers that the import gave an annotator; empty for none.

    In a lab's own layout answers are nobody's.
    """
    who = annotator_token(annotator or IMPORTED)
    if not layout.is_own or not any(
        one.state is State.ADDED and _is_by(one, who) for one in outcomes
    ):
        return ""
    name = annotator_name(who)
    quoted = f'"{name}"' if " " in name else name
    return f"imported as answers of {name}: 'annotators withdraw {quoted}' takes them back"


def _is_by(one: Outcome, token: str) -> bool:
    return one.row.given is not None and one.row.given.entry.annotator == token
