"""Name the pictures of the dataset by their bytes, and parts of label files by their file.

A picture's name opens with the first 16 hex digits of its SHA-256, so the same bytes are found
again whatever they were called, two different `test.jpg` never clash, and the names lie in random
order, which `sampling` builds on. Where pictures and label files lie is `layout`'s business.
"""

from __future__ import annotations

import re
import unicodedata

from labapp.errors import UsageError

#: How the key of a part of a label file ends (see `parts`): that of no label file does. It lies
#: beside the file and not below it, as some stores keep objects in folders and files.
PART_SUFFIX = ".part"

#: Hex digits of the SHA-256 that open a picture's key: 64 bits, so that among a million pictures
#: the chance of any two sharing them is below 1 in 10 million.
HASH_DIGITS = 16

#: Characters of the readable part of a key, extension included. With prefix, hash and `.txt` it
#: stays far below the 255 that file systems take for one name.
MAX_NAME = 80
#: Characters of an extension, dot included; a longer one is taken for part of the name.
MAX_EXTENSION = 11

#: Names that Windows keeps for devices, with any extension, blanks before it included
#: (Microsoft Learn, Naming Files, Paths, and Namespaces; CreateFileW for those of the console).
DEVICES = re.compile(
    r"(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³]) *", re.IGNORECASE
)
_AROUND_DOT = re.compile(r"[._-]*\.[._-]*")
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_CONTENT_NAME = re.compile(rf"([0-9a-f]{{{HASH_DIGITS}}})-([A-Za-z0-9._-]+)")
_PART = re.compile(r"(.+)\.[0-9a-f]{20}\.part", re.DOTALL)
_SHA256 = re.compile(r"[0-9a-f]{64}")
#: Letters that Unicode does not decompose into an ASCII letter and an accent.
_LETTERS = str.maketrans(
    {"ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L"}
    | {"đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th"}
)


def safe_name(name: str) -> str:
    """Make a file name that is safe in a key, in a terminal and on any file system.

    Folders before the name (with either slash) are dropped, accents fold to ASCII, whatever else is
    not a letter, digit, dot, dash or underscore becomes one underscore, and a name that Windows
    keeps for a device gets `picture_` in front. Doing it twice changes nothing more.

    Args:
        name: a file name or path as the user's system gave it; any string.

    Returns:
        1 to `MAX_NAME` ASCII characters, the extension kept; `picture` where nothing is left.
    """
    base = re.split(r"[/\\]", name)[-1].translate(_LETTERS)
    folded = "".join(c for c in unicodedata.normalize("NFKD", base) if not unicodedata.combining(c))
    stem, extension = _split(_AROUND_DOT.sub(".", _UNSAFE.sub("_", folded)))
    stem = stem.strip("._-") or "picture"
    if DEVICES.fullmatch(stem.split(".")[0]):
        stem = f"picture_{stem}"
    return stem[: MAX_NAME - len(extension)].rstrip("._-") + extension


def content_name(sha256: str, name: str) -> str:
    """Name a picture by its bytes, `<first 16 hex of SHA-256>-<safe name>`; errors as of `digits`.

    `name` is the file name it was uploaded under.
    """
    return f"{digits(sha256)}-{safe_name(name)}"


def digits(sha256: str) -> str:
    """Return the digits of a digest that open the names of pictures with these bytes.

    Args:
        sha256: the digest of the picture's bytes, 64 hex digits.

    Raises:
        UsageError: `sha256` is not a SHA-256 in hex.
    """
    digest = sha256.lower()
    if not _SHA256.fullmatch(digest):
        raise UsageError(f"{sha256!r} is not a SHA-256", "Give its 64 hexadecimal digits.")
    return digest[:HASH_DIGITS]


def parted(name: str) -> tuple[str, str]:
    """Return digits and readable part of a name by bytes; of another, nothing and the name."""
    match = _CONTENT_NAME.fullmatch(name)
    return (match[1], match[2]) if match else ("", name)


def part_key(file_key: str, name: str) -> str:
    """Return the key of a part of a label file, by the name that `parts.part_name` gives it."""
    return f"{file_key}.{name}{PART_SUFFIX}"


def whole_file_key(key: str) -> str:
    """Return the key of the file that a part belongs to; of any other key, the key itself."""
    match = _PART.fullmatch(key) if key.endswith(PART_SUFFIX) else None
    return match[1] if match else key


def _split(name: str) -> tuple[str, str]:
    """Split a name into stem and extension; what is too long for an extension stays in the stem."""
    stem, dot, extension = name.rpartition(".")
    if not extension.isalnum() or len(dot + extension) > MAX_EXTENSION or not dot:
        return name, ""
    return stem, dot + extension
