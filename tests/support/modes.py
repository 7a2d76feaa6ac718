"""What a terminal is left with: replays all that a program wrote, and tells what is not as before.

Knows the modes of xterm that outlive a program: DEC private modes (line wrap, cursor, alternate
screen, mouse, pasting), insert mode, scroll region, letters' look, keypad, cursor shape, character
sets, and xterm's key modifiers. What only moves the cursor or writes is passed over.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

#: DEC private modes that are on after power-on: line wrap, cursor shown. All others are off.
ON = {7, 25}

#: What takes back a look -> the looks that it takes back.
_TAKEN_BACK = {
    39: {*range(30, 39), *range(90, 98)},
    49: {*range(40, 49), *range(100, 108)},
    22: {1, 2}, 23: {3}, 24: {4, 21}, 25: {5, 6}, 27: {7}, 28: {8}, 29: {9},
}  # fmt: skip

_PIECE = re.compile(
    rb"\x1b\[(?P<mark>[<=>?]?)(?P<numbers>[0-9;:]*)(?P<between>[ -/]*)(?P<final>[@-~])"
    rb"|\x1b[\]PX^_].*?(?:\x07|\x1b\\)"  # strings: titles, kitty's pictures
    rb"|\x1b(?P<set>[()])(?P<letters>.)"
    rb"|\x1b(?P<single>[=>c])"
    rb"|(?P<shift>[\x0e\x0f])",
    re.DOTALL,
)


@dataclass
class Modes:
    """The modes of one terminal, as the bytes so far have left them."""

    private: dict[int, bool] = field(default_factory=dict)
    #: Every other mode that is not as after power-on, by its name.
    others: dict[str, str] = field(default_factory=dict)
    _look_is: set[int] = field(default_factory=set)

    def left(self) -> list[str]:
        """Return what is not as after power-on, in words; empty: the terminal is given back."""
        found = [
            f"?{number}{'h' if on else 'l'}"
            for number, on in sorted(self.private.items())
            if on != (number in ON)
        ]
        return found + [f"{name} {value}" for name, value in sorted(self.others.items())]

    def feed(self, data: bytes) -> None:
        """Replay bytes."""
        for piece in _PIECE.finditer(data):
            if piece["final"]:
                self._control(piece)
            elif piece["set"]:
                self._note("charset", "" if piece["letters"] == b"B" else str(piece["letters"]))
            elif piece["single"] == b"c":
                self.private.clear()
                self.others.clear()
                self._look_is.clear()
            elif piece["single"]:
                self._note("keypad", "application" if piece["single"] == b"=" else "")
            elif piece["shift"]:
                self._note("shift", "out" if piece["shift"] == b"\x0e" else "")

    def _control(self, piece: re.Match[bytes]) -> None:
        numbers = [int(one or 0) for one in re.split(rb"[;:]", piece["numbers"])]
        code = piece["mark"] + piece["between"] + piece["final"]
        if code in (b"?h", b"?l"):
            self.private |= dict.fromkeys(numbers, code == b"?h")
        elif code in (b"h", b"l"):
            for number in numbers:
                self._note(f"mode {number}", "on" if code == b"h" else "")
        elif code == b"r":
            self._note("scroll region", piece["numbers"].decode())
        elif code == b"m":
            self._look(numbers)
        elif code == b" q":
            self._note("cursor shape", "" if numbers == [0] else str(numbers[0]))
        elif code in (b">m", b">u"):
            self._note("keys", piece["numbers"].decode())

    def _look(self, numbers: list[int]) -> None:
        """Follow how letters look: 0 takes all back, 39 and 49 a colour, 22 to 29 the rest."""
        at = 0
        while at < len(numbers):
            number = numbers[at]
            # 38;5;n and 38;2;r;g;b: the numbers behind are a colour's.
            width = {5: 3, 2: 5}.get(dict(enumerate(numbers)).get(at + 1, 0), 2)
            at += width if number in (38, 48) else 1
            if number == 0:
                self._look_is.clear()
            elif number in _TAKEN_BACK:
                self._look_is -= _TAKEN_BACK[number]
            else:
                self._look_is.add(number)
        self._note("look", " ".join(map(str, sorted(self._look_is))))

    def _note(self, name: str, value: str) -> None:
        if value:
            self.others[name] = value
        else:
            self.others.pop(name, None)


def left_by(raw: bytes) -> list[str]:
    """Return what a program that wrote these bytes has left of its modes; empty: nothing."""
    modes = Modes()
    modes.feed(raw)
    return modes.left()
