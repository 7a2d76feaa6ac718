"""Label files as labs' own programs write and read them: bare codes, one a line, and no more.

Nothing in them says who answered or when, so answers alike are the same to everybody: to take one
back is to take away any that says as much. What else is in the file stays as it is.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Collection

from labapp.labels.label_file import Label, bare_codes


def added(existing: bytes, label: Label) -> bytes:
    """Return a label file's bytes with an answer more, on a line that ends; as the last one does.

    A last line without its end gets it first.
    """
    end = b"\r\n" if b"\r\n" in existing else b"\n"
    is_open = existing.removeprefix(BOM_UTF8) and not existing.endswith((b"\n", b"\r"))
    return existing + (end if is_open else b"") + label.value.encode() + end


def taken(existing: bytes, label: Label, codes: Collection[int]) -> bytes | None:
    """Return a label file's bytes less the last answer that says so; None where there is none.

    Only lines of the dataset's codes are looked at: others are none of ours.
    """
    mark = BOM_UTF8 if existing.startswith(BOM_UTF8) else b""
    lines = existing.removeprefix(mark).splitlines(keepends=True)
    code = label.value.encode()
    for place in reversed(range(len(lines))):
        line = lines[place]
        if code in line and bare_codes(line, codes):
            at = line.rindex(code)
            rest = line[:at] + line[at + 1 :]
            lines[place] = rest if rest.strip() else b""
            return mark + b"".join(lines)
    return None
