"""Looks at foreign pictures: what is seen, and that nothing of them is decoded in this process."""

from __future__ import annotations

import errno
import io
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from labapp.errors import JobFailedError, RefusedError
from labapp.pictures import looks, reading, sandbox
from labapp.pictures.caps import too_long, too_much_memory
from labapp.pictures.limits import Limits
from labapp.pictures.looks import preview
from labapp.pictures.sandbox import Caps
from tests.pictures import codec, odd_children
from tests.pictures.samples import file_of, photo
from tests.support.platforms import posix_only

#: EXIF that says that a picture is shown turned by a quarter (orientation 6).
_TURNED = bytes.fromhex("4d4d002a00000008000101120003000000010006000000000000")


@pytest.fixture(autouse=True)
def own_sandbox() -> Iterator[None]:
    looks._sandbox.cache_clear()
    yield
    looks._sandbox.cache_clear()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "cat.png"
    path.write_bytes(file_of(photo(60, 80), "PNG"))
    return path


def test_a_look_gives_header_and_copy_as_they_are(file: Path) -> None:
    seen = looks.see(file, 40)
    assert seen.problem is None
    assert seen.header == codec.inspect(file) == looks.header_of(file)
    assert seen.copy is not None
    np.testing.assert_array_equal(seen.copy, preview(file, 40))
    assert looks.checked_format(file.read_bytes(), file.name) == "png"


@pytest.mark.parametrize("how", ["tiff_lzw", "packbits", "tiff_adobe_deflate"])
def test_a_child_that_gave_up_its_files_can_still_keep_a_library_quiet(
    how: str, tmp_path: Path
) -> None:
    (file := tmp_path / "scan.tif").write_bytes(file_of(photo(60, 80), "TIFF", compression=how))
    seen = looks.see(file, 40)
    assert seen.problem is None
    assert seen.copy is not None
    assert seen.copy.shape == (30, 40, 3)


def test_a_look_prepared_is_not_begun_by_the_look(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks.prepare()
    looks.prepare()
    monkeypatch.setattr(sandbox, "begun", lambda _: pytest.fail("another was begun"))
    made = looks._sandbox(looks._caps(Limits()))
    assert made._next is not None
    assert looks.header_of(file).format == "png"
    assert made._next is None


@pytest.mark.parametrize("mode", ["RGB", "CMYK", "L"])
def test_a_copy_of_a_great_jpeg_is_the_picture_made_small(mode: str) -> None:
    picture = Image.fromarray(photo(300, 400)).convert(mode)
    (data := io.BytesIO()).name = "a.jpg"
    picture.save(data, "JPEG", quality=95, exif=b"Exif\0\0" + _TURNED)
    copy = preview(data.getvalue(), 50)
    expected = (
        picture.convert("RGB").rotate(-90, expand=True).resize((38, 50), Image.Resampling.BOX)
    )
    assert copy.shape == (50, 38, 3)
    assert np.abs(copy.astype(int) - np.asarray(expected, int)).mean() < 4


@pytest.mark.skipif(sys.platform == "win32", reason="children inherit nothing patched when forked")
def test_nothing_is_decoded_in_the_callers_process(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def decoded(*_: object, **__: object) -> None:
        raise AssertionError("decoded where a crash would take the user's program with it")

    looks.see(file, 40)  # the process that children are forked from has begun
    monkeypatch.setattr(reading, "open_picture", decoded)
    monkeypatch.setattr(reading, "inspect", decoded)
    monkeypatch.setattr("PIL.Image.open", decoded)
    monkeypatch.setattr("simplejpeg.decode_jpeg", decoded)
    assert looks.see(file, 40).problem is None
    assert looks.header_of(file).format == "png"
    assert looks.checked_format(file.read_bytes(), file.name) == "png"


@pytest.mark.skipif(sys.platform == "win32", reason="children inherit nothing patched when forked")
def test_a_decoder_that_crashes_leaves_a_reason(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "_work", odd_children.crash_at_once)
    seen = looks.see(file, 40)
    assert seen.copy is None
    assert "crashed (SIGSEGV)" in str(seen.problem)
    with pytest.raises(JobFailedError, match="SIGSEGV"):
        looks.header_of(file)
    with pytest.raises(JobFailedError, match="SIGSEGV"):
        looks.checked_format(file.read_bytes(), file.name)


@posix_only("the line to a child is no socket there")
def test_a_child_that_cannot_be_begun_is_tried_once_more_then_told(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks.header_of(file)  # the process that children are forked from has begun
    looks._sandbox.cache_clear()
    pair, begun = socket.socketpair, []

    def full() -> object:
        begun.append(1)
        if len(begun) <= 3:
            raise OSError(errno.EMFILE, "Too many open files")
        return pair()

    monkeypatch.setattr(socket, "socketpair", full)
    told = "cat.png could not be looked at, in two attempts: .*: Too many open files"
    with pytest.raises(JobFailedError, match=told):
        looks.header_of(file)
    assert looks.header_of(file).format == "png"  # the third was refused, the fourth begun


def test_a_file_that_is_more_than_the_memory_of_a_look_is_refused_for_that() -> None:
    with pytest.raises(RefusedError, match="needs more than 8 MB of memory"):
        looks.checked_format(bytes(20_000_000), "big.png", Limits(memory=8_000_000))


def test_what_takes_too_much_is_helped_by_settings_of_this_program(file: Path) -> None:
    looks.header_of(file)
    caps = looks._sandbox(Caps(Limits().seconds, Limits().memory, file=0))._caps
    memory, time = too_much_memory(caps), too_long(caps)
    assert memory.remedy == "Take a smaller one, or raise LABAPP_PICTURE_MEMORY_MB."
    assert time.remedy == "Take a smaller one, or raise LABAPP_PICTURE_SECONDS."


@pytest.mark.skipif(sys.platform == "win32", reason="its folders cannot be deleted while in use")
@pytest.mark.usefixtures("deleted_folder")
def test_a_look_works_in_a_folder_that_was_deleted(file: Path) -> None:
    assert looks.header_of(file).format == "png"
    assert looks.see(file, 40).problem is None
    told = "cannot read cat.png: the folder that it is to be in is gone"
    assert told in str(looks.see(Path("cat.png"), 40).problem)
    with pytest.raises(RefusedError, match=told):
        looks.header_of(Path("cat.png"))
    with pytest.raises(OSError, match="No such file"):
        Path.cwd()  # it stands where it stood


def test_what_is_no_picture_or_cut_short_is_told(file: Path, tmp_path: Path) -> None:
    notes = tmp_path / "notes.jpg"
    notes.write_text("notes")
    for look in (lambda: looks.header_of(notes), lambda: looks.checked_format(b"notes", "notes")):
        with pytest.raises(RefusedError, match="notes"):
            look()
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    seen = looks.see(file, 40)
    assert seen.copy is None
    assert isinstance(seen.problem, RefusedError)
    with pytest.raises(RefusedError, match=r"cat\.png"):
        looks.checked_format(file.read_bytes(), file.name)


def test_limits_are_those_that_are_given(file: Path) -> None:
    with pytest.raises(RefusedError, match=r"0\.0 megapixels|pixels"):
        looks.header_of(file, Limits(pixels=100))


def test_a_path_is_where_the_caller_stands_now(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looks.see(file, 40)
    monkeypatch.chdir(file.parent)
    assert looks.header_of(Path(file.name)).format == "png"
    assert looks.see(Path(file.name), 40).problem is None
    assert str(looks.see(Path("gone.png"), 40).problem).startswith("cannot read gone.png: ")


def test_a_file_that_cannot_be_read_is_told_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match=r"cannot read .*gone\.png: No such file"):
        looks.header_of(tmp_path / "gone.png")
    assert "cannot read" in str(looks.see(tmp_path / "gone.png", 40).problem)
