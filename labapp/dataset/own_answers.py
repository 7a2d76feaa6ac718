"""What was said of pictures on this machine: all of it in a lab's own layout, else the latest.

It is kept as lines of label files, each behind its picture's key, so that what stands of them, what
was skipped and what was taken back is known as of any label file. In a lab's own layout, whose
lines do not say whose they are, nothing else knows: losing it costs no answer, but an annotator is
shown pictures again. In labapp's own it spares who takes the last answer back a look at all of
them. Nobody else's machine knows of it.
"""

from __future__ import annotations

import os
from pathlib import Path

from labapp.cloud.bucket import Bucket
from labapp.dataset import kept_lines, layouts
from labapp.errors import LabappError, os_errors_as
from labapp.files import private
from labapp.files.replacing import read
from labapp.labels.effective import PictureLabels, labels_of
from labapp.labels.label_file import ANY_CODE, Entry, Label, parse_label_file
from labapp.labels.tokens import person

#: Bytes of it that are kept in labapp's own layout, beyond which its first half goes: some thousand
#: lines.
MOST = 250_000

#: What to do where it cannot be kept.
_REMEDY = "Set LABAPP_DATA_DIR to a folder that you may write in."


class OwnAnswers:
    """What this machine's annotators said in one bucket."""

    def __init__(self, bucket: Bucket) -> None:
        self._is_labs = not layouts.of(bucket).is_own
        self._path: Path = bucket.cloud.home / f"answered-{kept_lines.name_of(bucket)}.txt"
        self._size = -1
        self._known: dict[str, PictureLabels] = {}

    def of(self, key: str) -> PictureLabels | None:
        """Return what was said here of a picture of a lab's layout; None where nothing was."""
        return self._read().get(key) if self._is_labs else None

    def standing(self, annotator: str) -> dict[str, Entry]:
        """Return the answers of an annotator (a token) that stand, by the pictures' keys.

        Of labapp's own layout these are but those that are remembered.
        """
        who = person(annotator)
        return {
            key: entry
            for key, found in self._read().items()
            for entry in found.answers
            if person(entry.annotator) == who
        }

    def said_by(self, annotator: str) -> list[tuple[str, Entry]]:
        """Return all that an annotator (a token) said that stands, with each picture's key."""
        return [
            (key, one) for key, found in self._read().items() for one in found.said_by(annotator)
        ]

    def latest(self, annotator: str) -> list[tuple[str, Entry]]:
        """Return what an annotator (a token) said here and did not take back, the latest first."""
        who = person(annotator)
        said = kept_lines.entries(self._lines())
        undone = {entry.retracts for _, entry in said if entry.label is Label.RETRACTION}
        own = {
            entry.answer_id: (key, entry)
            for key, entry in said
            if entry.label is not Label.RETRACTION and person(entry.annotator) == who
        }
        # What was on its way at once came to the bucket in any order; ids are made in theirs.
        return [own[one] for one in sorted(own, reverse=True) if one not in undone]

    def keep(self, key: str, entry: Entry) -> None:
        """Keep what was said of a picture, or that it was taken back.

        Raises:
            LabappError: the file cannot be written.
        """
        path = self._path
        with os_errors_as(LabappError, f"cannot write {path}", _REMEDY):
            private.folder(path.parent)
            descriptor = private.opener(str(path), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            with os.fdopen(descriptor, "ab") as file:
                # In one piece, so that two programs' lines do not mix.
                file.write(kept_lines.line_of(key, entry))
                size = file.tell()
            if size > MOST and not self._is_labs:
                lines = read(path).splitlines(keepends=True)
                private.write_text(path, b"".join(lines[len(lines) // 2 :]).decode())

    def _read(self) -> dict[str, PictureLabels]:
        """Read the file, if it has grown since, as the label files of a lab's layout."""
        size = self._path.stat().st_size if self._path.exists() else 0
        if size == self._size:
            return self._known
        files: dict[str, bytes] = {}
        for key, said in map(kept_lines.parted, self._lines()):
            files[key] = files.get(key, b"") + said
        self._size = size
        self._known = {
            key: labels_of(key, parse_label_file(text, ANY_CODE)) for key, text in files.items()
        }
        return self._known

    def _lines(self) -> list[bytes]:
        with os_errors_as(LabappError, f"cannot read {self._path}", _REMEDY):
            try:
                return read(self._path).splitlines(keepends=True)
            except FileNotFoundError:
                return []
