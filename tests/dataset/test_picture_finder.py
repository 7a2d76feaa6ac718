"""Rows of files mean pictures by whatever their users know them by, and never the wrong one."""

from __future__ import annotations

import pytest

from labapp.dataset.picture_finder import NoSuchPictureError, Pictures
from labapp.labels.importing import Row
from labapp.labels.layout import OWN

SHA = "0123456789abcdef" + "0" * 48
LUNCH = "images/0123456789abcdef-lunch.jpg"
ODD = "images/1123456789abcdef-Zuri_am_See_1.jpg"
TWICE = [f"images/{digit}223456789abcdef-twice.png" for digit in "23"]
ELSEWHERE = "images/holidays/beach.jpg"

PICTURES = Pictures([LUNCH, ODD, *TWICE, ELSEWHERE], OWN)


@pytest.mark.parametrize(
    ("said", "key"),
    [
        (LUNCH, LUNCH),
        ("lunch.jpg", LUNCH),
        ("lunch", LUNCH),
        ("C:\\photos\\lunch.jpg", LUNCH),
        ("/home/ana/lunch.jpg", LUNCH),
        (f"s3://bucket/{LUNCH}", LUNCH),
        (f"https://b.s3.amazonaws.com/{LUNCH}?X-Amz-Date=1", LUNCH),
        ("/data/upload/7/0a1b2c3d-lunch.jpg", LUNCH),
        ("0123456789abcdef-renamed.jpg", LUNCH),
        ("Züri am See (1).jpg", ODD),
        ("photos/Zu\u0308ri am See (1).jpg", ODD),
        ("0a1b2c3d-Züri_am_See_1.jpg", ODD),
        (TWICE[1], TWICE[1]),
        ("holidays/beach.jpg", ELSEWHERE),
    ],
)
def test_a_picture_is_found(said: str, key: str) -> None:
    assert PICTURES.key(Row(2, said)) == key


def test_bytes_tell_more_than_names() -> None:
    assert PICTURES.key(Row(2, "twice.png", SHA)) == LUNCH
    assert PICTURES.key(Row(2, "", SHA[:16].upper())) == LUNCH


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("twice.png", "2 pictures are called 'twice.png'"),
        ("twice", "2 pictures are called"),
        ("lunch.png", "there is no picture 'lunch.png'"),
        ("LUNCH.JPG", "there is no picture"),
        ("9123456789abcdef-lunch.jpg", "there is no picture"),
        ("x" * 500, "there is no picture 'x{40}…'"),
        ("", "it names no picture"),
        ("/", "there is no picture"),
        ("?d=", "there is no picture"),
        ("s3://", "there is no picture"),
        ("http://[", "there is no picture"),
    ],
)
def test_what_means_none_or_several_is_told(said: str, told: str) -> None:
    with pytest.raises(NoSuchPictureError, match=told):
        PICTURES.key(Row(2, said))
