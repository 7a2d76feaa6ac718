"""The file in which a dataset keeps its scheme: TOML, written by labapp and edited by people.

    question = "Which animal?"
    guidelines = "A picture of a picture counts."
    order = "disputed"
    gold_every = 10
    feedback = true
    hints = false

    [[class]]
    code = 1
    key = "c"
    name = "cat"
    title = "a cat"

    [retired]
    2 = 1        # what was answered 2 counts as 1; "none" would be: as no answer

    [former]
    2 = "dog"    # what the class of a retired code was called

What it says is checked as what comes from outside, and what is wrong is told in one sentence.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping

from labapp.errors import RefusedError
from labapp.labels.classes import LabelClass, Order, Scheme, plain
from labapp.labels.decided_file import check_keys, table
from labapp.visible import is_unseen

#: Where it lies: no label file's name ends so.
KEY = "labels/classes.toml"

#: Classes of a scheme: with one there is nothing to ask, and a code has one digit.
FEWEST, MOST = 2, 10

#: Characters of a name and of a sentence, which stand on one line each, and of the guidelines.
MOST_NAME, MOST_LINE, MOST_GUIDELINES = 40, 100, 10_000

#: Keys of the labelling screen that no class may have.
TAKEN_KEYS = frozenset("subgojkq?")

#: What a class may not be called, as tables are narrowed and sorted by these.
TAKEN_NAMES = frozenset(
    (
        *("all", "untouched", "in progress", "decided", "disputed", "settled", "broken"),
        *("unreadable", "key", "name", "answers", "agreement", "recent", "none", "skip"),
    )
)

#: What stands for no answer among what retired codes count as.
NONE = "none"

#: Pictures of which at most one is gold, and at least.
GOLD_EVERY = range(2, 1_001)

#: The kinds of characters that guidelines have none of, as they steer a terminal or are halves of
#: others, but for a tab and the end of a line.
_UNFIT, _KEPT = ("Cc", "Cs"), "\t\n"

#: What is on or off: by its key the attribute of a scheme.
_SWITCHES = {"feedback": "has_feedback", "hints": "has_hints"}

_KEYS = frozenset(
    (
        *("question", "guidelines", "order", "gold_every", "class", "retired", "former"),
        *_SWITCHES,
    )
)

_REMEDY = "See 'help labelling'."


def to_text(scheme: Scheme) -> str:
    """Return a scheme as its file has it."""
    parts = [f"question = {_text(scheme.question)}\n"]
    if scheme.guidelines:
        parts.append(f"guidelines = {_lines(scheme.guidelines)}\n")
    if scheme.order is not Order.FEWEST:
        parts.append(f"order = {_text(scheme.order)}\n")
    if scheme.gold_every:
        parts.append(f"gold_every = {scheme.gold_every}\n")
    parts += (f"{name} = true\n" for name, field in _SWITCHES.items() if getattr(scheme, field))
    for each in scheme.classes:
        parts.append(
            f"\n[[class]]\ncode = {each.code}\nkey = {_text(each.key)}\n"
            f"name = {_text(each.name)}\ntitle = {_text(each.title)}\n"
        )
    if scheme.retired:
        parts.append("\n[retired]\n")
        parts += (
            f"{old} = {_text(NONE) if new is None else new}\n"
            for old, new in sorted(scheme.retired.items())
        )
    if scheme.former:
        parts.append("\n[former]\n")
        parts += (f"{old} = {_text(name)}\n" for old, name in sorted(scheme.former.items()))
    return "".join(parts)


def of_text(text: str) -> Scheme:
    """Return the scheme that a file says.

    Raises:
        RefusedError: something in it is wrong; names the key, or the class by its place.
    """
    said = table(text, "the classes", _KEYS, "classes", _REMEDY)
    rows = said.get("class", [])
    if not isinstance(rows, list) or not all(isinstance(each, dict) for each in rows):
        raise RefusedError("there is no [[class]]", _REMEDY)
    retired = _retired(said.get("retired", {}))
    scheme = Scheme(
        _line(said, "question", "the question"),
        tuple(_class(row, _where(place, row)) for place, row in enumerate(rows, start=1)),
        _guidelines(said.get("guidelines", "")),
        retired,
        _order(said.get("order", Order.FEWEST.value)),
        _gold_every(said.get("gold_every", 0)),
        **{field: _is_on(said, name) for name, field in _SWITCHES.items()},
        former=_former(said.get("former", {}), retired),
    )
    check(scheme)
    return scheme


def check(scheme: Scheme) -> None:
    """See to it that a scheme can be asked, counted and shown.

    Raises:
        RefusedError: it cannot; says why.
    """
    classes = scheme.classes
    if not FEWEST <= len(classes) <= MOST:
        raise RefusedError(f"there are {len(classes)} classes", f"Have {FEWEST} to {MOST} of them.")
    for what, of in (
        ("code", [each.code for each in classes]),
        ("key", [each.key.casefold() for each in classes]),
        ("name", [plain(each.name) for each in classes]),
    ):
        twice = next((one for place, one in enumerate(of) if one in of[:place]), None)
        if twice is not None:
            raise RefusedError(f"two classes have the {what} {twice!r}", "Give one another.")
    own = {each.code for each in classes}
    for old, new in scheme.retired.items():
        if old in own:
            raise RefusedError(
                f"the code {old} is retired, and a class has it", "Give the class another code."
            )
        if new is not None and new not in own:
            raise RefusedError(
                f"answers of the retired code {old} count as {new}, which no class has",
                f"Let them count as one of {', '.join(map(str, sorted(own)))}, or as none.",
            )


def _where(place: int, row: Mapping[str, object]) -> str:
    """Return what errors call a class: by its place, and its name, as codes are numbers, too."""
    name = row.get("name")
    is_fit = isinstance(name, str) and 0 < len(name) <= MOST_NAME and name.isprintable()
    return f"class {place} ({name})" if is_fit else f"class {place}"


def _class(row: Mapping[str, object], where: str) -> LabelClass:
    check_keys(row, ("code", "key", "name", "title"), where, _REMEDY)
    code = row.get("code")
    if not isinstance(code, int) or isinstance(code, bool) or not 0 <= code <= 9:
        raise RefusedError(f"{where}: its code is not one of 0 to 9", "Write code = 2, say.")
    key = row.get("key", str(code))
    key = unicodedata.normalize("NFC", key) if isinstance(key, str) else ""
    if len(key) != 1 or key.isspace() or is_unseen(key) or unicodedata.combining(key):
        raise RefusedError(f"{where}: its key is not one sign", 'Write key = "c", say.')
    if key.casefold() in TAKEN_KEYS:
        raise RefusedError(
            f"{where}: the key {key!r} does something else while labelling", "Give it another."
        )
    name = _line(row, "name", f"{where}: its name", MOST_NAME)
    if plain(name) in TAKEN_NAMES or name.isdigit():
        raise RefusedError(
            f"{where}: no class can be called {name!r}", "It means something else in commands."
        )
    return LabelClass(code, key, name, _line(row, "title", f"{where}: its title", given=name))


def _line(
    said: Mapping[str, object], key: str, what: str, most: int = MOST_LINE, *, given: str = ""
) -> str:
    text = said.get(key, given)
    if not isinstance(text, str) or not text.strip():
        raise RefusedError(f"{what} is missing, or no text", f'Write {key} = "...".')
    line = unicodedata.normalize("NFC", " ".join(text.split()))
    if len(line) > most or any(map(is_unseen, line)) or not line.isprintable():
        raise RefusedError(f"{what} is longer than {most} signs, or has one unseen", "Mend it.")
    return line


def _guidelines(text: object) -> str:
    if not isinstance(text, str) or len(text) > MOST_GUIDELINES:
        raise RefusedError(
            f"the guidelines are no text, or longer than {MOST_GUIDELINES:,} signs", "Shorten them."
        )
    text = "\n".join(text.splitlines()).strip()
    for sign in text:
        if unicodedata.category(sign) in _UNFIT and sign not in _KEPT:
            raise RefusedError(f"the guidelines have the character {sign!r}", "Take it out.")
    return text


def _order(said: object) -> Order:
    if said not in [*Order]:
        raise RefusedError(f"order is {said!r}", f"Write one of {', '.join(map(_text, Order))}.")
    return Order(str(said))


def _gold_every(said: object) -> int:
    if isinstance(said, bool) or not isinstance(said, int) or (said and said not in GOLD_EVERY):
        least, most = GOLD_EVERY[0], GOLD_EVERY[-1]
        raise RefusedError(
            f"gold_every is {said!r}", f"Write a number from {least} to {most:,}, or 0 for none."
        )
    return said


def _is_on(said: Mapping[str, object], name: str) -> bool:
    value = said.get(name, False)
    if not isinstance(value, bool):
        raise RefusedError(f"{name} is neither true nor false", f"Write {name} = true.")
    return value


def _retired(said: object) -> dict[int, int | None]:
    if not isinstance(said, dict):
        raise RefusedError("retired is no table", _REMEDY)
    found: dict[int, int | None] = {}
    for old, new in said.items():
        is_code = isinstance(new, int) and not isinstance(new, bool)
        if len(old) != 1 or old not in "0123456789" or not (is_code or new == NONE):
            raise RefusedError(
                f"retired: {old} = {new!r} is not a code and what it counts as",
                f'Write 2 = 1, say, or 2 = "{NONE}".',
            )
        found[int(old)] = int(new) if is_code else None
    return found


def _former(said: object, retired: Mapping[int, object]) -> dict[int, str]:
    """Return what classes of retired codes were called; names of other codes say nothing."""
    if not isinstance(said, dict):
        raise RefusedError("former is no table", _REMEDY)
    return {
        code: _line(said, str(code), f"former: the name of {code}", MOST_NAME)
        for code in sorted(retired)
        if str(code) in said
    }


def _lines(text: str) -> str:
    """Return a text of several lines as people edit it, one of a single line as a line."""
    if "\n" not in text:
        return _text(text)
    escaped = text.replace("\\", "\\\\").replace('"""', '""\\"')
    return f'"""\n{escaped}\n"""'


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
