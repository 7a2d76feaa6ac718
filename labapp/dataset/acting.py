"""An admin's acts on annotators and pictures: what each would change, and doing it.

An act is planned from a look at all labels, which writes nothing and tells exactly what would
change, and then carried out. What it does is decided anew by the label file that is there then, so
that nothing which others write meanwhile is lost: an act on many pictures that was interrupted is
planned and carried out again, does the rest, and doubles nothing. Nothing is ever deleted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from ulid import ULID

from labapp import utc
from labapp.cloud.bucket import Bucket
from labapp.dataset import decisions, layouts
from labapp.dataset.calls import READERS, never, parallel_map, with_retries
from labapp.dataset.counting import annotators_in
from labapp.dataset.label_parts import parts_of, read_whole
from labapp.dataset.label_writer import change
from labapp.dataset.statistics import DatasetSnapshot
from labapp.errors import RefusedError, TooLargeError
from labapp.labels import acts, annotator_file, label_file
from labapp.labels.acts import ALWAYS, Rule, Span
from labapp.labels.annotator_file import Annotators
from labapp.labels.classes import LabelClass
from labapp.labels.effective import Counting, PictureLabels, labels_of
from labapp.labels.effects import Effect, effect
from labapp.labels.label_file import Entry, Label, LabelFile, append, parse_label_file
from labapp.labels.tokens import person


@dataclass(frozen=True)
class Plan:
    """What an act on label files would do.

    Attributes:
        rule: gives the lines that it withdraws.
        lines: how many these are, by the key of their picture.
        effect: what it changes.
        counting: how answers count.
        in_parts: pictures whose label files have lines beside them.
    """

    rule: Rule
    lines: Mapping[str, int]
    effect: Effect
    counting: Counting
    in_parts: frozenset[str] = frozenset()

    @property
    def total(self) -> int:
        """How many lines it withdraws."""
        return sum(self.lines.values())


@dataclass(frozen=True)
class Decision:
    """What a decision on annotators would do.

    Attributes:
        edit: makes it.
        effect: what it changes.
        is_new: whether it is not made already.
    """

    edit: Callable[[Annotators], Annotators]
    effect: Effect
    is_new: bool


@dataclass(frozen=True)
class Settled:
    """What became of one picture.

    Attributes:
        key: the picture's key.
        before: its labels before the act.
        after: and after it; in a dry run as they would be.
        lines: how many lines were added.
    """

    key: str
    before: PictureLabels
    after: PictureLabels
    lines: int

    @property
    def effect(self) -> Effect:
        """What the act changes; agreement is that of the picture alone."""
        return effect([self.before], [self.after])


def withdrawal(look: DatasetSnapshot, who: str, span: Span = ALWAYS) -> Plan:
    """Plan to withdraw the answers and skips of a person, given in a span of time.

    Raises:
        RefusedError: this layout holds bare codes only; or `who` is empty: bare lines have no ids.
    """
    if not who:
        raise RefusedError(
            "answers of a lab's own programs have no names, and cannot be withdrawn",
            "Leave them all out instead: admin.py annotators leave-out anonymous",
        )
    return _plan(look, acts.answers_of(who, span, look.counting))


def restoration(look: DatasetSnapshot, who: str, span: Span = ALWAYS) -> Plan:
    """Plan to restore what was withdrawn of a person's; errors as of `withdrawal`."""
    return _plan(look, acts.withdrawn_answers_of(who, span, look.counting))


def _plan(look: DatasetSnapshot, rule: Rule) -> Plan:
    check(look.layout.is_own)
    found = acts.keys_with(rule, [(one.key, one.file) for one in look.written])
    after = [
        _with(one, _withdrawals(rule(one.file), "admin")) if one.key in found else one
        for one in look.written
    ]
    return Plan(rule, found, effect(look.written, after), look.counting, look.in_parts)


def carry_out(
    bucket: Bucket, plan: Plan, admin: str, stop: Callable[[], bool] = never
) -> Iterator[tuple[str, int]]:
    """Do what was planned, side by side; yield key and lines of each picture that is through.

    Args:
        bucket: where the label files lie.
        plan: as of a look; a file that has changed since is looked at anew.
        admin: in whose name, as a token.
        stop: whether to begin no other picture.

    Raises:
        CloudError: the bucket cannot be read or written. What was yielded is in, and whoever plans
            and carries out again does the rest.
        RefusedError: this layout is read only.
        TooLargeError: a file would be too large; all others are through.
    """
    layouts.writable(bucket)

    full: list[TooLargeError] = []

    def one(key: str) -> tuple[str, int] | None:
        has_parts = key in plan.in_parts
        lines = partial(_ruled, plan.rule, admin)
        try:
            return key, _write(bucket, key, plan.counting, lines, has_parts=has_parts).lines
        except TooLargeError as error:  # all other pictures are gone through all the same
            full.append(error)
            return None

    for done in parallel_map(one, plan.lines, READERS, stop):
        if done is not None:
            yield done
    if full:
        raise full[0]


def settle(
    bucket: Bucket,
    key: str,
    label_class: LabelClass,
    admin: str,
    counting: Counting,
    *,
    dry: bool = False,
) -> Settled:
    """Settle a picture by a verdict; nothing is written where the same one counts already.

    Args:
        bucket: where its label file lies.
        key: the picture's key.
        label_class: what it is.
        admin: whose verdict, as a token.
        counting: how answers count there.
        dry: only say what would become of it.

    Raises:
        RefusedError: this layout is read only, or holds bare codes only.
        TooLargeError: the label file has more than a label file may, or would have.
        CloudError: it cannot be read or written.
    """
    answer_id, at = str(ULID()), utc.now()

    def lines(file: LabelFile) -> list[Entry]:
        found = labels_of(key, file, counting=counting).verdict
        if found is not None and found.code == label_class.code:
            return []
        return [label_file.verdict(label_class, at, admin, answer_id)]

    return _one(bucket, key, counting, lines, dry=dry)


def unsettle(
    bucket: Bucket, key: str, admin: str, counting: Counting, *, dry: bool = False
) -> Settled:
    """Take the verdict on a picture back; one given before it counts again. As of `settle`."""
    return _one(bucket, key, counting, partial(_ruled, acts.verdict(counting), admin), dry=dry)


def dismiss(
    bucket: Bucket, key: str, admin: str, counting: Counting, *, dry: bool = False
) -> Settled:
    """Dismiss what was said of a picture that it is broken; as of `settle`."""
    return _one(bucket, key, counting, partial(_ruled, acts.flags(counting), admin), dry=dry)


def bring_back(
    bucket: Bucket, key: str, admin: str, counting: Counting, *, dry: bool = False
) -> Settled:
    """Bring the flags of a picture back that were dismissed; as of `settle`."""
    return _one(bucket, key, counting, partial(_ruled, acts.dismissed_flags, admin), dry=dry)


def decide(
    look: DatasetSnapshot, decided: Annotators, edit: Callable[[Annotators], Annotators]
) -> Decision:
    """Plan a decision on annotators.

    Args:
        look: all labels.
        decided: what was decided until now.
        edit: makes the decision: a method of `Annotators` with its names.

    Raises:
        RefusedError: it cannot be made.
    """
    after = edit(decided)
    counting = replace(look.counting, same=after.people, left_out=after.people_left_out)
    touched = _touched(decided, after)
    now = [
        labels_of(one.key, one.file, one.sha256, counting)
        if any(person(entry.annotator) in touched for entry in one.file.entries)
        else one
        for one in look.written
    ]
    return Decision(edit, effect(look.written, now), after != decided)


def _touched(before: Annotators, after: Annotators) -> set[str]:
    """Return the persons, as label files have them, of whom something else is decided."""
    out = before.people_left_out ^ after.people_left_out
    found = {who for pair in before.people.items() ^ after.people.items() for who in pair}
    for each in (before, after):
        found |= {other for other, who in each.people.items() if who in out}
    return found | out


def keep(bucket: Bucket, edit: Callable[[Annotators], Annotators]) -> Annotators:
    """Make a decision on annotators, whatever others decide meanwhile; return what is decided.

    Raises:
        RefusedError: it cannot be made, or this layout is read only.
        CloudError: the bucket cannot be read or written.
    """

    def edited(text: str) -> str:
        before = annotators_in(text)
        after = edit(before)
        if after == before:
            return text
        written = annotator_file.to_text(after)
        annotator_file.of_text(written)  # what could not be read again is refused here
        return written

    return annotator_file.of_text(decisions.change(bucket, annotator_file.KEY, edited))


def check(is_own: bool) -> None:
    """Refuse to act on label files of a lab's own layout.

    Raises:
        RefusedError: it is one.
    """
    if not is_own:
        raise RefusedError(
            "a lab's own layout holds bare answers only: nothing there says whose they are, and"
            " there is no line for a verdict or a withdrawal",
            "All of them are left out, and taken back, by: admin.py annotators leave-out anonymous",
        )


def _one(
    bucket: Bucket,
    key: str,
    counting: Counting,
    lines: Callable[[LabelFile], list[Entry]],
    *,
    dry: bool,
) -> Settled:
    check(layouts.of(bucket).is_own)
    layout = layouts.writable(bucket)
    place = layout.label_key(key)
    if dry:
        body = with_retries(lambda: read_whole(bucket, place))
        before = labels_of(key, parse_label_file(body, counting.scheme.codes), counting=counting)
        new = lines(before.file)
        return Settled(key, before, _with(before, new), len(new))
    has_parts = bool(with_retries(lambda: parts_of(bucket, place)))
    return _write(bucket, key, counting, lines, has_parts=has_parts)


def _write(
    bucket: Bucket,
    key: str,
    counting: Counting,
    lines: Callable[[LabelFile], list[Entry]],
    *,
    has_parts: bool,
) -> Settled:
    """Add to a label file what it then wants; a try that seemed lost and was not adds nothing.

    After such a try the file may want more: of two verdicts the first counts again, once the last
    is taken back, and is not to be taken back too.
    """
    codes = counting.scheme.codes
    tried: list[tuple[LabelFile, list[Entry]]] = []

    def edit(existing: bytes) -> bytes | None:
        file = parse_label_file(existing, codes)
        came_in = [one for one in tried if all(new.answer_id in file for new in one[1])]
        new = [] if came_in else lines(file)
        tried[:] = came_in or [*tried, (file, new)]
        return append(existing, *new) if new else None

    change(bucket, layouts.of(bucket).label_key(key), edit, has_parts=has_parts)
    file, new = tried[-1]
    before = labels_of(key, file, counting=counting)
    return Settled(key, before, _with(before, new), len(new))


def _with(picture: PictureLabels, new: list[Entry]) -> PictureLabels:
    """Return a picture's labels as they are with further lines."""
    if not new:
        return picture
    file = replace(picture.file, entries=(*picture.file.entries, *new))
    return labels_of(picture.key, file, picture.sha256, picture.counting)


def _ruled(rule: Rule, admin: str, file: LabelFile) -> list[Entry]:
    return _withdrawals(rule(file), admin)


def _withdrawals(named: list[Entry], admin: str) -> list[Entry]:
    """Return the lines that withdraw others, in a name.

    One that ends a withdrawal is later than it by its time too, which says what comes first where
    lines lie beside their file: another admin's clock may be ahead.
    """
    now = utc.now()
    return [label_file.withdrawal(one, _behind(one, now), admin, str(ULID())) for one in named]


def _behind(named: Entry, now: datetime) -> datetime:
    if named.label is not Label.WITHDRAWAL or named.at is None:
        return now
    return max(now, named.at + timedelta(seconds=1))
