"""Layouts: pictures and label files find each other, in labapp's own and in labs' own."""

from __future__ import annotations

import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labapp.errors import UsageError
from labapp.labels.layout import IMAGES, OWN
from labapp.labels.object_keys import MAX_NAME, content_name, safe_name
from tests.labels.test_object_keys import file_names

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
