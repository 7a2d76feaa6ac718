"""How the programs read what was typed: strictly, and with a word on what was probably meant.

Imported by every start, `--help` included: nothing here imports boto3, rich or questionary.
"""

from __future__ import annotations

import argparse
import re
import sys
import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from labapp import __version__, settings
from labapp.errors import RefusedError, UsageError
from labapp.jobs import kinds
from labapp.visible import printable

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

    from labapp.programs.shell.command import Command
    from labapp.programs.shell.program import Program

#: What `--help` says of how programs end.
EXIT_CODES = """exit codes:
  0    done
  1    failed: cloud, network or this machine; the message says what to do
  2    usage: what was typed cannot be understood, or a setting is wrong
  3    refused: the request breaks a rule
  4    credentials: none, expired, or without the permission
  5    timed out: no answer yet; the job goes on, 'client.py jobs' tells of it
  129  hung up: its terminal went away
  130  interrupted by Ctrl-C
  143  terminated"""

#: A list that begins with a negative integer: a value, never an option.
_NEGATIVE_LIST = re.compile(r"-[0-9].*", re.DOTALL)

#: Flags that take steps, such as `blur:sigma=3`, and a parameter of one by itself.
STEPS = ("--op", "--default-pipeline")
_PARAMETER = re.compile(r",?[A-Za-z_]+=[^=/\\\s]+,?|,")

#: Flags of settings that need no value, and the values that they take all the same.
SWITCHES = ("--accessible",)
_TRUTHS = ("true", "false", "yes", "no", "on", "off", "1", "0")

#: What is shown in front of an example that reads a list from standard input.
_PIPE = "echo 1,12,55,4 | "

#: Settings that matter to every command, and are listed by each one's `--help`.
EVERYWHERE = ("cloud", "region", "profile", "bucket", "color", "images", "accessible")

#: What stands above them.
SETTINGS_HELP = """\
Every setting is a flag, LABAPP_<NAME> in the environment and a line in
labapp.toml; the command 'config' lists all of them. The most useful here:"""

#: The settings that say which lab is meant.
_WHERE = (
    *("cloud", "region", "profile", "endpoint_url", "bucket"),
    *kinds.queue_settings(),
)


class Parser(argparse.ArgumentParser):
    """Says what was meant: a mistyped word is answered with the nearest one."""

    def parse_known_args(  # type: ignore[override] # narrower than argparse's overloads
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Parse strictly at every level, so that a sub-command says which of its flags is near."""
        first = args[0].partition("=")[0] if args else ""
        if first.startswith("--") and first not in ("--", *self._option_string_actions):
            self.error(f"unrecognized arguments: {first}")  # else its value counts as the command
        found, rest = super().parse_known_args(args, namespace)
        if rest:
            self.error(f"unrecognized arguments: {' '.join(rest)}")
        return found, rest

    def error(self, message: str) -> NoReturn:
        """Raise the UsageError that says what is wrong, and the nearest word or flag."""
        message = message.replace("' -", "'-")  # as typed, less the mark of `values_apart`
        mistyped = re.search(r"invalid choice: '([^']*)' \(choose from (.*)\)", message)
        if mistyped:
            words = re.findall(r"[\w.-]+", mistyped[2])
            meant = near(mistyped[1], words)
            hint = f"; did you mean {meant[0]!r}?" if meant else f"; there is {', '.join(words)}"
            message = f"unknown {mistyped[1]!r}{hint}"
        number = re.search(r"argument (\S+): invalid int value: (.*)", message)
        if number:
            message = f"{number[1]} is {number[2]}, and it takes a whole number"
        unknown = re.search(r"unrecognized arguments: (--[\w-]+)", message)
        if unknown:
            meant = near(unknown[1], self._option_string_actions)
            message += f"; did you mean {meant[0]}?" if meant else ""
        elif "unrecognized arguments: " in message:
            message += '; what has commas or blanks in it may want quotes, "like this"'
        command = self.prog.partition(" ")[2]
        raise _BadUsageError(f"{command}: {message}" if command else message, self.format_usage())

    def print_help(self, file: SupportsWrite[str] | None = None) -> None:
        """Write the help; argparse's own way says nothing of a disk that is full."""
        print(self.format_help(), end="", file=file or sys.stdout)

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        """End after --help or --version."""
        sys.stdout.flush()  # so that a full disk or a closed pipe is noticed here
        super().exit(status, message)


class _BadUsageError(UsageError):
    has_lines = True

    def __init__(self, message: str, usage: str) -> None:
        super().__init__(f"{printable(message)}\n{usage}Say --help for more")


class HelpFormatter(argparse.RawDescriptionHelpFormatter):
    """Leaves the settings out of the usage: they would fill it, and have a section of their own.

    Words are not broken at their hyphens, and commands stand right below their heading.
    """

    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[Any],
        prefix: str | None = None,
    ) -> None:
        """Add the usage of what is the command's own."""
        own = [action for action in actions if not getattr(action, "is_setting", False)]
        super().add_usage(usage, own, groups, prefix)

    def _format_action(self, action: argparse.Action) -> str:
        if isinstance(action, argparse._SubParsersAction):
            return "".join(map(self._format_action, action._get_subactions()))
        return super()._format_action(action)

    def _split_lines(self, text: str, width: int) -> list[str]:
        return textwrap.wrap(text, width, break_on_hyphens=False)


def settings_parser(
    shown: Iterable[str] = (), *, without: Iterable[str] = ()
) -> argparse.ArgumentParser:
    """Return the flags of settings, for a program or for all its sub-commands.

    Args:
        shown: settings that `--help` lists, besides those that matter everywhere; the others are
            taken all the same.
        without: settings that are no flags here.
    """
    parser = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    group = parser.add_argument_group("settings", SETTINGS_HELP)
    listed = {*EVERYWHERE, *shown}
    for name in settings.names():
        if name in without:
            continue
        action = group.add_argument(
            "--" + name.replace("_", "-"),
            dest=f"setting_{name}",
            metavar=_metavar(name),
            help=_meaning(name) if name in listed else argparse.SUPPRESS,
        )
        setattr(action, "is_setting", True)  # noqa: B010 - argparse's own class has no such name
    return parser


def _metavar(name: str) -> str:
    kind = settings.Settings.__dataclass_fields__[name].type
    words = {"int": "N", "float": "N", "bool": "true|false"}
    return "|".join(settings.choices(name)) or words.get(str(kind), "VALUE")


def _meaning(name: str) -> str:
    default = getattr(settings.Settings(), name)
    words = f"{default:g}" if isinstance(default, float) else str(default)
    told = f" (default: {words.lower() if isinstance(default, bool) else words})" if words else ""
    return (settings.meaning(name) + told).replace("%", "%%")


def switches(words: Sequence[str]) -> list[str]:
    """Return what was typed, with the flags that need no value given theirs.

    `--accessible` alone says true, `--no-accessible` false.
    """
    found = list(words)
    for place, word in enumerate(words):
        if word == "--":
            break
        following = words[place + 1].lower() if place + 1 < len(words) else ""
        if word in SWITCHES and following not in _TRUTHS:
            found[place] = f"{word}=true"
        elif word.startswith("--no-") and f"--{word[5:]}" in SWITCHES:
            found[place] = f"--{word[5:]}=false"
    return found


def values_apart(words: Sequence[str]) -> list[str]:
    """Return what was typed, with lists such as -1,2,7 marked as values by a leading blank."""
    return [f" {word}" if _NEGATIVE_LIST.fullmatch(word) else word for word in words]


def commas_again(words: Sequence[str]) -> list[str]:
    """Return what was typed, with the parameters of a step in one word again.

    PowerShell takes commas for its own: `sharpen:radius=2,amount=1` comes as two words out of its
    functions and variables, and with a blank behind the comma out of every shell.

    Raises:
        UsageError: such a word is a file's name, too.
    """
    joined: list[str] = []
    in_step = False
    for word in words:
        if in_step and _continues(joined[-1], word):
            if Path(word).exists():
                raise UsageError(
                    f"{word!r} behind {joined[-1]!r} is a file, and may be a part of that step",
                    f'Write the step in quotes, "{joined[-1]},{word}", or the file as ./{word}.',
                )
            joined[-1] = f"{joined[-1].rstrip(',')},{word.strip(',')}"
            continue
        before = joined[-1] if joined else ""
        flag, _, value = word.partition("=")
        in_step = ":" in (word if before in STEPS else value if flag in STEPS else "")
        joined.append(word)
    return joined


def _continues(step: str, word: str) -> bool:
    """Whether a word is a parameter of the operation that the step before it names."""
    if not _PARAMETER.fullmatch(word):
        return False
    from labapp.pictures import registry  # only here: nobody else's words look like that

    name = re.split(r"[=\s]", step.partition(":")[0])[-1]
    try:
        known = {parameter.name for parameter in registry.get(name).parameters}
    except RefusedError:
        return False
    return word == "," or word.strip(",").partition("=")[0].lower() in known


def join_values(arguments: argparse.Namespace) -> None:
    """Take the blanks of `values_apart` off again, so that each value is as it was typed."""
    for name, value in vars(arguments).items():
        if isinstance(value, list):
            setattr(arguments, name, [_as_typed(each) for each in value])
        else:
            setattr(arguments, name, _as_typed(value))


def _as_typed(value: Any) -> Any:
    marked = isinstance(value, str) and value[:1] == " " and _NEGATIVE_LIST.fullmatch(value[1:])
    return value[1:] if marked else value


def near(word: str, words: Iterable[str], most: int = 1) -> list[str]:
    """Return the words that may have been meant, the nearest first; often none."""
    import difflib

    return difflib.get_close_matches(word, list(words), most)


def again(loaded: settings.Loaded) -> str:
    """Return the flags that lead another program to the same lab, each after a space; often none.

    The environment and the files lead there by themselves.
    """
    given = [name for name in _WHERE if loaded.origins[name].kind == "flag"]
    return "".join(f" --{name.replace('_', '-')} {loaded.text_of(name)}" for name in given)


def build(
    program: Program, commands: Sequence[Command], words: Iterable[str] | None = None
) -> argparse.ArgumentParser:
    """Return the parser of a program with these of its commands.

    Args:
        program: the program.
        commands: those that it knows.
        words: what was typed: only commands that are among them get their arguments, as these may
            import what their help and choices are drawn from; None: all do. Where nothing was
            typed, there is no flag to be read either.
    """
    named = None if words is None else set(words)
    is_bare = named is not None and not named
    # Some have these as their own.
    common = [] if is_bare else [settings_parser(without=("timeout", "annotator", "exact"))]
    parser = Parser(
        prog=program.name,
        description=program.summary,
        epilog=_epilog(program.name, program.examples),
        formatter_class=HelpFormatter,
        parents=[] if is_bare else [settings_parser(program.settings)],
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"labapp {__version__}")
    parser.set_defaults(run=program.default, command="", needs_dialect=program.needs_dialect)
    program.default_arguments(parser)
    levels: dict[str, Any] = {"": parser.add_subparsers(title="commands", metavar="[COMMAND]")}
    for command in commands:
        group, _, word = command.name.rpartition(" ")
        if group not in levels:
            parent = levels[f"parser {group}"]
            levels[group] = parent.add_subparsers(title="commands", metavar="[COMMAND]")
        sub = levels[group].add_parser(
            word,
            help=command.summary,
            description=_description(program, command),
            epilog=_epilog(program.name, command.examples),
            formatter_class=HelpFormatter,
            parents=common,
            allow_abbrev=False,
        )
        needs = command.needs_dialect
        sub.set_defaults(run=command.run, command=command.name, needs_dialect=needs)
        if named is None or named.issuperset(command.name.split()):
            command.arguments(sub)
        levels[f"parser {command.name}"] = sub
    return parser


def _description(program: Program, command: Command) -> str:
    summary = f"{command.summary[0].upper()}{command.summary[1:]}."
    return f"{summary}\n\n{command.notes}".strip().replace("PROGRAM", program.name)


def _epilog(program: str, examples: Sequence[str]) -> str:
    lines = ""
    for example in examples:
        pipe = _PIPE if example.endswith(" -") else ""
        lines += f"  {pipe}python {program} {example}".rstrip() + "\n"
    return (f"examples:\n{lines}\n" if lines else "") + EXIT_CODES
