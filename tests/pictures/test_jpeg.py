"""No process of T.81 is asked of a decoder that does not define it; the rest is told by name."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import simplejpeg

from labapp.errors import RefusedError
from labapp.pictures import jpeg, pipeline
from labapp.pictures.looks import preview
from labapp.pictures.process import process
from tests.pictures import codec
from tests.pictures.samples import file_of, photo


def segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def frame_header(marker: int, bits: int, width: int, height: int, components: int) -> bytes:
    body = struct.pack(">BHHB", bits, height, width, components)
    body += b"".join(bytes([number, 0x11, 0]) for number in range(1, components + 1))
    return segment(marker, body)


def lossless(width: int, height: int, components: int = 1, bits: int = 8) -> bytes:
    """Make a picture of one mid grey (SOF3; T.81, annex H): after the first, no difference."""
    table = b"\0" + bytes([0, 0, 0, 9] + [0] * 12) + bytes(range(9))
    scan = bytes([components]) + b"".join(bytes([n, 0]) for n in range(1, components + 1))
    pixels = bytes((width * height * components + 1) // 2)
    head = frame_header(0xC3, bits, width, height, components) + segment(0xC4, table)
    return b"\xff\xd8" + head + segment(0xDA, scan + b"\1\0\0") + pixels + b"\xff\xd9"


def sharing(*factors: int) -> bytes:
    """Make a mid grey of 48 by 48 pixels (SOF0): of each component its factors across and down."""
    body = struct.pack(">BHHB", 8, 48, 48, 3)
    body += b"".join(bytes([number, factor, 0]) for number, factor in enumerate(factors, start=1))
    tables = segment(0xDB, b"\0" + bytes([1] * 64)) + segment(0xC0, body)
    for kind in (b"\0", b"\x10"):  # one code: no difference, and the end of a block
        tables += segment(0xC4, kind + bytes([1] + [0] * 15) + b"\0")
    scan = segment(0xDA, b"\3\1\0\2\0\3\0\0\x3f\0")
    return b"\xff\xd8" + tables + scan + bytes(200) + b"\xff\xd9"


@pytest.mark.parametrize(
    "factors", [(0x31, 0x11, 0x11), (0x42, 0x11, 0x11), (0x22, 0x12, 0x21), (0x21, 0x22, 0x11)]
)
def test_any_way_of_sharing_chroma_is_read(factors: tuple[int, int, int]) -> None:
    data = sharing(*factors)
    (frame,) = codec.read(data).frames
    np.testing.assert_array_equal(frame, np.full((48, 48, 3), 128))
    assert preview(data, 8).shape == (8, 8, 3)


def never(*_: Any, **options: Any) -> None:
    pytest.fail(f"asked of a decoder that does not define it: {options}")


@pytest.mark.parametrize("components", [1, 3, 4])
@pytest.mark.parametrize(("width", "height"), [(2000, 1500), (64, 48), (7, 5)])
def test_a_lossless_jpeg_is_decoded_in_full_before_it_is_scaled(
    components: int, width: int, height: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(simplejpeg, "decode_jpeg", never)
    data = lossless(width, height, components)
    (frame,) = codec.read(data).frames
    assert frame.shape == ((height, width) if components == 1 else (height, width, 3))
    assert np.ptp(frame.reshape(width * height, -1), axis=0).max() == 0
    if components == 1:
        assert frame[0, 0] == 128
    side = min(64, width)
    assert preview(data, side).shape == (round(side * height / width), side, 3)
    (tmp_path / "source").write_bytes(data)
    done = process(tmp_path / "source", pipeline.parse(["thumbnail:side=16"]), tmp_path / "r")
    assert max(done.width, done.height) == min(16, width)


@pytest.mark.parametrize("marker", [0xC9, 0xCA])
def test_no_haste_is_asked_of_arithmetic_coding(
    marker: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simplejpeg, "decode_jpeg", never)
    monkeypatch.setattr(simplejpeg, "decode_jpeg_header", never)
    scan = segment(0xDA, b"\1\1\0\0\x3f\0") + bytes(40)
    data = b"\xff\xd8" + frame_header(marker, 8, 64, 64, 1) + scan + b"\xff\xd9"
    assert codec.inspect(data).width == 64
    assert not jpeg.start(data).plain
    with pytest.raises(RefusedError, match="is damaged or cut short"):
        preview(data, 8)  # its tables are missing


REFUSED = [
    (frame_header(0xC1, 12, 8, 8, 1), "is a JPEG of 12 bits a sample"),
    (frame_header(0xC2, 12, 8, 8, 3), "is a JPEG of 12 bits a sample"),
    (frame_header(0xC3, 16, 8, 8, 1), "is a JPEG of 16 bits a sample"),
    (frame_header(0xC3, 2, 8, 8, 1), "is a JPEG of 2 bits a sample"),
    (frame_header(0xC0, 8, 8, 8, 2), "is a JPEG of 2 samples a pixel"),
    (frame_header(0xC3, 8, 8, 8, 2), "is a JPEG of 2 samples a pixel"),
    (frame_header(0xC5, 8, 8, 8, 1), "is a hierarchical JPEG"),
    (frame_header(0xCE, 8, 8, 8, 1), "is a hierarchical JPEG"),
    (frame_header(0xCB, 8, 8, 8, 1), "is a lossless JPEG in arithmetic coding"),
    (frame_header(0xF7, 8, 8, 8, 1), "is a JPEG-LS"),
    (frame_header(0xC0, 8, 8, 0, 1), "tells its height only behind its pixels"),
]


@pytest.mark.parametrize(("head", "reason"), REFUSED)
def test_processes_that_are_not_taken_are_told_by_name(head: bytes, reason: str) -> None:
    data = b"\xff\xd8" + head + segment(0xDA, b"\1\1\0\0\x3f\0") + bytes(8) + b"\xff\xd9"
    with pytest.raises(RefusedError, match=reason) as caught:
        codec.inspect(data)
    assert "Save it in an image editor" in caught.value.remedy


def test_a_marker_is_found_as_libjpeg_finds_it() -> None:
    data = file_of(photo(61, 75), "JPEG")
    wanted = codec.read(data).frames[0]
    # A stuffed zero and fill bytes between segments, and a frame header within a thumbnail.
    at = data.index(b"\xff\xdb")
    hidden = segment(0xE5, lossless(8, 8))
    for between in (b"\xff\0", b"\xff\xff\xff", b"\xff\0\xff\xff", hidden):
        np.testing.assert_array_equal(codec.read(data[:at] + between + data[at:]).frames[0], wanted)


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("progressive", [False, True])
def test_what_may_be_scaled_still_is(
    mode: str, progressive: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = file_of(photo(600, 800), "JPEG", mode=mode, progressive=progressive)
    sizes = []
    decode = simplejpeg.decode_jpeg

    def watched(*arguments: Any, **options: Any) -> Any:
        sizes.append(options["min_width"])
        return decode(*arguments, **options)

    monkeypatch.setattr(simplejpeg, "decode_jpeg", watched)
    assert preview(data, 100).shape == (75, 100, 3)
    assert sizes == [200]


def test_a_picture_that_ends_before_its_pixels_is_cut_short() -> None:
    whole = file_of(photo(16, 16), "JPEG")
    at = whole.index(b"\xff\xdb")
    with pytest.raises(RefusedError, match="is cut short: its end is missing"):
        codec.inspect(whole[:at] + b"\xff\xd9" + whole[at:])


def test_an_end_within_a_comment_is_not_that_of_the_picture() -> None:
    whole = file_of(photo(16, 16), "JPEG")
    at = whole.rindex(b"\xff\xda")
    told = whole[:at] + b"\xff\xfe\0\4\xff\xd9" + whole[at:]
    assert codec.inspect(told).width == 16
    with pytest.raises(RefusedError, match="is cut short: its end is missing"):
        codec.inspect(told[:-2])
