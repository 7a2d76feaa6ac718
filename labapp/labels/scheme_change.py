"""What a change of a dataset's classes does to what was answered, and whether it may be done.

A code in a label file means the class that had it when the answer was given. So a code is never
given to another class in silence: a class that goes leaves its code retired, with what its answers
count as from then on, and an admin says so wherever there are answers that nobody could count, or
that would mean something else than they did.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import astuple, dataclass, replace

from labapp.errors import RefusedError
from labapp.labels import scheme_file
from labapp.labels.classes import LabelClass, Scheme, plain
from labapp.labels.scheme_file import NONE

#: What an admin says of codes: which other one the answers of each count as; None: as no answer.
#: A code that counts as itself is of the same class as before, whatever it is called now.
Mapped = Mapping[int, int | None]


@dataclass(frozen=True)
class Uses:
    """What there is of one code in a dataset.

    Attributes:
        answers: those that count, of whomever.
        verdicts: pictures that an admin has settled so.
        gold: pictures that are known to be of its class.
        predictions: pictures that a model takes for it.
        lines: lines of label files that have it, those among them that were taken back.
    """

    answers: int = 0
    verdicts: int = 0
    gold: int = 0
    predictions: int = 0
    lines: int = 0

    @property
    def has_any(self) -> bool:
        """Whether a meaning is lost with the code."""
        return bool(self.answers or self.verdicts or self.gold or self.predictions or self.lines)

    @property
    def told(self) -> str:
        """What there is, in a line; `nothing` where there is nothing."""
        kinds = {
            "answer": self.answers,
            "verdict": self.verdicts,
            "gold picture": self.gold,
            "prediction": self.predictions,
        }
        found = [f"{n:,} {what}{'' if n == 1 else 's'}" for what, n in kinds.items() if n]
        if not found and self.lines:
            found = [f"{self.lines:,} line{'' if self.lines == 1 else 's'} taken back since"]
        return ", ".join(found) or "nothing"

    def __add__(self, other: Uses) -> Uses:
        return Uses(*(one + more for one, more in zip(astuple(self), astuple(other), strict=True)))


_NOTHING = Uses()

#: What there is of each code.
Used = Mapping[int, Uses]


@dataclass(frozen=True)
class Change:
    """A change that may be done.

    Attributes:
        before: what there is.
        after: what there would be, with all codes that are retired.
        told: what it does, a line for each thing; none where it changes nothing.
        unmapped: codes of classes that go, of which nobody has said what their answers count as,
            as there are none.
    """

    before: Scheme
    after: Scheme
    told: tuple[str, ...]
    unmapped: frozenset[int] = frozenset()


def is_look_needed(before: Scheme, wanted: Scheme) -> bool:
    """Tell whether it takes a look at all labels to say what a change does to answers."""
    was, shall = _by_code(before), _by_code(wanted)
    if was.keys() != shall.keys():
        return True
    is_renamed = any(plain(was[code].name) != plain(shall[code].name) for code in was)
    return is_renamed or any(
        wanted.retired.get(old, new) != new for old, new in before.retired.items()
    )


def plan(before: Scheme, wanted: Scheme, mapped: Mapped, used: Used) -> Change:
    """Work out what a change does, and see to it that no answer is lost by it or turned round.

    Args:
        before: what there is.
        wanted: what is wanted; codes that are retired before need not be named in it.
        mapped: what was said of codes.
        used: what there is of each code; may be empty where `is_look_needed` says so.

    Raises:
        RefusedError: answers would be lost or mean something else; says how many, and what to do.
    """
    _check_mapped(before, wanted, mapped)
    _check_names(before, wanted, mapped, used)
    _check_revived(before, wanted, mapped, used)
    retired, unmapped = _retired(before, wanted, mapped, used)
    former = {**before.former, **wanted.former, **{c.code: c.name for c in before.classes}}
    former = {code: name for code, name in sorted(former.items()) if code in retired}
    after = replace(wanted, retired=retired, former=former)
    scheme_file.check(after)
    told = tuple(_told(before, after, used))
    return Change(before, after, told, frozenset(unmapped))


def counted_as(scheme: Scheme, used: Used, apart: Collection[int] = ()) -> Used:
    """Return what there is of each code, and of each class with what retired codes count as it.

    `apart` are retired codes that are left out of that.
    """
    found = dict(used)
    for old, new in scheme.retired.items():
        if new is not None and old in used and old not in apart:
            found[new] = _of(new, found) + used[old]
    return found


def _by_code(scheme: Scheme) -> dict[int, LabelClass]:
    return {each.code: each for each in scheme.classes}


def _of(code: int, used: Used) -> Uses:
    return used.get(code, _NOTHING)


def _listed(scheme: Scheme) -> str:
    return ", ".join(f"{each.name} ({each.code})" for each in scheme.classes)


def _check_mapped(before: Scheme, wanted: Scheme, mapped: Mapped) -> None:
    own = _by_code(wanted)
    for old, new in mapped.items():
        if old in own and new != old:
            raise RefusedError(
                f"{own[old].name} has the code {old}, so its answers count as its own",
                "Leave that --map out, or take the class out.",
            )
        if old not in before.codes:
            raise RefusedError(
                f"no class has, or had, the code {old}", f"There are {_listed(before)}."
            )


def _check_names(before: Scheme, wanted: Scheme, mapped: Mapped, used: Used) -> None:
    """Refuse that a code which has answers gets the name of something else."""
    was, shall = _by_code(before), _by_code(wanted)
    used = counted_as(before, used, {*mapped, *wanted.retired})
    for code in was.keys() & shall.keys():
        old, new, uses = was[code], shall[code], _of(code, used)
        if not uses.has_any or _is_same(old, new, before, wanted) or mapped.get(code) == code:
            continue
        raise RefusedError(
            f"the code {code} is {old.name}, with {uses.told}, and would be {new.name}",
            f"If that is another name of the same class, say --map {code}={code}; else give"
            f" {new.name} another code, and say with --map {code}=NEW what {old.name} counts as.",
        )


def _is_same(old: LabelClass, new: LabelClass, before: Scheme, wanted: Scheme) -> bool:
    """Tell whether a class has plainly only another name: with the same key, or its plural.

    A key that is the code's own digit says nothing, nor does a name that was, or is, another's.
    """
    one, other = sorted((plain(old.name), plain(new.name)), key=len)
    if one == other:
        return True
    if before.called(new.name) or wanted.called(old.name):
        return False
    return old.key == new.key != str(old.code) or other in (f"{one}s", f"{one}es")


def _check_revived(before: Scheme, wanted: Scheme, mapped: Mapped, used: Used) -> None:
    """Refuse that a retired code which has answers is given to a class, unless it was its own."""
    for each in wanted.classes:
        uses, former = _of(each.code, used), before.former.get(each.code, "another class")
        if each.code not in before.retired or mapped.get(each.code) == each.code:
            continue
        if uses.has_any and plain(former) != plain(each.name):
            free = sorted(set(range(10)) - before.codes - wanted.codes)
            other = f"give it another code, such as {free[0]}" if free else "no other code is free"
            raise RefusedError(
                f"the code {each.code} of {each.name} was that of {former}, with {uses.told}",
                f"If it is the same class again, say --map {each.code}={each.code}; else {other}.",
            )


def _retired(
    before: Scheme, wanted: Scheme, mapped: Mapped, used: Used
) -> tuple[dict[int, int | None], set[int]]:
    """Return what each code that no class has counts as, and those of which nobody has said it."""
    own = _by_code(wanted)
    said = {**before.retired, **wanted.retired, **mapped}
    gone = {each.code: each for each in before.classes if each.code not in own}
    unmapped = {code for code in gone if code not in wanted.retired and code not in mapped}
    whole = counted_as(before, used, {*mapped, *wanted.retired})
    if lost := [gone[code] for code in unmapped if _of(code, whole).has_any]:
        counts = "; ".join(
            f"{each.name} ({each.code}): {_of(each.code, whole).told}" for each in lost
        )
        name = lost[0].name
        raise RefusedError(
            f"what was answered would be of no class: {counts}",
            f'Say what it counts as: --map "{name}=CLASS", with one of {_listed(wanted)}; or'
            f' --map "{name}={NONE}", which keeps it and counts it as no answer.',
        )
    said.update(dict.fromkeys(unmapped))
    retired = {}
    for old in said.keys() - own.keys():
        new = said[old]
        for _ in said:  # what counted as a class that goes counts as what that counts as
            if new is None or new in own or new not in said:
                break
            new = said[new]
        retired[old] = new
    return dict(sorted(retired.items())), unmapped


def _told(before: Scheme, after: Scheme, used: Used) -> Iterator[str]:
    if before.question != after.question:
        yield f"asks {after.question!r}, no longer {before.question!r}"
    yield from _told_of_classes(before, after, counted_as(before, used))
    yield from _told_of_codes(before, after, used)
    for old in sorted(before.retired.keys() & after.retired.keys()):
        if (new := after.retired[old]) != before.retired[old]:
            what = _of(old, used).told
            yield f"the code {old}: {what}, counted as {_name(after, new)} from now on"
    if before.guidelines != after.guidelines:
        signs = len(after.guidelines)
        yield f"guidelines of {signs:,} signs" if signs else "no guidelines any more"
    if before.order is not after.order:
        yield f"shows {after.order.told}, no longer {before.order.told}"
    if before.gold_every != after.gold_every:
        every = after.gold_every
        yield f"one picture in {every:,} is gold" if every else "mixes no gold pictures in"
    for what, was, shall in (
        ("feedback after gold pictures", before.has_feedback, after.has_feedback),
        ("predictions as hints", before.has_hints, after.has_hints),
    ):
        if was != shall:
            yield f"{what}: {'on' if shall else 'off'}"


def _name(scheme: Scheme, code: int | None) -> str:
    return "no answer" if code is None else scheme.by_code[code].name


def _told_of_classes(before: Scheme, after: Scheme, used: Used) -> Iterator[str]:
    was = _by_code(before)
    for each in after.classes:
        old, uses = was.get(each.code), _of(each.code, used)
        if old is None:
            there = f", with {uses.told} of that code" if uses.has_any else ""
            yield f"new: {each.name}, code {each.code}, key {each.key}{there}"
            continue
        if old.name != each.name:
            kept = f" and keeps its {uses.told}" if uses.has_any else ""
            yield f"{old.name} ({each.code}) is called {each.name}{kept}"
        if old.key != each.key:
            yield f"{each.name} has the key {each.key}, no longer {old.key}"
        if old.title != each.title:
            yield f"{each.name} is told as {each.title!r}"
    stay = [each.code for each in before.classes if each.code in after.codes]
    now = [each.code for each in after.classes if each.code in was]
    if now != [code for code in stay if code in now]:
        yield f"the order of classes is {after.names}"


def _told_of_codes(before: Scheme, after: Scheme, used: Used) -> Iterator[str]:
    """Tell what becomes of the answers of classes that go."""
    for each in before.classes:
        if each.code not in after.retired:
            continue
        uses, new = _of(each.code, used), after.retired[each.code]
        what = f"{uses.told}, counted as {_name(after, new)}" if uses.has_any else "nobody said it"
        yield f"gone: {each.name} ({each.code}); {what}"
