"""Paths as people type them, in bash, cmd and PowerShell."""

from __future__ import annotations

from pathlib import Path

import pytest

from labapp.errors import UsageError
from labapp.files import typed_paths
from labapp.files.typed_paths import (
    check_words,
    glob,
    is_folder,
    parse,
    parse_pasted,
    without_quotes,
)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in (
        *("photos/b.jpg", "photos/a.JPG", "photos/.hidden.jpg", "photos/c.png", "photos/1/d.jpg"),
        *("photos [2024]/e.jpg", "a[1].jpg", "a1.jpg", "top.gif"),
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    return tmp_path


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("photos/*.jpg", ["photos/a.JPG", "photos/b.jpg"]),
        ("./photos/*.jpg", ["photos/a.JPG", "photos/b.jpg"]),
        ("PHOTOS*/?.jpg", ["photos/a.JPG", "photos/b.jpg", "photos [2024]/e.jpg"]),
        ("*/*/*", ["photos/1/d.jpg"]),
        ("photos/.*", ["photos/.hidden.jpg"]),
        ("photos [2024]/*.jpg", ["photos [2024]/e.jpg"]),
        ("a[1].jpg", ["a[1].jpg"]),
        ("[a]1.jpg", ["a1.jpg"]),
        ("'*.gif'", ["top.gif"]),
        ("photos/*", ["photos/1", "photos/a.JPG", "photos/b.jpg", "photos/c.png"]),
        ("top.gif", ["top.gif"]),
        ("none/*.jpg", []),
        ("*.tiff", []),
        ("none", []),
        ("a" * 300, []),
        ("a\0b", []),
    ],
)
def test_a_pattern_means_on_windows_what_bash_makes_of_it(
    here: Path, word: str, found: list[str]
) -> None:
    assert sorted(glob(word, windows=True)) == sorted(map(Path, found))


@pytest.mark.parametrize("word", ["D:", "d:photos", "D:..", "D:*.jpg"])
def test_a_drive_without_a_root_makes_a_whole_path(
    monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    monkeypatch.setattr("os.path.abspath", lambda typed: f"whole/{typed}")
    assert parse(word, windows=True) == Path(f"whole/{word}")
    assert parse_pasted(f'"{word}"', windows=True) == Path(f"whole/{word}")
    assert parse(word, windows=False) == Path(word)
    assert parse(rf"D:\{word[2:]}", windows=True) == Path(rf"D:\{word[2:]}")


@pytest.mark.skipif(not typed_paths.WINDOWS, reason="no drives but there")
def test_a_drive_alone_is_a_folder_that_one_can_go_up_from(here: Path) -> None:
    assert parse(here.drive).is_absolute()
    assert parse(f"{here.drive}photos") == here / "photos"
    assert [path.name for path in glob(f"{here.drive}photos/*.png")] == ["c.png"]


def test_names_come_in_order_and_whole_paths_stay_whole(here: Path) -> None:
    assert glob("photos/*.*", windows=True)[:2] == [Path("photos/a.JPG"), Path("photos/b.jpg")]
    assert glob(f"{here}/top.*", windows=True) == [here / "top.gif"]


@pytest.mark.parametrize("windows", [True, typed_paths.WINDOWS])
@pytest.mark.parametrize("name", ["~photo.jpg", "~$a.png", "~"])
def test_a_tilde_that_names_nobody_is_a_sign_of_the_name(
    here: Path, monkeypatch: pytest.MonkeyPatch, name: str, windows: bool
) -> None:
    for variable in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(variable, str(here))
    meant = here if name == "~" else Path(name)
    assert parse(name, windows=windows) == meant, "it need not be there, as of --out"
    (here / name).write_text("x")
    assert glob(name, windows=windows) == [meant]
    assert parse("~/top.gif", windows=windows) == here / "top.gif"


def test_elsewhere_capitals_count_and_quotes_are_of_the_name(here: Path) -> None:
    assert glob("photos/*.jpg", windows=False) == [Path("photos/b.jpg")]
    assert glob("'*.gif'", windows=False) == []
    assert without_quotes("'a'", windows=False) == "'a'"
    assert parse('a"b', windows=False) == Path('a"b')
    assert not is_folder("out\\", windows=False)


@pytest.mark.parametrize("word", ["out/", "out\\", '.\\out"', "C:\\out\\"])
def test_either_slash_at_its_end_means_a_folder_also_with_the_quote_that_it_swallowed(
    word: str,
) -> None:
    assert is_folder(word, windows=True)
    assert '"' not in str(parse(word, windows=True))
    assert not is_folder(word[:-1] + "x", windows=True)


def test_a_word_that_swallowed_those_behind_it_is_told_with_the_remedy() -> None:
    word = 'C:\\my pictures" --op blur:sigma=3'
    for look in (lambda: check_words([word], windows=True), lambda: parse(word, windows=True)):
        with pytest.raises(UsageError) as caught:
            look()
        assert "the backslash before it" in caught.value.message
        assert "Leave out that backslash" in caught.value.remedy
    check_words([word], windows=False)
    check_words(['{"a": -1}', '"quoted" text', "--op", "x", 'a "b" -c'], windows=True)


@pytest.mark.parametrize("quote", ['"', "'"])
def test_a_file_that_is_dropped_on_a_terminal_is_found_behind_its_quotes(
    here: Path, quote: str
) -> None:
    assert parse_pasted(f" {quote}photos [2024]/e.jpg{quote} ") == Path("photos [2024]/e.jpg")
    if typed_paths.WINDOWS and quote == '"':
        return  # which no name has there
    odd = Path(f"{quote}odd{quote}")
    odd.write_text("a file whose name has them", encoding="utf-8")
    assert parse_pasted(str(odd)) == odd


@pytest.mark.skipif(typed_paths.WINDOWS, reason="a backslash parts folders there")
@pytest.mark.parametrize("word", [r"it\'s\ here/x\ y.jpg", r"'it'\''s here/x y.jpg'"])
def test_a_file_that_is_dropped_is_found_as_a_shell_reads_its_name(here: Path, word: str) -> None:
    dropped = Path("it's here/x y.jpg")
    assert parse_pasted(word) == Path(word.strip("'")), "taken as it is while there is none"
    dropped.parent.mkdir()
    dropped.touch()
    assert parse_pasted(word) == dropped


def test_the_folder_of_the_user_is_understood(here: Path) -> None:
    assert parse("~/x") == Path.home() / "x"
    assert typed_paths.is_unmatched_pattern("*.tiff")
    assert not typed_paths.is_unmatched_pattern("none/*.tiff")
    assert not typed_paths.is_unmatched_pattern("none")
