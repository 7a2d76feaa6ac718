"""Text is read as the editors and shells of every platform write it."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from labapp import settings
from labapp.files.text import decode_text
from labapp.labels import importing

WRITTEN = {
    "Linux": lambda text: text.encode(),
    "Notepad": lambda text: codecs.BOM_UTF8 + text.replace("\n", "\r\n").encode(),
    "PowerShell": lambda text: codecs.BOM_UTF16_LE + text.replace("\n", "\r\n").encode("utf-16-le"),
    "big-endian": lambda text: codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
    "cmd /u": lambda text: text.replace("\n", "\r\n").encode("utf-16-le"),
}

written_by = pytest.mark.parametrize("writer", WRITTEN)


@written_by
def test_text_is_read_whoever_wrote_it(writer: str) -> None:
    text = "user = 'Zo\u00eb'\nannotator = '\u0436'\n"
    assert decode_text(WRITTEN[writer](text)).replace("\r\n", "\n") == text


@pytest.mark.parametrize("data", [b"\xff\xfe\x31", b"caf\xe9", b"\xff\xfe\x00\xd8"])
def test_what_is_none_is_refused(data: bytes) -> None:
    with pytest.raises(UnicodeDecodeError):
        decode_text(data)


@written_by
def test_settings_count_whoever_wrote_them(
    writer: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("labapp.toml").write_bytes(WRITTEN[writer]('user = "Zo\u00eb"\nmax_integers = 7\n'))
    found = settings.load({}).settings
    assert (found.user, found.max_integers) == ("Zo\u00eb", 7)


@written_by
def test_answers_are_taken_back_whoever_saved_them(writer: str) -> None:
    table = "image_key,label,annotator\nimages/a.jpg,1,Zo\u00eb\n"
    rows = list(importing.read(WRITTEN[writer](table), importing.Reading("answers.csv")))
    assert len(rows) == 1
