"""What a format of exported labels is: who exports, lists or imports asks nothing else of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from labapp.labels.effective import PictureLabels

#: The date of nothing.
LONG_AGO = datetime.min.replace(tzinfo=UTC)


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
    """

    pictures: Sequence[PictureLabels] = ()
    bucket: str = ""
    target: int = 1
    now: datetime = LONG_AGO
    min_answers: int = 1


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
