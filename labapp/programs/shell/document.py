"""What a command writes with `--json`, declared with it: the manual's table is drawn from this."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Document:
    """A document of JSON, or a part of one.

    Attributes:
        names: the names of its fields, in order.
        lead: the words before them, such as `list of`; all there is to say where it has no fields.
        notes: what the manual says of some of them, in brackets.
        parts: what stands behind them, each with words of its own before its fields.
        flag: of the command, with which it writes this one; empty: the one that it writes without.
    """

    names: tuple[str, ...] = ()
    lead: str = ""
    notes: Mapping[str, str] = field(default_factory=dict)
    parts: tuple[Document, ...] = ()
    flag: str = ""

    @property
    def text(self) -> str:
        """What the manual says of it."""
        fields = [f"`{name}`{self._note(name)}" for name in self.names]
        own = f"{self.lead} {', '.join(fields)}".strip()
        return "; ".join([own, *(part.text for part in self.parts)])

    def _note(self, name: str) -> str:
        return f" ({self.notes[name]})" if name in self.notes else ""


def list_of(*names: str, **notes: str) -> Document:
    """Return the document of a list, by the names of the fields of what is in it, and notes."""
    return Document(names, "list of", notes)
