"""Make label files for tests from a few words, and names of pictures' files."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from labapp.labels.classes import DEFAULT_SCHEME
from labapp.labels.effective import AS_WRITTEN, Counting, PictureLabels, labels_of
from labapp.labels.label_file import Entry, Label, LabelFile

HOT_DOG, OTHER = DEFAULT_SCHEME.classes

START = datetime(2026, 11, 21, 10, 0, 0, tzinfo=UTC)

#: Names of files, as users' systems give them.
file_names = st.one_of(
    st.text(max_size=120),
    st.from_regex(r"(con|nul|a|\.|_|-| |/|\\|ü){0,8}(\.[a-z]{0,14}){0,3}", fullmatch=True),
)


def entries(script: str, start: datetime = START, gap: float = 60.0) -> tuple[Entry, ...]:
    """Read a script of words into entries, `gap` seconds apart from `start` on.

    `ana1` ana says hot dog, `bo0` bo says other, `cys` cy skips, `bo-2` bo takes back the entry of
    id `id2`, `eve!2` eve withdraws it, `cy~dark` cy says that the picture is broken, since dark,
    `eve=1` eve's verdict is hot dog; a bare code is anonymous. Ids are `id1`, `id2` … by place.
    """
    made = []
    for place, word in enumerate(script.split(), start=1):
        at = start + timedelta(seconds=gap * (place - 1))
        if word.isdigit():
            made.append(Entry(Label(word)))
        elif "-" in word:
            name, undone = word.split("-")
            made.append(Entry(Label.RETRACTION, at, name, f"id{place}", f"id{undone}"))
        elif "!" in word:
            name, withdrawn = word.split("!")
            made.append(Entry(Label.WITHDRAWAL, at, name, f"id{place}", f"id{withdrawn}"))
        elif "~" in word or "=" in word:
            kind = Label.BROKEN if "~" in word else Label.VERDICT
            name, _, said = word.partition("~" if "~" in word else "=")
            made.append(Entry(kind, at, name, f"id{place}", says=said))
        else:
            made.append(Entry(Label(word[-1]), at, word[:-1], f"id{place}"))
    return tuple(made)


def picture(
    script: str,
    key: str = "images/a.jpg",
    start: datetime = START,
    gap: float = 60.0,
    counting: Counting = AS_WRITTEN,
) -> PictureLabels:
    """Make a picture whose label file holds the script's entries."""
    return labels_of(key, LabelFile(entries(script, start, gap)), counting=counting)
