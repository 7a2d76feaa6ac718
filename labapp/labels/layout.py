"""Where the pictures of a bucket lie, and where the answers to each: labapp's layout, or a lab's.

In labapp's own every object below `images/` is a picture, and its answers are lines of the label
file `labels/<same name>.txt`. A lab's own bucket has them elsewhere, among other things: there only
what ends as pictures do is one, and never what lies below a prefix that labapp uses for something
else, or where the label files are. Two pictures may share a label file, as `{stem}` says no ending.

`layout_rules` makes a layout of what settings say. Whoever looks at a bucket hands one along.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cached_property
from typing import NoReturn

from labapp.errors import RefusedError, UsageError
from labapp.labels.object_keys import HASH_DIGITS, parted, safe_name, whole_file_key

#: Where the pictures to be labelled lie in labapp's own layout, and where their label files lie.
IMAGES = "images/"
LABELS = "labels/"
LABEL_SUFFIX = ".txt"
LABELS_KEY = f"{LABELS}{{name}}{LABEL_SUFFIX}"

#: Where the label files of pictures that were taken out are kept, in every layout.
REMOVED = "removed/"

#: What stands for a picture in the key of its label file, and what that is.
PLACEHOLDERS = {
    "{name}": "its key without images_prefix",
    "{stem}": "that without its extension",
    "{key}": "its whole key",
}

#: Parts a template of label keys in its placeholders and what stands between them.
PARTS = re.compile(r"(\{[^{}]*\})")

#: What is tried on whether a store heeds conditions, beside the label files (`cloud.conditions`).
_PROBE = ".conditions"


@dataclass(frozen=True)
class Layout:
    """One layout; the one without arguments is labapp's own.

    Attributes:
        images: what the keys of pictures begin with; empty for the whole bucket.
        labels: the key of a picture's label file, with one of `PLACEHOLDERS` or more.
        writes: whether things are written in a layout that is not labapp's own.
        endings: how the names of pictures end there, each with its dot, in small letters.
        others: prefixes below which nothing is a picture or a label file there.
    """

    images: str = IMAGES
    labels: str = LABELS_KEY
    writes: bool = False
    endings: frozenset[str] = frozenset()
    others: tuple[str, ...] = ()

    @cached_property
    def is_own(self) -> bool:
        """Whether it is labapp's own, where answers are lines with a name, a time and an id."""
        return self.images == IMAGES and self.labels == LABELS_KEY

    @cached_property
    def has_own_names(self) -> bool:
        """Whether pictures lie where labapp names them by their bytes."""
        return self.images == IMAGES

    @property
    def why_read_only(self) -> str:
        """Why nothing is written, and what would allow it; empty where things are."""
        if self.is_own or self.writes:
            return ""
        return "read only: layout_writes allows it"

    def check_writable(self) -> None:
        """See to it that something may be written.

        Raises:
            RefusedError: this layout is read only.
        """
        if self.why_read_only:
            raise RefusedError(
                "nothing is written where images_prefix and labels_key say, as that is a lab's own"
                " layout, which is only read",
                "Set layout_writes = true to have pictures and bare answers (0, 1) written there.",
            )

    # Pictures

    def name_of(self, key: str) -> str:
        """Return a picture's key without what all of them begin with."""
        return key.removeprefix(self.images)

    def whole_key(self, key: str) -> str:
        """Return a picture's key, whose beginning, `images_prefix`, may be left out."""
        return key if key.startswith(self.images) else self.images + key

    def is_picture_key(self, key: str) -> bool:
        """Tell whether a key can be a picture of the dataset (a folder's marker cannot)."""
        if not key.startswith(self.images) or key.endswith("/"):
            return False
        return self._is_any_name or (
            self._ends_like_one(key)
            and not key.rpartition("/")[2].startswith(".")
            and not key.startswith(self.not_pictures)
        )

    def picture_name(self, key: str) -> str:
        """Return the readable part of a picture's key: the name it was uploaded under."""
        name = key.removeprefix(self.images)
        return parted(name)[1] if self.has_own_names else name

    def hash_part(self, key: str) -> str:
        """Return the 16 hex digits of a picture's key; empty for one that other programs made."""
        return parted(key.removeprefix(self.images))[0] if self.has_own_names else ""

    def local_file_name(self, key: str, *, by_key: bool = False) -> str:
        """Name the file a picture is downloaded to, safe on any file system and one for each key.

        A key of ours is safe already and keeps its name; another's may hold folders, `..` or
        anything else, and becomes its safe name behind 16 hex digits of the key's own SHA-256. So
        does one of ours if `by_key` asks for it, where two differ in capitals only.
        """
        name = key.removeprefix(self.images)
        digits = self.hash_part(key)
        if not by_key and digits and name == f"{digits}-{safe_name(name[HASH_DIGITS + 1 :])}":
            return name
        digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
        return f"{digest[:HASH_DIGITS]}-{safe_name(name)}"

    @cached_property
    def not_pictures(self) -> tuple[str, ...]:
        """The prefixes below that of the pictures where none lies, the label files' among them."""
        if self._is_any_name:
            return ()
        return tuple(
            one
            for one in dict.fromkeys((*self.others, self.label_folder))
            if one.startswith(self.images) and one != self.images
        )

    @cached_property
    def _is_any_name(self) -> bool:
        head = self.label_head
        is_apart = not head.startswith(self.images) and not self.images.startswith(head)
        return self.has_own_names and is_apart

    def _ends_like_one(self, key: str) -> bool:
        return key[key.rfind(".") :].lower() in self.endings if "." in key else False

    # Label files

    def label_key(self, key: str) -> str:
        """Return the key of a picture's label file: `labels/<same name>.txt`.

        Raises:
            UsageError: the key is not one of a picture of this layout.
        """
        if not self.is_picture_key(key):
            self._no_picture_key(key)
        if self.is_by_name:
            return f"{self.label_head}{key[len(self.images) :]}{self.label_tail}"
        return self._label_key(key)

    def _label_key(self, key: str) -> str:
        name = key[len(self.images) :]
        folder, slash, last = name.rpartition("/")
        stem = folder + slash + (last.rpartition(".")[0] or last)
        meant = {"{name}": name, "{stem}": stem}
        return "".join(meant.get(part, part) for part in self._parts)

    def _no_picture_key(self, key: str) -> NoReturn:
        told = f"Such keys begin with {self.images!r} and name a file." if self.images else ""
        endings = "" if self._is_any_name else " Its name ends as those of pictures do."
        raise UsageError(
            f"{key!r} is not the key of a picture to label",
            f"{told}{endings}".strip(),
        )

    def is_label_key(self, key: str) -> bool:
        """Tell whether a key is that of the label file of a picture."""
        head, tail = self.label_head, self.label_tail
        if not (key.startswith(head) and key.endswith(tail)):
            return False
        if self.is_by_name:
            is_others = key.startswith(self.not_labels)
            name = key[len(head) : len(key) - len(tail)]
            return not is_others and self.is_picture_key(self.images + name)
        if self.picture_key(key):
            return True
        return (
            self._names_no_picture
            and self._pattern.fullmatch(key) is not None
            and not key.startswith(self.not_labels)
            and not key.endswith((f"/{self.label_tail}", _PROBE))
            and not self.is_picture_key(key)
        )

    def picture_key(self, label_key: str) -> str:
        """Return the key of the picture that a label file belongs to; the inverse of `label_key`.

        Empty where it is no label file, or its key does not tell: `{stem}` says no ending.
        """
        match = self._pattern.fullmatch(label_key)
        if match is None or self._names_no_picture:
            return ""
        key = self.images + match["name"]
        return key if self.is_picture_key(key) and self.label_key(key) == label_key else ""

    def whole_file_key(self, key: str) -> str:
        """Return the key of the label file that a part belongs to; of any other key, itself."""
        return whole_file_key(key) if self.is_own else key

    def aside_key(self, key: str) -> str:
        """Return where the label file of a picture is kept once the picture is taken out."""
        return f"{REMOVED}{self.name_of(key)}{LABEL_SUFFIX}"

    def hash_aside(self, aside: str) -> str:
        """Return the 16 hex digits of the picture whose label file is kept so; or nothing."""
        name = aside.removeprefix(REMOVED).removesuffix(LABEL_SUFFIX)
        is_one = self.has_own_names and aside == f"{REMOVED}{name}{LABEL_SUFFIX}"
        return parted(name)[0] if is_one else ""

    @cached_property
    def label_head(self) -> str:
        """What the keys of label files begin with."""
        return self._parts[0]

    @cached_property
    def label_folder(self) -> str:
        """The folder in which all label files lie, with its slash; empty for the whole bucket."""
        return self.label_head[: self.label_head.rfind("/") + 1]

    @cached_property
    def not_labels(self) -> tuple[str, ...]:
        """The prefixes below that of the label files where none lies."""
        head = self.label_head
        there = (*self.others, self.images)
        return tuple(one for one in there if one.startswith(head) and not head.startswith(one))

    @cached_property
    def _parts(self) -> list[str]:
        """The template of label keys: text, placeholder, text and so on."""
        return PARTS.split(self.labels.replace("{key}", f"{self.images}{{name}}"))

    @cached_property
    def label_tail(self) -> str:
        """What the keys of label files end with."""
        return self._parts[-1]

    @cached_property
    def is_by_name(self) -> bool:
        """Whether a label key is a picture's name between two texts, as nearly always."""
        return len(self._parts) == 3 and self._parts[1] == "{name}"

    @cached_property
    def _names_no_picture(self) -> bool:
        return "{name}" not in self._parts

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        """What the keys of label files match."""
        found, seen = "", set[str]()
        for part in self._parts:
            group = {"{name}": "name", "{stem}": "stem"}.get(part, "")
            if not group:
                found += re.escape(part)
            else:
                found += f"(?P={group})" if group in seen else f"(?P<{group}>.+)"
                seen.add(group)
        return re.compile(found, re.DOTALL)


#: labapp's own layout.
OWN = Layout()
