"""What a format of exported labels is, and what formats share: rows, cells and JSON as text."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from labapp.labels.classes import DEFAULT_SCHEME, LabelClass, Scheme
from labapp.labels.effective import PictureLabels
from labapp.labels.layout import OWN, Layout
from labapp.labels.tally import Status, Tally, tally
from labapp.utc import format_time

#: The date of nothing.
LONG_AGO = datetime.min.replace(tzinfo=UTC)

#: What a spreadsheet takes for the beginning of a formula (OWASP, CSV Injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class AnswerRow(NamedTuple):
    """One answer that counts; its fields are the columns of the answers table.

    Attributes:
        image_key: the picture's key.
        sha256: the digest of its bytes in hex; its first 16 digits, out of the key, where the
            whole is not known; empty where neither is.
        annotator: who, as a token; empty for an anonymous answer.
        label: the code of its class.
        labelled_at: when, `2026-11-21T10:00:00Z`; empty for an anonymous answer.
        answer_id: the answer's own id; empty for an anonymous answer.
    """

    image_key: str
    sha256: str
    annotator: str
    label: int
    labelled_at: str
    answer_id: str


@dataclass(frozen=True, slots=True)
class Labels:
    """What is exported.

    Attributes:
        pictures: the dataset with what counts on each picture, in any order.
        bucket: the bucket's name, for `s3://` addresses.
        target: answers wanted for each picture, which the status of a picture depends on.
        now: with a time zone; the date of a label whose answers have none.
        min_answers: answers a picture must have for its majority to be exported, where a format
            has decided pictures only.
        layout: where the pictures lie.
        scheme: what is asked, and the classes there are.
    """

    pictures: Sequence[PictureLabels] = ()
    bucket: str = ""
    target: int = 1
    now: datetime = LONG_AGO
    min_answers: int = 1
    layout: Layout = OWN
    scheme: Scheme = DEFAULT_SCHEME

    def by_key(self) -> list[PictureLabels]:
        """Return the pictures in the order of their keys."""
        return sorted(self.pictures, key=lambda picture: picture.key)

    def answers(self) -> Iterator[AnswerRow]:
        """Yield every answer that counts, by picture and then in the label file's order."""
        for picture in self.by_key():
            sha256 = picture.sha256 or self.layout.hash_part(picture.key)
            for entry in picture.answers:
                time = format_time(entry.at) if entry.at else ""
                who, label = entry.annotator, int(entry.label)
                yield AnswerRow(picture.key, sha256, who, label, time, entry.answer_id)

    def decided(self) -> Iterator[tuple[PictureLabels, Tally, LabelClass]]:
        """Yield the pictures that are taken for a class, with tally and class, by key.

        By a verdict, or the majority of enough answers; those with fewer are left out as undecided,
        and so are those that somebody says are broken.
        """
        for picture in self.by_key():
            counted = tally(picture, self.layout)
            if counted.status(self.target) is Status.BROKEN or counted.decision is None:
                continue
            if counted.is_settled or counted.answers >= self.min_answers:
                yield picture, counted, counted.decision

    def address(self, picture: PictureLabels) -> str:
        """Return where a picture lies as AWS tools write it, `s3://bucket/key`."""
        return f"s3://{self.bucket}/{picture.key}"


@dataclass(frozen=True, slots=True)
class PictureFolder:
    """How a format has the pictures themselves, in one folder with its files.

    Attributes:
        of: gives key and file name of each picture.
        named_in: gives the file names in the text of an earlier export's main file.
        signed: files of the format that somebody may have written by hand, each with what ours has
            in it: others are left as they are.
    """

    of: Callable[[Labels], Iterable[tuple[str, str]]]
    named_in: Callable[[str], Iterable[str]]
    signed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Format:
    """A format that labels are exported in.

    Attributes:
        name: what it is called.
        note: what it is for.
        files: gives its files, name to chunks of text still to be drawn, the main one first.
        is_folder: whether they go into a folder of their own; else the main one has any name, and
            others lie beside it.
        is_hashed: whether it carries the SHA-256 of each picture.
        decided_only: whether it has decided pictures only, for which a least number of answers may
            be asked.
        is_for_excel: whether its files may begin with the mark that Excel needs.
        answers: its file that can be imported again; empty: none says who answered.
        advice: what is said once it is written, behind the name of its last file.
        pictures: how it has the pictures too; None: it has not.
    """

    name: str
    note: str
    files: Callable[[Labels], dict[str, Iterator[str]]]
    is_folder: bool = False
    is_hashed: bool = False
    decided_only: bool = False
    is_for_excel: bool = False
    answers: str = ""
    advice: str = ""
    pictures: PictureFolder | None = None


def csv_line(cells: Sequence[str | int]) -> str:
    """Write cells as a line of CSV that ends in a newline, formulas neutralised by an apostrophe.

    Only text is neutralised: a number cannot be a formula.
    """
    out = io.StringIO()
    safe = [f"'{c}" if isinstance(c, str) and c.startswith(_FORMULA) else c for c in cells]
    # With CR LF as its own line end the writer quotes cells that hold either of them.
    csv.writer(out, lineterminator="\r\n").writerow(safe)
    return out.getvalue().removesuffix("\r\n") + "\n"


def compact_json(value: object) -> str:
    """Write a value as JSON in ASCII on one line, without blanks between its parts.

    ASCII, since some readers of JSON Lines break lines at Unicode's own line separators.
    """
    return json.dumps(value, separators=(",", ":"))
