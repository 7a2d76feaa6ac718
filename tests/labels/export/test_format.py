"""Whatever classes are called and whatever is answered, each format says the same when read."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st

from labapp.errors import RefusedError
from labapp.labels import importing
from labapp.labels.classes import LabelClass, Scheme
from labapp.labels.effective import Counting, PictureLabels
from labapp.labels.export import FORMATS, export_files
from labapp.labels.export.format import Labels
from labapp.labels.importing.row import Reading
from labapp.labels.scheme_file import of_text, to_text
from labapp.labels.tally import tally
from tests.labels.builders import picture

#: What somebody who means it ill, or well, would call a class.
NAMES = st.one_of(
    st.sampled_from(
        ["=1+1", "@x", "-2", "+a", '"', "a,b", "'q'", "猫", "нет", "<b>&", "yes", "null"]
    ),
    st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=12),
)


@st.composite
def schemes(draw: st.DrawFn) -> Scheme:
    codes = draw(st.lists(st.integers(0, 9), min_size=2, max_size=6, unique=True))
    names = draw(st.lists(NAMES, min_size=len(codes), max_size=len(codes), unique=True))
    made = (LabelClass(code, str(code), name, "x") for code, name in zip(codes, names, strict=True))
    scheme = Scheme("Which?", tuple(made))
    try:
        return of_text(to_text(scheme))
    except RefusedError:
        return Scheme(
            "Which?", tuple(LabelClass(code, str(code), f"n{code}", "x") for code in codes)
        )


@st.composite
def labels(draw: st.DrawFn) -> Labels:
    scheme = draw(schemes())
    words = st.sampled_from(
        [f"{who}{each.code}" for who in ("ana", "bo", "cy") for each in scheme.classes] + ["dees"]
    )
    scripts = draw(st.lists(st.lists(words, max_size=4), max_size=4))
    pictures = [
        picture(" ".join(script), f"images/{n:016x}-p.jpg", counting=Counting(scheme))
        for n, script in enumerate(scripts)
    ]
    return Labels(pictures, "b", target=2, scheme=scheme)


def written(name: str, of: Labels) -> list[str]:
    return ["".join(text) for text in export_files(FORMATS[name], of).values()]


def rows(table: str) -> Iterator[dict[str, str]]:
    """Read a table as a spreadsheet's user does, without the guards of its cells."""
    for row in csv.DictReader(io.StringIO(table, newline="")):
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row.values())
        yield {name: re.sub(r"^'(?=[=+\-@])", "", cell) for name, cell in row.items()}


def said(pictures: list[PictureLabels]) -> Counter[tuple[str, str, str, str]]:
    return Counter(
        (one.key, entry.annotator, entry.label.value, entry.answer_id)
        for one in pictures
        for entry in one.answers
    )


def test_a_class_that_is_called_like_anothers_code_is_still_itself() -> None:
    scheme = Scheme("Which?", (LabelClass(2, "2", "cat", "x"), LabelClass(4, "4", "-2", "x")))
    found = [scheme.called(text) for text in ("-2", "2", "CAT")]
    assert [each.code if each else None for each in found] == [4, 2, 2]


@given(labels())
@settings(max_examples=30)
def test_answers_are_imported_as_they_were_given(of: Labels) -> None:
    given_there = said([*of.pictures])
    for name in ("csv", "jsonl", "label-studio"):
        read = Counter[tuple[str, str, str, str]]()
        for row in importing.read(written(name, of)[0].encode(), Reading(name, of.scheme)):
            assert row.given, row.reason
            entry = row.given.entry
            if entry.is_answer:
                key = row.picture.removeprefix("s3://b/")
                read[key, entry.annotator, entry.label.value, entry.answer_id] += 1
        assert read == given_there, name


@given(labels())
@settings(max_examples=30)
def test_the_class_of_each_picture_is_the_same_in_each_format(of: Labels) -> None:
    taken = {one.key: tally(one).decision for one in of.pictures}
    decided = {key: (each.code, each.name) for key, each in taken.items() if each}
    names = {each.code: each.name for each in of.scheme.classes}

    table = {row["image_key"]: row for row in rows(written("csv", of)[1])}
    assert {key: (int(row["label"]), row["class"]) for key, row in table.items() if row["label"]} \
        == decided  # fmt: skip
    assert table.keys() == taken.keys()
    for one in of.pictures:
        votes = {int(column[6:]): int(cell) for column, cell in table[one.key].items()
                 if column.startswith("votes_")}  # fmt: skip
        assert votes.items() <= {**dict.fromkeys(names, 0), **tally(one).counts}.items()
        assert len(votes) == (len(names) if len(names) > 2 else 1)

    lines = [json.loads(line) for line in written("manifest", of)[0].splitlines()]
    assert {
        line["source-ref"].removeprefix("s3://b/"): (
            line[of.scheme.attribute],
            line[f"{of.scheme.attribute}-metadata"]["class-name"],
        )
        for line in lines
    } == decided

    folder = {f"images/{row['file_name']}": int(row["label"])
              for row in rows(written("imagefolder", of)[0])}  # fmt: skip
    assert folder == {key: code for key, (code, _) in decided.items()}
    coco = json.loads(written("coco", of)[0])
    called = {each["id"]: (each["code"], each["name"]) for each in coco["categories"]}
    assert sorted(called) == list(range(1, len(names) + 1))
    files = {image["id"]: image["image_key"] for image in coco["images"]}
    assert {files[one["image_id"]]: called[one["category_id"]] for one in coco["annotations"]} \
        == decided  # fmt: skip

    yolo = list(rows(written("yolo", of)[0]))
    assert {f"images/{row['file_name'].rpartition('/')[2]}": (int(row["label"]), row["class"])
            for row in yolo} == decided  # fmt: skip
    view = ElementTree.fromstring(written("label-studio", of)[1])
    assert [one.get("value") for one in view.iter("Choice")] == [
        each.name for each in of.scheme.classes
    ]
