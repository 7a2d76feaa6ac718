"""Layouts of labs: what could never work is refused with what to do."""

from __future__ import annotations

import pytest

from labapp.errors import SettingError
from labapp.jobs import lab, logbook, picture_kind
from labapp.labels.layout import OWN
from labapp.labels.layout_rules import ELSEWHERE, layout_of
from labapp.pictures.files import ENDINGS


@pytest.mark.parametrize(
    ("images", "labels", "told"),
    [
        ("pictures", "a/{name}.txt", "Write 'pictures/'"),
        ("/", "a/{name}.txt", "Leave it empty for the bucket's root"),
        ("/pictures/", "a/{name}.txt", "Write 'pictures/'"),
        ("inbox/x/", "a/{name}.txt", "labapp has inbox/ for something else"),
        ("labels/", "a/{name}.txt", "labapp has labels/ for label files"),
        ("{name}/", "a/{name}.txt", "a brace"),
        ("p\x00/", "a/{name}.txt", "cannot be seen"),
        ("", "a/x.txt", "all pictures would have one label file"),
        ("", "a/{nam}.txt", "Did you mean {name}?"),
        ("", "a/{Stem}.txt", "Did you mean {stem}?"),
        ("", "a/{annotator_id}.txt", "There are {name}"),
        ("", "a/{name.txt", "a brace stands alone"),
        ("", "/a/{name}.txt", "Write 'a/{name}.txt'"),
        ("", "outbox/{name}.txt", "labapp has outbox/ for something else"),
        ("", "{name}", "would be taken for a picture itself"),
        ("", "{key}", "would be taken for a picture itself"),
        ("", "{stem}", "would be taken for a picture itself"),
        ("", "answer-{stem}.jpg", "would be taken for a picture itself"),
        ("pictures/", "{name}", "would be taken for a picture itself"),
        ("pictures/", "{key}.png", "would be taken for a picture itself"),
    ],
)
def test_a_layout_that_cannot_be_is_refused(images: str, labels: str, told: str) -> None:
    with pytest.raises(SettingError) as refused:
        layout_of(images, labels, endings=ENDINGS)
    assert told in str(refused.value)
    name, value = (
        ("images_prefix", images) if repr(images) in str(refused.value) else ("labels_key", labels)
    )
    assert str(refused.value).startswith(f"the setting {name} is {value!r}: ")


def test_a_long_value_is_not_repeated_whole() -> None:
    with pytest.raises(SettingError) as refused:
        layout_of("x" * 500, "a/{name}.txt")
    assert "'" + "x" * 80 + "...'" in refused.value.message


@pytest.mark.parametrize(
    ("images", "labels", "key", "label"),
    [
        ("", "files/{name}.txt", "sub/cat.JPG", "files/sub/cat.JPG.txt"),
        ("", "files/{name}", "cat.jpg", "files/cat.jpg"),
        ("", "{stem}.txt", "cat.v2.jpg", "cat.v2.txt"),
        ("pictures/", "answers/{stem}.txt", "pictures/cat.jpg", "answers/cat.txt"),
        ("pictures/", "answers/{stem}", "pictures/cat.jpg", "answers/cat"),
        ("pictures/", "{key}.txt", "pictures/a/cat.jpg", "pictures/a/cat.jpg.txt"),
        ("pictures/", "{stem}/{name}.csv", "pictures/cat.jpg", "cat/cat.jpg.csv"),
        ("images/", "{key}.txt", "images/cat.jpg", "images/cat.jpg.txt"),
        ("images/", "answers/{name}.txt", "images/cat", "answers/cat.txt"),
        ("images/", "images/said/{stem}.txt", "images/a/cat.jpg", "images/said/a/cat.txt"),
    ],
)
def test_picture_and_label_file_find_each_other(
    images: str, labels: str, key: str, label: str
) -> None:
    layout = layout_of(images, labels, endings=ENDINGS)
    assert layout.is_picture_key(key)
    assert layout.label_key(key) == label
    assert layout.is_label_key(label)
    assert not layout.is_picture_key(label)
    assert not layout.is_label_key(key)
    tells = "{name}" in labels or "{key}" in labels
    assert layout.picture_key(label) == (key if tells else "")


@pytest.mark.parametrize(
    "key",
    ["readme.txt", "cat", "a/", ".cat.jpg", "a/._cat.jpg", "files/cat.jpg", "labels/cat.jpg"]
    + [f"{one}cat.jpg" for one in (*ELSEWHERE, "sent/")],
)
def test_what_is_another_thing_at_the_root_is_no_picture(key: str) -> None:
    layout = layout_of("", "files/{name}.txt", endings=ENDINGS, others=("sent/", ""))
    assert not layout.is_picture_key(key)
    assert layout.is_picture_key(f"x/{key.rpartition('/')[2].lstrip('._') or 'x'}.jpg")


def test_pictures_may_be_labelled_where_plain_clients_send_them_from() -> None:
    layout = layout_of("sent/", "a/{name}.txt", endings=ENDINGS, others=("sent/", "sent/results/"))
    assert layout.is_picture_key("sent/cat.jpg")
    assert not layout.is_picture_key("sent/results/cat.jpg")


def test_the_defaults_are_labapps_own_layout() -> None:
    found = layout_of(OWN.images, OWN.labels)
    assert found.is_own
    assert not found.why_read_only
    assert layout_of("", "a/{name}.txt").why_read_only
    assert not layout_of("", "a/{name}.txt", writes=True).why_read_only


def test_the_prefixes_of_other_things_are_those_that_labapp_has() -> None:
    has = {picture_kind.INBOX, picture_kind.OUTBOX, picture_kind.DROP, logbook.PREFIX, lab.REPORTS}
    assert has < set(ELSEWHERE)
