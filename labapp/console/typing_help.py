"""What helps to type an answer: Tab completes a path, ↑ steps through what was typed before."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

from labapp.console import theme
from labapp.console.figures import count
from labapp.console.key import Key
from labapp.errors import UsageError
from labapp.files import typed_paths
from labapp.files.path_completion import Candidate, candidates, shared
from labapp.visible import printable

if TYPE_CHECKING:
    from prompt_toolkit.completion import CompleteEvent, Completer, Completion
    from prompt_toolkit.document import Document
    from prompt_toolkit.history import InMemoryHistory
    from prompt_toolkit.key_binding import KeyBindings
    from prompt_toolkit.key_binding.key_processor import KeyPressEvent


#: Candidates that are offered: nobody steps through more, and each redraw looks at all of them.
MOST_OFFERED = 200


#: How a whole path begins, also between quotes.
_WHOLE = re.compile(r"""["']?(?:[/~]|[A-Za-z]:(?:[\\/]|$)|\\\\)""")


class History(Protocol):
    """The answers that a question had before."""

    def answers(self) -> Sequence[str]:
        """Return them, the newest last, each once."""

    def add(self, answer: str) -> None:
        """Keep an answer as the newest."""


def earlier(history: History | None, *defaults: str) -> list[str]:
    """Return what ↑ steps through, without what stands in the field already."""
    return [one for one in history.answers() if one not in defaults] if history else []


def keys_of(answers: Sequence[str]) -> list[Key]:
    """Return the key that steps through earlier answers, where there are any."""
    return [Key(theme.current().glyphs.up, "earlier")] if answers else []


def as_history(answers: Iterable[str]) -> InMemoryHistory:
    """Return prompt_toolkit's form of earlier answers."""
    from prompt_toolkit.history import InMemoryHistory

    return InMemoryHistory(list(answers))


class Paths:
    """Helps to type a path.

    Args:
        endings: as of `path_completion.candidates`.
        default: what stands in the field at first.
    """

    def __init__(self, endings: Collection[str] | None, default: str) -> None:
        self._endings = endings
        self._default = default
        self._last: tuple[str, list[Candidate]] = ("", [])

    def completer(self) -> Completer:
        """Return prompt_toolkit's form of it, which offers the first ones of many."""
        from prompt_toolkit.completion import Completer, Completion

        class Offered(Completer):
            def get_completions(self, document: Document, _: CompleteEvent) -> Iterable[Completion]:
                typed = document.text_before_cursor
                found = looked_up(typed)
                for one in found[:MOST_OFFERED]:
                    yield Completion(one.text, -len(typed), display=printable(one.name))
                if (more := len(found) - MOST_OFFERED) > 0:
                    yield Completion("", 0, display=f"{count(more)} more: type on")

        looked_up = self._looked_up
        return Offered()

    def bind(self, bindings: KeyBindings) -> None:
        """Have Tab complete as in a shell: what all candidates share, then one after another.

        Behind the only one it goes on, in the folder that this may be. A whole path that is dropped
        on the terminal takes the default's place.
        """
        from prompt_toolkit.document import Document
        from prompt_toolkit.keys import Keys

        @bindings.add(Keys.BracketedPaste, eager=True)
        def _paste(event: KeyPressEvent) -> None:
            buffer, pasted = event.current_buffer, event.data.strip()
            if buffer.text == self._default and _WHOLE.match(pasted):
                buffer.document = Document(pasted)
            else:
                buffer.insert_text(pasted)

        @bindings.add("tab", eager=True)
        def _complete(event: KeyPressEvent) -> None:
            buffer = event.current_buffer
            state = buffer.complete_state
            several = state is not None and len(state.completions) > 1
            if state is not None and several and state.complete_index is not None:
                buffer.complete_next()
                return
            typed = buffer.document.text_before_cursor
            found = self._looked_up(typed, anew=state is None)
            common = shared(typed, found)
            if several and common == typed:
                buffer.complete_next()
                return
            buffer.complete_state = None
            if common != typed:
                behind = buffer.document.text_after_cursor
                buffer.document = Document(common + behind, len(common))
            if len(found) > 1:
                self._last = (common, found)
                buffer.start_completion()

    def behind_default(self, typed: str) -> str:
        """Return the whole path that was typed behind the default; empty where both are one."""
        rest = typed.removeprefix(self._default)
        if not self._default or rest == typed or not _WHOLE.match(rest):
            return ""
        try:
            both, alone = typed_paths.parse_pasted(typed), typed_paths.parse_pasted(rest)
        except UsageError:
            return ""
        # Path.exists raises for a name that is too long.
        is_meant = os.path.exists(alone) and not os.path.exists(both)  # noqa: PTH110
        return rest if is_meant else ""

    def _looked_up(self, typed: str, *, anew: bool = False) -> list[Candidate]:
        """Return the candidates; those of what was just looked up are known."""
        if anew or typed != self._last[0]:
            self._last = (typed, candidates(typed, self._endings))
        return self._last[1]
