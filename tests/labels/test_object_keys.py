"""Names of pictures: same bytes, same name; safe everywhere."""

from __future__ import annotations

import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labapp.errors import UsageError
from labapp.labels.object_keys import MAX_NAME, content_name, digits, safe_name
from tests.labels.builders import file_names

SHA = hashlib.sha256(b"a picture").hexdigest()
DEVICES = {"con", "prn", "aux", "nul"} | {f"{d}{n}" for d in ("com", "lpt") for n in range(10)}


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
    assert content_name(SHA, "a b.jpg") == f"{SHA[:16]}-a_b.jpg"
    assert digits(SHA.upper()) == SHA[:16]


@pytest.mark.parametrize("digest", ["", SHA[:16], SHA + "0", "x" * 64])
def test_what_is_not_a_digest_is_refused(digest: str) -> None:
    with pytest.raises(UsageError, match="SHA-256"):
        content_name(digest, "a.jpg")


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
