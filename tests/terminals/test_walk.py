"""On each real terminal: a walk over pages with pictures, by its pixels; `pytest -m terminals`.

A picture is where it belongs, in pixels where the terminal has them, whole after each change of the
window, and nothing of it is left anywhere else. What is not a picture looks to the pixel as it does
where pictures are blocks: no code and no answer is written as letters.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
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
            f"export LABAPP_IMAGES={images} PS1='$ '",
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

    def see(self, name: str, *, fine: bool | None = None) -> card.Found:
        """Wait until the picture is there, whole and as this terminal shows it."""
        wanted = self.kind.pixels and self._images != "blocks" if fine is None else fine

        def is_there(shot: Shot) -> bool:
            found = card.find(shot)
            return found is not None and (found.is_fine == wanted or not wanted)

        shot = self.desktop.until(is_there, f"the picture, {name}")
        self.keep(name, shot)
        found = card.find(shot)
        assert found
        return found

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
    walker.see("again")
    if walker.kind.resizes:
        for number, size in enumerate(((700, 420), (1150, 800), (1000, 640))):
            desktop.resize(*size)
            walker.see(f"resized-{number}")
    desktop.key("Escape")
    looks["summary"] = walker.gone("summary")
    desktop.key("Escape")
    looks["left"] = walker.gone("left")
    return looks


def test_labelling(kind: Kind, lab: dict[str, str], tmp_path: Path) -> None:
    looks = []
    for images in ("auto", "blocks"):
        home = tmp_path / images
        home.mkdir()
        with Desktop(home) as desktop:
            looks.append(labelling(Walker(desktop, kind, lab, images)))
        run(lab, "admin.py", "stats")
    for name, look in looks[0].items():
        other = looks[1][name]
        assert look.shape == other.shape
        differing = int((np.abs(look.astype(int) - other.astype(int)).max(2) > 40).sum())
        assert differing < 400, f"{name}: {differing} pixels are others than with blocks"
