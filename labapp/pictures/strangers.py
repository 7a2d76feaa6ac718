"""Say what a file is that is no picture of ours, and what would help.

By its first bytes, whatever its name ends in: a name tells what somebody meant to save.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from pathlib import PurePath

_OURS = "Send a JPEG, PNG, GIF, WebP, BMP or TIFF."
_EXPORT = f"Open it in an image editor and export it as JPEG or PNG. {_OURS}"
_PHONE = (
    "On an iPhone choose Settings > Camera > Formats > Most Compatible, and new photos are JPEGs; "
    f"one that is there already comes as JPEG when it is mailed, or exported from Photos. {_OURS}"
)
_RAW = f"Export it as JPEG, PNG or TIFF in the camera's software or a photo editor. {_OURS}"
_RENDER = f"Export it as PNG in the size that you need. {_OURS}"
_STILL = f"Save one frame of it as a picture. {_OURS}"
_UNPACK = f"Unpack it, and send the pictures in it. {_OURS}"
_AGAIN = f"Download the picture itself again. {_OURS}"

#: First bytes, what they tell, and what helps. Longer ones stand before those they begin with.
_STARTS: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF", "a PDF document", _RENDER),
    (b"%!PS", "a PostScript document", _RENDER),
    (b"\xc5\xd0\xd3\xc6", "a PostScript document", _RENDER),
    (b"8BPS\0\1", "a Photoshop document", _EXPORT),
    (b"8BPS\0\2", "a large Photoshop document", _EXPORT),
    (b"gimp xcf", "a GIMP document", _EXPORT),
    (b"\0\0\1\0", "a Windows icon", _EXPORT),
    (b"\0\0\2\0\0\0\0\0", "a Targa picture", _EXPORT),
    (b"\0\0\x0a\0\0\0\0\0", "a Targa picture", _EXPORT),
    (b"\0\0\2\0", "a Windows cursor", _EXPORT),
    (b"icns", "a macOS icon", _EXPORT),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000 picture", _EXPORT),
    (b"\xff\x4f\xff\x51", "a JPEG 2000 picture", _EXPORT),
    (b"\0\0\0\x0cJXL ", "a JPEG XL picture", _EXPORT),
    (b"\xff\x0a", "a JPEG XL picture", _EXPORT),
    (b"II\xbc", "a JPEG XR picture", _EXPORT),
    (b"\x76\x2f\x31\x01", "an OpenEXR picture", _EXPORT),
    (b"#?RADIANCE", "a Radiance HDR picture", _EXPORT),
    (b"#?RGBE", "a Radiance HDR picture", _EXPORT),
    (b"qoif", "a QOI picture", _EXPORT),
    (b"BPG\xfb", "a BPG picture", _EXPORT),
    (b"FLIF", "a FLIF picture", _EXPORT),
    (b"DDS ", "a DirectDraw texture (DDS)", _EXPORT),
    (b"\xabKTX", "a Khronos texture (KTX)", _EXPORT),
    (b"AT&TFORM", "a DjVu document", _RENDER),
    (b"\x8aMNG\r\n\x1a\n", "an MNG animation", _STILL),
    (b"\x8bJNG\r\n\x1a\n", "a JNG picture", _EXPORT),
    (b"SIMPLE  =", "a FITS file", _EXPORT),
    (b"\x59\xa6\x6a\x95", "a Sun raster picture", _EXPORT),
    (b"\x01\xda", "an SGI picture", _EXPORT),
    (b"\xd7\xcd\xc6\x9a", "a Windows metafile", _RENDER),
    (b"BA", "an array of OS/2 bitmaps", _EXPORT),
    (b"FUJIFILMCCD-RAW", "the raw file of a camera (Fujifilm)", _RAW),
    (b"IIRO", "the raw file of a camera (Olympus)", _RAW),
    (b"IIRS", "the raw file of a camera (Olympus)", _RAW),
    (b"MMOR", "the raw file of a camera (Olympus)", _RAW),
    (b"IIU\0", "the raw file of a camera (Panasonic)", _RAW),
    (b"FOVb", "the raw file of a camera (Sigma)", _RAW),
    (b"\0MRM", "the raw file of a camera (Minolta)", _RAW),
    (b"\x1aE\xdf\xa3", "a Matroska or WebM video", _STILL),
    (b"FLV\x01", "a Flash video", _STILL),
    (b"\0\0\1\xba", "an MPEG video", _STILL),
    (b"\0\0\1\xb3", "an MPEG video", _STILL),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "a Windows Media video", _STILL),
    (b"OggS", "an Ogg recording", _STILL),
    (b"ID3", "an MP3 recording", _OURS),
    (b"fLaC", "a FLAC recording", _OURS),
    (b"PK\3\4", "a ZIP archive or an office document", _UNPACK),
    (b"\x1f\x8b", "a gzip archive", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", _UNPACK),
    (b"Rar!", "a RAR archive", _UNPACK),
    (b"BZh", "a bzip2 archive", _UNPACK),
    (b"\xfd7zXZ", "an xz archive", _UNPACK),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive", _UNPACK),
    (b"\xd0\xcf\x11\xe0", "an office document", _EXPORT),
    (b"\0\5\x16\7", "what macOS keeps beside a file (AppleDouble)", _AGAIN),
    (b"\0\5\x16\0", "what macOS keeps of a file (AppleSingle)", _AGAIN),
    (b"bplist", "a property list", _OURS),
    (b"SQLite format 3", "a database", _OURS),
    (b"\x93NUMPY", "a NumPy array", _EXPORT),
    (b"\x89HDF", "an HDF5 file", _EXPORT),
    (b"MZ", "a Windows program", _OURS),
    (b"\x7fELF", "a program", _OURS),
    (b"{\\rtf", "an RTF document", _EXPORT),
)

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


#: Ends of names of the raw files of cameras.
RAW_ENDINGS = frozenset(
    (
        *("3fr", "arw", "cr2", "cr3", "crw", "dcr", "dng", "erf", "fff", "iiq", "k25", "kdc"),
        *("mef", "mos", "mrw", "nef", "nrw", "orf", "pef", "raf", "rw2", "rwl", "sr2", "srf"),
        *("srw", "x3f"),
    )
)

#: Endings of names by which people know what they meant to save.
_ENDINGS: dict[str, tuple[str, str]] = {
    f".{ending}": (what, remedy)
    for what, remedy, endings in (
        ("a HEIC picture", _PHONE, ("heic", "heif", "hif")),
        ("an AVIF picture", _EXPORT, ("avif", "avifs")),
        ("a JPEG XL picture", _EXPORT, ("jxl",)),
        ("a JPEG 2000 picture", _EXPORT, ("jp2", "j2k", "jpf", "jpx", "jpm")),
        ("a JPEG XR picture", _EXPORT, ("jxr", "wdp", "hdp")),
        ("a Photoshop document", _EXPORT, ("psd", "psb")),
        ("a GIMP document", _EXPORT, ("xcf",)),
        ("a Windows icon", _EXPORT, ("ico",)),
        ("a Windows cursor", _EXPORT, ("cur",)),
        ("a macOS icon", _EXPORT, ("icns",)),
        ("a Targa picture", _EXPORT, ("tga",)),
        ("a Netpbm picture", _EXPORT, ("ppm", "pgm", "pbm", "pnm", "pam", "pfm")),
        ("a PCX picture", _EXPORT, ("pcx",)),
        ("an X11 picture", _EXPORT, ("xpm", "xbm")),
        ("an SGI picture", _EXPORT, ("sgi", "rgb")),
        ("a Sun raster picture", _EXPORT, ("ras",)),
        ("a QOI picture", _EXPORT, ("qoi",)),
        ("a BPG picture", _EXPORT, ("bpg",)),
        ("a FLIF picture", _EXPORT, ("flif",)),
        ("an OpenEXR picture", _EXPORT, ("exr",)),
        ("a Radiance HDR picture", _EXPORT, ("hdr",)),
        ("a DirectDraw texture (DDS)", _EXPORT, ("dds",)),
        ("a DICOM file", _EXPORT, ("dcm",)),
        ("a FITS file", _EXPORT, ("fits", "fit")),
        ("an MNG animation", _STILL, ("mng",)),
        ("a JNG picture", _EXPORT, ("jng",)),
        ("a Windows metafile", _RENDER, ("wmf", "emf")),
        ("an SVG drawing", _RENDER, ("svg", "svgz")),
        ("a DjVu document", _RENDER, ("djvu", "djv")),
        ("a PDF document", _RENDER, ("pdf",)),
        ("a PostScript document", _RENDER, ("eps", "ps", "ai")),
        ("the raw file of a camera", _RAW, RAW_ENDINGS),
    )
    for ending in endings
}


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
    for start, what, remedy in _STARTS:
        if data.startswith(start):
            return what, remedy
    for at, sign, what, remedy in _SIGNS:
        if data[at:][: len(sign)] == sign:
            return what, remedy
    for pattern, what, remedy in _SHAPES:
        if re.match(pattern, data[:3], re.DOTALL):
            return what, remedy
    return None


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
