"""The dialects that come along can be used as they are, and are short."""

from __future__ import annotations

from pathlib import Path

import pytest

from labapp.dialects import loading

FILES = loading.shipped()

#: Files that teachers of two labs would write.
OF_LABS = sorted((Path(__file__).parents[1] / "support" / "dialects").glob("*.toml"))

#: Lines of a block that a teacher writes, but for remarks.
MOST = 9


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_is_read_without_a_fault_and_says_in_a_line_what_it_is_for(path: Path) -> None:
    dialect = loading.load(path)
    assert dialect.name == path.stem
    assert 20 < len(dialect.about) <= 80
    assert loading.chosen(path.stem) == dialect


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_is_written_in_a_few_lines(path: Path) -> None:
    lines = [line for line in path.read_text("utf-8").splitlines() if line and line[0] != "#"]
    most = MOST * len(loading.load(path).blocks)
    assert len([line for line in lines if not line.startswith("about")]) <= most
    assert max(map(len, lines)) <= 110


@pytest.mark.parametrize("path", OF_LABS, ids=lambda path: path.stem)
def test_files_that_teachers_would_write_are_read_as_they_stand(path: Path) -> None:
    assert loading.load(path).blocks
