"""On each real terminal: a walk over pages with pictures, by its pixels; `pytest -m terminals`.

A picture is where it belongs, in pixels where the terminal has them, whole after each change of the
window, and nothing of it is left anywhere else. What is not a picture looks to the pixel as it does
where pictures are blocks: no code and no answer is written as letters.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.support.ports import free_port
from tests.support.terminal import ROOT
from tests.terminals import card
from tests.terminals.desktop import Desktop, Shot
from tests.terminals.kinds import KINDS, Kind

pytestmark = [pytest.mark.terminals, pytest.mark.timeout(600)]

#: A folder that screenshots are kept in; none where it is empty.
SHOTS = os.environ.get("SHOTS_FOLDER", "")


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Keep a local cloud with twelve pictures; gives the variables of its programs."""
    home = tmp_path_factory.mktemp("lab")
    env = {f"LABAPP_{name}_DIR": str(home / name.lower()) for name in ("DATA", "CONFIG")}
    env |= {"LABAPP_PORT": str(free_port()), "PYTHONPATH": str(ROOT)}
    (home / "cards").mkdir()
    for number in range(12):
        card.write(home / "cards" / f"card-{number:02}.png", number)
    run(env, "admin.py", "upload", home / "cards")
    yield {**env, "CARDS": str(home / "cards")}
    run(env, "admin.py", "cloud", "stop")


def run(env: Mapping[str, str], program: str, *words: str | Path) -> None:
    command = [sys.executable, ROOT / program, *words]
    done = subprocess.run(command, env={**os.environ, **env}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


class Walker:
    """Walks on one terminal, with a shell in it that has `lab` for the client.

    Args:
        desktop: the screen.
        kind: the terminal.
        lab: the variables of the lab's programs.
        images: the setting of that name.
    """

    def __init__(self, desktop: Desktop, kind: Kind, lab: Mapping[str, str], images: str) -> None:
        self.desktop, self.kind, self._shots = desktop, kind, 0
        self._images = images
        lines = [f"export {name}='{value}'" for name, value in lab.items()]
        lines += [
            f"export LABAPP_IMAGES={images} COLORTERM=truecolor PS1='$ '",
            f"lab() {{ '{sys.executable}' '{ROOT}/client.py' \"$@\"; }}",
        ]
        settings = desktop.home / "bashrc"
        settings.write_text("\n".join(lines) + "\n", "utf-8")
        shell = desktop.home / "shell"
        shell.write_text(f"#!/bin/sh\nexec bash --noprofile --rcfile {settings} -i\n", "utf-8")
        shell.chmod(0o755)
        kind.open(desktop, str(shell))

    def begin(self) -> None:
        """Wait for the shell: it answers by a line with the picture's colour as background."""
        red, green, blue = card.DISC
        shown = f"printf '\\e[48;2;{red};{green};{blue}m%30s\\e[m\\n'"
        for _ in range(20):
            self.desktop.type(shown)
            self.desktop.key("Return")
            try:
                self.desktop.until(lambda shot: card.traces(shot) > 400, "the shell", 4)
            except AssertionError:
                self.desktop.key("ctrl+c")
                continue
            break
        self.command("clear")

    def command(self, words: str) -> None:
        """Type a command."""
        self.desktop.type(words)
        self.desktop.key("Return")

    def see(self, name: str, *, other: card.Found | None = None) -> card.Found:
        """Wait until the picture is there, whole and as this terminal shows it.

        Args:
            name: what the screenshot is called.
            other: how it was before the window became another.
        """
        wanted = self.kind.pixels and self._images != "blocks"

        def is_there(shot: Shot) -> bool:
            found = card.find(shot)
            if found is None or found == other:
                return False
            return found.is_fine or not wanted

        shot = self.desktop.until(is_there, f"the picture, {name}")
        self.keep(name, shot)
        found = card.find(shot)
        assert found
        return found

    def see_pair(self, name: str) -> tuple[card.Found, card.Found]:
        """Wait until the picture is there twice side by side."""
        is_fine = self.kind.pixels and self._images != "blocks"

        def are_there(shot: Shot) -> bool:
            found = card.find_pair(shot)
            return found is not None and found[0].is_fine >= is_fine

        shot = self.desktop.until(are_there, f"the pair, {name}")
        self.keep(name, shot)
        found = card.find_pair(shot)
        assert found
        return found

    def changed(self, act: Callable[[], object]) -> Shot:
        """Do something, and wait until much of the screen is another."""
        before = self.desktop.still()
        act()
        return self.desktop.until(lambda shot: differing(shot, before) > 2000, "another page")

    def gone(self, name: str) -> Shot:
        """Wait until nothing of the picture is left."""
        shot = self.desktop.until(card.is_gone, f"no picture, {name}")
        self.keep(name, shot)
        return shot

    def keep(self, name: str, shot: Shot) -> None:
        """Keep a screenshot where they are wanted."""
        if SHOTS:
            self._shots += 1
            file = f"{self.kind.name}-{self._images}-{self._shots:02}-{name}.png"
            Image.fromarray(shot).save(Path(SHOTS) / file)


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> Kind:
    found: Kind = request.param
    if not found.is_here():
        pytest.skip(f"{found.name} is not installed: tests/terminals/setup.sh installs it")
    return found


def labelling(walker: Walker) -> dict[str, Shot]:
    """Walk through a round of labelling; return the looks that have no picture."""
    desktop, looks = walker.desktop, {}
    walker.begin()
    looks["shell"] = desktop.still()
    walker.command(f"lab label --annotator {walker.kind.name.replace('.', '')}")
    first = walker.see("first")
    desktop.key("question")
    looks["help"] = walker.gone("help")
    desktop.key("Escape")
    assert walker.see("after-help") == first
    desktop.key("1")
    walker.see("second")
    desktop.key("ctrl+z")
    walker.gone("stopped")
    walker.command("clear")
    looks["stopped"] = walker.gone("stopped-and-cleared")
    walker.command("fg")
    seen = walker.see("again")
    if walker.kind.resizes:
        for number, size in enumerate(((700, 420), (1150, 800), (1000, 640))):
            desktop.resize(*size)
            seen = walker.see(f"resized-{number}", other=seen)
    desktop.key("Escape")
    looks["summary"] = walker.gone("summary")
    desktop.key("Escape")
    looks["left"] = walker.gone("left")
    return looks


def desk(walker: Walker) -> dict[str, Shot]:
    """Walk over the desk: files, the picture large, steps with a slider; return as `labelling`."""
    desktop, looks = walker.desktop, {}
    walker.begin()
    walker.command("cd $CARDS; clear")
    walker.changed(lambda: walker.command("lab"))
    desktop.key("Escape")  # the welcome, if it is there
    desktop.key("2")
    first = walker.see("files")
    desktop.key("Down")
    assert walker.see("next-file") == first
    desktop.key("v")
    large = walker.see("large", other=first)
    desktop.key("question")
    looks["help"] = walker.gone("help-over-large")
    desktop.key("Escape")
    assert walker.see("large-again") == large
    desktop.key("Escape")
    assert walker.see("files-again") == first
    desktop.key("Return")
    walker.see_pair("steps")
    desktop.key("Return")
    pair = walker.see_pair("slider")
    desktop.key("Right", "Right", "Left")
    assert walker.see_pair("slider-moved") == pair
    if walker.kind.resizes:
        desktop.resize(400, 240)
        desktop.still()
        desktop.resize(1000, 640)
        walker.see_pair("slider-resized")
    desktop.key("Escape")
    walker.see_pair("steps-again")
    desktop.key("Escape")
    walker.see("files-at-last")
    desktop.key("Escape")
    looks["menu"] = walker.gone("menu")
    desktop.key("q")
    walker.changed(lambda: walker.command("clear; seq 40"))
    looks["shell"] = walker.gone("shell")
    return looks


def differing(one: Shot, other: Shot) -> int:
    """Return how many pixels are clearly others."""
    return int((np.abs(one.astype(int) - other.astype(int)).max(2) > 40).sum())


@pytest.mark.parametrize("walk", [labelling, desk], ids=lambda walk: walk.__name__)
def test_pictures_are_where_they_belong(
    kind: Kind,
    walk: Callable[[Walker], dict[str, Shot]],
    lab: dict[str, str],
    tmp_path: Path,
) -> None:
    looks = []
    for images in ("auto", "blocks")[: 1 + kind.has_colors]:
        home = tmp_path / images
        home.mkdir()
        with Desktop(home) as desktop:
            looks.append(walk(Walker(desktop, kind, lab, images)))
    for name, look in looks[0].items() if kind.has_colors else ():
        assert look.shape == looks[1][name].shape
        count = differing(look, looks[1][name])
        assert count < 400, f"{name}: {count} pixels are others than with blocks"
