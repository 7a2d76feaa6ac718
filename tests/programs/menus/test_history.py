from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest

from labapp import settings
from labapp.programs.menus import history
from labapp.programs.menus.history import History

LISTS = History("lists")


def file() -> Path:
    return settings.data_dir() / history.FILE


def test_answers_are_kept_the_newest_last_and_each_once() -> None:
    assert LISTS.answers() == []
    for answer in ("1,2", "3,4", " 1,2 ", "1,2", "", "  "):
        LISTS.add(answer)
    History("folders").add("photos")
    assert LISTS.answers() == ["3,4", "1,2"]
    assert History("folders").answers() == ["photos"]
    assert history.newest(LISTS.answers(), 5) == ["1,2", "3,4"]
    assert history.newest(LISTS.answers(), 1) == ["1,2"]


@pytest.mark.skipif(os.name == "nt", reason="modes of files say nothing on Windows")
def test_nobody_else_can_read_it() -> None:
    LISTS.add("1,2")
    assert file().stat().st_mode & 0o777 == 0o600


def test_the_oldest_go_once_there_are_too_many_or_they_are_too_long() -> None:
    file().parent.mkdir(parents=True)
    file().write_text(json.dumps({"lists": [str(number) for number in range(150)]}), "utf-8")
    assert LISTS.answers() == [str(number) for number in range(50, 150)]
    LISTS.add("new")
    assert LISTS.answers() == [*map(str, range(51, 150)), "new"]
    for sign in "abcdefghijkl":
        LISTS.add(sign * history.MOST_ANSWER)
    assert [one[0] for one in LISTS.answers()] == [*"cdefghijkl"]
    LISTS.add("x" * (history.MOST_ANSWER + 1))
    assert LISTS.answers()[-1][0] == "l", "nobody looks through so long a one"


@pytest.mark.parametrize("content", ["", "{", "[1]", '{"lists": 3}', '{"lists": [3, null, ""]}'])
def test_a_damaged_file_is_passed_over(content: str) -> None:
    file().parent.mkdir(parents=True)
    file().write_text(content, "utf-8")
    assert LISTS.answers() == []
    LISTS.add("1,2")
    assert LISTS.answers() == ["1,2"]


def test_what_another_version_keeps_there_stays() -> None:
    file().parent.mkdir(parents=True)
    file().write_text(json.dumps({"newer": {"a": 1}}), "utf-8")
    LISTS.add("1,2")
    assert json.loads(file().read_text("utf-8")) == {"newer": {"a": 1}, "lists": ["1,2"]}


def test_two_at_once_lose_nothing_of_each_others() -> None:
    def add(name: str) -> None:
        for number in range(10):
            History(name).add(str(number))

    threads = [threading.Thread(target=add, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert History("a").answers() == History("b").answers() == [*map(str, range(10))]


def test_a_folder_that_takes_nothing_does_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("LABAPP_DATA_DIR", str(tmp_path / "file" / "data"))
    LISTS.add("1,2")
    assert LISTS.answers() == []
