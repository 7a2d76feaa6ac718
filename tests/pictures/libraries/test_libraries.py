"""What C libraries say of bad bytes gets onto no screen."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

from labapp.errors import RefusedError
from labapp.pictures import libraries
from tests.pictures import codec
from tests.pictures.pngs import RGB, chunk, png
from tests.pictures.samples import file_of, noise, photo
from tests.pictures.tiffs import tiff


def broken(data: bytes) -> bytes:
    """Overwrite what lies in the middle."""
    middle = len(data) // 2
    return data[:middle] + b"\xff\x5a" * 20 + data[middle + 40 :]


def broken_tiff(how: str) -> bytes:
    return broken(tiff(noise(40, 40), photometric=2, compression=how))


ODD_CHUNKS = (b"tIME", b"bKGD")

#: Each is made when its test asks for it: not every Pillow writes all of them.
BAD: dict[str, Callable[[], bytes]] = {
    **{how: partial(broken_tiff, how) for how in ("lzw", "packbits", "zstd", "lzma", "deflate")},
    "group 3": lambda: broken(file_of(photo(90, 90), "TIFF", mode="1", compression="group3")),
    "group 4": lambda: broken(file_of(photo(90, 90), "TIFF", mode="1", compression="group4")),
    "JPEG in TIFF": lambda: broken(file_of(photo(90, 90), "TIFF", compression="jpeg")),
    "JPEG": lambda: broken(file_of(photo(90, 90), "JPEG")),
    "CMYK": lambda: broken(file_of(photo(90, 90), "JPEG", mode="CMYK")),
    "WebP": lambda: broken(file_of(photo(90, 90), "WEBP")),
    "GIF": lambda: broken(file_of(photo(90, 90), "GIF")),
    "deep PNG": lambda: png(
        noise(9, 9).astype(int), 16, RGB, chunk(b"tIME", b"\0"), chunk(b"bKGD", b"\0")
    ),
}


@pytest.mark.parametrize("title", BAD)
def test_decoders_write_nothing_to_standard_error(
    title: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with contextlib.suppress(RefusedError):
        codec.read(BAD[title]())
    assert capfd.readouterr() == ("", "")


def test_outside_of_the_block_standard_error_is_as_before(
    capfd: pytest.CaptureFixture[str],
) -> None:
    os.write(2, b"before ")
    with libraries.mute(), libraries.mute():
        os.write(2, b"within ")
    os.write(2, b"after")
    assert capfd.readouterr().err == "before after"


def test_threads_that_are_quiet_at_once_give_it_back_together(
    capfd: pytest.CaptureFixture[str],
) -> None:
    inside, leave = threading.Barrier(2), threading.Event()

    def other() -> None:
        with libraries.mute():
            inside.wait(60)
            leave.wait(60)

    thread = threading.Thread(target=other)
    thread.start()
    with libraries.mute():
        inside.wait(60)
    os.write(2, b"still within ")
    leave.set()
    thread.join(60)
    os.write(2, b"after")
    assert capfd.readouterr().err == "after"


def test_a_program_without_standard_error_is_served_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(_: int) -> Any:
        raise OSError

    monkeypatch.setattr(os, "dup", closed)
    stored = noise(9, 9)
    (frame,) = codec.read(tiff(stored, photometric=2, compression="lzw")).frames
    np.testing.assert_array_equal(frame, stored)


def test_only_one_thread_at_a_time_turns_the_descriptor(monkeypatch: pytest.MonkeyPatch) -> None:
    alone = []
    for name in ("dup", "dup2"):
        real = getattr(os, name)

        def watched(*given: int, real: Any = real) -> int:
            alone.append(libraries._lock.locked())
            return int(real(*given))

        monkeypatch.setattr(os, name, watched)
    with libraries.mute():
        pass
    assert alone == [True] * 3  # kept, turned away, and back


def test_no_descriptor_is_left_open() -> None:
    def lowest() -> int:
        found = os.open(os.devnull, os.O_RDONLY)
        os.close(found)
        return found

    before = lowest()
    for _ in range(3):
        with libraries.mute():
            pass
    assert lowest() == before


def test_a_child_that_may_open_nothing_reads_what_would_complain(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = file_of(photo(9, 9), "PNG")

    def forbidden(*_: object) -> int:
        raise PermissionError

    monkeypatch.setattr("os.open", forbidden)
    with libraries.mute():
        assert codec.read(data).frames[0].shape == (9, 9, 3)
