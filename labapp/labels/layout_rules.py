"""Make a layout of what settings say, and refuse one that could never work, with what to do."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from labapp.errors import SettingError
from labapp.labels.layout import LABELS, PARTS, PLACEHOLDERS, REMOVED, Layout

#: The prefixes that labapp has for other things than pictures and label files.
ELSEWHERE = ("inbox/", "outbox/", "drop/", "logs/", "workers/", REMOVED)

#: Characters of a wrong value that an error repeats.
_QUOTED = 80


def layout_of(
    images: str,
    labels: str,
    *,
    writes: bool = False,
    endings: Collection[str] = (),
    others: Iterable[str] = (),
) -> Layout:
    """Return the layout of `images_prefix` and `labels_key`.

    Args:
        images: the setting `images_prefix`.
        labels: the setting `labels_key`.
        writes: the setting `layout_writes`.
        endings: how the names of pictures end, each with its dot.
        others: prefixes that settings name for something else, beside `ELSEWHERE`.

    Raises:
        SettingError: one of them cannot be, or both together.
    """
    _check_prefix(_Setting("images_prefix", images))
    _check_template(_Setting("labels_key", labels))
    # What pictures are sent from may be the very place where they are labelled.
    further = (one for one in others if one != images and one.startswith(images))
    prefixes = tuple(dict.fromkeys((*ELSEWHERE, LABELS, *further)))
    layout = Layout(images, labels, writes, frozenset(endings), prefixes)
    if not layout.is_own:
        _check_both(layout)
    return layout


@dataclass(frozen=True)
class _Setting:
    """A setting's name and value."""

    name: str
    value: str

    def wrong(self, why: str, remedy: str) -> SettingError:
        """Return the error of what is wrong with it."""
        told = self.value if len(self.value) <= _QUOTED else self.value[:_QUOTED] + "..."
        return SettingError(f"the setting {self.name} is {told!r}: {why}", remedy)

    def check_key(self) -> None:
        """Refuse what no key holds, or begins with, or what is labapp's for something else."""
        if self.value.startswith("/"):
            plain = self.value.lstrip("/")
            remedy = f"Write {plain!r}." if plain else "Leave it empty for the bucket's root."
            raise self.wrong("no key begins with a slash", remedy)
        if not self.value.isprintable():
            raise self.wrong("it has a sign that cannot be seen", "Type it anew.")
        for one in ELSEWHERE:
            if self.value.startswith(one):
                raise self.wrong(f"labapp has {one} for something else", "Name another folder.")


def _check_prefix(given: _Setting) -> None:
    given.check_key()
    images = given.value
    if images and not images.endswith("/"):
        raise given.wrong("it ends in no slash", f"Write {images + '/'!r}.")
    if images.startswith(LABELS):
        raise given.wrong(f"labapp has {LABELS} for label files", "Name another folder.")
    if set(images) & set("{}"):
        raise given.wrong("it has a brace, and is no template", "Leave the braces out.")


def _check_template(given: _Setting) -> None:
    given.check_key()
    parts = PARTS.split(given.value)
    known = f"There are {', '.join(f'{one} ({what})' for one, what in PLACEHOLDERS.items())}."
    for part in parts[1::2]:
        if part not in PLACEHOLDERS:
            near = difflib.get_close_matches(part.lower(), PLACEHOLDERS, 1, cutoff=0.5)
            meant = f"Did you mean {near[0]}? " if near else ""
            raise given.wrong(f"{part} is no placeholder", meant + known)
    if any(set(text) & set("{}") for text in parts[::2]):
        raise given.wrong("a brace stands alone", f"Leave it out, or close it. {known}")
    if len(parts) == 1:
        raise given.wrong(
            "all pictures would have one label file", f"Put a placeholder in. {known}"
        )


def _check_both(layout: Layout) -> None:
    """Refuse a layout whose label files would be taken for pictures."""
    endings = sorted(layout.endings)
    names = [f"{folder}x{one}" for one in endings for folder in ("", layout.images)]
    for name in [*names, *(f"{one}.jpg" for one in names)]:
        key = layout.images + name
        label = layout.label_key(key)
        if label == key or layout.is_picture_key(label):
            why = f"{label}, the label file of {key}, would be taken for a picture itself"
            remedy = "Let it end in .txt, or name a folder of its own, such as answers/{name}.txt."
            raise _Setting("labels_key", layout.labels).wrong(why, remedy)
