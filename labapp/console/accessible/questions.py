"""Questions: a text, yes or no, each answered in a line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from labapp.console import Back
from labapp.console.accessible.rows import Rows
from labapp.console.accessible.voice import Asker

if TYPE_CHECKING:
    from labapp.console.stage import Frame

#: What `?` says of a question that has no help of its own.
HELP = """Type the answer, then Enter. Enter alone takes what stands in brackets, if anything \
does; back or < goes back without an answer."""

#: What reads out earlier answers.
EARLIER = "earlier"
EARLIER_HELP = f"{EARLIER} reads what was typed before, to choose from."

YES, NO = ("y", "yes"), ("n", "no", "")


def text(
    question: str,
    default: str,
    check: Callable[[str], str],
    hint: str,
    title: str,
    frame: Frame | None,
    earlier: Sequence[str] = (),
) -> str:
    """Ask for a line of text until nothing is wrong with it; arguments as of `prompts.text`.

    `earlier` are the answers of before, the newest last, which a word reads out to choose from.

    Raises:
        Back: the answer says so, or is the end of input.
        KeyboardInterrupt: Ctrl-C.
    """
    asker = Asker(frame, lambda: f"{HELP} {EARLIER_HELP}" if earlier else HELP)
    if frame:
        asker.begin(title if title != question else "")
    shown = f"[{default}]" if default else ""
    prompt = " ".join(filter(None, (question.rstrip(":"), hint, shown)))
    prompt += "" if prompt.endswith("?") else ":"
    while True:
        answer = asker.ask(prompt) or default
        if (
            earlier
            and answer.strip().lower() == EARLIER
            and not (answer := _earlier(asker, earlier))
        ):
            continue
        if not (wrong := check(answer)):
            return answer
        asker.voice.say(sentence(wrong))


def _earlier(asker: Asker, answers: Sequence[str]) -> str:
    """Let the user choose one of the earlier answers, the newest first; empty for none of them."""
    newest = answers[::-1]
    listed = Rows(lambda: len(newest), lambda place: newest[place])
    listed.read(asker.voice)
    while True:
        try:
            answer = asker.choose("Number:")
        except Back:
            return ""
        if (place := listed.place(answer)) is not None:
            return newest[place]
        if not answer or listed.heeds(answer):
            listed.read(asker.voice)
        else:
            asker.voice.say(listed.wrong(answer))


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


def sentence(wrong: str) -> str:
    """Return what is wrong as a sentence."""
    return f"{wrong[:1].upper()}{wrong[1:]}" + ("" if wrong.endswith((".", "!", "?")) else ".")
