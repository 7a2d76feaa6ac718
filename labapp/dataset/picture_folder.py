"""Write an export that has the pictures too: a folder that grows beside its place, and goes on.

It is built as `NAME.part` beside NAME and renamed when it is whole. What a run has fetched stays
there however the run ends, and the next one to the same place takes it over: a picture is whole if
it has the size that the listing says and the digest that its key, or else its ETag, does. The same
holds of an earlier export that is replaced: only what is not in it is fetched.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from labapp.cloud import bounds
from labapp.cloud.bucket import Bucket
from labapp.cloud.bucket import Entry as Listed
from labapp.dataset.calls import parallel_map, with_retries
from labapp.errors import LabappError, MissingResourceError, TooLargeError
from labapp.files import private
from labapp.files.replacing import beside, clear_away, move, remove
from labapp.labels.export.format import PictureFolder
from labapp.labels.object_keys import parted
from labapp.progress import Progress

#: Pictures fetched at once.
THREADS = 16

#: What lies in a folder that grows: by it ours is known, and it says which pictures of an earlier
#: export may have to go.
MARK = ".labapp-export"

#: An ETag that is the MD5 of the bytes (Amazon S3 API Reference, Object): what came in one part,
#: not encrypted by a key of KMS.
_MD5 = re.compile(r'"?([0-9a-f]{32})"?')


#: Gives the other files of an export, name to text, by a function that tells where each picture is.
Files = Callable[[Callable[[str], Path]], Mapping[str, Iterable[str]]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A picture of an export.

    Attributes:
        listed: what the listing says of it.
        name: the file it is saved in, relative to the export's folder, with `/` between folders.
        digits: what the SHA-256 of its bytes begins with, in hex; empty where it is not known.
    """

    listed: Listed
    name: str
    digits: str = ""

    def is_whole(self, path: Path) -> bool:
        """Tell whether a file is this picture, to the byte as far as that can be known."""
        etag = _MD5.fullmatch(self.listed.etag)
        digest = self.digits or (etag[1] if etag else "")
        try:
            if not digest or path.stat().st_size != self.listed.size:
                return False
            with path.open("rb") as file:
                how = "sha256" if self.digits else _md5
                return hashlib.file_digest(file, how).hexdigest().startswith(digest)
        except OSError:
            return False


@dataclass(frozen=True)
class Fetched:
    """What came of it.

    Attributes:
        pictures: how many are there.
        had: how many of them were there already.
        is_complete: whether all are, and the folder is at its place.
    """

    pictures: int
    had: int
    is_complete: bool


def growing(folder: Path) -> Path:
    """Return where the folder of an export grows, beside its place."""
    return folder.with_name(f"{folder.name}.part")


def write(
    bucket: Bucket,
    pictures: Sequence[Wanted],
    files: Files,
    main: Path,
    has: PictureFolder,
    progress: Progress,
) -> Fetched:
    """Fetch pictures, write files beside them, and give the folder its name.

    Args:
        bucket: where the pictures are.
        pictures: which.
        files: gives the other files once all pictures are there.
        main: the path of the main one.
        has: how the format has pictures.
        progress: told of bytes, those that were there among them; asked before each picture.

    Raises:
        CloudError: a picture cannot be fetched.
        LabappError: a file cannot be written.
        OSError: the same.
    """
    folder = main.parent
    with _staging(bucket, folder) as staging:
        try:
            fetcher = _Fetcher(bucket, staging, folder, set(_named_before(main, staging, has)))
            had = list(parallel_map(lambda one: fetcher.fetch(one, progress), pictures, THREADS,
                                    progress.stopped))  # fmt: skip
            if len(had) < len(pictures):
                return Fetched(len(had), sum(had), is_complete=False)
            names = {one.name for one in pictures}
            _drop_others(staging, names)
            _write(files(fetcher.path_of), staging)
            _put_in_place(staging, main, has, names, fetcher.before)
        except LabappError as error:
            if not _pictures_in(staging):
                raise
            goes_on = f"What was fetched is kept in {staging}: the same export goes on from there."
            raise type(error)(error.message, f"{error.remedy} {goes_on}".strip()) from error
    return Fetched(len(pictures), sum(had), is_complete=True)


@contextlib.contextmanager
def _staging(bucket: Bucket, folder: Path) -> Iterator[Path]:
    """Yield a folder to build in: the one that an earlier run has left, or a new one.

    While another program builds there, or something of the user's lies there, it is one under a
    name of its own, of which nothing is kept.
    """
    from filelock import Timeout

    place = growing(folder)
    name = hashlib.sha256(str(folder).encode(errors="surrogatepass")).hexdigest()[:16]
    locks = bucket.cloud.home / "exports"
    private.folder(locks)
    with contextlib.ExitStack() as held:
        is_ours = not place.exists() or (place / MARK).is_file()
        try:
            held.enter_context(private.lock(locks / f"{name}.lock", blocking=False))
        except Timeout:
            is_ours = False
        if not is_ours:
            place = beside(folder)
            held.callback(clear_away, place)
        place.mkdir(parents=True, exist_ok=True)
        (place / MARK).touch()
        try:
            yield place
        finally:
            if place.exists() and not (_pictures_in(place) or _is_replacing(place)):
                clear_away(place)


class _Fetcher:
    """Brings pictures into a folder, from the bucket where they are not on this disk already.

    Args:
        bucket: where they are.
        staging: where they go.
        folder: the export that is replaced, if there is one.
        before: the names of its pictures.
    """

    def __init__(self, bucket: Bucket, staging: Path, folder: Path, before: set[str]) -> None:
        self._bucket, self._staging, self._folder = bucket, staging, folder
        self.before = before
        # A picture may have lain in another folder: of another class, or of another part.
        self._elsewhere: dict[str, Path] = {}
        for path in _pictures_in(staging):
            self._elsewhere[path.name] = path
        for name in before:
            if "/" in name:
                self._elsewhere.setdefault(PurePosixPath(name).name, folder / name)

    def path_of(self, name: str) -> Path:
        """Return where the file of a picture is by now."""
        staged = self._staging / name
        return staged if staged.exists() else self._folder / name

    def fetch(self, wanted: Wanted, progress: Progress) -> bool:
        """Have a picture, in a thread; return whether it was there already."""
        path = self._staging / wanted.name
        if self._has(wanted, path):
            progress.moved(wanted.listed.size)
            return True
        path.parent.mkdir(parents=True, exist_ok=True)
        key = wanted.listed.key
        try:
            with_retries(lambda: self._bucket.download(key, path, progress.moved, bounds.PICTURE))
        except MissingResourceError:
            raise MissingResourceError(
                f"the picture {key} was removed meanwhile", "Export again."
            ) from None
        except TooLargeError as error:
            raise TooLargeError(
                error.message, f"'admin.py images remove {key}' takes it out of the dataset."
            ) from None
        return False

    def _has(self, wanted: Wanted, path: Path) -> bool:
        if wanted.is_whole(path):
            return True
        if wanted.name in self.before and wanted.is_whole(self._folder / wanted.name):
            remove(path, missing_ok=True)
            return True
        other = self._elsewhere.get(path.name)
        if other in (None, path) or not wanted.is_whole(other):
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        if other.is_relative_to(self._staging):
            move(other, path)
        else:
            shutil.copyfile(other, path)
        return True


def _drop_others(staging: Path, names: set[str]) -> None:
    """Remove what an earlier run has left that is no picture of this one, of another format too."""
    for path in [path for path in staging.rglob("*") if path.is_file()]:
        if path.name != MARK and path.relative_to(staging).as_posix() not in names:
            remove(path)
    _drop_empty(staging)


def _write(files: Mapping[str, Iterable[str]], staging: Path) -> None:
    """Write the files that lie beside the pictures."""
    for name, text in files.items():
        with (staging / name).open("w", encoding="utf-8", newline="") as out:
            out.writelines(text)


def _put_in_place(
    staging: Path, main: Path, has: PictureFolder, names: set[str], before: set[str]
) -> None:
    """Give the folder its name; one that exists gets the new files, its main one last."""
    folder = main.parent
    if not folder.exists():
        move(staging, folder)
        remove(folder / MARK, missing_ok=True)
        return
    # Ended half way, the next one has to know.
    every = sorted(before | names)
    (staging / MARK).write_text("".join(f"{name}\n" for name in every), "utf-8")
    fresh = sorted(path.relative_to(staging) for path in staging.rglob("*") if path.is_file())
    # Without the table it is no export for a moment; with the old one it would be a wrong one.
    remove(main, missing_ok=True)
    for name in fresh:
        if str(name) not in (main.name, MARK) and not _is_the_users(folder / name, has):
            (folder / name).parent.mkdir(exist_ok=True, parents=True)
            move(staging / name, folder / name)
    for stale in before - names:
        remove(folder / stale, missing_ok=True)
    _drop_empty(folder, before)
    move(staging / main.name, main)
    clear_away(staging)


def _is_replacing(staging: Path) -> bool:
    """Tell whether an export was being replaced when its program ended: see `_put_in_place`."""
    mark = staging / MARK
    return mark.is_file() and mark.stat().st_size > 0


def _pictures_in(staging: Path) -> list[Path]:
    """Return the pictures in a folder that grows: no other file has a dash in its name."""
    found = (path for path in staging.rglob("*-*") if path.is_file())
    return [path for path in found if path.name != MARK]


def _drop_empty(folder: Path, of: Iterable[str] | None = None) -> None:
    """Remove the folders in a folder that nothing is in; `of` names files, to look there only."""
    if of is None:
        inner = {path for path in folder.rglob("*") if path.is_dir()}
    else:
        inner = {folder / parent for name in of for parent in PurePosixPath(name).parents}
    for path in sorted(inner - {folder}, key=lambda one: -len(one.parts)):
        with contextlib.suppress(OSError):
            path.rmdir()


def _is_the_users(path: Path, has: PictureFolder) -> bool:
    """Tell whether there is a file that is none of an earlier export, though it has our name."""
    if path.name not in has.signed:
        return False
    try:
        return has.signed[path.name] not in path.read_text("utf-8")
    except FileNotFoundError:
        return False
    except UnicodeDecodeError:
        return True


def _named_before(main: Path, staging: Path, has: PictureFolder) -> Iterator[str]:
    """Yield the pictures that an earlier export put beside its main file, by what that says.

    One that was being replaced when its program ended has no main file, and is told by the mark.
    """
    names: list[str] = []
    with contextlib.suppress(OSError, UnicodeDecodeError):
        names += has.named_in(main.read_text("utf-8"))
    with contextlib.suppress(OSError, UnicodeDecodeError):
        names += (staging / MARK).read_text("utf-8").splitlines()
    for name in names:
        if _is_an_exports(name) and (main.parent / name).is_file():
            yield name


def _is_an_exports(name: str) -> bool:
    """Tell whether a file's name is one that an export gives to a picture, and so may take away."""
    *folders, last = name.split("/")
    plain = all(part.strip(". ") and not set(part) & set("\\:") for part in folders)
    return plain and bool(parted(last)[0])


def _md5() -> hashlib._Hash:
    return hashlib.md5(usedforsecurity=False)
