"""What is no picture of ours is called by its name, whatever its file's name ends in."""

from __future__ import annotations

import gzip
import re
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labapp.errors import RefusedError
from labapp.pictures import looks, strangers
from labapp.pictures.limits import Limits
from tests.pictures import codec
from tests.pictures.samples import file_of, noise


def media(*brands: bytes) -> bytes:
    """Make the first box of an ISO base media file: its brand, a version, those it goes with."""
    body = b"ftyp" + brands[0] + bytes(4) + b"".join(brands[1:])
    return struct.pack(">I", len(body) + 4) + body + bytes(64)


NAMES: dict[str, list[bytes]] = {
    "a HEIC picture": [media(b"heic"), media(b"heix"), media(b"mif1", b"heic"), media(b"hevc")],
    "an AVIF picture": [media(b"avif"), media(b"avis", b"msf1"), file_of(noise(16, 16), "AVIF")],
    "a JPEG XL picture": [b"\xff\x0a\xfa\x0f", b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(9)],
    "a JPEG 2000 picture": [file_of(noise(16, 16), "JPEG2000"), b"\xff\x4f\xff\x51\0\x2f"],
    "an SVG drawing": [
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- made by hand -->\n<svg viewBox='0 0 1 1'>",
        b"<!DOCTYPE svg PUBLIC '-//W3C//DTD SVG 1.1//EN' 'x'>\n<svg>",
        "<svg/>".encode("utf-16"),
    ],
    "a page of HTML": [b"<!DOCTYPE html>\n<title>No</title>", b"\n\n<HTML><body>", b"<head>"],
    "an XML document": [b"<?xml version='1.0'?><note/>"],
    "a PDF document": [b"%PDF-1.7\n"],
    "a PostScript document": [b"%!PS-Adobe-3.0\n"],
    "a Photoshop document": [b"8BPS\0\1" + bytes(20)],
    "a large Photoshop document": [b"8BPS\0\2" + bytes(20)],
    "a GIMP document": [b"gimp xcf v011\0"],
    "a Windows icon": [file_of(noise(16, 16), "ICO")],
    "a Targa picture": [file_of(noise(16, 16), "TGA")],
    "a PCX picture": [file_of(noise(16, 16), "PCX")],
    "a Netpbm picture": [file_of(noise(16, 16), "PPM"), b"P5\n1 1\n255\nx"],
    "an OpenEXR picture": [b"\x76\x2f\x31\x01\2\0\0\0"],
    "a Radiance HDR picture": [b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n"],
    "a DirectDraw texture (DDS)": [file_of(noise(16, 16), "DDS")],
    "an SGI picture": [file_of(noise(16, 16), "SGI")],
    "the raw file of a camera (Fujifilm)": [b"FUJIFILMCCD-RAW 0201FF"],
    "the raw file of a camera (Olympus)": [b"IIRO\x08\0\0\0", b"IIRS\x08\0\0\0"],
    "the raw file of a camera (Panasonic)": [b"IIU\0\x18\0\0\0"],
    "the raw file of a camera (Sigma)": [b"FOVb\0\0\2\0"],
    "the raw file of a camera (Canon CR3)": [media(b"crx ", b"isom")],
    "the raw file of a camera (Canon CRW)": [b"II\x1a\0\0\0HEAPCCDR"],
    "an MP4 video": [media(b"isom", b"iso2", b"mp41"), media(b"mp42")],
    "a QuickTime video": [media(b"qt  ")],
    "an AVI video": [b"RIFF\x24\0\0\0AVI LIST"],
    "a Matroska or WebM video": [b"\x1aE\xdf\xa3\x01\0\0\0"],
    "a ZIP archive or an office document": [b"PK\3\4\x14\0"],
    "a gzip archive": [gzip.compress(b"<svg/>")],
    "a DICOM file": [bytes(128) + b"DICM"],
    "what macOS keeps beside a file (AppleDouble)": [b"\0\5\x16\7\0\2\0\0"],
    "text": [b"These are my notes.\n", b"BMW and other cars, told at length here.", "Ä".encode()],
    "a picture written as text (base64)": [b"iVBORw0KGgoAAAANSUhEUgAA", b"/9j/4AAQSkZJRgABAQAAA"],
    "a picture written as text (a data: address)": [b"data:image/png;base64,iVBORw0KGgo"],
    "a pointer of Git LFS, not the file": [b"version https://git-lfs.github.com/spec/v1\noid sha"],
    "a Windows cursor": [b"\0\0\2\0\1\0\x20\x20"],
    "a macOS icon": [b"icns\0\0\1\0"],
    "a JPEG XR picture": [b"II\xbc\1\x20\0\0\0"],
    "a QOI picture": [b"qoif\0\0\0\1"],
    "a BPG picture": [b"BPG\xfb\0\0"],
    "a FLIF picture": [b"FLIF41"],
    "a Khronos texture (KTX)": [b"\xabKTX 11\xbb\r\n\x1a\n"],
    "a DjVu document": [b"AT&TFORM\0\0\1\0DJVU"],
    "an MNG animation": [b"\x8aMNG\r\n\x1a\n" + bytes(8)],
    "a JNG picture": [b"\x8bJNG\r\n\x1a\n" + bytes(8)],
    "a FITS file": [b"SIMPLE  =                    T"],
    "a Sun raster picture": [b"\x59\xa6\x6a\x95" + bytes(8)],
    "a Windows metafile": [b"\xd7\xcd\xc6\x9a" + bytes(8), bytes([1]) + bytes(39) + b" EMF"],
    "an array of OS/2 bitmaps": [b"BA\x28\0\0\0"],
    "the raw file of a camera (Minolta)": [b"\0MRM\0\1"],
    "a Flash video": [b"FLV\1\5"],
    "an MPEG video": [b"\0\0\1\xba\x44", b"\0\0\1\xb3\x14"],
    "a Windows Media video": [b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"],
    "an Ogg recording": [b"OggS\0\2"],
    "an MP3 recording": [b"ID3\3\0"],
    "a FLAC recording": [b"fLaC\0\0"],
    "a WAVE recording": [b"RIFF\x24\0\0\0WAVEfmt "],
    "a RIFF file": [b"RIFF\x24\0\0\0CDR9vrsn"],
    "a 7-Zip archive": [b"7z\xbc\xaf\x27\x1c\0"],
    "a RAR archive": [b"Rar!\x1a\7\0"],
    "a bzip2 archive": [b"BZh91AY"],
    "an xz archive": [b"\xfd7zXZ\0"],
    "a Zstandard archive": [b"\x28\xb5\x2f\xfd\4"],
    "an office document": [b"\xd0\xcf\x11\xe0\xa1"],
    "what macOS keeps of a file (AppleSingle)": [b"\0\5\x16\0\0\2"],
    "a property list": [b"bplist00\xd1"],
    "a database": [b"SQLite format 3\0"],
    "a NumPy array": [b"\x93NUMPY\1\0"],
    "an HDF5 file": [b"\x89HDF\r\n\x1a\n"],
    "a Windows program": [b"MZ\x90\0\3"],
    "a program": [b"\x7fELF\2\1"],
    "an RTF document": [b"{\\rtf1\\ansi"],
    "a link to a web page": [b"[InternetShortcut]\r\nURL=http://a"],
    "a picture in C source (XPM or XBM)": [
        b"/* XPM */\nstatic char *a[]", b"#define a_width 16\n#define",
    ],
    "nothing but zeros": [bytes(1000)],
    "empty": [b""],
    "of an unknown kind": [bytes(range(200, 256)) * 9],
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_each_is_called_by_its_name(name: str) -> None:
    for data in NAMES[name]:
        with pytest.raises(RefusedError) as caught:
            codec.inspect(data, name="a.jpg")
        assert caught.value.message == f"a.jpg is {name}, not a picture that is taken"
        assert caught.value.remedy


def test_a_photo_of_an_iphone_is_told_how_it_becomes_a_jpeg() -> None:
    assert "Settings > Camera > Formats > Most Compatible" in strangers.describe(media(b"heic"))[1]


def test_a_name_tells_what_the_bytes_would() -> None:
    assert strangers.by_name("IMG_1.HEIC") == strangers.describe(media(b"heic"))
    assert strangers.by_name("a.pdf") == strangers.describe(b"%PDF-1.7\n")
    assert strangers.by_name("a.PPM") == strangers.describe(b"P6\n1 1\n255\n...")
    assert strangers.by_name("a.K25") == strangers.describe(b"x\0\0\0", "a.K25")
    for name in ("a.jpg", "notes.txt", "more/", "x.heic/", ".heic", "heic"):
        assert strangers.by_name(name) is None


@given(st.binary(max_size=300))
def test_any_bytes_are_described(data: bytes) -> None:
    what, remedy = strangers.describe(data)
    assert what
    assert re.search(r"[.]$", remedy)


@pytest.mark.parametrize(
    ("start", "name"), [("<?xml version='1.0'?>", "an XML document"), ("<!-- notes", "text")]
)
def test_blanks_without_end_are_described_at_once(start: str, name: str, tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_text(start + " \n" * 2_000)
    with pytest.raises(RefusedError, match=f"is {name}, not a picture"):
        looks.header_of(path, Limits(seconds=10))


def test_a_raw_file_without_a_sign_is_known_by_its_name() -> None:
    unknown = bytes(range(200, 256)) * 9
    with pytest.raises(RefusedError, match=r"a\.MOS is the raw file of a camera"):
        codec.inspect(unknown, name="a.MOS")


#: Endings of the raw files of cameras, by their makers' manuals and by what LibRaw opens.
RAW = [
    "3fr",
    "arw",
    "cr2",
    "cr3",
    "crw",
    "dcr",
    "dng",
    "erf",
    "fff",
    "iiq",
    "k25",
    "kdc",
    "mef",
    "mos",
    "mrw",
    "nef",
    "nrw",
    "orf",
    "pef",
    "raf",
    "rw2",
    "rwl",
    "sr2",
    "srf",
    "srw",
    "x3f",
]


@pytest.mark.parametrize("ending", RAW)
def test_every_ending_of_a_raw_file_tells_what_helps(ending: str) -> None:
    what, remedy = strangers.describe(bytes(range(200, 256)) * 9, f"IMG_1.{ending.upper()}")
    assert what == "the raw file of a camera"
    assert remedy.startswith("Export it as JPEG, PNG or TIFF in the camera's software")


@pytest.mark.parametrize(
    ("endings", "what"),
    [
        ("heic heif hif", "a HEIC picture"), ("avif avifs", "an AVIF picture"),
        ("jxl", "a JPEG XL picture"), ("jp2 j2k jpf jpx jpm", "a JPEG 2000 picture"),
        ("jxr wdp hdp", "a JPEG XR picture"), ("psd psb", "a Photoshop document"),
        ("xcf", "a GIMP document"), ("ico", "a Windows icon"), ("cur", "a Windows cursor"),
        ("icns", "a macOS icon"), ("tga", "a Targa picture"), ("pcx", "a PCX picture"),
        ("ppm pgm pbm pnm pam pfm", "a Netpbm picture"), ("xpm xbm", "an X11 picture"),
        ("sgi rgb", "an SGI picture"), ("ras", "a Sun raster picture"), ("qoi", "a QOI picture"),
        ("bpg", "a BPG picture"), ("flif", "a FLIF picture"), ("exr", "an OpenEXR picture"),
        ("hdr", "a Radiance HDR picture"), ("dds", "a DirectDraw texture (DDS)"),
        ("dcm", "a DICOM file"), ("fits fit", "a FITS file"), ("mng", "an MNG animation"),
        ("jng", "a JNG picture"), ("wmf emf", "a Windows metafile"), ("svg svgz", "an SVG drawing"),
        ("djvu djv", "a DjVu document"), ("pdf", "a PDF document"),
        ("eps ps ai", "a PostScript document"), (" ".join(RAW), "the raw file of a camera"),
    ],
)  # fmt: skip
def test_a_list_of_files_names_what_it_passes_over(endings: str, what: str) -> None:
    for ending in endings.split():
        found = strangers.by_name(f"folder/A.{ending.upper()}")
        assert found is not None
        assert found[0] == what
        assert found[1].endswith("Send a JPEG, PNG, GIF, WebP, BMP or TIFF.")


def test_of_several_brands_the_first_that_is_known_counts() -> None:
    assert strangers.describe(media(b"abcd", b"efgh", b"avif"))[0] == "an AVIF picture"
    assert strangers.describe(media(b"mif1", b"avif"))[0] == "a HEIC picture"
    far = media(b"abcd", *[b"none"] * 123, b"avif")  # at byte 508 of 512 that are looked at
    assert strangers.describe(far)[0] == "an AVIF picture"
    farther = media(b"abcd", *[b"none"] * 124, b"avif")
    assert strangers.describe(farther)[0] == "an MP4 video"
    # What stands behind the box is no brand.
    assert strangers.describe(media(b"abcd")[:-64] + b"avif" * 9)[0] == "an MP4 video"


@pytest.mark.parametrize(
    "text", ["a\tb\n", "a\x0cb", "\ufeffwords", "Ä" * 3_000, "€" * 2_000, "😀" * 1_100]
)
def test_letters_of_any_alphabet_are_text(text: str) -> None:
    assert strangers.describe(text.encode())[0] == "text"
    assert strangers.describe(text.encode("utf-16"))[0] == "text"


@pytest.mark.parametrize("data", [b"a\x01b", b"a\x1bb", b"abc\xff\xfe\xfd\xfcdef"])
def test_what_no_letters_are_is_no_text(data: bytes) -> None:
    assert strangers.describe(data)[0] == "of an unknown kind"
