"""Results are known again by their bytes, and are the same pictures with the mark as without."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageSequence

from labapp.pictures import process
from labapp.pictures.limits import FORMATS
from labapp.pictures.mark import MARK, is_marked, with_mark
from labapp.pictures.pipeline import parse
from tests.pictures import codec

KINDS = {"jpeg": "JPEG", "png": "PNG", "gif": "GIF", "webp": "WEBP", "bmp": "BMP", "tiff": "TIFF"}


def drawn(mode: str = "RGB", seed: int = 1) -> Image.Image:
    values = np.random.default_rng(seed).integers(0, 256, (40, 60, 4), np.uint8)
    return Image.fromarray(values, "RGBA").convert(mode)


def written(format: str, mode: str = "RGB", frames: int = 1, **options: object) -> bytes:
    out = io.BytesIO()
    rest = [drawn(mode, seed) for seed in range(2, frames + 1)]
    more = {"save_all": True, "append_images": rest} if frames > 1 else {}
    drawn(mode).save(out, KINDS[format], **more, **options)
    return out.getvalue()


WAYS = {
    **{format: written(format) for format in FORMATS},
    "grey jpeg": written("jpeg", "L"),
    "cmyk jpeg": written("jpeg", "CMYK"),
    "jpeg with a profile": written("jpeg", icc_profile=b"x" * 300, comment=b"mine"),
    "lossless webp": written("webp", "RGBA", lossless=True),
    "moving webp": written("webp", frames=3),
    "moving gif": written("gif", "P", frames=3),
    "moving png": written("png", frames=3),
    "pages": written("tiff", frames=3, compression="tiff_lzw"),
    "png with alpha": written("png", "RGBA"),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_marked_file_is_the_same_picture_to_every_reader(tmp_path: Path, way: str) -> None:
    data = WAYS[way]
    format = codec.read(data).header.format
    found = with_mark(data, format)
    (tmp_path / "plain").write_bytes(data)
    (tmp_path / "marked").write_bytes(found)
    assert not is_marked(tmp_path / "plain")
    assert is_marked(tmp_path / "marked")
    assert with_mark(found, format) == found
    assert len(found) < len(data) + 50

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with Image.open(io.BytesIO(data)) as one, Image.open(io.BytesIO(found)) as other:
            pairs = zip(ImageSequence.Iterator(one), ImageSequence.Iterator(other), strict=True)
            for plain, same in pairs:
                assert plain.convert("RGBA").tobytes() == same.convert("RGBA").tobytes()
            assert one.info.get("icc_profile") == other.info.get("icc_profile")
    if format != "gif":
        for_others = [
            cv2.imdecode(np.frombuffer(each, np.uint8), cv2.IMREAD_UNCHANGED)
            for each in (data, found)
        ]
        assert for_others[0] is not None
        assert for_others[1] is not None
        assert np.array_equal(for_others[0], for_others[1])
    plain_picture, same_picture = codec.read(data), codec.read(found)
    plain_header, header = plain_picture.header, same_picture.header
    assert (header.mode, header.sizes) == (plain_header.mode, plain_header.sizes)
    assert header.stored.quality == plain_header.stored.quality
    for before, after in zip(plain_picture.frames, same_picture.frames, strict=True):
        assert np.array_equal(before, after)


@pytest.mark.parametrize("format", FORMATS)
def test_a_result_bears_the_mark_and_one_of_a_result_bears_it_once(
    tmp_path: Path, format: str
) -> None:
    source, first, second = (tmp_path / name for name in ("source", "first", "second"))
    source.write_bytes(WAYS["png"])
    process.process(source, parse(["grayscale"]), first, format=format)
    done = process.process(first, parse(["invert"]), second)
    assert not is_marked(source)
    assert is_marked(first)
    assert second.read_bytes().count(MARK) == 1
    assert done.bytes == second.stat().st_size


def test_what_cannot_be_read_bears_no_mark(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert not any(is_marked(tmp_path / name) for name in ("empty", "none", "."))


def test_the_mark_of_a_jpeg_without_jfif_stands_first() -> None:
    whole = written("jpeg")
    bare = whole[:2] + whole[4 + int.from_bytes(whole[4:6], "big") :]
    assert bare[:4] != whole[:4]
    data = with_mark(bare, "jpeg")
    assert data.startswith(b"\xff\xd8\xff\xfe\x00\x12" + MARK)
    assert data[4 + 0x12 :] == bare[2:]


def test_the_mark_stands_where_each_format_has_room_for_it() -> None:
    said = {format: with_mark(written(format), format) for format in FORMATS}
    at = said["jpeg"].index(MARK)
    assert said["jpeg"][at - 4 : at] == b"\xff\xfe\x00\x12"  # a comment, its length included
    at = said["png"].index(MARK)
    kind = b"tEXtComment\x00"
    assert said["png"][at - 16 : at] == struct.pack(">I", 8 + len(MARK)) + kind
    check = struct.pack(">I", zlib.crc32(kind + MARK))
    assert said["png"][at + len(MARK) :] == check + struct.pack(">I4sI", 0, b"IEND", 0xAE426082)
    assert said["gif"].endswith(b"\x21\xfe\x10" + MARK + b"\x00;")
    assert said["webp"].endswith(b"note\x10\x00\x00\x00" + MARK)
    assert int.from_bytes(said["webp"][4:8], "little") == len(said["webp"]) - 8
    assert int.from_bytes(said["bmp"][2:6], "little") == len(said["bmp"])
    for format in ("bmp", "tiff"):
        assert said[format].endswith(MARK)


def test_what_is_another_format_than_is_told_is_marked_at_its_end() -> None:
    for format in FORMATS:
        assert with_mark(b"no such file", format) == b"no such file" + MARK


def test_a_mark_counts_among_the_bytes_at_either_end_alone(tmp_path: Path) -> None:
    path = tmp_path / "file"
    for before, behind, wanted in (
        (112, 999, True), (113, 999, False), (999, 112, True), (999, 113, False), (0, 0, True),
    ):  # fmt: skip
        path.write_bytes(bytes(before) + MARK + bytes(behind))
        assert is_marked(path) == wanted
        again = with_mark(path.read_bytes(), "tiff")
        assert (again == path.read_bytes()) == wanted
    assert not is_marked(tmp_path / "nothing")
