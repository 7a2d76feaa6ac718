"""Export as Hugging Face imagefolder: `metadata.csv` with the decided pictures beside it.

The loader wants the file under exactly this name, `file_name` relative to it, and an integer label;
undecided pictures are left out, of the table and of the folder. What the integers are called stands
in the head of `README.md`, the dataset's card: `load_dataset(FOLDER)` takes features from there
(Hugging Face, Manual Configuration), and so gives a ClassLabel.
"""

from __future__ import annotations

import contextlib
import csv
import json
import re
from collections.abc import Iterator

from labapp.labels.export.format import Format, Labels, PictureFolder, csv_line, named_pictures
from labapp.labels.object_keys import parted

COLUMNS = ("file_name", "label")

#: What ends the dataset's card, by which it is known again.
CARD_END = "Exported by labapp."

_PLAIN = re.compile("[A-Za-z]+(?: [A-Za-z]+)*")

#: What YAML takes for something else than text (1.1, as its readers for Python have it).
_NO_WORDS = frozenset(["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"])


def card(labels: Labels) -> str:
    """Return the dataset's card: `datasets` takes the names of a ClassLabel from its head.

    A ClassLabel's integers have no gap there, so a code that is of no class has a name as well.
    """
    scheme = labels.scheme
    called = {each.code: each.name for each in scheme.classes}
    every = [(code, called.get(code, f"(none: {code})")) for code in range(max(called) + 1)]
    names = "\n          ".join(f"'{code}': {_in_yaml(name)}" for code, name in every)
    meanings = " or\n".join(f"{each.name} ({each.code})" for each in scheme.classes)
    sure = "  - name: probability\n    dtype: float64\n" if labels.model else ""
    what = "the likeliest class by a model" if labels.model else "the majority"
    return f"""\
---
task_categories:
- image-classification
configs:
- config_name: default
  features:
  - name: image
    dtype: image
  - name: label
    dtype:
      class_label:
        names:
          {names}
{sure}---
Pictures with {what} of the answers that people gave: {meanings}. {CARD_END}
"""


def _in_yaml(name: str) -> str:
    """Return a name as YAML has it: in quotes, unless it is plain words.

    An escape is of one half of a pair there, of which JSON writes two for an emoji.
    """
    is_plain = _PLAIN.fullmatch(name) and name.casefold() not in _NO_WORDS
    return name if is_plain else json.dumps(name, ensure_ascii=False)


def metadata_csv(labels: Labels) -> Iterator[str]:
    """Yield the table, a line at a time, the header first: file name and code."""
    yield csv_line((*COLUMNS, *(["probability"] if labels.model else [])))
    for one in named_pictures(labels):
        yield csv_line((one.file, one.taken.code, *labels.probability_cells(one.counted)))


def imagefolder_files(labels: Labels) -> Iterator[tuple[str, str]]:
    """Yield key and file name of each picture to download beside `metadata.csv`, in its order."""
    for one in named_pictures(labels):
        yield one.picture.key, one.file


def _named_in(table: str) -> Iterator[str]:
    """Yield the pictures of a table, which may be the user's own: names that an export gives."""
    with contextlib.suppress(csv.Error):  # no table of ours from there on
        for row in csv.DictReader(table.splitlines()):
            name = row.get("file_name") or ""
            if parted(name)[0]:
                yield name


FORMAT = Format(
    "imagefolder",
    "Hugging Face imagefolder: metadata.csv and the pictures",
    lambda labels: {"metadata.csv": metadata_csv(labels), "README.md": iter([card(labels)])},
    is_folder=True,
    decided_only=True,
    pictures=PictureFolder(imagefolder_files, _named_in, {"README.md": CARD_END}),
)
