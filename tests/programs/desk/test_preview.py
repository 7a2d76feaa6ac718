"""What is seen beside steps: near at once, right a moment later, and at 1:1 on a key."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from labapp.console import picture
from labapp.console.graphics import choice
from labapp.console.graphics.choice import Choice
from labapp.errors import RefusedError
from labapp.pictures import crops, looks
from labapp.pictures.formats import png
from labapp.pictures.pipeline import Step
from labapp.programs.desk import trial as trials
from labapp.programs.desk.preview import Preview, Shown
from labapp.programs.menus.picture_page import COPY
from tests.pictures.samples import deep_photo
from tests.support.fake_desk import SIDE, FakeDesk, opened
from tests.support.waiting import until


def preview(desk: FakeDesk, paths: Sequence[Path], *texts: str) -> Preview:
    """Give the view of steps on pictures."""
    order = opened(desk, paths)
    steps = [Step.parse(text) for text in texts]
    return Preview(order, lambda: steps)


def drawn(monkeypatch: pytest.MonkeyPatch) -> list[tuple[picture.Pixels, ...]]:
    """Note the pixels of what is drawn side by side, or alone."""
    found: list[tuple[picture.Pixels, ...]] = []
    both = picture.before_after

    def before_after(before: picture.Pixels, after: picture.Pixels, *room: int) -> picture.Drawing:
        found.append((before, after))
        return both(before, after, *room)

    monkeypatch.setattr(picture, "before_after", before_after)
    return found


def test_the_whole_takes_the_place_of_the_copy_and_before_stays_what_it_was(
    desk: FakeDesk, photos: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trials, "REST", 0.0)
    found = drawn(monkeypatch)
    view = preview(desk, photos[:1], "edges")
    first = view.shows()
    view.draw(first, 80, 20)
    until(lambda: view.shows() != first, "what the steps make of the whole picture")
    assert desk.sides.drawn
    view.draw(view.shows(), 80, 20)
    (before, near), (again, right) = found
    assert before is again
    assert max(near.shape) == SIDE
    np.testing.assert_array_equal(right, crops.result(photos[0], [Step.of("edges")], COPY))


def test_also_of_a_small_picture_the_whole_is_shown(
    desk: FakeDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trials, "REST", 0.0)
    found = drawn(monkeypatch)
    path, step = tmp_path / "icon.png", Step.parse("resize:side=800")
    path.write_bytes(png.encode(deep_photo(16, 24), None, None))
    view = preview(desk, [path], step.text)
    first = view.shows()
    view.draw(first, 80, 20)
    until(lambda: view.shows() != first, "what the step makes of all its bits")
    view.draw(view.shows(), 80, 20)
    (_, near), (_, right) = found
    assert near.shape == right.shape == (533, 800, 3)
    np.testing.assert_array_equal(right, crops.result(path, [step], COPY))


def test_a_place_is_seen_pixel_by_pixel_and_moves_with_the_keys(
    desk: FakeDesk, photos: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choice, "_current", Choice("blocks"))
    monkeypatch.setattr("labapp.programs.desk.preview._cell", lambda: (1, 2))
    found = drawn(monkeypatch)
    view = preview(desk, photos[:1], "sharpen")
    trial = desk.top.order.trial
    trial.zoom()
    view.draw(view.shows(), 62, 11)
    trial.move(1, 1)
    view.draw(view.shows(), 62, 11)
    trial.move(9, 9)
    view.draw(view.shows(), 62, 11)
    right = crops.result(photos[0], [Step.of("sharpen")], 1_000)
    whole = looks.preview(photos[0], 1_000)
    for (before, after), (left, top) in zip(found, ((32, 16), (48, 32), (90, 60)), strict=True):
        assert before.shape == after.shape == (20, 30, 3)
        np.testing.assert_array_equal(before, whole[top : top + 20, left : left + 30])
        np.testing.assert_allclose(
            after.astype(int), right[top : top + 20, left : left + 30], atol=1
        )


def test_without_room_for_both_a_key_shows_one_or_the_other(
    desk: FakeDesk, photos: list[Path]
) -> None:
    view = preview(desk, photos[:1], "invert")
    trial = desk.top.order.trial

    def name() -> str:
        drawing = view.draw(view.shows(), 30, 12)
        return str(drawing).partition("\n")[0].strip()

    assert name() == "after"
    trial.compare()
    assert name() == "before"
    trial.compare()
    assert name() == "after"


def test_the_caption_tells_picture_steps_and_sizes(desk: FakeDesk, photos: list[Path]) -> None:
    view = preview(desk, photos, "blur:sigma=3", "resize:side=60")
    lines = view.caption(view.shows(), 80)
    name, told = ("".join(part[1] for part in line) for line in lines)
    assert name == "a.png (1 of 3)"
    assert told.startswith("Blur (sigma 3), then Resize (longest side 60)")
    assert told.endswith("120 x 80, then 60 x 40")


def test_what_cannot_be_is_said_instead(desk: FakeDesk, photos: list[Path], tmp_path: Path) -> None:
    view = preview(desk, photos[:1], "resize:side=16384")
    with pytest.raises(RefusedError, match="would make 16,384"):
        view.draw(view.shows(), 80, 20)
    (bad := tmp_path / "bad.png").write_text("no picture")
    view = preview(desk, [bad], "invert")
    with pytest.raises(RefusedError, match=r"bad\.png"):
        view.draw(view.shows(), 80, 20)
    assert cast("Shown", view.shows()).path == bad
