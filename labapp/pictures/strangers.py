"""Say what a file is that is no picture of ours, and what would help.

By its first bytes, whatever its name ends in: a name tells what somebody meant to save. What the
rooms that read bytes raise of a file, before anybody has told them its name, stands here too.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from itertools import chain
from pathlib import PurePath

_OURS = "Send a JPEG, PNG, GIF, WebP, BMP or TIFF."
_EXPORT = f"Open it in an image editor and export it as JPEG or PNG. {_OURS}"
_PHONE = (
    "On an iPhone choose Settings > Camera > Formats > Most Compatible, and new photos are JPEGs; "
    f"one that is there already comes as JPEG when it is mailed, or exported from Photos. {_OURS}"
)
#: What helps with a raw file.
DEVELOP = "Export it as JPEG, PNG or TIFF in the camera's software or a photo editor."
_RAW = f"{DEVELOP} {_OURS}"
_RENDER = f"Export it as PNG in the size that you need. {_OURS}"
_STILL = f"Save one frame of it as a picture. {_OURS}"
_UNPACK = f"Unpack it, and send the pictures in it. {_OURS}"
_AGAIN = f"Download the picture itself again. {_OURS}"

#: Ends of names of the raw files of cameras.
_RAW_ENDINGS = (
    "3fr arw cr2 cr3 crw dcr dng erf fff iiq k25 kdc mef mos mrw nef nrw orf pef raf rw2 rwl sr2 "
    "srf srw x3f"
)
RAW_ENDINGS = frozenset(_RAW_ENDINGS.split())

#: What there is, what helps, the first bytes by which it is known, and the endings of names by
#: which people know what they meant to save.
_KINDS: tuple[tuple[str, str, tuple[bytes, ...], str], ...] = (
    ("a PDF document", _RENDER, (b"%PDF",), "pdf"),
    ("a PostScript document", _RENDER, (b"%!PS", b"\xc5\xd0\xd3\xc6"), "eps ps ai"),
    ("a Photoshop document", _EXPORT, (b"8BPS\0\1",), "psd psb"),
    ("a large Photoshop document", _EXPORT, (b"8BPS\0\2",), ""),
    ("a GIMP document", _EXPORT, (b"gimp xcf",), "xcf"),
    ("a Windows icon", _EXPORT, (b"\0\0\1\0",), "ico"),
    ("a Targa picture", _EXPORT, (b"\0\0\2\0\0\0\0\0", b"\0\0\x0a\0\0\0\0\0"), "tga"),
    ("a Windows cursor", _EXPORT, (b"\0\0\2\0",), "cur"),
    ("a macOS icon", _EXPORT, (b"icns",), "icns"),
    ("a JPEG 2000 picture", _EXPORT, (b"\0\0\0\x0cjP  ", b"\xffO\xffQ"), "jp2 j2k jpf jpx jpm"),
    ("a JPEG XL picture", _EXPORT, (b"\0\0\0\x0cJXL ", b"\xff\x0a"), "jxl"),
    ("a JPEG XR picture", _EXPORT, (b"II\xbc",), "jxr wdp hdp"),
    ("an OpenEXR picture", _EXPORT, (b"\x76\x2f\x31\x01",), "exr"),
    ("a Radiance HDR picture", _EXPORT, (b"#?RADIANCE", b"#?RGBE"), "hdr"),
    ("a QOI picture", _EXPORT, (b"qoif",), "qoi"),
    ("a BPG picture", _EXPORT, (b"BPG\xfb",), "bpg"),
    ("a FLIF picture", _EXPORT, (b"FLIF",), "flif"),
    ("a DirectDraw texture (DDS)", _EXPORT, (b"DDS ",), "dds"),
    ("a Khronos texture (KTX)", _EXPORT, (b"\xabKTX",), ""),
    ("a DjVu document", _RENDER, (b"AT&TFORM",), "djvu djv"),
    ("an MNG animation", _STILL, (b"\x8aMNG\r\n\x1a\n",), "mng"),
    ("a JNG picture", _EXPORT, (b"\x8bJNG\r\n\x1a\n",), "jng"),
    ("a FITS file", _EXPORT, (b"SIMPLE  =",), "fits fit"),
    ("a Sun raster picture", _EXPORT, (b"\x59\xa6\x6a\x95",), "ras"),
    ("an SGI picture", _EXPORT, (b"\x01\xda",), "sgi rgb"),
    ("a Windows metafile", _RENDER, (b"\xd7\xcd\xc6\x9a",), "wmf emf"),
    ("an array of OS/2 bitmaps", _EXPORT, (b"BA",), ""),
    ("the raw file of a camera (Fujifilm)", _RAW, (b"FUJIFILMCCD-RAW",), ""),
    ("the raw file of a camera (Olympus)", _RAW, (b"IIRO", b"IIRS", b"MMOR"), ""),
    ("the raw file of a camera (Panasonic)", _RAW, (b"IIU\0",), ""),
    ("the raw file of a camera (Sigma)", _RAW, (b"FOVb",), ""),
    ("the raw file of a camera (Minolta)", _RAW, (b"\0MRM",), ""),
    ("a Matroska or WebM video", _STILL, (b"\x1aE\xdf\xa3",), ""),
    ("a Flash video", _STILL, (b"FLV\x01",), ""),
    ("an MPEG video", _STILL, (b"\0\0\1\xba", b"\0\0\1\xb3"), ""),
    ("a Windows Media video", _STILL, (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11",), ""),
    ("an Ogg recording", _STILL, (b"OggS",), ""),
    ("an MP3 recording", _OURS, (b"ID3",), ""),
    ("a FLAC recording", _OURS, (b"fLaC",), ""),
    ("a ZIP archive or an office document", _UNPACK, (b"PK\3\4",), ""),
    ("a gzip archive", _UNPACK, (b"\x1f\x8b",), ""),
    ("a 7-Zip archive", _UNPACK, (b"7z\xbc\xaf\x27\x1c",), ""),
    ("a RAR archive", _UNPACK, (b"Rar!",), ""),
    ("a bzip2 archive", _UNPACK, (b"BZh",), ""),
    ("an xz archive", _UNPACK, (b"\xfd7zXZ",), ""),
    ("a Zstandard archive", _UNPACK, (b"\x28\xb5\x2f\xfd",), ""),
    ("an office document", _EXPORT, (b"\xd0\xcf\x11\xe0",), ""),
    ("what macOS keeps beside a file (AppleDouble)", _AGAIN, (b"\0\5\x16\7",), ""),
    ("what macOS keeps of a file (AppleSingle)", _AGAIN, (b"\0\5\x16\0",), ""),
    ("a property list", _OURS, (b"bplist",), ""),
    ("a database", _OURS, (b"SQLite format 3",), ""),
    ("a NumPy array", _EXPORT, (b"\x93NUMPY",), ""),
    ("an HDF5 file", _EXPORT, (b"\x89HDF",), ""),
    ("a Windows program", _OURS, (b"MZ",), ""),
    ("a program", _OURS, (b"\x7fELF",), ""),
    ("an RTF document", _EXPORT, (b"{\\rtf",), ""),
    ("a HEIC picture", _PHONE, (), "heic heif hif"),
    ("an AVIF picture", _EXPORT, (), "avif avifs"),
    ("a Netpbm picture", _EXPORT, (), "ppm pgm pbm pnm pam pfm"),
    ("a PCX picture", _EXPORT, (), "pcx"),
    ("an X11 picture", _EXPORT, (), "xpm xbm"),
    ("a DICOM file", _EXPORT, (), "dcm"),
    ("an SVG drawing", _RENDER, (), "svg svgz"),
    ("the raw file of a camera", _RAW, (), _RAW_ENDINGS),
)

#: The same by first bytes, longer ones before those that they begin with; and by endings.
_STARTS = sorted(
    ((start, what, remedy) for what, remedy, starts, _ in _KINDS for start in starts),
    key=lambda known: -len(known[0]),
)
_ENDINGS = {
    f".{ending}": (what, remedy)
    for what, remedy, _, endings in _KINDS
    for ending in endings.split()
}

#: Brands of ISO base media files (ISO/IEC 14496-12 and 23008-12), by their beginnings.
_BRANDS: tuple[tuple[tuple[bytes, ...], str, str], ...] = (
    ((b"avif", b"avis"), "an AVIF picture", _EXPORT),
    ((b"hei", b"hev", b"mif1", b"msf1", b"mif2"), "a HEIC picture", _PHONE),
    ((b"crx ",), "the raw file of a camera (Canon CR3)", _RAW),
    ((b"jxl ",), "a JPEG XL picture", _EXPORT),
    ((b"jp2", b"jpx", b"jpm"), "a JPEG 2000 picture", _EXPORT),
    ((b"qt  ",), "a QuickTime video", _STILL),
)

#: Patterns of what is written in letters, after white space and a byte-order mark.
_TEXTS: tuple[tuple[str, str, str], ...] = (
    (r"<svg\b|(<\?xml|<!doctype svg|<!--)[\s\S]*?<svg\b", "an SVG drawing", _RENDER),
    (r"(<!doctype html|<html|<head|<body)|<!--[\s\S]*?<html", "a page of HTML", _AGAIN),
    (r"<\?xml", "an XML document", _OURS),
    (r"version https://git-lfs", "a pointer of Git LFS, not the file", "Run git lfs pull first."),
    (r"\[internetshortcut\]", "a link to a web page", _AGAIN),
    (r"data:image/", "a picture written as text (a data: address)", _AGAIN),
    (r"/9j/[a-z0-9+/]{16}|ivborw0kggo|r0lgod|uklgr", "a picture written as text (base64)",
     f"Decode it first, as with base64 -d. {_OURS}"),
    (r"/\* xpm \*/|#define \S+_width", "a picture in C source (XPM or XBM)", _EXPORT),
)  # fmt: skip

#: Signs that stand elsewhere: their places, counted from the end where they are below 0.
_SIGNS: tuple[tuple[int, bytes, str, str], ...] = (
    (6, b"HEAPCCDR", "the raw file of a camera (Canon CRW)", _RAW),
    (40, b" EMF", "a Windows metafile", _RENDER),
    (128, b"DICM", "a DICOM file", _EXPORT),
    (-18, b"TRUEVISION-XFILE", "a Targa picture", _EXPORT),
)

#: What the first three bytes look like where a format has no sign.
_SHAPES: tuple[tuple[bytes, str, str], ...] = (
    (rb"P[1-7fF]\s", "a Netpbm picture", _EXPORT),
    (rb"\n[\x00\x02-\x05][\x00\x01]", "a PCX picture", _EXPORT),
)


class CutShortError(Exception):
    """The file ends before its format says it does; never leaves these rooms."""


class UnsupportedError(Exception):
    """A whole file, of a kind that is not taken; never leaves these rooms.

    Args:
        what: follows the picture's name, as in `is a TIFF whose pixels are complex numbers`.
        remedy: what would help.
    """

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy


class DamagedError(ValueError):
    """What is wrong with a file's bytes, in words for people; never leaves these rooms."""


def by_name(name: str) -> tuple[str, str] | None:
    """Say what a file seems to be by its name, for lists of files that nobody opens.

    Returns:
        as of `describe`; None for a name that tells of no picture, or of one of ours.
    """
    return None if name.endswith("/") else _ENDINGS.get(PurePath(name).suffix.lower())


def describe(data: bytes, name: str = "") -> tuple[str, str]:
    """Say what a file seems to be, and what would help.

    Args:
        data: the whole file.
        name: of the file; its end counts where its bytes tell nothing.

    Returns:
        what follows `is`, as in `a PDF document`, and one or more sentences.
    """
    if not data:
        return "empty", _AGAIN
    if not data.strip(b"\0"):
        return "nothing but zeros", _AGAIN
    if found := _by_start(data) or _by_letters(data):
        return found
    if name.rpartition(".")[2].lower() in RAW_ENDINGS:
        return "the raw file of a camera", _RAW
    return "of an unknown kind", _OURS


def _by_start(data: bytes) -> tuple[str, str] | None:
    if data[4:8] == b"ftyp":
        return _media(data)
    if data[:4] == b"RIFF":
        kind = {b"AVI ": "an AVI video", b"WAVE": "a WAVE recording"}.get(data[8:12])
        return (kind or "a RIFF file"), _STILL
    starts = ((what, remedy) for start, what, remedy in _STARTS if data.startswith(start))
    signs = ((what, remedy) for at, sign, what, remedy in _SIGNS if data.startswith(sign, at))
    shapes = ((what, remedy) for shape, what, remedy in _SHAPES if re.match(shape, data, re.DOTALL))
    return next(chain(starts, signs, shapes), None)


def _media(data: bytes) -> tuple[str, str]:
    """Tell pictures and videos apart by their brands, the major one first."""
    size = min(int.from_bytes(data[:4], "big"), 512)
    brands = [data[8:12], *(data[at : at + 4] for at in range(16, size, 4))]
    for brand in brands:
        for starts, what, remedy in _BRANDS:
            if brand.startswith(starts):
                return what, remedy
    return "an MP4 video", _STILL


def _by_letters(data: bytes) -> tuple[str, str] | None:
    head = data[:4096]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = head[: len(head) // 2 * 2].decode("utf-16", errors="ignore")
    else:
        # A character may be cut at the end of what is looked at.
        text = head.decode("utf-8-sig", errors="ignore")
        if len(text.encode()) <= len(head) - 4 - 3 * head.startswith(BOM_UTF8):
            return None
    if not all(letter >= " " or letter in "\t\n\r\f" for letter in text):
        return None
    for pattern, what, remedy in _TEXTS:
        if re.match(pattern, text.lstrip(), re.IGNORECASE):
            return what, remedy
    return "text", _OURS
