"""Decoding of text files and pipes: UTF-8, and the UTF-16 that Windows' tools write."""

from __future__ import annotations

import codecs

_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def decode_text(data: bytes) -> str:
    """Return the text of a file or a pipe, less the mark in front of it.

    It is UTF-8, with a mark where Notepad wrote it; UTF-16 where a mark says so, as `>` of Windows
    PowerShell writes it; or UTF-16 without, which is told by its zero bytes, as of `cmd /u`.

    Raises:
        UnicodeDecodeError: it is none of these.
    """
    if data[:2] in _MARKS:
        return data.decode("utf-16")
    return data.decode("utf-16-le" if data[1:2] == b"\0" else "utf-8-sig")
