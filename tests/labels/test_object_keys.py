"""Keys: same bytes, same key; names safe everywhere; picture and label file find each other."""

from __future__ import annotations

import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labapp.errors import UsageError
from labapp.labels.object_keys import (
    MAX_NAME,
    content_key,
    content_prefix,
    hash_part,
    is_picture_key,
    label_key,
    local_file_name,
    picture_key,
    picture_name,
    safe_name,
)

SHA = hashlib.sha256(b"a picture").hexdigest()
DEVICES = {"con", "prn", "aux", "nul"} | {f"{d}{n}" for d in ("com", "lpt") for n in range(10)}

file_names = st.one_of(
    st.text(max_size=120),
    st.from_regex(r"(con|nul|a|\.|_|-| |/|\\|ü){0,8}(\.[a-z]{0,14}){0,3}", fullmatch=True),
)
other_keys = st.text(min_size=1).filter(lambda rest: not rest.endswith("/")).map("images/".__add__)


@pytest.mark.parametrize(
    ("typed", "safe"),
    [
        ("test.jpg", "test.jpg"),
        ("My Hot Dog (1).JPG", "My_Hot_Dog_1.JPG"),
        ("/home/ana/bun.png", "bun.png"),
        ("C:\\Users\\Ana\\bun.png", "bun.png"),
        ("Würstchen_süß.jpeg", "Wurstchen_suss.jpeg"),
        ("../../etc/passwd", "passwd"),
        ("a..b.jpg", "a.b.jpg"),
        ("CON.jpg", "picture_CON.jpg"),
        ("nul", "picture_nul"),
        ("lpt1.tar.gz", "picture_lpt1.tar.gz"),
        ("热狗.jpg", "picture.jpg"),
        (".jpg", "picture.jpg"),
        ("", "picture"),
        ("a\x00b\nc\x1b[31m.jpg", "a_b_c_31m.jpg"),
        ("trailing. ", "trailing"),
        ("x" * 200 + ".webp", "x" * (MAX_NAME - 5) + ".webp"),
        ("a." + "x" * 200, "a." + "x" * (MAX_NAME - 2)),
    ],
)
def test_a_name_becomes_safe_and_stays_readable(typed: str, safe: str) -> None:
    assert safe_name(typed) == safe


@given(file_names)
def test_a_safe_name_is_safe_on_every_system_and_stays_as_it_is(name: str) -> None:
    safe = safe_name(name)
    assert re.fullmatch(r"[A-Za-z0-9._-]+", safe)
    assert 1 <= len(safe) <= MAX_NAME
    assert safe[0] not in ".-"
    assert safe[-1] not in ".-_"
    assert safe.split(".")[0].lower() not in DEVICES
    assert safe_name(safe) == safe


@given(st.from_regex(r"[a-z ]{1,200}\.(jpg|jpeg|png|webp|JPG)", fullmatch=True))
def test_the_extension_is_kept_however_long_the_name(name: str) -> None:
    assert safe_name(name).endswith(name[name.rindex(".") :])


def test_a_key_opens_with_sixteen_digits_of_the_digest() -> None:
    assert content_key(SHA, "a b.jpg") == f"images/{SHA[:16]}-a_b.jpg"
    assert content_prefix(SHA.upper()) == f"images/{SHA[:16]}-"


@pytest.mark.parametrize("digest", ["", SHA[:16], SHA + "0", "x" * 64])
def test_what_is_not_a_digest_is_refused(digest: str) -> None:
    with pytest.raises(UsageError, match="SHA-256"):
        content_key(digest, "a.jpg")


@given(st.binary(), file_names)
def test_a_content_key_gives_back_its_parts(data: bytes, name: str) -> None:
    digest = hashlib.sha256(data).hexdigest()
    key = content_key(digest, name)
    assert key.startswith(content_prefix(digest))
    assert (hash_part(key), picture_name(key)) == (digest[:16], safe_name(name))
    assert local_file_name(key) == key.removeprefix("images/")
    assert len(label_key(key)) < 255


@given(other_keys)
def test_a_label_file_leads_back_to_its_picture(key: str) -> None:
    assert label_key(key).startswith("labels/")
    assert label_key(key).endswith(".txt")
    assert picture_key(label_key(key)) == key


def test_the_label_file_has_the_pictures_name_and_txt() -> None:
    assert label_key("images/0123456789abcdef-a.jpg") == "labels/0123456789abcdef-a.jpg.txt"


@pytest.mark.parametrize("key", ["", "images/", "images/sub/", "labels/a.txt", "a.jpg"])
def test_what_is_no_picture_has_no_label_file(key: str) -> None:
    assert not is_picture_key(key)
    with pytest.raises(UsageError, match="not the key of a picture"):
        label_key(key)


@pytest.mark.parametrize("key", ["", "labels/", "labels/.txt", "labels/a.jpg", "images/a.txt"])
def test_what_is_no_label_file_belongs_to_no_picture(key: str) -> None:
    with pytest.raises(UsageError, match="not the key of a label file"):
        picture_key(key)


def test_keys_of_other_programs_keep_their_name_and_have_no_hash() -> None:
    assert picture_name("images/test.jpg") == "test.jpg"
    assert picture_name("images/sub/test.jpg") == "sub/test.jpg"
    assert hash_part("images/test.jpg") == ""


@given(other_keys)
def test_a_file_to_download_to_is_safe_whatever_the_key(key: str) -> None:
    name = local_file_name(key)
    assert re.fullmatch(r"[0-9a-f]{16}-[A-Za-z0-9._-]+", name)
    assert len(name) <= MAX_NAME + 17


@pytest.mark.parametrize("name", ["a.", "..", "-a.jpg", "nul.jpg", "x" * 200])
def test_a_key_in_our_form_that_is_not_safe_is_downloaded_under_another_name(name: str) -> None:
    theirs = f"0123456789abcdef-{name}"
    local = local_file_name(f"images/{theirs}")
    assert not local.startswith("0123456789abcdef-")
    assert local[17:] == safe_name(theirs)


def test_two_keys_never_download_to_one_file() -> None:
    keys = ["images/a b.jpg", "images/a_b.jpg", "images/x/a_b.jpg", "images/../a_b.jpg"]
    keys += ["images/0123456789abcdef-a b.jpg", "images/0123456789abcdef-a_b.jpg"]
    assert len({local_file_name(key) for key in keys}) == len(keys)


@pytest.mark.parametrize(
    ("letter", "plain"),
    [("ß", "ss"), ("æ", "ae"), ("Æ", "AE"), ("œ", "oe"), ("Œ", "OE"), ("ø", "o"), ("Ø", "O"),
     ("ł", "l"), ("Ł", "L"), ("đ", "d"), ("Đ", "D"), ("ð", "d"), ("Ð", "D"), ("þ", "th"),
     ("Þ", "Th")],
)  # fmt: skip
def test_letters_that_unicode_does_not_take_apart_are_written_plainly(
    letter: str, plain: str
) -> None:
    assert safe_name(f"a{letter}b.png") == f"a{plain}b.png"
