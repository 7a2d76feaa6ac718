"""The pictures in images/: all there, all pictures, all different, all told in the README."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from PIL import Image

FOLDER = Path(__file__).parents[2] / "images"
NUMBERS = range(1, 21)
FILES = [FOLDER / f"{number}.jpg" for number in NUMBERS]
#: Endings that uploading a folder would take for pictures.
PICTURE_ENDINGS = {".jpg", ".jpeg", ".png", ".gif", ".webp", ".bmp", ".tif", ".tiff"}


def told() -> list[tuple[str, str]]:
    """Give the rows of the README's table: the file's name, and what it is labelled."""
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    return re.findall(r"^\| (\S+\.jpg) \| (hot dog|other) \|", text, flags=re.MULTILINE)


def test_the_folder_holds_twenty_pictures_and_no_more() -> None:
    found = {path for path in FOLDER.rglob("*") if path.suffix.lower() in PICTURE_ENDINGS}
    assert found == set(FILES)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_each_is_a_sound_jpeg_of_600_pixels_or_more(path: Path) -> None:
    with Image.open(path, formats=["JPEG"]) as image:
        image.load()
        assert max(image.size) >= 600
        assert image.mode == "RGB"


def test_together_they_are_smaller_than_4_mb() -> None:
    assert sum(path.stat().st_size for path in FILES) < 4_000_000


def test_no_two_are_the_same() -> None:
    digests = {hashlib.sha256(path.read_bytes()).hexdigest() for path in FILES}
    assert len(digests) == len(FILES)


def test_the_readme_names_each_once() -> None:
    assert sorted(name for name, _ in told()) == sorted(path.name for path in FILES)


def test_ten_are_hot_dogs_and_ten_are_not() -> None:
    labels = [label for _, label in told()]
    assert labels.count("hot dog") == 10
    assert labels.count("other") == 10
