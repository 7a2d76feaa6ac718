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

from labapp.labels.effective import PictureLabels, labels_of
from labapp.labels.label_file import Entry, parse_label_file, parse_line
from tests.chaos.tally_labels import Decided, tally


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
        wrong: annotators' answers to a picture, and verdicts, that count otherwise than was said.
        settled: pictures that a verdict settles.
    """

    told: int
    lost: int
    doubled: int
    counted: int
    wrong: int
    settled: int = 0

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
    decided: Decided | None = None,
    pictures: Iterable[PictureLabels] | None = None,
) -> Labelled:
    """Hold what was said against label files, and what is to count against what does.

    Args:
        everyone: what each annotator said.
        files: the label files, by the keys of their pictures.
        decided: what admins have decided; nothing, unless told.
        pictures: what the statistics count; the label files as they are, unless told.
    """
    order = {key: [*_ids(body)] for key, body in files.items()}
    lines = {key: Counter(ids) for key, ids in order.items()}
    told = [(key, e) for said in everyone for key, e in said.meant if e.answer_id in said.told]
    decided = decided or Decided()
    wanted = tally([_came_in(said, lines) for said in everyone], order, decided)
    if pictures is None:
        pictures = [labels_of(key, parse_label_file(body)) for key, body in files.items()]
    found, settled = dict[tuple[str, str], str](), 0
    wrong_verdicts = 0
    for one in pictures:
        found |= {(one.key, each.annotator): each.label.value for each in one.answers}
        settled += one.verdict is not None
        verdict = one.verdict.says if one.verdict else ""
        wrong_verdicts += verdict not in decided.settled(one.key)
    return Labelled(
        told=len(told),
        lost=sum(entry.answer_id not in lines.get(key, ()) for key, entry in told),
        doubled=sum(count - 1 for ids in lines.values() for count in ids.values()),
        counted=len(found),
        wrong=len(wanted.items() ^ found.items()) + wrong_verdicts,
        settled=settled,
    )


def _ids(body: bytes) -> Iterable[str]:
    """Return the ids of a label file's lines: the fourth word of each."""
    return (line.split()[3].decode() for line in body.splitlines())


def _came_in(said: Said, lines: Mapping[str, Counter[str]]) -> list[tuple[str, Entry]]:
    """Return what somebody said, less what was cut off and is not there."""
    return [
        (key, entry)
        for key, entry in said.meant
        if entry.answer_id in said.told or entry.answer_id in lines.get(key, ())
    ]
