"""The pages of the manual, as a terminal reads them."""

from __future__ import annotations

from pathlib import Path

import pytest

from labapp.programs.shell import manual


@pytest.mark.parametrize("name", manual.names())
def test_a_page_has_a_title_and_links_that_a_terminal_can_follow(name: str) -> None:
    page = manual.page(name)
    assert page.title
    assert not page.title.startswith("#")
    assert "](" not in page.body
    assert ".md`" not in page.body.replace("CONTRIBUTING.md`", "").replace("README.md`", "")
    assert "<!--" not in page.text


def test_links_name_the_command_that_shows_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.md").write_text(
        "# On a\n\nSee [B](b-c.md#here), in\n[the code](../../tests/x.py).\n<!-- x -->\nEnd.\n"
    )
    monkeypatch.setattr(manual, "FOLDER", tmp_path)
    assert manual.names() == ["a"]
    assert manual.page("a").text == ("# On a\n\nSee `help b-c`, in\nthe code (`tests/x.py`).\nEnd.")
