"""How results are written: the same on every platform, with no character lost.

Other programs get one JSON document, in UTF-8, or cells between tabs. Their lines end as on Linux,
in the encoding of the user's locale. Windows has none that a program at the other end of a pipe
knows of: there Python writes in an old code page, and names beyond that would be lost, so it is
UTF-8.
"""

from __future__ import annotations

import codecs
import errno
import io
import json
import os
import stat
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TextIO

from labapp.console.figures import in_lines, one_line
from labapp.errors import LabappError
from labapp.visible import ascii_json, is_utf8, printable, visible_cell

if TYPE_CHECKING:
    from pathlib import Path

    from _typeshed import ReadableBuffer

#: Our own signs in letters, for terminals whose code page has none such.
_IN_LETTERS = str.maketrans(
    {"\N{HORIZONTAL ELLIPSIS}": "...", "\N{MULTIPLICATION SIGN}": "x", "\N{MIDDLE DOT}": "."}
    | {"\N{EN DASH}": "-", "\N{EM DASH}": "-", "\N{MINUS SIGN}": "-"}
    | {"\N{LEFT SINGLE QUOTATION MARK}": "'", "\N{RIGHT SINGLE QUOTATION MARK}": "'"}
    | {"\N{LEFT DOUBLE QUOTATION MARK}": '"', "\N{RIGHT DOUBLE QUOTATION MARK}": '"'}
)


def _escaped(error: UnicodeError) -> tuple[str, int]:
    """Escape what a stream lacks; of a file's name that is no text, byte by byte."""
    assert isinstance(error, UnicodeEncodeError)
    lacking = error.object[error.start : error.end].translate(_IN_LETTERS)
    return printable(lacking).encode("ascii", "backslashreplace").decode(), error.end


def _as_it_was(error: UnicodeError) -> tuple[str | bytes, int]:
    """Give back the byte of a file's name that is no text (PEP 383); escape what else lacks."""
    assert isinstance(error, UnicodeEncodeError)
    number = ord(error.object[error.start])
    if 0xDC80 <= number <= 0xDCFF and sys.platform != "win32":  # names are no bytes there
        return bytes([number - 0xDC00]), error.start + 1
    return error.object[error.start].encode("ascii", "backslashreplace").decode(), error.start + 1


#: The names under which these are known to streams.
LEGIBLE, EXACT = "labapp.legible", "labapp.exact"
codecs.register_error(LEGIBLE, _escaped)
codecs.register_error(EXACT, _as_it_was)


def steady(stream: io.TextIOWrapper, lacking: str) -> io.TextIOWrapper:
    """Return an output stream that ends no program by a character, nor by a reader that is gone.

    Args:
        stream: as Python has opened it.
        lacking: what is written of names that it lacks, where it is no terminal: `EXACT` for other
            programs, `LEGIBLE` for people.
    """
    if stream.isatty():
        stream.reconfigure(errors=LEGIBLE)
        return stream
    encoding = _encoding(stream.encoding, sys.platform, os.environ)
    if is_pipe(stream):
        stream = _Piped(stream)
    if "a".encode(encoding) != b"a":  # as in UTF-16, whose characters no single byte is
        lacking = LEGIBLE
    stream.reconfigure(encoding=encoding, errors=lacking, newline="\n")
    return stream


def write_document(text: str) -> None:
    """Write a document of JSON to standard output: UTF-8 whatever else the stream is in.

    It is all ASCII where other characters would not arrive: in other encodings, and in pipes of
    Windows, which PowerShell reads by the console's code page.
    """
    stream = sys.stdout
    guessed = sys.platform == "win32" and not stream.isatty() and not _is_chosen(os.environ)
    if guessed or not is_utf8(stream.encoding):
        text = ascii_json(text)
    buffer = getattr(stream, "buffer", None)
    if buffer is None or stream.isatty():  # a test's own, or a console, which takes characters
        print(text, flush=True)  # noqa: T201
        return
    stream.flush()
    buffer.write(text.encode() + b"\n")
    buffer.flush()


def is_pipe(stream: TextIO) -> bool:
    """Whether another program reads what is written to a stream."""
    try:
        return stat.S_ISFIFO(os.fstat(stream.fileno()).st_mode)
    except (OSError, ValueError):  # not a file of the system's
        return False


def _encoding(found: str, platform: str, environ: Mapping[str, str]) -> str:
    """Return the encoding for other programs, where Python has found this one."""
    return "utf-8" if platform == "win32" and not _is_chosen(environ) else found


def _is_chosen(environ: Mapping[str, str]) -> bool:
    """Whether the user has told Python an encoding, by one of its own variables."""
    return bool(environ.get("PYTHONIOENCODING", "").partition(":")[0]) or (
        environ.get("PYTHONUTF8", "") in ("0", "1")
    )


class _Piped(io.TextIOWrapper):
    """A stream into a pipe; what its reader no longer takes is dropped."""

    def __init__(self, stream: io.TextIOWrapper) -> None:
        stream.flush()
        super().__init__(
            io.BufferedWriter(_Pipe(stream.fileno(), "w", closefd=False)),
            encoding=stream.encoding,
            line_buffering=stream.line_buffering,
        )


class _Pipe(io.FileIO):
    #: Whether its reader was found gone.
    is_left = False

    def write(self, data: ReadableBuffer, /) -> int:
        try:
            return super().write(data)
        except OSError as error:
            if not reader_is_gone(error, sys.platform):
                raise
            self.is_left = True
            return memoryview(data).nbytes


def is_left() -> bool:
    """Whether the reader of the pipe that results go to is gone: for what would never end."""
    raw = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    return isinstance(raw, _Pipe) and raw.is_left


def reader_is_gone(error: OSError, platform: str) -> bool:
    """Whether a write to a pipe failed since nobody reads; Windows may call that EINVAL."""
    return isinstance(error, BrokenPipeError) or (
        platform == "win32" and error.errno == errno.EINVAL
    )


def document(value: object, *, lines: bool = True) -> str:
    """Write a value as a JSON document, in lines or in one; null where a field has no value."""
    indent = 2 if lines else None
    return json.dumps(_null_for_empty(value), indent=indent, ensure_ascii=False)


def cell(value: str | float) -> str:
    """Write a value as a cell of one line."""
    return visible_cell(value) if isinstance(value, str) else str(value)


def line(text: str) -> str:
    """Write a line, which stays one whatever the names in it hold; tabs stand between its cells."""
    return in_lines(text).replace("\n", "\\x0a")


def row(cells: Sequence[str | float | None]) -> str:
    """Write a line of cells with tabs between them, which stays one whatever they hold."""
    return line("\t".join("" if one is None else cell(one) for one in cells))


def with_name(path: Path, text: str) -> str:
    """Return what is said of a file, with its name before it unless the text has it."""
    return text if one_line(path.name) in one_line(text) else f"{path.name}: {text}"


def error(what: LabappError) -> str:
    """Write an error, in one line or in its own."""
    lines = str(what).split("\n") if what.has_lines else [str(what)]
    return "\n".join(map(line, lines))


def _null_for_empty(value: object) -> object:
    if isinstance(value, dict):
        return {name: _null_for_empty(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_null_for_empty(one) for one in value]
    return None if value == "" else value
