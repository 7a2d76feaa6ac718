"""Programs that are started in a folder which was deleted: they work, or say that it is gone."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from labapp.cloud.session import Cloud
from labapp.console.prompts import _wrong_path
from labapp.programs.menus import actions
from labapp.programs.processing import folder, outcomes
from labapp.programs.processing.outcomes import PictureJob
from labapp.programs.shell import exits
from tests.dataset.dataset_kit import write_pictures
from tests.support.commands import run

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a folder in use cannot be deleted")

GONE = "the folder in which it was started is gone. Change to one that is there, with cd."


@pytest.fixture(autouse=True)
def gone(cloud: Cloud, deleted_folder: None) -> None:
    # Behind `cloud`: in a folder that is gone, Python 3.13.0 may fail to import what moto asks for.
    del cloud, deleted_folder


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("client.py numbers 1,2 --timeout 0.1", 5),
        ("client.py jobs", 0),
        ("client.py upload PICTURE", 0),
        ("client.py upload lunch.png", 2),
        ("client.py upload .", 2),
        ("client.py image PICTURE --op invert --no-wait", 0),
        ("client.py image PICTURE --op invert --out here", 2),
        ("client.py fetch 01M7Y17TSX24YQ6Q58P948AX5D", 2),
        ("client.py label --annotator ana", 0),
        ("admin.py stats", 0),
        ("admin.py export --format csv --out here", 1),
        ("admin.py import here.csv", 2),
        ("server.py health", 1),
    ],
)
def test_a_command_needs_it_only_where_it_is_meant(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str, code: int
) -> None:
    (picture,) = write_pictures(tmp_path / "pictures", range(1))
    program, *words = line.replace("PICTURE", str(picture)).split()
    assert run(program, *words) == code
    err = capsys.readouterr().err
    assert "Traceback" not in err
    assert "unforeseen" not in err
    assert not err.endswith(f"{program}: No such file or directory\n")


def test_an_error_that_names_no_file_tells_that_the_folder_is_gone() -> None:
    with pytest.raises(FileNotFoundError) as caught:
        Path.cwd()
    assert exits.what_failed(caught.value) == GONE


def test_the_menu_shows_the_users_own_folder_instead() -> None:
    assert folder.folder() == Path.home()


@pytest.mark.parametrize("kind", ["file", "folder", "any", "new"])
def test_a_question_takes_whole_paths_only(tmp_path: Path, kind: Any) -> None:
    assert _wrong_path(".", kind) == "the working folder is gone; type a whole path"
    (tmp_path / "a").touch()
    assert _wrong_path(str(tmp_path if kind == "folder" else tmp_path / "a"), kind) == ""


def test_an_error_of_this_machine_is_a_page_and_no_end_of_the_menu(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown: list[str] = []
    monkeypatch.setattr(actions, "show_error", lambda _, error, frame: shown.append(error.message))
    frame: Any = None
    actions.attempt("Pictures", lambda: print(Path.cwd()), frame)
    actions.attempt("Export", lambda: print(Path("/no/such/place").read_bytes()), frame)
    assert shown == [GONE, "/no/such/place: No such file or directory"]


def test_where_results_are_to_be_saved_is_said_in_full(cloud: Cloud, tmp_path: Path) -> None:
    told = outcomes.way_back([PictureJob(tmp_path / "a.png", job="JOB")])
    assert f"fetch JOB --out {tmp_path}'" in told
