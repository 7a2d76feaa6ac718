"""What annotators were told is kept, held against what counts in the label files.

Who was killed between a line's way out and being told of it may find it there or not; what they
were told is there once, in the order in which it was said, and counts but for what was undone or
withdrawn.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from labapp.labels.effective import AS_WRITTEN, Counting, PictureLabels, labels_of
from labapp.labels.label_file import Entry, LabelFile, parse_label_file, parse_line


@dataclass(frozen=True)
class Said:
    """What one annotator said of pictures, in its order.

    Attributes:
        meant: all of it, with its picture.
        told: the ids of what the annotator was told is kept, and was not told failed.
    """

    meant: tuple[tuple[str, Entry], ...]
    told: frozenset[str]


@dataclass(frozen=True)
class Labelled:
    """What a run came to, in lines and answers.

    Attributes:
        told: lines that annotators were told are kept.
        lost: those among them that are in no label file.
        doubled: lines that stand twice.
        counted: answers that count.
        wrong: annotators' answers to a picture that count otherwise than they were said.
    """

    told: int
    lost: int
    doubled: int
    counted: int
    wrong: int

    @property
    def kept(self) -> bool:
        """Whether what was given is what is counted."""
        return not (self.lost or self.doubled or self.wrong)


def read(path: Path) -> Said:
    """Read an annotator's journal, of however many lives."""
    meant: list[tuple[str, Entry]] = []
    told, failed = set[str](), set[str]()
    for text in path.read_text("utf-8").splitlines():
        line = json.loads(text)
        entry = parse_line(line["line"].encode())
        assert entry is not None
        if line["what"] == "meant":
            meant.append((line["picture"], entry))
        else:
            (told if line["what"] == "told" else failed).add(entry.answer_id)
    return Said(tuple(meant), frozenset(told - failed))


def audit(
    everyone: Collection[Said],
    files: Mapping[str, bytes],
    gone: Collection[str] = (),
    counting: Counting = AS_WRITTEN,
) -> Labelled:
    """Hold what was said against label files.

    Args:
        everyone: what each annotator said.
        files: the label files, by the keys of their pictures.
        gone: annotators whose answers are withdrawn, or left out.
        counting: how answers count there.
    """
    lines = {key: Counter(_ids(body)) for key, body in files.items()}
    told = [(key, e) for said in everyone for key, e in said.meant if e.answer_id in said.told]
    wanted = dict[tuple[str, str], str]()
    for said in everyone:
        wanted |= _standing(said, lines, gone)
    found = dict[tuple[str, str], str]()
    for key, body in files.items():
        found |= _answers(labels_of(key, parse_label_file(body), counting=counting))
    return Labelled(
        told=len(told),
        lost=sum(entry.answer_id not in lines.get(key, ()) for key, entry in told),
        doubled=sum(count - 1 for ids in lines.values() for count in ids.values()),
        counted=len(found),
        wrong=len(wanted.items() ^ found.items()),
    )


def _ids(body: bytes) -> Iterable[str]:
    parsed = (parse_line(line) for line in body.splitlines())
    return (entry.answer_id for entry in parsed if entry)


def _standing(
    said: Said, lines: Mapping[str, Counter[str]], gone: Collection[str]
) -> dict[tuple[str, str], str]:
    """Return what one annotator's answers should be, by picture and name."""
    by_key: dict[str, list[Entry]] = {}
    for key, entry in said.meant:
        if entry.answer_id in said.told or entry.answer_id in lines.get(key, ()):
            by_key.setdefault(key, []).append(entry)
    found = dict[tuple[str, str], str]()
    for key, entries in by_key.items():
        found |= _answers(labels_of(key, LabelFile(tuple(entries))))
    return {place: label for place, label in found.items() if place[1] not in gone}


def _answers(picture: PictureLabels) -> dict[tuple[str, str], str]:
    return {(picture.key, one.annotator): one.label.value for one in picture.answers}
