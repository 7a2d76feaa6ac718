"""The panels of steps: what they offer, what keys do, what is sent."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from labapp.console.panel import Panel
from labapp.pictures.pipeline import MAX_STEPS, Step
from labapp.pictures.recipes import Recipe
from labapp.programs.desk.order import in_words
from labapp.programs.desk.steps_panel import StepsPanel
from labapp.programs.desk.storing_panel import StoringPanel
from labapp.programs.desk.value_panel import ValuePanel
from labapp.programs.processing import recipes
from tests.pictures.samples import file_of, photo
from tests.support.fake_desk import FakeDesk, opened


def press(desk: FakeDesk, *keys: str) -> None:
    """Press keys as the page hears them: bound ones first, then those of the panel's line."""
    for key in keys:
        panel = desk.top
        name = {"enter": "c-m", "tab": "c-i", "backspace": "c-h"}.get(key, key)
        found = panel.bindings()
        bound = [
            one
            for one in (found.bindings if found else [])
            if one.keys in ((name,), (key,)) and one.filter()
        ]
        anything = [one for one in (found.bindings if found else []) if one.keys == ("<any>",)]
        listening = bound or (anything if len(key) == 1 else [])
        if listening:
            listening[-1].handler(cast("Any", SimpleNamespace(data=key)))
            continue
        line = panel.keys()
        own = [one for one in line if one.letter == {"enter": "Enter"}.get(key, key)]
        if own:
            own[0].act()
        else:
            panel.index += {"up": -1, "down": 1}[key]


def rows(panel: Panel, columns: int = 60) -> list[str]:
    return [
        "".join(text for _, text, *_ in panel.row(number, False, columns)).rstrip()
        for number in range(panel.length())
    ]


def text(fragments: Any) -> str:
    return "".join(part[1] for part in fragments)


def test_enter_on_values_sends_and_goes_back_to_the_files(
    desk: FakeDesk, photos: list[Path]
) -> None:
    opened(desk, photos[:1])
    press(desk, "enter", "right", "right", "enter")
    ((paths, request),) = desk.sent
    assert paths == (photos[0],)
    assert request.steps == (Step.of("blur", {"sigma": 2.2}),)
    assert [panel.title for panel in desk.sides.panels] == ["files"]


def test_a_single_picture_is_named_and_many_are_counted(desk: FakeDesk, photos: list[Path]) -> None:
    for paths, words in ((photos[:1], "send a.png"), (photos * 20, "send 60 pictures")):
        opened(desk, paths)
        press(desk, "enter")
        assert desk.top.keys()[0].words == words


def test_letters_filter_the_operations_and_esc_shows_all(
    desk: FakeDesk, photos: list[Path]
) -> None:
    opened(desk, photos[:1])
    panel, every = desk.top, desk.top.length()
    press(desk, "z", "z")  # which shows a place at 1:1, as everywhere, and begins no search
    assert not panel.typing()
    press(desk, *"gr")
    assert panel.typing()
    assert rows(panel)[0].startswith("Grayscale")  # those that begin so come first
    press(desk, *"ayscale")
    assert panel.length() == 1
    assert panel.steps() == (Step.of("grayscale"),)
    press(desk, *"zz")
    assert panel.length() == 0
    assert panel.steps() == ()
    assert "nothing is called 'grayscalezz'" in text(panel.status())
    press(desk, "enter")
    assert desk.top is panel
    press(desk, "backspace", "backspace")
    assert panel.length() == 1
    assert panel.undone()
    assert panel.length() == every
    assert not panel.undone()


def test_digits_type_a_value_and_what_is_out_of_range_is_told_and_not_sent(
    desk: FakeDesk, photos: list[Path]
) -> None:
    opened(desk, photos[:1])
    press(desk, "enter", "7", "7")
    panel = desk.top
    assert "from 0.1 to 50" in text(panel.status())
    press(desk, "enter")
    assert desk.sent == []
    press(desk, "backspace", ".", "5")
    assert panel.steps() == (Step.of("blur", {"sigma": 7.5}),)
    assert panel.undone()
    assert panel.steps() == (Step.of("blur"),)
    press(desk, "end")
    assert panel.steps() == (Step.of("blur", {"sigma": 50.0}),)
    press(desk, "pagedown")
    assert panel.steps() == (Step.of("blur", {"sigma": 49.0}),)


def test_each_parameter_has_a_line_with_its_keys(desk: FakeDesk, photos: list[Path]) -> None:
    opened(desk, photos[:1])
    press(desk, *"rotate", "enter")
    panel = desk.top
    assert [row.split()[0] for row in rows(panel)] == ["Angle", "Expand", "Corners"]
    press(desk, "-", "4", "5", "down", "left", "down", "right")
    values = {"angle": -45.0, "expand": False, "paper": "white"}
    assert panel.steps() == (Step.of("rotate", values),)
    assert panel.said(1).startswith("Expand: no.")
    assert all(len(row) <= 25 for row in rows(panel, 25))


def test_an_operation_without_values_is_sent_likewise(desk: FakeDesk, photos: list[Path]) -> None:
    opened(desk, photos[:1])
    press(desk, *"invert", "enter")
    assert rows(desk.top) == ["nothing to choose"]
    press(desk, "right", "5", "enter")
    assert [request.steps for _, request in desk.sent] == [(Step.of("invert"),)]


def test_plus_adds_a_step_behind(desk: FakeDesk, photos: list[Path]) -> None:
    opened(desk, photos[:1])
    press(desk, *"invert", "enter", "+")
    assert desk.top.title == "And then"
    assert "after Invert" in text(desk.top.status())
    press(desk, *"flip", "enter", "enter")
    assert desk.sent[0][1].steps == (Step.of("invert"), Step.of("flip"))
    assert [panel.title for panel in desk.sides.panels] == ["files"]


def test_the_last_steps_come_first_and_again_as_they_were(
    desk: FakeDesk, photos: list[Path]
) -> None:
    opened(desk, photos[:1])
    press(desk, "enter", "9", "s", "right", "enter")  # as JPEG
    opened(desk, photos[1:2])
    assert rows(desk.top)[0] == "again: Blur (sigma 9), as jpeg"
    press(desk, "enter", "enter")
    (_, first), (_, again) = desk.sent
    assert (again.steps, again.format) == (first.steps, "jpeg")


def test_recipes_stand_before_operations_and_open_all_of_their_steps(
    desk: FakeDesk, photos: list[Path]
) -> None:
    steps = (Step.of("grayscale"), Step.of("blur", {"sigma": 4.0}), Step.of("flip"))
    recipes.save(Recipe(steps, "soft", "webp", 70))
    order = opened(desk, photos[:1])
    assert rows(desk.top, 90)[0].startswith("soft ")
    press(desk, "enter")
    panel = desk.top
    assert isinstance(panel, StepsPanel)
    assert (order.request.format, order.request.quality) == ("webp", 70)
    press(desk, "down", "e", "right")
    assert isinstance(desk.top, ValuePanel)
    assert desk.top.steps()[1] == Step.of("blur", {"sigma": 4.1})
    desk.sides.pop()
    press(desk, "up", "x")
    assert panel.steps() == (Step.of("blur", {"sigma": 4.1}), Step.of("flip"))
    assert rows(panel)[0].strip() == "1  Blur (sigma 4.1)"
    press(desk, "enter")
    assert desk.sent[0][1].steps == panel.steps()


def test_the_format_s_losses_are_told_before_and_quality_goes_with_the_format(
    desk: FakeDesk, tmp_path: Path
) -> None:
    clear = tmp_path / "clear.png"
    clear.write_bytes(file_of(photo(30, 40), "PNG", mode="RGBA"))
    order = opened(desk, [clear])
    press(desk, *"invert", "enter", "tab")
    panel = desk.top
    assert isinstance(panel, StoringPanel)
    assert text(panel.status()) == ""
    press(desk, "right", "down", "right")
    assert (order.request.format, order.request.quality) == ("jpeg", 90)
    assert rows(panel)[1].split()[-1] == "90"
    press(desk, "up", "right", "right")
    assert (order.request.format, order.request.quality) == ("gif", None)
    assert "256 colours" in text(panel.status())
    press(desk, "down", "down", "right")
    assert order.request.exact
    press(desk, "tab")
    assert isinstance(desk.top, ValuePanel)
    press(desk, "enter")
    assert (desk.sent[0][1].format, desk.sent[0][1].exact) == ("gif", True)


def test_what_would_be_refused_is_told_and_not_sent(desk: FakeDesk, photos: list[Path]) -> None:
    opened(desk, photos[:1])
    press(desk, *"resize", "enter", "end", "enter")
    assert "resize, would make 16,384" in text(desk.top.status())
    assert desk.sent == []
    press(desk, "home", "enter")
    assert desk.sent[0][1].steps == (Step.of("resize", {"side": 1}),)


def test_no_more_steps_are_added_than_are_taken(desk: FakeDesk, photos: list[Path]) -> None:
    order = opened(desk, photos[:1])
    desk.sides.push(StepsPanel(order, 2, [Step.of("invert")] * MAX_STEPS))
    line = desk.top.keys()
    assert "+" not in [key.letter for key in line]


def test_the_first_that_can_be_read_is_shown_and_keys_show_the_others(
    desk: FakeDesk, photos: list[Path], tmp_path: Path
) -> None:
    (bad := tmp_path / "bad.png").write_text("no picture")
    order = opened(desk, [bad, *photos])
    order.trial.begin()  # as its thread does, which may not be through
    assert order.trial.path == photos[0]
    press(desk, "right")
    assert order.trial.path == photos[1]
    press(desk, *"invert", "enter", "n")
    assert order.trial.path == photos[2]
    press(desk, "p", "p")
    assert order.trial.path == photos[0]


def test_values_are_taken_as_they_are_written(desk: FakeDesk, photos: list[Path]) -> None:
    order = opened(desk, photos[:1])
    press(desk, *"rotate", "enter")
    panel = desk.top
    assert isinstance(panel, ValuePanel)
    assert [panel.take(*one) for one in ((0, "12,5"), (1, "N"), (2, "white"))] == ["", "", ""]
    values = {"angle": 12.5, "expand": False, "paper": "white"}
    assert panel.steps() == (Step.of("rotate", values),)
    assert panel.take(0, "400") == "from -360 to 360"
    assert panel.take(0, "far") == "'far' is not a number"
    assert panel.take(2, "green") == "one of black, white"
    assert panel.steps() == (Step.of("rotate", values),)
    press(desk, "tab")
    assert isinstance(desk.top, StoringPanel)
    assert [desk.top.take(*one) for one in ((0, "webp"), (1, "50"), (2, "yes"))] == ["", "", ""]
    assert (order.request.format, order.request.quality, order.request.exact) == ("webp", 50, True)
    assert desk.top.take(1, "its own") == ""
    assert order.request.quality is None


def test_steps_are_told_with_all_their_values_as_people_call_them() -> None:
    said = [in_words(Step.parse(text)) for text in ("invert", "gamma", "rotate")]
    assert said == [
        "Invert", "Gamma (gamma 0.8)", "Rotate (angle 90, expand yes, corners black)",
    ]  # fmt: skip
