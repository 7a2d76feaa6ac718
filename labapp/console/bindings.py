"""What listens to the keyboard while a page is open: its own keys, and those of every page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labapp.console import Back, key, terminal
from labapp.console.stage import Stage, finish

if TYPE_CHECKING:
    from prompt_toolkit.key_binding import KeyBindings, KeyBindingsBase
    from prompt_toolkit.key_binding.key_processor import KeyPressEvent


def bindings(stage: Stage, *, manual: bool) -> KeyBindingsBase:
    """Join the stage's keys and every page's; while help is open, any key closes it.

    Args:
        stage: the page.
        manual: whether `MANUAL` ends it from its help.
    """
    from prompt_toolkit.filters import Condition
    from prompt_toolkit.key_binding import (
        ConditionalKeyBindings,
        KeyBindings,
        merge_key_bindings,
    )
    from prompt_toolkit.keys import Keys

    helping = Condition(lambda: stage.helping)
    common = KeyBindings()

    for name, step in {"up": -1, "down": 1, "pageup": -8, "pagedown": 8, "space": 8}.items():

        def _scroll(event: KeyPressEvent, step: int = step) -> None:
            stage.scroll_help(step)

        common.add(name, filter=helping, eager=True)(_scroll)

    @common.add(Keys.Any, filter=helping)
    def _close(event: KeyPressEvent) -> None:
        stage.helping = False
        stage.help_line = 0

    common.add(Keys.Escape, filter=helping, eager=True)(_close)

    if manual:

        @common.add(key.MANUAL.letter, filter=helping, eager=True)
        def _manual(event: KeyPressEvent) -> None:
            finish(event.app, key.MANUAL)

    explained = Condition(lambda: bool(stage.whole_help))

    @common.add(key.HELP.letter, filter=~helping & explained, eager=True)
    def _open(event: KeyPressEvent) -> None:
        stage.helping = True

    if stage.escape:

        @common.add(Keys.Escape, filter=~helping, eager=True)
        @common.add(Keys.ControlD, filter=~helping, eager=True)
        def _back(event: KeyPressEvent) -> None:
            if not stage.undone():
                finish(event.app, exception=Back())

    own: list[KeyBindingsBase] = [] if stage.focus else [_letters(stage)]
    own += [stage.bindings] if stage.bindings else []
    return merge_key_bindings([*(ConditionalKeyBindings(one, ~helping) for one in own),
                               common, _always(stage)])  # fmt: skip


def _always(stage: Stage) -> KeyBindings:
    """Return the keys that do the same on every page, also while its help is open."""
    from prompt_toolkit.key_binding import KeyBindings
    from prompt_toolkit.keys import Keys

    always = KeyBindings()

    @always.add(Keys.ControlC, eager=True)
    @always.add(Keys.SIGINT, eager=True)
    def _interrupt(event: KeyPressEvent) -> None:
        if stage.interrupt:
            stage.interrupt()
        else:
            finish(event.app, exception=KeyboardInterrupt())

    @always.add(Keys.ControlZ, eager=True)
    def _stop(event: KeyPressEvent) -> None:
        terminal.stop()

    return always


def _letters(stage: Stage) -> KeyBindings:
    """Return what listens to the page's own keys; what is bound nowhere else does nothing."""
    from prompt_toolkit.key_binding import KeyBindings
    from prompt_toolkit.keys import Keys

    letters = KeyBindings()

    @letters.add("enter")
    @letters.add(Keys.Any)
    def _letter(event: KeyPressEvent) -> None:
        found = stage.key_of(event.data)
        if found is not None and found.stays:
            found.act()
        elif found is not None:
            finish(event.app, found)

    return letters
