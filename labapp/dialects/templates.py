"""Texts with placeholders: `{stem}_blurred{ext}`, `{mean:.2f}`, `{attr.Sigma|2}`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Placeholder:
    """A place in a text for a fact.

    Attributes:
        fact: which, such as `mean`, `attr.Key` or `attr.entier*`.
        form: how it is written, behind a colon, such as `.2f`, `float` or `json`.
        other: what stands there, behind a bar, where a message has no such fact; None for none.
    """

    fact: str
    form: str = ""
    other: str | None = None


@dataclass(frozen=True)
class Template:
    """A text as written, and its parts: what stands as it is, and placeholders."""

    text: str
    parts: tuple[str | Placeholder, ...]
