"""Find the pictures that rows of files mean: by key, by the hash of their bytes, or by name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import PureWindowsPath
from urllib.parse import unquote, urlsplit

from labapp.errors import RefusedError
from labapp.labels.importing import Fault, Row
from labapp.labels.importing.row import quoted
from labapp.labels.label_file import Label
from labapp.labels.layout import Layout
from labapp.labels.object_keys import parted, safe_name

#: What Label Studio puts before the names of uploaded files.
_UPLOADED = re.compile(r"[0-9a-f]{8}-")


class NoSuchPictureError(RefusedError):
    """A row names a picture that is not there, or that is not the only one of its name."""


class Pictures:
    """The pictures that are there, to be found by key, by hash or by name."""

    def __init__(self, keys: Iterable[str], layout: Layout) -> None:
        self._layout = layout
        self._keys = set(keys)
        self._by_hash: dict[str, list[str]] = {}
        self._by_name: dict[str, list[str]] = {}
        for key in sorted(self._keys):
            if digits := layout.hash_part(key):
                self._by_hash.setdefault(digits, []).append(key)
            for name in {layout.picture_name(key), layout.name_of(key)}:
                self._by_name.setdefault(name, []).append(key)

    def place(self, row: Row) -> tuple[str, str]:
        """Return the key of a row's picture, and where its answer goes.

        Raises:
            RefusedError: the row says why it cannot be taken, or there is no such picture.
        """
        if row.given is None:
            raise RefusedError(row.reason, "")
        layout = self._layout
        if not layout.is_own and row.given.entry.label is Label.SKIP:
            raise RefusedError("a lab's own layout holds no skips", "")
        named = _key_named(row.picture, layout.images)
        if found := self._found(named, row):
            return found, layout.label_key(found)
        if layout.is_picture_key(named) and layout.hash_part(named):
            return named, layout.aside_key(named)
        raise _none(row)

    def key(self, row: Row) -> str:
        """Return the key of a row's picture, which must be there; raises as `place`."""
        if row.reason:
            raise RefusedError(row.reason, "")
        if found := self._found(_key_named(row.picture, self._layout.images), row):
            return found
        raise _none(row)

    def _found(self, named: str, row: Row) -> str:
        for found in self._matches(named, row):
            if len(found) == 1:
                return found[0]
            if found:
                told = f"{len(found)} pictures are called {quoted(row.picture)}"
                raise NoSuchPictureError(told, "")
        return ""

    def _matches(self, named: str, row: Row) -> Iterator[Sequence[str]]:
        """Yield the pictures that a row may mean, by what tells most first."""
        for key in (named, self._layout.whole_key(named)):
            yield [key] if key in self._keys else ()
        digits = self._layout.hash_part(named) or row.sha256[:16].lower()
        if digits and self._layout.has_own_names:
            yield self._by_hash.get(digits, ())[:1]  # they all have the same bytes
            return
        # Tools on Windows write paths of theirs.
        for name in dict.fromkeys((named.rpartition("/")[2], PureWindowsPath(named).name)):
            uploaded = _UPLOADED.sub("", name, count=1)
            yield self._by_name.get(name, ())
            yield self._by_name.get(uploaded, ())
            if not self._layout.has_own_names:  # what is named by its bytes elsewhere
                yield self._by_name.get(parted(name)[1], ())
            for one in (name, uploaded):  # as a picture of this name was called when it came
                yield self._by_name.get(safe_name(one), ()) if one else ()
            yield self._by_stem.get(safe_name(name), ()) if name else ()

    @cached_property
    def _by_stem(self) -> Mapping[str, list[str]]:
        """The pictures by their names without endings, as some tables have them."""
        found: dict[str, list[str]] = {}
        for name, keys in self._by_name.items():
            if stem := name.rpartition(".")[0]:
                found.setdefault(stem, []).extend(keys)
        return {stem: list(dict.fromkeys(keys)) for stem, keys in found.items()}


def _none(row: Row) -> NoSuchPictureError:
    told = f"there is no picture {quoted(row.picture)}" if row.picture else "it names no picture"
    return NoSuchPictureError(told, "")


def fault_of(error: RefusedError) -> Fault:
    """Return of which kind the reason is for which a row found no picture."""
    return Fault.PICTURE if isinstance(error, NoSuchPictureError) else Fault.OTHER


def _key_named(picture: str, images: str) -> str:
    """Return the key in what a file says of a picture: a key, an address or a path.

    `images` is what the keys of pictures begin with.
    """
    if "://" not in picture:
        path, _, query = picture.partition("?d=")  # Label Studio's own way to name local files
        return unquote(query) if query else path
    if picture.startswith("s3://"):
        return picture.removeprefix("s3://").partition("/")[2]
    try:
        path = unquote(urlsplit(picture).path).lstrip("/")
    except ValueError:  # a host in brackets that is none
        return picture
    return path if path.startswith(images) else path[path.find(f"/{images}") + 1 :]
