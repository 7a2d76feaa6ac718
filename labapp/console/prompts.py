"""Questions: text, numbers, paths, yes or no. Esc raises `Back` in every one of them.

Each takes the frame of the program's menus; without one (in a sub-command) it is asked in place,
on standard error. Every answer is checked while the question is open, and what is wrong is said
below it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from labapp.console import Back, theme, typing_help
from labapp.console.accessible import mode, questions
from labapp.console.figures import count, one_line
from labapp.console.key import Key
from labapp.console.layout import folded, width
from labapp.console.screen import editing_keys, run
from labapp.console.stage import Frame, Stage, finish
from labapp.console.typing_help import History
from labapp.errors import UsageError
from labapp.files import typed_paths

if TYPE_CHECKING:
    from prompt_toolkit.key_binding import KeyBindings
    from prompt_toolkit.key_binding.key_processor import KeyPressEvent
    from questionary import Question

#: Rows kept free for completions where there is no page.
_COMPLETION_ROWS = 4

_ACCEPT = Key("Enter", "accept")

#: What must be at a path; 'new' need not exist, but its folder must.
PathKind = Literal["file", "folder", "any", "new"]

#: Says what is wrong with an answer, or nothing if it is right.
Check = Callable[[str], str]


def text(
    question: str,
    *,
    default: str = "",
    check: Check = lambda _: "",
    hint: str = "",
    title: str = "",
    frame: Frame | None = None,
    history: History | None = None,
) -> str:
    """Ask for one line of text.

    Args:
        question: ends with a question mark or a colon.
        default: stands in the field and can be edited.
        check: returns what is wrong with the text, or "".
        hint: a few words behind the question.
        title: of the page; the question alone if empty.
        frame: the program's; None asks in place.
        history: what ↑ steps through, to which the answer is added; None keeps nothing.

    Raises:
        Back: Esc or Ctrl-D.
        KeyboardInterrupt: Ctrl-C.
    """
    answers = typing_help.earlier(history, default)
    if mode.is_on():
        said = questions.text(question, default, check, hint, title, frame, answers)
        return _kept(said, history)
    import questionary

    made = partial(
        questionary.text,
        default=default,
        validate=_verdict(check),
        instruction=hint or None,
        validate_while_typing=False,
        history=typing_help.as_history(answers),
    )
    keys = [_ACCEPT, *typing_help.keys_of(answers)]
    return _kept(str(_ask(made, question, title, frame, keys, tail=hint)), history)


def integer(
    question: str,
    *,
    minimum: int,
    maximum: int | None = None,
    default: int,
    title: str = "",
    frame: Frame | None = None,
    history: History | None = None,
) -> int:
    """Ask for a whole number within limits; raises as `text` does."""
    hint = f"({count(minimum)} {'or more' if maximum is None else f'to {count(maximum)}'})"
    check = partial(_wrong_integer, minimum=minimum, maximum=maximum)
    return int(
        text(
            question, default=str(default), check=check, hint=hint, title=title, frame=frame,
            history=history,
        )
    )  # fmt: skip


def path(
    question: str,
    *,
    kind: PathKind = "any",
    endings: Collection[str] | None = None,
    default: str = "",
    title: str = "",
    frame: Frame | None = None,
    history: History | None = None,
) -> Path:
    """Ask for a file or a folder, with completion by Tab and one Enter to accept.

    Args and errors are those of `text`; `kind` is what must be there, `endings` are those of the
    files that Tab offers, in small letters with their dots: None for all, empty for folders alone.
    The path comes with `~` expanded and without quotes around it, otherwise as typed.
    """
    check = partial(_wrong_path, kind=kind)
    # They are kept as whole paths: the next program may be in another folder.
    answers = typing_help.earlier(history, default, _whole(default))
    if mode.is_on():
        said = questions.text(question, default, check, "", title, frame, answers)
        _kept(_whole(said), history)
        return typed_paths.parse_pasted(said)
    import questionary
    from prompt_toolkit.key_binding import KeyBindings

    paths = typing_help.Paths(() if kind == "folder" else endings, default)
    made = partial(
        questionary.path,
        default=default,
        validate=_verdict(check),
        completer=paths.completer(),
        # Tab completes, as in a shell. While typing it would also be wrong at every letter, and a
        # Tab that comes while completions are being looked for is lost.
        complete_while_typing=False,
        validate_while_typing=False,
        # On a page the completions float over what is below; elsewhere room must be kept, yet not
        # much, since what is wrong is said under it.
        reserve_space_for_menu=0 if frame else _COMPLETION_ROWS,
        history=typing_help.as_history(answers),
    )
    # questionary's Enter only closes the list of completions, and a second one accepts.
    own = KeyBindings()
    paths.bind(own)

    @own.add("enter", eager=True)
    def _accept(event: KeyPressEvent) -> None:
        event.current_buffer.complete_state = None
        if whole := paths.behind_default(event.current_buffer.text):
            event.current_buffer.text = whole
        if event.current_buffer.validate(set_cursor=True):
            finish(event.app, event.current_buffer.text)

    keys = [Key("Tab", "complete"), _ACCEPT, *typing_help.keys_of(answers)]
    answer = str(_ask(made, question, title, frame, keys, own))
    _kept(_whole(answer), history)
    return typed_paths.parse_pasted(answer)


def confirm(question: str, *, title: str = "", frame: Frame | None = None) -> bool:
    """Ask yes or no; `y` and `n` act at once, Enter says no; raises as `text` does."""
    if mode.is_on():
        return questions.confirm(question, title=title, frame=frame)
    import questionary

    made = partial(questionary.confirm, default=False)
    keys = [Key("y", "yes"), Key("n", "no")]
    return bool(_ask(made, question, title, frame, keys, tail="(y/N)"))


def confirm_by_name(
    question: str, name: str, *, title: str = "", frame: Frame | None = None
) -> None:
    """Ask to type `name`, for what cannot be undone; returns only if it was typed, else `Back`."""

    def check(answer: str) -> str:
        return (
            "" if answer.strip() in ("", name) else f"that is not {name}; an empty answer goes back"
        )

    if text(question, check=check, hint=f"(type {name})", title=title, frame=frame).strip() != name:
        raise Back


def _whole(answer: str) -> str:
    """Return the whole path that an answer means; empty where it means none."""
    try:
        return str(typed_paths.parse_pasted(answer).absolute()) if answer else ""
    except (OSError, UsageError):  # the working folder is gone, or there is a quote in it
        return ""


def _kept(answer: str, history: History | None) -> str:
    """Return an answer, which its question offers from now on."""
    if history:
        history.add(answer)
    return answer


def _ask(
    made: Callable[..., Question],
    question: str,
    title: str,
    frame: Frame | None,
    keys: Sequence[Key],
    bindings: KeyBindings | None = None,
    *,
    tail: str = "",
) -> Any:
    """Put a question of questionary's on the screen, with our frame and keys around its own.

    `keys` say what its own keys do, for the line of keys; `tail` follows the question.
    """
    from prompt_toolkit.filters import Always
    from prompt_toolkit.key_binding import KeyBindings, merge_key_bindings
    from prompt_toolkit.layout.controls import BufferControl, FormattedTextControl

    with editing_keys(wanted=False):  # the page has its own
        asked = made(_Folded(question, frame, tail), qmark=_mark(frame))
    application = asked.application
    for window in application.layout.find_all_windows():
        if isinstance(window.content, BufferControl):
            # Otherwise the field fills the page, and what is wrong is said at its far end.
            window.dont_extend_height = Always()
        elif isinstance(window.content, FormattedTextControl) and window.height == 1:
            # What is wrong with an answer may take more than one line.
            window.height, window.dont_extend_height = None, Always()
    own = application.key_bindings or KeyBindings()
    stage = Stage(
        body=application.layout.container,
        keys=lambda: keys,
        bindings=merge_key_bindings([own, bindings or KeyBindings()]),
        focus=application.layout.current_window,
        completes=True,
        title=lambda: title,
        erase=False,
    )
    return run(stage, frame)


class _Folded(str):
    """A question, folded at words for the window as it is whenever the question is drawn.

    Args:
        question: the text.
        frame: the program's; None where it is asked in place.
        tail: what follows on the question's last line.
    """

    _indent: int
    _tail: int

    def __new__(cls, question: str, frame: Frame | None, tail: str = "") -> _Folded:
        made = super().__new__(cls, one_line(question))
        made._indent = len(_mark(frame)) + 1
        made._tail = len(tail) + 1 if tail else 0
        return made

    def __format__(self, _: str) -> str:
        room = max(width() - self._indent - 2, 10)
        lines = folded(self, room)
        if len(lines[-1]) + self._tail > room:
            lines[-1:] = folded(lines[-1], max(room - self._tail, 10), hyphens=True)
        return f"\n{' ' * self._indent}".join(lines)


def _mark(frame: Frame | None) -> str:
    """Return the sign before a question: on a page all stands one column in."""
    return " ?" if frame else "?"


def _verdict(check: Check) -> Callable[[str], bool | str]:
    """Questionary's form of a check: True, or what is wrong."""

    def verdict(answer: str) -> bool | str:
        if not (wrong := check(answer)):
            return True
        return f" {theme.current().sign('bad')} " + "\n   ".join(folded(wrong, width() - 4))

    return verdict


def _wrong_integer(answer: str, minimum: int, maximum: int | None) -> str:
    try:
        value = int(answer)
    except ValueError:
        return f"'{answer}' is not a whole number"
    if value < minimum:
        return f"at least {count(minimum)}"
    return "" if maximum is None or value <= maximum else f"at most {count(maximum)}"


def _wrong_path(answer: str, kind: PathKind) -> str:
    if not answer.strip():
        return "type a path" + ("" if mode.is_on() else "; Tab completes it")
    try:
        place = typed_paths.parse_pasted(answer)
    except UsageError as error:
        return error.message
    shown = one_line(str(place))
    try:
        place.absolute()
    except OSError:
        return "the working folder is gone; type a whole path"
    try:
        if kind == "new":
            return (
                "" if place.parent.is_dir() else f"there is no folder {one_line(str(place.parent))}"
            )
        if not place.exists():
            return f"there is no {'folder' if kind == 'folder' else 'file'} {shown}"
        if kind == "file" and place.is_dir():
            return f"{shown} is a folder; choose a file in it"
        if kind == "folder" and not place.is_dir():
            return f"{shown} is a file; choose a folder"
    except OSError as error:  # a name too long, say, cannot be a path here
        return f"not a path: {error.strerror or error}"
    except ValueError:
        return "not a path: it has a character that no path can have"
    return ""
