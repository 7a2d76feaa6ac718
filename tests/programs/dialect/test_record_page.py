"""A proposal in the menu is shown until it is kept: a file that cannot be written loses none."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from labapp.console import Back, prompts
from labapp.programs.dialect import record_page
from labapp.programs.menus import actions


def test_a_proposal_outlives_a_file_that_cannot_be_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    typed = iter([tmp_path, None, tmp_path / "mine.toml"])
    shown: list[str] = []

    def path(*_: Any, **__: Any) -> Path:
        if (answer := next(typed)) is None:
            raise Back
        return answer

    def show(title: str, *_: Any, **__: Any) -> object:
        shown.append(title)
        return record_page.SAVE

    monkeypatch.setattr(prompts, "path", path)
    monkeypatch.setattr(record_page, "show", show)
    monkeypatch.setattr(actions, "show_error", lambda _, error, __: shown.append(error.message))
    menu: Any = SimpleNamespace(frame=None, announce=lambda text, _: shown.append(text))
    record_page._propose(menu, "# a dialect\n", [])
    again = record_page.PROPOSED
    folder, file = f"{tmp_path} is a folder", tmp_path / "mine.toml"
    assert shown == [again, folder, again, again, f"wrote {file}"]
    assert file.read_text() == "# a dialect\n"
