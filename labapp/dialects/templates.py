"""Texts with placeholders: `{stem}_blurred{ext}`, `{mean:.2f}`, `{attr.Sigma|2}`.

A placeholder is a brace, a fact, a form behind a colon, a stand-in behind a bar, a brace. A brace
that no letter follows is a brace, so that JSON can be written as it is: `{"mean": {mean}}`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass

from labapp.dialects import forms
from labapp.dialects.facts import BROKEN, LIST, Facts, TemplateError, Value, known, reader, text_of

_OPENED = re.compile(r"\{(?=[A-Za-z_])")
_INSIDE = re.compile(r"([^{}:|]*)(?::(\|?[^{}|]*))?(?:\|([^{}]*))?")

#: Characters of a placeholder that an error repeats.
_SHOWN = 40


@dataclass(frozen=True)
class Placeholder:
    """A place in a text for a fact.

    Attributes:
        fact: which, such as `mean`, `attr.Key` or `attr.entier#`.
        form: how it is written, behind a colon, such as `.2f`, `float` or `json`.
        other: what stands there, behind a bar, where a message has no such fact; None for none.
    """

    fact: str
    form: str = ""
    other: str | None = None

    @functools.cached_property
    def read(self) -> Callable[[Facts], Value | None]:
        """What finds the fact's value; None where there is none."""
        return reader(self.fact)

    @functools.cached_property
    def fill(self) -> Callable[[Facts], str]:
        """What returns the fact as text, or what stands for one that is blank or not there.

        It raises LackError where it is not there, and nothing stands for it.
        """
        # A worker fills several for each job: all that is known beforehand is found once.
        read, fact, other, kind = self.read, self.fact, self.other, known(self.fact).kind
        write = forms.writer(self.form, kind)
        as_the_block_says = kind == BROKEN and not self.form

        def fill(facts: Facts) -> str:
            value = read(facts)
            if other is not None and (value is None or not text_of(value).strip()):
                return other
            if value is None:
                raise facts.lacking(fact)
            if as_the_block_says and facts.number:
                return forms.writer(facts.number, BROKEN)(value)
            return write(value)

        return fill


@dataclass(frozen=True)
class Template:
    """A text as written, and its parts: what stands as it is, and placeholders."""

    text: str
    parts: tuple[str | Placeholder, ...]

    @functools.cached_property
    def lone(self) -> Placeholder | None:
        """The one placeholder that it is, without a form; None where it is anything else."""
        only = self.parts[0] if len(self.parts) == 1 else ""
        return only if isinstance(only, Placeholder) and not only.form else None

    @functools.cached_property
    def facts(self) -> frozenset[str]:
        """The facts that it names."""
        return frozenset(part.fact for part in self.parts if isinstance(part, Placeholder))

    def fill(self, facts: Facts) -> str:
        """Return the text with its placeholders filled; errors as of a placeholder."""
        return "".join([part if isinstance(part, str) else part.fill(facts) for part in self.parts])


def parse(text: str) -> Template:
    """Read a text with placeholders, as it stands in the file.

    Raises:
        TemplateError: a placeholder is not closed, or there is no such fact or form.
    """
    template, errors = examined(text)
    if errors:
        raise errors[0]
    return template


def examined(text: str) -> tuple[Template, list[TemplateError]]:
    """Read a text as `parse`; return what is right in it, and all that is wrong."""
    parts: list[str | Placeholder] = []
    errors: list[TemplateError] = []
    end = 0
    for opened in _OPENED.finditer(text):
        if opened.start() > end:
            parts.append(text[end : opened.start()])
        inside = _INSIDE.match(text, opened.end())
        end = inside.end() if inside else opened.end()
        if not inside or text[end : end + 1] != "}":
            shown = text[opened.start() :][:_SHOWN]
            what = f"{shown!r} opens a placeholder that is not closed"
            remedy = "Put a } behind it; a brace that is meant as one has no letter behind it."
            errors.append(TemplateError(what, remedy))
            continue
        try:
            parts.append(_placeholder(inside))
        except TemplateError as error:
            errors.append(error)
        end += 1
    if end < len(text):
        parts.append(text[end:])
    return Template(text, tuple(parts)), errors


def _placeholder(inside: re.Match[str]) -> Placeholder:
    name, form, other = inside.groups()
    fact = known(name.strip())
    if form is not None:
        form = form if fact.kind == LIST else form.strip()
        try:
            forms.check(form, fact.kind)
        except TemplateError as error:
            raise TemplateError(f"{{{inside[0]}}}: {error.message}", error.remedy) from None
    return Placeholder(name.strip(), form or "", other)
