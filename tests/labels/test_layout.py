"""Layouts: pictures and label files find each other, in labapp's own and in labs' own."""

from __future__ import annotations

import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labapp.errors import RefusedError, UsageError
from labapp.labels.layout import IMAGES, OWN, Layout
from labapp.labels.object_keys import MAX_NAME, content_name, safe_name
from labapp.settings import Settings
from tests.labels.builders import file_names

other_keys = st.text(min_size=1).filter(lambda rest: not rest.endswith("/")).map("images/".__add__)


@given(st.binary(), file_names)
def test_a_content_key_gives_back_its_parts(data: bytes, name: str) -> None:
    digest = hashlib.sha256(data).hexdigest()
    key = IMAGES + content_name(digest, name)
    assert (OWN.hash_part(key), OWN.picture_name(key)) == (digest[:16], safe_name(name))
    assert OWN.local_file_name(key) == key.removeprefix("images/")
    assert len(OWN.label_key(key)) < 255


@given(other_keys)
def test_a_label_file_leads_back_to_its_picture(key: str) -> None:
    assert OWN.label_key(key).startswith("labels/")
    assert OWN.label_key(key).endswith(".txt")
    assert OWN.picture_key(OWN.label_key(key)) == key


def test_the_layout_of_the_settings_as_they_come_is_labapps_own() -> None:
    settings = Settings()
    assert (settings.images_prefix, settings.labels_key) == (OWN.images, OWN.labels)
    assert settings.have_own_layout
    assert not Settings(images_prefix="").have_own_layout
    assert not Settings(labels_key="{key}.txt").have_own_layout


def test_the_label_file_has_the_pictures_name_and_txt() -> None:
    assert OWN.label_key("images/0123456789abcdef-a.jpg") == "labels/0123456789abcdef-a.jpg.txt"


@pytest.mark.parametrize("key", ["", "images/", "images/sub/", "labels/a.txt", "a.jpg"])
def test_what_is_no_picture_has_no_label_file(key: str) -> None:
    assert not OWN.is_picture_key(key)
    with pytest.raises(UsageError, match="not the key of a picture"):
        OWN.label_key(key)


@pytest.mark.parametrize("key", ["", "labels/", "labels/.txt", "labels/a.jpg", "images/a.txt"])
def test_what_is_no_label_file_belongs_to_no_picture(key: str) -> None:
    assert not OWN.is_label_key(key)
    assert OWN.picture_key(key) == ""


def test_keys_of_other_programs_keep_their_name_and_have_no_hash() -> None:
    assert OWN.picture_name("images/test.jpg") == "test.jpg"
    assert OWN.picture_name("images/sub/test.jpg") == "sub/test.jpg"
    assert OWN.hash_part("images/test.jpg") == ""


@given(other_keys)
def test_a_file_to_download_to_is_safe_whatever_the_key(key: str) -> None:
    name = OWN.local_file_name(key)
    assert re.fullmatch(r"[0-9a-f]{16}-[A-Za-z0-9._-]+", name)
    assert len(name) <= MAX_NAME + 17


@pytest.mark.parametrize("name", ["a.", "..", "-a.jpg", "nul.jpg", "x" * 200])
def test_a_key_in_our_form_that_is_not_safe_is_downloaded_under_another_name(name: str) -> None:
    theirs = f"0123456789abcdef-{name}"
    local = OWN.local_file_name(f"images/{theirs}")
    assert not local.startswith("0123456789abcdef-")
    assert local[17:] == safe_name(theirs)


def test_two_keys_never_download_to_one_file() -> None:
    keys = ["images/a b.jpg", "images/a_b.jpg", "images/x/a_b.jpg", "images/../a_b.jpg"]
    keys += ["images/0123456789abcdef-a b.jpg", "images/0123456789abcdef-a_b.jpg"]
    assert len({OWN.local_file_name(key) for key in keys}) == len(keys)


def lab(images: str, labels: str, *, writes: bool = False) -> Layout:
    return Layout(images, labels, writes, frozenset({".jpg", ".png"}), ("logs/", "labels/"))


def test_the_beginning_of_a_key_may_be_left_out() -> None:
    assert OWN.whole_key("a.jpg") == OWN.whole_key("images/a.jpg") == "images/a.jpg"
    assert OWN.name_of("images/a.jpg") == OWN.name_of("a.jpg") == "a.jpg"
    assert lab("", "a/{name}").whole_key("images/a.jpg") == "images/a.jpg"
    assert lab("p/", "a/{name}").whole_key("a.jpg") == "p/a.jpg"


def test_names_in_a_labs_layout_say_nothing_of_bytes() -> None:
    layout, key = lab("p/", "a/{name}"), "p/0123456789abcdef-a.jpg"
    assert layout.hash_part(key) == ""
    assert layout.picture_name(key) == "0123456789abcdef-a.jpg"
    assert layout.local_file_name(key) != "0123456789abcdef-a.jpg"
    assert layout.hash_aside(layout.aside_key(key)) == ""
    assert OWN.hash_aside("removed/0123456789abcdef-a.jpg.txt") == "0123456789abcdef"
    assert OWN.hash_aside("removed/0123456789abcdef-a.jpg") == ""


def test_only_what_may_be_written_is() -> None:
    OWN.check_writable()
    lab("", "a/{name}.txt", writes=True).check_writable()
    with pytest.raises(RefusedError, match="layout_writes = true"):
        lab("", "a/{name}.txt").check_writable()


def test_a_part_belongs_to_a_file_in_labapps_own_layout_alone() -> None:
    part = f"labels/a.jpg.txt.{'0' * 20}.part"
    assert OWN.whole_file_key(part) == "labels/a.jpg.txt"
    assert lab("", "labels/{name}.txt").whole_file_key(part) == part


@pytest.mark.parametrize(
    ("layout", "keys"),
    [
        (OWN, ["labels/.txt", "labels/a.jpg", "images/a.jpg.txt", "a.jpg.txt", "labels/s/.txt"]),
        (lab("", "f/{name}.txt"), ["f/.txt", "f/a.txt", "f/logs/a.jpg.txt", "a.jpg.txt"]),
        (
            lab("p/", "{name}.txt"),
            ["p/a.jpg.txt", "logs/a.jpg.txt", "labels/a.jpg.txt", ".jpg.txt"],
        ),
        (lab("", "f/{stem}.txt"), ["f/.txt", "f/s/.txt", "f/a.csv", "g/a.txt"]),
        (lab("", "{stem}.txt"), ["logs/a.txt", "labels/a.txt", ".txt", "a.jpg"]),
        (lab("p/", "f/{stem}"), ["f/", "f/s/", "f/.conditions"]),
        (lab("p/", "{stem}/{stem}.txt"), ["a/b.txt", "/.txt"]),
        (lab("p/", "{name}/{name}.txt"), ["a.jpg/b.jpg.txt", "a.jpg/a.txt"]),
        (lab("p/", "{name}-{stem}.txt"), ["a.jpg-b.txt", "a-a.txt"]),
    ],
)
def test_what_is_no_label_file_is_known(layout: Layout, keys: list[str]) -> None:
    for key in keys:
        assert not layout.is_label_key(key), key


@pytest.mark.parametrize(
    "layout",
    [
        OWN,
        lab("", "f/{name}.txt"),
        lab("p/", "{key}.txt"),
        lab("p/", "{stem}-{name}.txt"),
        lab("", "f/{stem}.txt"),
        lab("p/", "f/{stem}/{stem}"),
    ],
)
def test_label_files_lie_where_they_are_looked_for(layout: Layout) -> None:
    for name in ("a.jpg", "sub/a.b.jpg"):
        label = layout.label_key(layout.images + name)
        assert layout.is_label_key(label)
        assert label.startswith(layout.label_head)
        assert label.startswith(layout.label_folder)
        assert not label.startswith(layout.not_labels)
        assert layout.label_folder.endswith("/") or not layout.label_folder


def test_a_label_file_whose_key_says_no_ending_leads_to_no_picture() -> None:
    assert lab("", "f/{stem}.txt").picture_key("f/a.txt") == ""
    assert lab("p/", "{stem}-{name}.txt").picture_key("a-a.jpg.txt") == "p/a.jpg"
    assert lab("p/", "{stem}-{name}.txt").picture_key("b-a.jpg.txt") == ""


def test_what_is_no_picture_of_a_lab_is_told_by_its_ending() -> None:
    with pytest.raises(UsageError, match=r"begin with 'p/'.*ends as those of pictures do"):
        lab("p/", "a/{name}").label_key("p/a.txt")
    for key in ("p/.jpg", "p/a", "p/", "a.jpg", "p/a.jpg/", "p/s.jpg/a"):
        assert not lab("p/", "a/{name}").is_picture_key(key), key
    for key in ("p/a.jpg", "p/a.JPG", "p/s/a.b.png"):
        assert lab("p/", "a/{name}").is_picture_key(key), key
