"""What a shell is told, so that Tab completes commands, flags, files and the words they take."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from labapp import settings
from labapp.errors import SettingError
from labapp.jobs import kinds, lab_queues
from labapp.programs.shell.command import named
from labapp.programs.shell.context import Context

if TYPE_CHECKING:
    from labapp.labels.classes import Scheme

#: What stands for the value of flags and arguments that take a file, or a folder.
_FILES, _FOLDERS = {"FILE", "PATH"}, {"DIR"}

#: Shells that `completion` has a script for.
SHELLS = ("bash", "zsh", "fish", "powershell")

#: By the words before it, less values: what may come next. A flag that takes a word ends its key.
Table = dict[str, tuple[str, ...]]

#: How the programs are called; PowerShell looks without a folder before and an `.exe` behind.
_CALLED = ("python", "python3", "py")

#: Looks up the words that begin as what is typed. Without any, PowerShell completes files.
#: Flags are shown once a dash is typed: else they would hide the files of a folder.
_LOOK_UP = """\
if (-not $global:LabappWords) { $global:LabappWords = @{} }
$global:LabappWords['PROGRAM'] = @{
TABLE
}
Register-ArgumentCompleter -Native -CommandName CALLED -ScriptBlock {
    param($typed, $line, $cursor)
    $words = $null
    $at = ''
    $flag = ''
    foreach ($element in $line.CommandElements) {
        if ($element.Extent.StartOffset -ge $cursor - $typed.Length) { break }
        $text = $element.Extent.Text.Trim('"', "'")
        if (-not $words) { $words = $global:LabappWords[($text -split '[\\\\/]')[-1]]; continue }
        $key = "$at $text".Trim()
        $flag = ''
        if (-not $words.ContainsKey($key)) { continue }
        if ($text.StartsWith('-')) { $flag = $key } else { $at = $key }
    }
    if (-not $words) { return }
    if ($flag) { $at = $flag }
    $words[$at] |
        Where-Object { $_.StartsWith($typed, 'OrdinalIgnoreCase') } |
        Where-Object { $typed -or -not $_.StartsWith('-') } |
        ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) }
}
"""


def write_script(context: Context) -> None:
    """Write the script for a shell."""
    queues = kinds.queue_names(context.settings)
    with contextlib.suppress(SettingError):  # of a dialect in which something is wrong
        queues = lab_queues.names(context.settings)
    scheme: Scheme = named("menus.asked:recalled")(context.settings)
    classes = [str(each.code) for each in sorted(scheme.classes, key=lambda one: one.code)]
    written = script(context.parser(), context.arguments.shell, queues, classes)
    print(written)  # noqa: T201 - it may hold any character, and is nobody's but ours


def completion_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `completion` takes."""
    told = ", ".join(SHELLS)
    parser.add_argument("shell", choices=SHELLS, metavar="SHELL", help=told)


def script(
    parser: argparse.ArgumentParser, shell: str, queues: Iterable[str], classes: Iterable[str]
) -> str:
    """Return the script for one of `SHELLS`; the parser is of no other use afterwards.

    `queues` and `classes` are the names and the codes that commands take which want one.
    """
    import shtab

    from labapp.dialects import loading
    from labapp.pictures import registry
    from labapp.pictures.limits import FORMATS
    from labapp.programs.shell import manual

    # By what stands for the value of a flag or an argument that takes one of these words.
    words_of: dict[str, Iterable[str]] = {
        "STEP": registry.operations(),
        "FORMAT": FORMATS,
        "TOPIC": manual.names(),
        "CLASS": classes,
        "QUEUE": queues,
        "RECIPE": named("processing.recipes:names")(),
        "DIALECT": [path.stem for path in loading.shipped()],
    }
    for action in _actions(parser):
        name = action.dest.removeprefix("setting_")
        words = settings.choices(name) if name != action.dest else words_of.get(str(action.metavar))
        if action.metavar in _FILES:
            action.complete = shtab.FILE  # type: ignore[attr-defined] # shtab's own way
        elif action.metavar in _FOLDERS:
            action.complete = shtab.DIRECTORY  # type: ignore[attr-defined]
        elif words and not action.choices:
            action.choices = list(words)
    return powershell(parser) if shell == "powershell" else shtab.complete(parser, shell)


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from _actions(command)
        else:
            yield action


def powershell(parser: argparse.ArgumentParser) -> str:
    r"""Return PowerShell's script, all in ASCII; the parser's words have their choices already.

    PowerShell completes `python client.py` as well as `.\client.py`: what it calls is told the
    whole line. One such completer stands for all three programs, since each name, as `python`, has
    only one.
    """
    lines = (f"    {_quoted(key)} = {_list(words)}" for key, words in table(parser).items())
    called = ", ".join(map(_quoted, (parser.prog, *_CALLED)))
    text = _LOOK_UP.replace("PROGRAM", parser.prog).replace("CALLED", called)
    return text.replace("TABLE", "\n".join(lines))


def table(parser: argparse.ArgumentParser, before: str = "") -> Table:
    """Return what may follow what in a program, or in its command of this name."""
    found: Table = {}
    words: list[str] = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            words += action.choices
            for name, command in action.choices.items():
                found |= table(command, f"{before} {name}".strip())
        elif not action.option_strings:
            words += map(str, action.choices or ())
        elif action.help != argparse.SUPPRESS:
            words += action.option_strings
            if action.nargs != 0:
                taken = tuple(map(str, action.choices or ()))
                found |= {f"{before} {flag}".strip(): taken for flag in action.option_strings}
    return {before: tuple(words), **found}


def _list(words: tuple[str, ...]) -> str:
    return f"@({', '.join(map(_quoted, words))})"


def _quoted(text: str) -> str:
    doubled = text.replace("'", "''")
    return f"'{doubled}'"
