"""The export formats, byte for byte as others read them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labapp.errors import UsageError
from labapp.labels.effective import PictureLabels, labels_of
from labapp.labels.export import FORMATS, export_files, format_called
from labapp.labels.export.csv_files import answers_csv, pictures_csv
from labapp.labels.export.format import Labels, csv_line
from labapp.labels.export.imagefolder import imagefolder_files, metadata_csv
from labapp.labels.export.jsonl import answers_jsonl
from labapp.labels.export.label_studio import label_studio
from labapp.labels.export.manifest import manifest
from labapp.labels.label_file import Entry, Label, LabelFile
from tests.labels.builders import picture

NOW = datetime(2026, 11, 22, 9, 0, 0, tzinfo=UTC)
BUN = "images/00000000000000aa-bun.jpg"
CAT = "images/00000000000000bb-cat.jpg"
DOG = "images/00000000000000cc-dog.jpg"
ELK = "images/00000000000000dd-elk.jpg"

# In no order of keys: two of three for hot dog, a tie, nobody's, an anonymous other.
DATASET = [
    picture("0", ELK),
    picture("ana1 bo0 cy1 dees", BUN),
    picture("", DOG),
    picture("ana1 bo1 bo-2 bo0", CAT),
]

scripts = st.lists(
    st.sampled_from(["0", "1", "ana1", "ana0", "bo1", "bo0", "bos", "ana-1", "cy0"]), max_size=6
).map(" ".join)
datasets = st.lists(scripts, max_size=5).map(
    lambda made: [picture(script, f"images/{n:016x}-p.jpg") for n, script in enumerate(made)]
)


def files_of(
    name: str, pictures: Sequence[PictureLabels], *, excel: bool = False
) -> dict[str, Iterator[str]]:
    labels = Labels(pictures, "b", target=3, now=NOW)
    return export_files(format_called(name, excel=excel), labels, excel=excel)


def test_the_manifest_line_is_that_of_ground_truth() -> None:
    line = next(manifest(Labels([picture("ana1 bo0 cy1", "images/a.jpg")], "b", now=NOW)))
    assert line == (
        '{"source-ref":"s3://b/images/a.jpg","hotdog":1,"hotdog-metadata":{"class-name":"hot dog",'
        '"confidence":0.67,"type":"groundtruth/image-classification","job-name":"hotdog",'
        '"human-annotated":"yes","creation-date":"2026-11-21T10:02:00.000000"}}\n'
    )


def test_the_manifest_leaves_undecided_pictures_out_and_dates_anonymous_ones_now() -> None:
    lines = [json.loads(line) for line in manifest(Labels(DATASET, "b", now=NOW))]
    assert [(line["source-ref"], line["hotdog"]) for line in lines] == [
        (f"s3://b/{BUN}", 1),
        (f"s3://b/{ELK}", 0),
    ]
    assert lines[1]["hotdog-metadata"]["class-name"] == "other"
    assert lines[1]["hotdog-metadata"]["confidence"] == 0, (
        "as Ground Truth has it of a single worker"
    )
    assert lines[1]["hotdog-metadata"]["creation-date"] == "2026-11-22T09:00:00.000000"


def test_a_label_studio_task_has_an_annotation_per_answer_and_cancelled_ones_for_skips() -> None:
    text = "".join(label_studio(Labels([picture("ana1", "images/a.jpg")], "b")))
    assert text == (
        '[{"data":{"image":"s3://b/images/a.jpg"},"annotations":[{"result":[{"id":"id1",'
        '"from_name":"cls","to_name":"img","type":"choices","value":{"choices":["hot dog"]}}],'
        '"was_cancelled":false,"ground_truth":false,"completed_by":{"email":"ana"},'
        '"created_at":"2026-11-21T10:00:00Z","unique_id":"id1"}]}]\n'
    )
    tasks = json.loads("".join(label_studio(Labels(DATASET, "b"))))
    assert [task["data"]["image"] for task in tasks] == [
        f"s3://b/{k}" for k in (BUN, CAT, DOG, ELK)
    ]
    assert [each["was_cancelled"] for each in tasks[0]["annotations"]] == [
        False,
        False,
        False,
        True,
    ]
    assert tasks[0]["annotations"][3]["result"] == []
    assert tasks[0]["annotations"][1]["result"][0]["value"]["choices"] == ["other"]
    assert tasks[2]["annotations"] == []


def test_a_skip_of_label_studio_says_who_and_when_and_an_anonymous_answer_neither() -> None:
    text = "".join(label_studio(Labels([picture("0 dees", "images/a.jpg")], "b")))
    answer, skip = json.loads(text)[0]["annotations"]
    assert not answer.keys() & {"completed_by", "created_at", "unique_id"}
    assert (skip["completed_by"], skip["created_at"]) == (
        {"email": "dee"},
        "2026-11-21T10:01:00Z",
    )


def test_the_configuration_of_label_studio_has_the_names_that_the_tasks_use() -> None:
    files = files_of("label-studio", DATASET)
    (task, *_) = json.loads("".join(files["tasks.json"]))
    result = task["annotations"][0]["result"][0]
    view = ElementTree.fromstring("".join(files["labelling.xml"]))
    image, choices = view.find("Image"), view.find("Choices")
    assert image is not None
    assert choices is not None
    assert image.get("value") == f"${next(iter(task['data']))}"
    assert (choices.get("name"), choices.get("toName")) == (result["from_name"], image.get("name"))
    assert [one.get("value") for one in choices] == ["hot dog", "other"]


def test_the_card_of_an_imagefolder_names_the_classes_by_their_integers() -> None:
    files = files_of("imagefolder", DATASET)
    _, head, _ = "".join(files["README.md"]).split("---\n", 2)
    # As datasets 5.2 was seen to read it; indented as YAML nests.
    assert head.endswith(
        "configs:\n- config_name: default\n  features:\n  - name: image\n    dtype: image\n"
        "  - name: label\n    dtype:\n      class_label:\n        names:\n"
        "          '0': other\n          '1': hot dog\n"
    )


def test_tables_for_excel_begin_with_a_byte_order_mark_and_others_do_not() -> None:
    for excel in (True, False):
        files = files_of("csv", DATASET, excel=excel)
        for text in map("".join, files.values()):
            assert text.startswith("\ufeff") is excel
            assert text.count("\ufeff") == excel
    with pytest.raises(UsageError, match="not for Excel"):
        files_of("jsonl", DATASET, excel=True)


def test_no_pictures_are_an_empty_array_of_tasks() -> None:
    assert json.loads("".join(label_studio(Labels([], "b")))) == []


def test_the_imagefolder_table_has_file_names_and_integers_of_decided_pictures_only() -> None:
    assert "".join(metadata_csv(Labels(DATASET))) == (
        "file_name,label\n00000000000000aa-bun.jpg,1\n00000000000000dd-elk.jpg,0\n"
    )
    assert list(imagefolder_files(Labels(DATASET))) == [
        (BUN, "00000000000000aa-bun.jpg"),
        (ELK, "00000000000000dd-elk.jpg"),
    ]


def test_pictures_with_too_few_answers_can_be_left_out() -> None:
    assert "".join(metadata_csv(Labels(DATASET, min_answers=3))) == (
        "file_name,label\n00000000000000aa-bun.jpg,1\n"
    )
    assert [key for key, _ in imagefolder_files(Labels(DATASET, min_answers=3))] == [BUN]
    assert len(list(manifest(Labels(DATASET, now=NOW, min_answers=3)))) == 1


def test_a_picture_of_another_program_gets_a_safe_file_name_in_the_table() -> None:
    strange = [picture("1", "images/../a,b.jpg")]
    _, line = metadata_csv(Labels(strange))
    ((_, name),) = imagefolder_files(Labels(strange))
    assert line == f"{name},1\n"
    assert name.endswith("-a_b.jpg")


def test_keys_that_differ_in_capitals_only_have_files_of_their_own_on_every_disk() -> None:
    keys = [f"images/{'0' * 16}-{name}.jpg" for name in ("Cat", "CAT", "cat")]
    pictures = [picture("1", key) for key in keys]
    files = dict(imagefolder_files(Labels(pictures)))
    assert sorted(files) == sorted(keys)
    assert len({name.lower() for name in files.values()}) == len(keys)
    assert all(name.lower().endswith("-cat.jpg") for name in files.values())
    table = "".join(metadata_csv(Labels(pictures)))
    assert table == "file_name,label\n" + "".join(f"{name},1\n" for name in files.values())


def test_the_answers_table_keeps_who_said_what_and_when() -> None:
    assert "".join(answers_csv(Labels(DATASET))) == (
        "image_key,sha256,annotator,label,labelled_at,answer_id\n"
        f"{BUN},00000000000000aa,ana,1,2026-11-21T10:00:00Z,id1\n"
        f"{BUN},00000000000000aa,bo,0,2026-11-21T10:01:00Z,id2\n"
        f"{BUN},00000000000000aa,cy,1,2026-11-21T10:02:00Z,id3\n"
        f"{CAT},00000000000000bb,ana,1,2026-11-21T10:00:00Z,id1\n"
        f"{CAT},00000000000000bb,bo,0,2026-11-21T10:03:00Z,id4\n"
        f"{ELK},00000000000000dd,,0,,\n"
    )


@pytest.mark.parametrize("name", FORMATS)
def test_a_person_has_one_name_in_every_format_the_one_typed_first(name: str) -> None:
    later = picture("ANNA0 bo1", CAT, start=NOW)
    files = files_of(name, [later, picture("Anna1 anna0 bo1 ANNA0", BUN)])
    text = "".join(chunk for chunks in files.values() for chunk in chunks)
    assert "ANNA" not in text
    assert "anna" not in text
    if name in ("csv", "jsonl"):
        assert text.count("Anna") == 2, "one answer to each picture"


def test_the_whole_digest_is_written_where_it_is_known() -> None:
    known = labels_of(BUN, LabelFile((Entry(Label.ZERO),)), sha256="ab" * 32)
    assert list(answers_csv(Labels([known])))[1] == f"{BUN},{'ab' * 32},,0,,\n"


def test_the_pictures_table_has_every_picture_with_its_status() -> None:
    assert "".join(pictures_csv(Labels(DATASET, target=3))) == (
        "image_key,label,votes,votes_1,agreement,status\n"
        f"{BUN},1,3,2,0.6667,decided\n"
        f"{CAT},,2,1,0.5000,disputed\n"
        f"{DOG},,0,0,,untouched\n"
        f"{ELK},0,1,0,,in progress\n"
    )


def test_json_lines_have_the_columns_of_the_answers_table() -> None:
    rows = [json.loads(line) for line in answers_jsonl(Labels(DATASET))]
    assert len(rows) == 6
    assert rows[0] == {
        "image_key": BUN,
        "sha256": "00000000000000aa",
        "annotator": "ana",
        "label": 1,
        "labelled_at": "2026-11-21T10:00:00Z",
        "answer_id": "id1",
    }
    assert [rows[5][name] for name in ("annotator", "labelled_at", "answer_id")] == [None] * 3


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_a_cell_that_a_spreadsheet_would_run_is_neutralised(cell: str) -> None:
    ((read, number),) = csv.reader(io.StringIO(csv_line((cell, -1)), newline=""))
    assert read == f"'{cell}"
    assert number == "-1"


@given(st.lists(st.text(), min_size=2, max_size=5))
def test_cells_of_any_text_are_read_back_and_begin_no_formula(cells: list[str]) -> None:
    (read,) = csv.reader(io.StringIO(csv_line(cells), newline=""))
    assert [r.removeprefix("'") for r in read] == [c.removeprefix("'") for c in cells]
    assert not any(r.startswith(("=", "+", "-", "@")) for r in read)


@given(datasets, st.sampled_from(sorted(FORMATS)))
def test_the_same_labels_give_the_same_bytes_in_whatever_order_they_come(
    dataset: list[PictureLabels], name: str
) -> None:
    def written(pictures: list[PictureLabels]) -> dict[str, str]:
        files = files_of(name, pictures)
        return {file: "".join(chunks) for file, chunks in files.items()}

    assert written(dataset) == written(dataset[::-1])


@given(datasets)
def test_all_formats_tell_the_same_number_of_answers(dataset: list[PictureLabels]) -> None:
    answers = sum(len(each.answers) for each in dataset)
    assert len(list(answers_csv(Labels(dataset)))) == answers + 1
    assert len(list(answers_jsonl(Labels(dataset)))) == answers
    votes = [int(row["votes"]) for row in csv.DictReader(pictures_csv(Labels(dataset, target=3)))]
    assert sum(votes) == answers
    tasks = json.loads("".join(label_studio(Labels(dataset, "b"))))
    kept = [a for task in tasks for a in task["annotations"] if not a["was_cancelled"]]
    assert len(kept) == answers


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("csv", ["answers.csv", "pictures.csv"]),
        ("jsonl", ["answers.jsonl"]),
        ("manifest", ["hotdog.manifest"]),
        ("label-studio", ["tasks.json", "labelling.xml"]),
        ("imagefolder", ["metadata.csv", "README.md"]),
        ("coco", ["labels.json"]),
        ("yolo", ["labels.csv"]),
    ],
)
def test_each_format_names_its_files(name: str, files: list[str]) -> None:
    assert name in FORMATS
    assert list(files_of(name, DATASET)) == files


def test_an_unknown_format_is_refused_with_those_there_are() -> None:
    with pytest.raises(UsageError, match="label-studio"):
        files_of("xml", DATASET)
