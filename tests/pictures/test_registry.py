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


def test_a_function_must_take_what_it_declares() -> None:
    with pytest.raises(TypeError, match="takes other arguments"):

        @operation("Odd", number("sigma", "Sigma", 1, 0, 2, 1, "Nothing."))
        def odd(frame: Any, radius: float) -> Any:
            return frame

    assert "odd" not in registry.operations()
