"""Ask before something is destroyed, on standard error, below what stands there.

The same questions as in the menus: Esc and Enter say no, Ctrl-C leaves.
"""

from __future__ import annotations

import sys

from labapp.console.figures import one_line


def agrees(question: str, word: str = "") -> bool:
    """Return whether the person at the terminal agrees.

    Args:
        question: what is about to happen, ending with a question mark.
        word: what has to be typed, for what cannot be undone; empty: y is enough.

    Raises:
        KeyboardInterrupt: Ctrl-C.
    """
    from labapp.console import Back, prompts, theme

    if theme.current().plain:
        return _agrees_in_a_line(question, word)
    try:
        if not word:
            return prompts.confirm(question)
        prompts.confirm_by_name(question, word)
    except Back:
        return False
    return True


def _agrees_in_a_line(question: str, word: str) -> bool:
    """Ask a terminal that cannot move its cursor."""
    hint = f"(type {word})" if word else "[y/N]"
    print(f"{one_line(question)} {hint} ", end="", file=sys.stderr, flush=True)  # noqa: T201
    answer = sys.stdin.readline().strip()
    return answer == word if word else answer.lower() in {"y", "yes"}
