"""What a format of exported labels is, and what formats share: rows, cells and JSON as text."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple, Protocol

from labapp.labels.classes import DEFAULT_SCHEME, LabelClass, Scheme
from labapp.labels.effective import PictureLabels
from labapp.labels.layout import OWN, Layout
from labapp.labels.tally import Tally, tally
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


class Estimates(Protocol):
    """What a model says of pictures' classes, as `dawid_skene.Model` does."""

    def of(self, key: str) -> int | None:
        """Return the code of a picture's likeliest class; None at a tie or without answers."""

    def probability(self, key: str) -> Mapping[int, float]:
        """Return the probability of each class of a picture, by code; empty without answers."""


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
        model: what decides in place of the majority, and gives probabilities; None: nothing.
        split: the shares of the parts of a format that has some, in percent.
        size_of: gives width and height of a picture by its file's name in the export's folder; None
            where they are not known.
    """

    pictures: Sequence[PictureLabels] = ()
    bucket: str = ""
    target: int = 1
    now: datetime = LONG_AGO
    min_answers: int = 1
    layout: Layout = OWN
    scheme: Scheme = DEFAULT_SCHEME
    model: Estimates | None = None
    split: tuple[int, ...] = (80, 20)
    size_of: Callable[[str], tuple[int, int] | None] = lambda _: None

    @property
    def has_names(self) -> bool:
        """Whether tables say the names of classes too: codes of a dataset's own nobody knows."""
        return self.scheme.classes != DEFAULT_SCHEME.classes

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

    @property
    def answer_columns(self) -> tuple[str, ...]:
        """The columns of the answers table: with a model, also how far it holds with each."""
        named = ("class",) if self.has_names else ()
        return (*AnswerRow._fields, *named, *(("probability",) if self.model else ()))

    def answer_rows(self) -> Iterator[tuple[str | int, ...]]:
        """Yield every answer that counts by `answer_columns`, in the order of `answers`."""
        if not (self.has_names or self.model):
            yield from self.answers()
            return
        verdicts = {one.key: one.verdict.code for one in self.pictures if one.verdict}
        sure: Mapping[int, float] = {}
        key = ""
        for row in self.answers():
            if self.model and key != row.image_key:
                key, known = row.image_key, verdicts.get(row.image_key)
                sure = self.model.probability(key) if known is None else {known: 1.0}
            named = (self.scheme.by_code[row.label].name,) if self.has_names else ()
            cell = (f"{sure.get(row.label, 0.0):.4f}",) if self.model else ()
            yield (*row, *named, *cell)

    def probability_cells(self, counted: Tally) -> tuple[str, ...]:
        """Return the cell of a probability (see `probability_of`); none without a model."""
        if self.model is None:
            return ()
        found = self.probability_of(counted)
        return ("" if found is None else f"{found:.4f}",)

    def decided(self) -> Iterator[tuple[PictureLabels, Tally, LabelClass]]:
        """Yield the pictures that are taken for a class, with tally and class, by key.

        By a verdict, or by enough answers; those with fewer are left out as undecided.
        """
        for picture in self.by_key():
            counted = tally(picture, self.layout)
            if (taken := self.class_of(counted)) is None:
                continue
            if counted.is_settled or counted.answers >= self.min_answers:
                yield picture, counted, taken

    def class_of(self, counted: Tally) -> LabelClass | None:
        """Return the class that a picture is taken for: the verdict's, else the model's.

        Where there is no model, the majority decides.
        """
        if counted.is_settled or self.model is None:
            return counted.decision
        code = self.model.of(counted.key)
        return None if code is None else self.scheme.by_code.get(code)

    def probability_of(self, counted: Tally) -> float | None:
        """Return the probability, by the model, that a picture is of the class it is taken for.

        A verdict is sure. None without a model, and of a picture that is taken for no class.
        """
        taken = self.class_of(counted)
        if self.model is None or taken is None:
            return None
        return 1.0 if counted.is_settled else self.model.probability(counted.key).get(taken.code)

    def address(self, picture: PictureLabels) -> str:
        """Return where a picture lies as AWS tools write it, `s3://bucket/key`."""
        return f"s3://{self.bucket}/{picture.key}"


class NamedPicture(NamedTuple):
    """A decided picture with the name of its file, see `Labels.decided`."""

    picture: PictureLabels
    counted: Tally
    taken: LabelClass
    file: str


def named_pictures(labels: Labels) -> Iterator[NamedPicture]:
    """Yield the decided pictures by key, no name twice on any disk.

    Keys may differ in capitals only, which disks of Windows and macOS take for one name.
    """
    taken = set[str]()
    for picture, counted, label in labels.decided():
        name = labels.layout.local_file_name(picture.key)
        if name.lower() in taken:
            name = labels.layout.local_file_name(picture.key, by_key=True)
        taken.add(name.lower())
        yield NamedPicture(picture, counted, label, name)


@dataclass(frozen=True, slots=True)
class PictureFolder:
    """How a format has the pictures themselves, in the folder of its files or in some within it.

    Attributes:
        of: gives key and file name of each picture, relative to the folder.
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
        is_split: whether its pictures are parted, as `Labels.split` says.
        advice: what is said once it is written, behind the name of its last file.
        remark: gives what is to be known of these labels in it; empty where nothing is.
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
    is_split: bool = False
    advice: str = ""
    remark: Callable[[Labels], str] = lambda _: ""
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
