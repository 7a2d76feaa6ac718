"""Results' names fit into what file systems take, and keep what tells them apart."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labapp.jobs.file_names import LEAST_NAME, MOST_NAME, MOST_PATH, fitting, harmless, room_in
from labapp.pictures.pipeline import MAX_LABEL
from tests.support.windows_rules import DEVICES, FORBIDDEN

#: A name that Linux takes: a byte that is no UTF-8, a line break, a tab.
RAW = "ba\udcffd.png"


@given(
    st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1),
    st.sampled_from(["-flip", "-blur-grayscale", "-" + "x" * MAX_LABEL]),
    st.integers(2, 10**6),
)
def test_a_results_name_fits_tells_what_was_done_and_never_clashes(
    name: str, label: str, number: int
) -> None:
    stem = name * 60 + label
    first, second = fitting(stem, ".jpg"), fitting(f"{stem}-{number}", ".jpg")
    assert first != second
    for made in (first, second):
        assert len(os.fsencode(made)) <= MOST_NAME
        os.fsencode(made).decode()  # no character is cut into
    assert first.endswith(f"{label}.jpg")
    assert second.endswith(f"-{number}.jpg")
    short = fitting(f"cat{label}", ".jpg")
    assert short == f"cat{label}.jpg"


def test_an_accent_is_not_torn_from_its_letter() -> None:
    made = fitting("e\u0301" * 200 + "-flip", ".png")
    assert made.startswith("e\u0301")
    assert "ee" not in made
    assert "\u0301\u0301" not in made


def test_raw_bytes_and_line_breaks_of_a_name_keep_their_places_in_a_longer_one() -> None:
    made = fitting(RAW * 60 + "-flip", ".png")
    assert made.startswith(RAW)
    assert len(os.fsencode(made)) <= MOST_NAME


def test_file_systems_take_255_bytes_and_so_many_are_used() -> None:
    assert MOST_NAME == 255
    assert fitting("a" * 251, ".png") == "a" * 251 + ".png"
    assert fitting("a" * 252, ".png") == "a" * 251 + ".png"


def test_the_longest_label_and_a_number_of_six_digits_are_kept_whole() -> None:
    end = f"-{'l' * MAX_LABEL}-123456"
    assert fitting("n" * 300 + end, ".jpg") == "n" * (251 - len(end)) + end + ".jpg"


@pytest.mark.parametrize("mark", ["\u0301", "\u200d", "\ufe0e", "\ufe0f"])
@pytest.mark.parametrize("end", ["-", "--", "---", "----"])
def test_nothing_is_torn_from_the_sign_before_it_wherever_the_middle_is_cut(
    mark: str, end: str
) -> None:
    pair = f"e{mark}"
    made = fitting(pair * 200 + end, ".png")
    assert made.endswith(f"{end}.png")
    pairs = made.removesuffix(f"{end}.png")
    assert pairs == pair * (len(pairs) // 2)
    # At most a pair is lost at each side of what is left out.
    assert len(os.fsencode(made)) > MOST_NAME - 2 * len(os.fsencode(pair))


def test_what_fits_as_it_is_is_left_as_it_is() -> None:
    stem = "e\u0301" * 83 + "--"  # 251 bytes
    assert fitting(stem, ".png") == f"{stem}.png"


def test_a_name_of_nothing_but_accents_fits_too() -> None:
    assert fitting("\u0301" * 200, ".png") == ".png"


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("hot-dog-blur-2.5", "hot-dog-blur-2.5"),
        ("würstchen (2)", "würstchen (2)"),
        ("..", ""),
        (". .", ""),
        ("../x", "_x"),
        ("..\\x", "_x"),
        ("C:evil", "C_evil"),
        ("a:stream", "a_stream"),
        (".profile", "profile"),
        ("aux", "result_aux"),
        ("NUL.a", "result_NUL.a"),
        ("COM¹", "result_COM¹"),
        ("lpt0 .x", "result_lpt0 .x"),
        ("CONIN$", "CONIN_"),
        ("\\\\server\\share", "__server_share"),
        ("a. . ", "a"),
        ("a\x1b[31m\u202eb", "a__31m_b"),
        ("a\nb\x00", "a_b_"),
    ],
)
def test_a_name_of_somebody_elses_is_a_file_within_its_folder(given_name: str, kept: str) -> None:
    assert harmless(given_name) == kept


@given(st.text(max_size=60))
def test_whatever_somebody_calls_it_no_path_leads_out_of_the_folder(name: str) -> None:
    kept = harmless(name)
    assert kept not in (".", "..")
    assert harmless(kept) == kept
    assert not set(kept) & set("/\\:\0\n\x1b\u202e")


#: Names that mean something else on Windows, whole and as the beginnings of others.
ODD = st.sampled_from(
    (
        *("C:", "D:x", "\\\\server\\share", "..\\", "a/../../", "NUL", "aux", "COM¹", "x:stream"),
        *("con .", " ", ".", "?", "*", "<", "|", '"', "\x7f", "\udcff", "\u202e", "ü", "山", "😀"),
    )
)


@given(
    st.lists(ODD | st.text(max_size=30), max_size=12).map("".join),
    st.integers(1, MOST_PATH - 4 - LEAST_NAME),
)
def test_a_safe_name_is_one_of_a_file_in_the_folder_on_every_platform(
    name: str, length: int
) -> None:
    folder = "C:\\" + "f" * length
    made = fitting((harmless(name) or "result") + "-blur", ".png", MOST_PATH - 1 - len(folder))
    for kind, place in ((PureWindowsPath, folder), (PurePosixPath, "/tmp/f")):
        path = kind(place) / made
        assert path.parent == kind(place)
        assert path.name == made
    assert not FORBIDDEN.search(made)
    assert not DEVICES.fullmatch(made)
    assert len(str(PureWindowsPath(folder) / made)) <= MOST_PATH
    made.encode()


def test_the_room_in_a_folder_is_what_both_a_name_and_a_path_leave(tmp_path: Path) -> None:
    assert room_in(Path("/")) == MOST_NAME
    deep = tmp_path / ("d" * 120)
    assert len(str(deep / ("n" * room_in(deep)))) == MOST_PATH
