"""Name the objects of the dataset: pictures under `images/`, their label files under `labels/`.

A picture's key opens with the first 16 hex digits of its SHA-256, so the same bytes are found again
whatever their name (list `content_prefix`), two different `test.jpg` never clash, and the keys lie
in random order, which `sampling` builds on. Keys that other programs put there are taken as well.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

from labapp.errors import UsageError

#: Where the pictures to be labelled lie, and where their label files lie.
IMAGES = "images/"
LABELS = "labels/"
LABEL_SUFFIX = ".txt"

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


def content_key(sha256: str, name: str) -> str:
    """Name a picture by its bytes: `images/<first 16 hex of SHA-256>-<safe name>`.

    `name` is the file name it was uploaded under; digest and errors as of `content_prefix`.
    """
    return content_prefix(sha256) + safe_name(name)


def content_prefix(sha256: str) -> str:
    """Return what every key of these bytes opens with, to find them under another name.

    Args:
        sha256: the digest of the picture's bytes, 64 hex digits.

    Raises:
        UsageError: `sha256` is not a SHA-256 in hex.
    """
    digest = sha256.lower()
    if not _SHA256.fullmatch(digest):
        raise UsageError(f"{sha256!r} is not a SHA-256", "Give its 64 hexadecimal digits.")
    return f"{IMAGES}{digest[:HASH_DIGITS]}-"


def whole_key(key: str) -> str:
    """Return a picture's key, whose leading `images/` may be left out."""
    return key if key.startswith(IMAGES) else IMAGES + key


def is_picture_key(key: str) -> bool:
    """Tell whether a key can be a picture of the dataset (a folder's marker cannot)."""
    return key.startswith(IMAGES) and len(key) > len(IMAGES) and not key.endswith("/")


def label_key(picture_key: str) -> str:
    """Return the key of a picture's label file: `labels/<same name>.txt`.

    Raises:
        UsageError: the key is not one of a picture under `images/`.
    """
    if not is_picture_key(picture_key):
        raise UsageError(
            f"{picture_key!r} is not the key of a picture to label",
            f"Such keys begin with {IMAGES!r} and name a file.",
        )
    return LABELS + picture_key.removeprefix(IMAGES) + LABEL_SUFFIX


def is_label_key(key: str) -> bool:
    """Tell whether a key is that of the label file of a picture."""
    name = key.removeprefix(LABELS).removesuffix(LABEL_SUFFIX)
    return key == LABELS + name + LABEL_SUFFIX and is_picture_key(IMAGES + name)


def picture_key(label_key: str) -> str:
    """Return the key of the picture a label file belongs to; the inverse of `label_key`.

    Raises:
        UsageError: the key is not one of a label file under `labels/`.
    """
    if not is_label_key(label_key):
        raise UsageError(
            f"{label_key!r} is not the key of a label file",
            f"Such keys begin with {LABELS!r} and end in {LABEL_SUFFIX!r}.",
        )
    return IMAGES + label_key.removeprefix(LABELS).removesuffix(LABEL_SUFFIX)


def part_key(file_key: str, name: str) -> str:
    """Return the key of a part of a label file, by the name that `parts.part_name` gives it."""
    return f"{file_key}.{name}{PART_SUFFIX}"


def whole_file_key(key: str) -> str:
    """Return the key of the file that a part belongs to; of any other key, the key itself."""
    match = _PART.fullmatch(key)
    return match[1] if match else key


def picture_name(picture_key: str) -> str:
    """Return the readable part of a picture's key: the name it was uploaded under."""
    name = picture_key.removeprefix(IMAGES)
    match = _CONTENT_NAME.fullmatch(name)
    return match[2] if match else name


def hash_part(picture_key: str) -> str:
    """Return the 16 hex digits of a picture's key; empty for a key that other programs made."""
    match = _CONTENT_NAME.fullmatch(picture_key.removeprefix(IMAGES))
    return match[1] if match else ""


def local_file_name(picture_key: str, *, by_key: bool = False) -> str:
    """Name the file a picture is downloaded to, safe on any file system and one for each key.

    A key of ours is safe already and keeps its name; another's may hold folders, `..` or anything
    else, and becomes its safe name behind 16 hex digits of the key's own SHA-256. So does one of
    ours if `by_key` asks for it, where two differ in capitals only.
    """
    name = picture_key.removeprefix(IMAGES)
    if (
        not by_key
        and _CONTENT_NAME.fullmatch(name)
        and name == f"{hash_part(picture_key)}-{safe_name(name[17:])}"
    ):
        return name
    digest = hashlib.sha256(picture_key.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{digest[:HASH_DIGITS]}-{safe_name(name)}"


def _split(name: str) -> tuple[str, str]:
    """Split a name into stem and extension; what is too long for an extension stays in the stem."""
    stem, dot, extension = name.rpartition(".")
    if not extension.isalnum() or len(dot + extension) > MAX_EXTENSION or not dot:
        return name, ""
    return stem, dot + extension
