"""PowerShell's rules of argument mode, as far as commands of ours need them.

After its own tokenizer and its binder of native commands (PowerShell 5.1 and 7): a comma between
bare words makes an array, which a native program gets as it was typed; out of a function's `@args`
or a variable its members come one by one. Quotes may stand anywhere in a word, the curly ones too.
"""

from __future__ import annotations

from dataclasses import dataclass, field

SINGLE, DOUBLE = "'\u2018\u2019\u201a\u201b", '"\u201c\u201d\u201e'

#: What means something else than itself outside quotes; `<` is reserved, and no redirection.
MEANING = "$(){};&<>`"


class PowerShellError(ValueError):
    """PowerShell would not take the line, or take it for something else than one command."""


@dataclass
class _Word:
    text: str = ""
    quoted: bool = False
    #: Where commas outside quotes stand in it.
    commas: list[int] = field(default_factory=list)


def commands(line: str) -> list[list[str]]:
    """Return the native commands of a pipeline, each as the words that it gets."""
    return [[word.text for word in words] for words in _pipeline(line)]


def one_by_one(line: str) -> list[str]:
    """Return the words of one command as they come out of a function's `@args`."""
    found: list[str] = []
    for word in _pipeline(line)[0]:
        ends = [*word.commas, len(word.text)]
        starts = [0, *(comma + 1 for comma in word.commas)]
        pieces = [word.text[a:b] for a, b in zip(starts, ends, strict=True)]
        found += filter(None, pieces)
    return found


def _pipeline(line: str) -> list[list[_Word]]:
    found: list[list[_Word]] = [[]]
    at = 0
    while at < len(line):
        if line[at].isspace():
            at += 1
        elif line[at] == "#":
            break
        elif line[at] == "|":
            if line[at : at + 2] == "||":
                raise PowerShellError(f"5.1 knows no || in {line}")
            found.append([])
            at += 1
        elif line[at] == "@":
            raise PowerShellError(f"@ begins an array in {line}")
        elif line[at : at + 3] == "--%":
            raise PowerShellError(f"--% ends the parsing in {line}")
        else:
            word, at = _word(line, at)
            found[-1].append(word)
    return found


def _word(line: str, at: int) -> tuple[_Word, int]:
    word = _Word()
    while at < len(line) and not line[at].isspace() and line[at] != "|":
        sign = line[at]
        if sign in SINGLE + DOUBLE:
            text, at = _string(line, at)
            word.text, word.quoted = word.text + text, True
            continue
        if sign in MEANING:
            raise PowerShellError(f"{sign} has a meaning of its own in {line}")
        if sign == ",":
            word.commas.append(len(word.text))
        word.text += sign
        at += 1
    return word, at


def _string(line: str, at: int) -> tuple[str, int]:
    kind = SINGLE if line[at] in SINGLE else DOUBLE
    text, at = "", at + 1
    while at < len(line):
        if line[at] in kind and line[at + 1 : at + 2] and line[at + 1] in kind:
            text, at = text + line[at], at + 2
        elif line[at] in kind:
            return text, at + 1
        elif kind == DOUBLE and line[at] in "$`":
            raise PowerShellError(f"{line[at]} has a meaning of its own in {line}")
        else:
            text, at = text + line[at], at + 1
    raise PowerShellError(f"a quote is not closed in {line}")
