"""What a picture will lose is said as far as its header tells."""

from __future__ import annotations

from pathlib import Path

from labapp.jobs import picture_client
from labapp.jobs.picture_request import ProcessingRequest
from labapp.pictures.limits import Limits
from tests.pictures.samples import file_of, photo


def test_a_format_without_transparency_is_told_and_a_file_that_cannot_be_read_is_not(
    tmp_path: Path,
) -> None:
    (tmp_path / "a.png").write_bytes(file_of(photo(8, 8), "PNG", "RGBA"))
    (tmp_path / "notes.png").write_text("My notes.\n")
    jpeg = ProcessingRequest((), format="jpeg")
    assert picture_client.losses(tmp_path / "a.png", ProcessingRequest(()), Limits()) == []
    assert picture_client.losses(tmp_path / "a.png", jpeg, Limits())
    assert picture_client.losses(tmp_path / "notes.png", jpeg, Limits()) == []
