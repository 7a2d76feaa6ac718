"""Write labels in the formats others read: which files each format has, as chunks of text.

Every format gives strings in a fixed order (by key, then the file's order), so the same labels
give the same bytes; the caller writes them as UTF-8 with newlines as they are, atomically. A format
is a file of its own here, and a line in `FORMATS`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

from labapp.errors import UsageError
from labapp.labels.effective import as_first_typed
from labapp.labels.export import coco, csv_files, imagefolder, jsonl, label_studio, manifest, yolo
from labapp.labels.export.format import Format, Labels

#: What opens a file in UTF-8 for programs that would else take it for something else.
BYTE_ORDER_MARK = "\ufeff"

#: The formats there are, by name.
FORMATS: dict[str, Format] = {
    each.name: each
    for each in (
        csv_files.FORMAT,
        jsonl.FORMAT,
        manifest.FORMAT,
        label_studio.FORMAT,
        imagefolder.FORMAT,
        coco.FORMAT,
        yolo.FORMAT,
    )
}


def format_called(name: str, *, excel: bool = False) -> Format:
    """Return a format by its name; with `excel`, one that is for Excel.

    Raises:
        UsageError: there is no such format, or it is none for Excel.
    """
    if name not in FORMATS:
        raise UsageError(f"there is no format {name!r}", f"Choose one of {', '.join(FORMATS)}.")
    if excel and not FORMATS[name].is_for_excel:
        able = " or ".join(each.name for each in FORMATS.values() if each.is_for_excel)
        raise UsageError(f"{name} is not for Excel", f"Export {able} for it.")
    return FORMATS[name]


def export_files(
    format: Format, labels: Labels, *, excel: bool = False
) -> dict[str, Iterator[str]]:
    """Return the files of a format: file name to chunks of text, still to be drawn.

    Args:
        format: one of `FORMATS`.
        labels: what is exported.
        excel: begin files with a byte-order mark, without which Excel takes UTF-8 for the machine's
            own code page.
    """
    first_typed = replace(labels, pictures=as_first_typed(labels.pictures))
    mark = (BYTE_ORDER_MARK,) if excel else ()
    return {name: chain(mark, text) for name, text in format.files(first_typed).items()}
