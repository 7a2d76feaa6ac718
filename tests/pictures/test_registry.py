"""The registry: complete, in order, and cheap to list."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from labapp.errors import RefusedError
from labapp.pictures import registry
from labapp.pictures.registry import number, operation

WANTED = {
    "blur", "grayscale", "black_and_white", "equalize", "clahe", "edges", "sharpen", "denoise",
    "median", "invert", "sepia", "posterize", "pixelate", "resize", "thumbnail", "rotate", "flip",
    "crop_square", "brightness", "contrast", "gamma",
}  # fmt: skip


def test_every_operation_that_was_asked_for_is_there() -> None:
    assert set(registry.operations()) >= WANTED


def test_listing_loads_no_library_of_pixels() -> None:
    code = (
        "import sys\n"
        "from labapp.pictures import pipeline, registry\n"
        "assert registry.operations()\n"
        'pipeline.from_wire(\'[{"op": "rotate", "angle": 3}]\')\n'
        "print([m for m in ('cv2', 'numpy', 'PIL', 'skimage', 'scipy') if m in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_operation_says_what_menus_and_help_need() -> None:
    for name, found in registry.operations().items():
        assert found.name == name
        assert found.title
        assert found.summary.endswith(".")
        assert len(found.summary) <= 80
        assert found.defined.endswith(".")
        for parameter in found.parameters:
            assert parameter.title
            assert parameter.meaning.endswith(".")
            assert parameter.check(parameter.default, name) == parameter.default
            assert parameter.parse(parameter.default_text, name) == parameter.default
            if parameter.kind in ("int", "float"):
                assert parameter.step
                assert parameter.minimum is not None
                assert parameter.maximum is not None


def test_values_are_completed_and_kept_in_order() -> None:
    checked = registry.get("sharpen").check({"amount": 2})
    assert list(checked.items()) == [("radius", 1.0), ("amount", 2.0)]
    assert isinstance(checked["amount"], float)
    assert isinstance(registry.get("median").check({"radius": 2.0})["radius"], int)


def test_names_are_found_in_any_case_and_near_ones_suggested() -> None:
    assert registry.get(" Black-And-White ").name == "black_and_white"
    with pytest.raises(RefusedError, match="Did you mean sharpen") as caught:
        registry.get("sharpe")
    assert caught.value.message == "there is no operation 'sharpe'"
    with pytest.raises(RefusedError) as caught:  # four names are near: the nearest three are told
        registry.get("seize")
    assert caught.value.remedy == "Did you mean resize or posterize or equalize?"


def test_a_function_and_its_definition_must_take_what_is_declared() -> None:
    def same(frame: Any, sigma: float) -> Any:
        return frame

    def other(frame: Any, radius: float) -> Any:
        return frame

    sigma = number("sigma", "Sigma", 1, 0, 2, 1, "Nothing.")
    for function, definition, odd in ((other, same, "other"), (same, other, "other")):
        with pytest.raises(TypeError, match=f"{odd} takes other arguments"):
            operation("Odd", sigma, definition=definition)(function)
    assert not {"same", "other"} & set(registry.operations())


#: Of every parameter its default, least, most and step: those of the manual, and of what was sent.
RANGES: dict[str, dict[str, tuple[float, float, float, float]]] = {
    "blur": {"sigma": (2.0, 0.1, 50.0, 0.1)},
    "sharpen": {"radius": (1.0, 0.1, 10.0, 0.1), "amount": (1.0, 0.0, 5.0, 0.1)},
    "denoise": {"strength": (25.0, 1.0, 100.0, 1.0), "sigma": (1.5, 0.5, 5.0, 0.5)},
    "median": {"radius": (1, 1, 7, 1)},
    "pixelate": {"size": (12, 2, 256, 1)},
    "black_and_white": {"threshold": (127, 0, 255, 1)},
    "posterize": {"levels": (4, 2, 64, 1)},
    "brightness": {"factor": (1.2, 0.0, 4.0, 0.05)},
    "contrast": {"factor": (1.3, 0.0, 4.0, 0.05)},
    "gamma": {"gamma": (0.8, 0.1, 5.0, 0.05)},
    "clahe": {"clip": (0.01, 0.001, 0.1, 0.001), "tiles": (8, 1, 16, 1)},
    "resize": {"side": (1024, 1, 16_384, 16)},
    "thumbnail": {"side": (256, 16, 1024, 16)},
    "rotate": {"angle": (90.0, -360.0, 360.0, 1.0)},
}

#: Of every choice its words, the default first; a switch has its default alone.
CHOICES: dict[str, dict[str, object]] = {
    "black_and_white": {"method": ("otsu", "fixed")},
    "equalize": {"mode": ("channels", "luminance")},
    "rotate": {"expand": True, "paper": ("black", "white")},
    "flip": {"direction": ("horizontal", "vertical")},
}


def test_every_parameter_takes_what_the_manual_says() -> None:
    for name, found in registry.operations().items():
        numbers, others = RANGES.get(name, {}), CHOICES.get(name, {})
        assert {p.name for p in found.parameters} == {*numbers, *others}
        for one in found.parameters:
            if one.name in numbers:
                default, least, most, step = numbers[one.name]
                told = (one.default, one.minimum, one.maximum, one.step)
                assert told == (default, least, most, step), f"{name} {one.name}"
                assert one.kind == ("int" if isinstance(default, int) else "float")
                for taken in (least, most):
                    assert one.parse(f"{taken}", name) == taken
                for beyond in (least - step, most + step):
                    with pytest.raises(RefusedError, match=f"{name} cannot take {one.name}"):
                        one.parse(f"{beyond}", name)
            elif one.kind == "choice":
                assert one.choices == others[one.name]
                assert one.default == one.choices[0]
            else:
                assert (one.kind, one.default) == ("bool", others[one.name])


def test_what_a_parameter_takes_is_said_in_words() -> None:
    def parameter(operation: str, name: str) -> registry.Parameter:
        return next(p for p in registry.get(operation).parameters if p.name == name)

    assert parameter("blur", "sigma").range == "a number from 0.1 to 50"
    assert parameter("median", "radius").range == "a whole number from 1 to 7"
    assert parameter("rotate", "expand").range == "yes or no"
    assert parameter("rotate", "paper").range == "one of black, white"
    assert parameter("rotate", "expand").default_text == "yes"
    assert parameter("rotate", "paper").default_text == "black"
    assert parameter("brightness", "factor").default_text == "1.2"


@pytest.mark.parametrize(
    "wrong",
    [
        True,
        None,
        "2",
        [2],
        {},
        float("nan"),
        float("inf"),
        -float("inf"),
        10**400,
        -(10**400),
        1e16,
    ],
)
def test_what_is_no_number_is_refused(wrong: object) -> None:
    for name, parameter in (("blur", "sigma"), ("median", "radius")):
        with pytest.raises(RefusedError, match=f"{name} cannot take {parameter}") as caught:
            registry.get(name).check({parameter: wrong})
        assert len(caught.value.message) < 100
    with pytest.raises(RefusedError, match=r"median cannot take radius 1\.5"):
        registry.get("median").check({"radius": 1.5})


@pytest.mark.parametrize(("name", "wrong"), [("expand", 1), ("expand", "yes"), ("paper", "red"),
                                             ("paper", 3), ("paper", True)])  # fmt: skip
def test_what_is_no_word_of_a_choice_is_refused(name: str, wrong: object) -> None:
    with pytest.raises(RefusedError, match=f"rotate cannot take {name}") as caught:
        registry.get("rotate").check({name: wrong})
    assert (
        "yes or no; yes unless given" if name == "expand" else "black, white; black unless"
    ) in (caught.value.remedy)


def test_a_parameter_that_is_none_is_named_with_those_that_are() -> None:
    with pytest.raises(RefusedError, match="sharpen has no parameter 'sigma'") as caught:
        registry.get("sharpen").check({"sigma": 1})
    assert caught.value.remedy == "sharpen takes radius, amount."
    with pytest.raises(RefusedError) as caught:
        registry.get("invert").check({"x" * 90: 1})
    assert caught.value.remedy == "invert takes no parameters."
    assert caught.value.message == f"invert has no parameter '{'x' * 36}..."


def test_alpha_is_set_aside_from_what_sees_colours_alone() -> None:
    alone = {
        "grayscale",
        "invert",
        "sepia",
        "posterize",
        "brightness",
        "contrast",
        "gamma",
        "clahe",
    }
    found = registry.operations().values()
    assert {each.name for each in found if each.colour_only} == alone
    assert {each.name for each in found if each.resizing} == {"resize", "rotate"}
    assert {each.name for each in found if each.enough} == {"thumbnail"}
    enough = registry.get("thumbnail").enough
    assert enough is not None
    assert enough(side=100) == 400
