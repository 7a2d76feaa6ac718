"""What a shell is told, so that Tab completes commands, flags, files and the words they take."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator

import shtab

from labapp import settings
from labapp.pictures import registry
from labapp.pictures.limits import FORMATS
from labapp.programs.shell import manual, powershell

#: What stands for the value of flags and arguments that take a file, or a folder.
_FILES, _FOLDERS = {"FILE", "PATH"}, {"DIR"}

#: What stands for the value of flags that take one of these words.
_WORDS: dict[str, Iterable[str]] = {
    "STEP": registry.operations(),
    "FORMAT": FORMATS,
    "TOPIC": manual.names(),
}


def script(parser: argparse.ArgumentParser, shell: str, queues: Iterable[str]) -> str:
    """Return the script for a shell; the parser is of no other use afterwards.

    Args:
        parser: the program's.
        shell: bash, zsh, fish or powershell.
        queues: names of queues, for commands that take one.
    """
    words_of = {**_WORDS, "QUEUE": queues}
    for action in _actions(parser):
        name = action.dest.removeprefix("setting_")
        words = settings.choices(name) if name != action.dest else words_of.get(str(action.metavar))
        if action.metavar in _FILES:
            action.complete = shtab.FILE  # type: ignore[attr-defined] # shtab's own way
        elif action.metavar in _FOLDERS:
            action.complete = shtab.DIRECTORY  # type: ignore[attr-defined]
        elif words and not action.choices:
            action.choices = list(words)
    return powershell.script(parser) if shell == "powershell" else shtab.complete(parser, shell)


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from _actions(command)
        else:
            yield action
