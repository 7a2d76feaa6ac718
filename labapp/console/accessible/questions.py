"""Questions: a text, yes or no, each answered in a line."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from labapp.console.accessible.voice import Asker

if TYPE_CHECKING:
    from labapp.console.stage import Frame

#: What `?` says of a question that has no help of its own.
HELP = """Type the answer, then Enter. Enter alone takes what stands in brackets, if anything \
does; back or < goes back without an answer."""

YES, NO = ("y", "yes"), ("n", "no", "")


def text(
    question: str,
    default: str,
    check: Callable[[str], str],
    hint: str,
    title: str,
    frame: Frame | None,
) -> str:
    """Ask for a line of text until nothing is wrong with it; arguments as of `prompts.text`.

    Raises:
        Back: the answer says so, or is the end of input.
        KeyboardInterrupt: Ctrl-C.
    """
    asker = Asker(frame, lambda: HELP)
    if frame:
        asker.begin(title if title != question else "")
    shown = f"[{default}]" if default else ""
    prompt = " ".join(filter(None, (question.rstrip(":"), hint, shown)))
    prompt += "" if prompt.endswith("?") else ":"
    while True:
        answer = asker.ask(prompt) or default
        if not (wrong := check(answer)):
            return answer
        asker.voice.say(_sentence(wrong))


def confirm(question: str, *, title: str = "", frame: Frame | None) -> bool:
    """Ask yes or no; Enter alone says no; errors as of `text`."""
    asker = Asker(frame, lambda: "Type y for yes; n, or Enter alone, for no.")
    if frame:
        asker.begin(title)
    while True:
        answer = asker.choose(f"{question} y or n [n]:").lower()
        if answer in (*YES, *NO):
            return answer in YES
        asker.voice.say("Type y for yes or n for no.")


def _sentence(wrong: str) -> str:
    """Return what is wrong as a sentence."""
    return f"{wrong[:1].upper()}{wrong[1:]}" + ("" if wrong.endswith((".", "!", "?")) else ".")
