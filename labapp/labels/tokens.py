"""Names of annotators as label files have them: tokens, of which each stands for one person."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from hashlib import sha256

from labapp.errors import RefusedError

#: Characters of an annotator's token.
MAX_TOKEN = 40
#: What those are called who gave answers without a name; not empty, as PowerShell passes on no
#: empty argument.
ANONYMOUS = "anonymous"
#: Digits of the hash in a token that would else lose something: 40 bits, so that among 1,000 such
#: names two alike are less likely than one in two million.
_HASH = 10

_TYPOGRAPHIC = str.maketrans({"\u2019": "'", "\u2010": "-", "\u2011": "-", "\u2013": "-"})


def annotator_token(name: str) -> str:
    """Make of a typed name the token that stands for the person in label files.

    Letters of any script, digits and, after the first of these, `- . _ @ + '` stay; invisible
    characters go; blanks and other signs of ASCII become one underscore. What would be lost of
    longer names, and of names told apart by other signs (emoji), is kept as a short hash behind
    the rest: two such names never become one. `annotator_name` shows a token again. Doing it twice
    changes nothing.

    Returns:
        1 to `MAX_TOKEN` characters without any blank, in Unicode's composed form (NFC).

    Raises:
        RefusedError: the name has no letter or digit.
    """
    token = token_of(name)
    if not token:
        raise RefusedError(
            f"the annotator's name {name!r} has no letter or digit",
            "Type a name or initials, such as Ana or a.m.",
        )
    return token


@lru_cache(maxsize=4096)
def person(token: str) -> str:
    """Return what two tokens of one person have in common: `Anna` and `ANNA` are the same.

    Unicode's canonical caseless matching (The Unicode Standard, section 3.13, D145).
    """
    folded = unicodedata.normalize("NFD", token).casefold()
    return unicodedata.normalize("NFC", folded)


def annotator_name(token: str) -> str:
    """Show a token as a name; the same token comes of it again. Empty is `ANONYMOUS`."""
    return token.replace("_", " ") or ANONYMOUS


@lru_cache(maxsize=4096)
def token_of(name: str) -> str:
    """Make the token of a name; empty when no letter or digit is in it."""
    token = cleaned(name)
    if not token or (len(token) <= MAX_TOKEN and not _has_odd_signs(name)):
        return token
    digest = sha256(person(_compose(name)).encode()).hexdigest()[:_HASH]
    return f"{token[: MAX_TOKEN - _HASH - 1].rstrip('_')}-{digest}"


def cleaned(name: str) -> str:
    """Keep of a name, however long, what a token may hold."""
    composed = _compose(name)
    kept = (c if unicodedata.category(c)[0] in "LMN" or c in "-.@+'" else "_" for c in composed)
    token = re.sub("_+", "_", "".join(kept)).rstrip("_")
    # It opens with a letter or digit: a sign in front would look like a formula or an option.
    first = next((i for i, c in enumerate(token) if unicodedata.category(c)[0] in "LN"), len(token))
    return token[first:]


def _compose(name: str) -> str:
    """Return a name as one sees it: without invisible characters, a blank wherever there are some.

    Typographic apostrophes and hyphens, which phones put in by themselves, are the plain ones.
    """
    # Invisible characters go first: one between a letter and its accent would hinder NFC.
    visible = "".join(c for c in name if c.isspace() or unicodedata.category(c)[0] != "C")
    plain = unicodedata.normalize("NFC", visible).translate(_TYPOGRAPHIC)
    return re.sub(r"[\s_]+", "_", plain).strip("_")


def _has_odd_signs(name: str) -> bool:
    """Tell whether a name is told apart by signs that a token cannot hold."""
    return any(not c.isascii() and unicodedata.category(c)[0] in "PSZ" for c in _compose(name))
