"""Recipes: kept in a file each, used by `image --recipe`, listed, shown and removed."""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from labapp import settings
from labapp.errors import LabappError, UsageError
from labapp.pictures import pipeline
from labapp.pictures.recipes import Recipe
from labapp.programs.menus import remembered
from labapp.programs.processing import recipes
from labapp.programs.processing.recipes import TakenError
from tests.support.commands import client

Capture = pytest.CaptureFixture[str]


def recipe(*ops: str, name: str = "web") -> Recipe:
    return Recipe(pipeline.parse(ops), name)


def file_of(name: str) -> Path:
    return settings.config_dir() / "recipes" / f"{name}.toml"


@pytest.mark.usefixtures("answered")
def test_pictures_are_sent_with_a_recipe_and_more_steps(photos: Path) -> None:
    words = ("--op", "invert", "--format", "jpg", "--quality", "50")
    assert client("recipes", "save", "Web 1", *words) == 0
    picture = str(photos / "1.png")
    assert client("image", picture, "--recipe", "web_1", "--op", "flip", "--format", "webp") == 0
    assert client("image", picture, "--recipe", "web-1") == 0
    names = {path.name for path in photos.iterdir()}
    assert {"1-invert-flip.webp", "1-invert.jpg"} <= names


def test_a_recipe_that_is_not_there_is_told_with_those_like_it(capsys: Capture) -> None:
    words = ("image", "a.png", "--recipe", "wbe")
    assert client(*words) == 2
    assert "there is no recipe wbe. None was saved yet: client.py recipes save" in (
        capsys.readouterr().err
    )
    recipes.save(recipe("flip"))
    assert client(*words) == 2
    assert "there is no recipe wbe. Did you mean web?" in capsys.readouterr().err
    assert client("recipes", "show", "thumb") == 2
    assert "'client.py recipes' lists what there is" in capsys.readouterr().err
    assert client("recipes", "remove", "thumb", "--yes") == 2


def test_a_dry_run_names_what_the_run_then_does(capsys: Capture) -> None:
    def document(*words: str) -> Any:
        assert client(*words, "--json") == 0
        return json.loads(capsys.readouterr().out)

    for words, state in (
        (("recipes", "save", "web", "--op", "flip"), "saved"),
        (("recipes", "save", "web", "--op", "invert", "--yes"), "saved"),
        (("recipes", "remove", "web", "--yes"), "removed"),
    ):
        was = recipes.load()
        dry = document(*words, "--dry-run")
        assert recipes.load() == was
        done = document(*words)
        assert dry == {**done, "state": f"would be {state}"}
        assert done == {"name": "web", "file": str(file_of("web")), "state": state}
        assert recipes.load() != was


def test_one_that_is_there_is_replaced_only_if_that_is_meant(capsys: Capture) -> None:
    assert client("recipes", "save", "web", "--op", "flip") == 0
    text = "# mine\n" + file_of("web").read_text("utf-8")
    file_of("web").write_text(text, "utf-8")
    assert client("recipes", "save", "web", "--op", "flip") == 0, "the same again is no harm"
    assert client("recipes", "save", "web", "--op", "invert") == 2
    assert "there is a recipe web already (flip). Replace it?" in capsys.readouterr().err
    assert file_of("web").read_text("utf-8") == text
    assert client("recipes", "remove", "web") == 2
    assert "Remove the recipe web? There is no terminal" in capsys.readouterr().err
    assert client("recipes", "save", "web", "--op", "invert", "--yes") == 0
    assert recipes.get("web").told == "invert"


def test_recipes_are_listed_and_shown(capsys: Capture) -> None:
    words = ("--op", "invert", "--op", "blur:sigma=3", "--format", "jpg", "--exact")
    assert client("recipes", "save", "web", *words) == 0
    recipes.save(recipe("flip", name="a"))
    capsys.readouterr()
    assert client("recipes") == 0
    assert capsys.readouterr().out == "a\tflip\t\nweb\tinvert, then blur:sigma=3\tjpeg exact\n"
    assert client("recipes", "show", "web") == 0
    assert capsys.readouterr().out == file_of("web").read_text("utf-8")
    assert client("recipes", "--json") == 0
    listed = json.loads(capsys.readouterr().out)
    assert [one["name"] for one in listed] == ["a", "web"]
    assert client("recipes", "show", "web", "--json") == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown == listed[1] == {
        "name": "web",
        "steps": ["invert", "blur:sigma=3"],
        "format": "jpeg",
        "quality": None,
        "exact": True,
        "file": str(file_of("web")),
        "fault": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("content", "told", "code"),
    [
        (b"steps = [", "not TOML", 2),
        (b"", "it says no steps", 3),
        (b"\xff\xfe\xfd", "not text in UTF-8", 2),
        (b'steps = ["flip"]\ncrop = 3', "crop is no key of a recipe", 3),
        (b'steps = ["flip:x"]', "step 1: cannot read 'x'", 2),
        (b"#" * 20_000, "more than 16,384 bytes", 2),
        (b"steps = " + b"[" * 5_000, "not TOML", 2),
    ],
)
def test_a_broken_file_is_told_and_harms_no_other(
    content: bytes, told: str, code: int, capsys: Capture
) -> None:
    recipes.save(recipe("flip"))
    file_of("bad").write_bytes(content)
    assert [one.name for one in recipes.load()] == ["web"]
    assert client("image", "a.png", "--recipe", "bad") == code
    err = capsys.readouterr().err
    assert "the recipe bad" in err
    assert str(file_of("bad")) in err
    assert told in err
    assert client("recipes") == 0
    bad, good = capsys.readouterr().out.splitlines()
    assert bad.startswith("bad\t")
    assert told in bad
    assert good == "web\tflip\t"
    recipes.save(recipe("invert", name="other"))
    assert file_of("bad").read_bytes() == content, "what others wrote is kept"
    with pytest.raises(TakenError, match=r"already \(which cannot be read"):
        recipes.save(recipe("flip", name="bad"))
    assert client("recipes", "remove", "bad", "--yes") == 0
    assert not file_of("bad").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_link_that_leads_nowhere_is_told(capsys: Capture) -> None:
    recipes.save(recipe("flip"))
    file_of("lost").symlink_to("nowhere")
    assert client("recipes") == 0
    assert capsys.readouterr().out == "lost\t\t\tthe file is gone\nweb\tflip\t\n"


def test_files_that_no_recipe_can_be_called_by(capsys: Capture) -> None:
    recipes.save(recipe("flip"))
    for name in ("Größe", "A B"):
        file_of(name).write_text('steps = ["flip"]\n', "utf-8")
    (recipes.folder() / "notes.txt").write_text("mine", "utf-8")
    assert [one.name for one in recipes.listed() if one.fault] == ["A B", "Größe"]
    assert recipes.names() == ["web"]
    with pytest.raises(UsageError, match="a device"):
        recipes.save(recipe("flip", name="con"))


def test_a_name_is_saved_by_one_of_two_programs() -> None:
    taken = []

    def save(number: int) -> None:
        try:
            recipes.save(recipe(f"rotate:angle={number + 1}"))
        except TakenError:
            taken.append(number)

    threads = [threading.Thread(target=save, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == 3


def test_a_folder_that_takes_nothing_is_told(capsys: Capture) -> None:
    settings.config_dir().mkdir()
    (settings.config_dir() / "recipes").touch()
    assert recipes.load() == []
    assert client("recipes", "save", "web", "--op", "flip") == 1
    assert "cannot be written" in capsys.readouterr().err


def test_what_was_sent_last_is_remembered_with_all_that_it_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert recipes.last() is None
    sent = Recipe(pipeline.parse(["blur:sigma=3", "flip"]), "", "webp", 70, exact=True)
    recipes.remember(sent)
    assert recipes.last() == sent
    request = recipes.request_of(sent, Path("out"))
    assert (request.steps, request.format, request.quality) == (sent.steps, "webp", 70)
    assert (request.exact, request.folder) == (True, Path("out"))
    assert recipes.of_request(request) == sent
    recipes.save(recipes.named(sent, "soft"))
    assert recipes.last() == recipes.named(sent, "soft"), "it is the recipe of that name by now"
    recipes.remove("soft")
    assert recipes.last() == sent
    for odd in ("", "[]", '{"steps": ["newer"]}', '{"steps": ["flip"], "crop": 1}'):
        monkeypatch.setattr(remembered, "recall", lambda _, odd=odd: odd)
        assert recipes.last() is None


def test_too_many_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipes, "MOST", 2)
    for name in ("a", "b"):
        recipes.save(recipe("flip", name=name))
    with pytest.raises(LabappError, match="2 recipes already"):
        recipes.save(recipe("flip", name="c"))
    recipes.save(recipe("invert", name="b"), over=True)
