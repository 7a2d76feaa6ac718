"""Single changes of a scheme, as flags and menus make them, each checked as a whole file is."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from labapp.errors import RefusedError
from labapp.labels import scheme_file
from labapp.labels.classes import DEFAULT_SCHEME, LabelClass, Scheme, plain
from labapp.labels.scheme_change import Mapped
from labapp.labels.scheme_file import NONE, TAKEN_KEYS

#: The codes that there are.
CODES = range(10)

#: The keys that a class may be given by itself, after the letters of its name.
_KEYS = "0123456789abcdefghijklmnopqrstuvwxyz"


def checked(scheme: Scheme) -> Scheme:
    """Return a scheme as its file would have it.

    Raises:
        RefusedError: something in it is wrong; says what.
    """
    return scheme_file.of_text(scheme_file.to_text(scheme))


def called(scheme: Scheme, text: str) -> LabelClass:
    """Return the class that a code or a name means.

    Raises:
        RefusedError: there is none.
    """
    if (found := scheme.called(text)) is None:
        raise RefusedError(f"there is no class {text!r}", f"The classes are {scheme.meanings}.")
    return found


def with_class(scheme: Scheme, name: str, used: Collection[int] = ()) -> Scheme:
    """Return a scheme with one class more, whose code and key are such as are free.

    One that there was before, by its name, has the code that it had, and so its answers.

    Args:
        scheme: the scheme.
        name: what the class is called.
        used: codes that label files have, which are given to no class.

    Raises:
        RefusedError: there are as many as there may be, or the name cannot be one.
    """
    free = [code for code in CODES if code not in scheme.codes and code not in used]
    # One that was a class's for a while, and that nobody has answered, is none's.
    free += [code for code in scheme.retired if code not in used]
    again = [code for code, former in scheme.former.items() if plain(former) == plain(name)]
    if len(scheme.classes) == scheme_file.MOST or not (again or free):
        raise _full(scheme)
    by_use = sorted(free, key=lambda each: (each in scheme.retired, each == 0, each))
    code = (again or by_use)[0]
    taken = {each.key.casefold() for each in scheme.classes} | TAKEN_KEYS
    key = next(sign for sign in (str(code), *_KEYS) if sign not in taken)
    retired = {old: new for old, new in scheme.retired.items() if old != code}
    classes = (*scheme.classes, LabelClass(code, key, name, name))
    return checked(replace(scheme, classes=classes, retired=retired))


def check_room(scheme: Scheme) -> None:
    """See to it that a scheme may have one class more.

    Raises:
        RefusedError: there are as many as there may be.
    """
    if len(scheme.classes) == scheme_file.MOST:
        raise _full(scheme)


def _full(scheme: Scheme) -> RefusedError:
    return RefusedError(
        f"there are {len(scheme.classes)} classes, and no code is free for another",
        "Take one out first, or call one otherwise.",
    )


def without(scheme: Scheme, gone: LabelClass) -> Scheme:
    """Return a scheme less a class; what its answers count as is said elsewhere.

    Raises:
        RefusedError: there are as few as there may be.
    """
    if len(scheme.classes) == scheme_file.FEWEST:
        raise RefusedError("with one class there is nothing to ask", "Add another first.")
    classes = tuple(each for each in scheme.classes if each.code != gone.code)
    kept = {old: new for old, new in scheme.retired.items() if new != gone.code}
    return checked(replace(scheme, classes=classes, retired=kept))


def with_other(scheme: Scheme, changed: LabelClass) -> Scheme:
    """Return a scheme with a class in place of the one of its code; errors as of `checked`."""
    classes = tuple(changed if one.code == changed.code else one for one in scheme.classes)
    return checked(replace(scheme, classes=classes))


def default(before: Scheme) -> Scheme:
    """Return the usual scheme, with the codes that are retired before, but for its own."""
    own = {each.code for each in DEFAULT_SCHEME.classes}
    kept = {old: new for old, new in before.retired.items() if old not in own and new in own}
    return replace(DEFAULT_SCHEME, retired=kept)


def assigned(text: str, scheme: Scheme) -> tuple[LabelClass, str]:
    """Return the class and what is said of it, of a text such as `cat=c`; names may have a `=`.

    Raises:
        RefusedError: there is no such class, or nothing is said of it.
    """
    for name, said in _parted(text):
        if (found := scheme.called(name)) and said:
            return found, said
    raise RefusedError(
        f"{text!r} is not a class, = and what is to be said of it",
        f"The classes are {scheme.meanings}.",
    )


def mapped(texts: Iterable[str], before: Scheme, wanted: Scheme) -> Mapped:
    """Return what was said of codes, of texts such as `dog=cat`, `2=1` and `dog=none`.

    Raises:
        RefusedError: one of them says no such thing.
    """
    return dict(_one_mapped(text, before, wanted) for text in texts)


def _one_mapped(text: str, before: Scheme, wanted: Scheme) -> tuple[int, int | None]:
    for old, new in _parted(text):
        code = _code_called(old, before)
        to = wanted.called(new)
        if code is not None and (to or new.strip().casefold() == NONE):
            return code, to.code if to else None
    raise RefusedError(
        f"--map {text!r} does not say what answers count as",
        f"Before = stands one of {before.meanings}; behind it one of {wanted.meanings}; or {NONE}.",
    )


def _code_called(text: str, scheme: Scheme) -> int | None:
    if found := scheme.called(text):
        return found.code
    text = text.strip()
    if text in map(str, scheme.codes):
        return int(text)
    return next((old for old, name in scheme.former.items() if plain(name) == plain(text)), None)


def _parted(text: str) -> Iterator[tuple[str, str]]:
    """Yield what stands before and behind each `=` of a text."""
    for place, sign in enumerate(text):
        if sign == "=":
            yield text[:place], text[place + 1 :].strip()
