"""What was answered on this machine in a lab's own layout, whose lines do not say by whom.

It is kept as lines of label files, each behind its picture's key, so that what stands of them, what
was skipped and what was taken back is known as of any label file. Losing it costs no answer: an
annotator is only shown pictures again. Nobody else's machine knows of it.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from urllib.parse import quote, unquote_to_bytes

from labapp.cloud.bucket import Bucket
from labapp.dataset import layouts
from labapp.errors import LabappError, os_errors_as
from labapp.files import private
from labapp.files.replacing import read
from labapp.labels.effective import PictureLabels, labels_of
from labapp.labels.label_file import ANY_CODE, Entry, format_line, parse_label_file
from labapp.labels.tokens import person

#: What to do where it cannot be kept.
_REMEDY = "Set LABAPP_DATA_DIR to a folder that you may write in."


class OwnAnswers:
    """The answers of this machine's annotators in one bucket; none in labapp's own layout."""

    def __init__(self, bucket: Bucket) -> None:
        layout = layouts.of(bucket)
        self._is_kept = not layout.is_own
        named = "\n".join((bucket.name, layout.images, layout.labels))
        digest = hashlib.sha256(named.encode(errors="replace")).hexdigest()[:16]
        self._path = bucket.cloud.home / f"answered-{digest}.txt"
        self._size = -1
        self._known: dict[str, PictureLabels] = {}

    def of(self, key: str) -> PictureLabels | None:
        """Return what was said here of a picture; None where nothing was."""
        return self._read().get(key)

    def standing(self, annotator: str) -> dict[str, Entry]:
        """Return the answers of an annotator (a token) that stand, by the pictures' keys."""
        who = person(annotator)
        return {
            key: entry
            for key, found in self._read().items()
            for entry in found.answers
            if person(entry.annotator) == who
        }

    def keep(self, key: str, entry: Entry) -> None:
        """Keep what was said of a picture, or that it was taken back.

        Raises:
            LabappError: the file cannot be written.
        """
        line = quote(key, safe="/").encode() + b" " + format_line(entry)
        path: Path = self._path
        with os_errors_as(LabappError, f"cannot write {path}", _REMEDY):
            private.folder(path.parent)
            descriptor = private.opener(str(path), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            with os.fdopen(descriptor, "ab") as file:
                file.write(line)  # in one piece, so that two programs' lines do not mix

    def _read(self) -> dict[str, PictureLabels]:
        """Read the file, if it has grown since."""
        if not self._is_kept:
            return {}
        with os_errors_as(LabappError, f"cannot read {self._path}", _REMEDY):
            try:
                size = self._path.stat().st_size
                if size == self._size:
                    return self._known
                lines = read(self._path).splitlines(keepends=True)
            except FileNotFoundError:
                return {}
        files: dict[str, bytes] = {}
        for line in lines:
            key, _, said = line.partition(b" ")
            name = unquote_to_bytes(key).decode(errors="replace")
            files[name] = files.get(name, b"") + said
        self._size = size
        self._known = {
            key: labels_of(key, parse_label_file(text, ANY_CODE)) for key, text in files.items()
        }
        return self._known
