"""What is exact is scikit-image's own result in float64, and costs nothing where nobody asks."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from labapp.errors import JobFailedError, RefusedError
from labapp.pictures import exact, pipeline, registry
from labapp.pictures.caps import Caps, too_long, too_much_memory
from labapp.pictures.process import process
from tests.pictures import codec
from tests.pictures.samples import Frame, deep_photo, defined, file_of, noise, opened, photo

# scikit-image has no types: as Any it may be called from checked code.
filters: Any = import_module("skimage.filters")
exposure: Any = import_module("skimage.exposure")
transform: Any = import_module("skimage.transform")
color: Any = import_module("skimage.color")
util: Any = import_module("skimage.util")


def otsu(image: Frame) -> Frame:
    grey = util.img_as_ubyte(color.rgb2gray(image))
    return np.asarray(grey > filters.threshold_otsu(grey), float)


#: What a user of scikit-image would write, of a picture in float64.
PLAINLY: dict[str, Any] = {
    "blur:sigma=3": lambda image: filters.gaussian(image, 3, channel_axis=-1),
    # Channel axis 2, not -1, which returns uninitialised memory (scikit-image issue 7264).
    "sharpen:radius=2": lambda image: filters.unsharp_mask(image, 2, 1, channel_axis=2),
    "edges": lambda image: filters.sobel(color.rgb2gray(image)),
    "median:radius=2": lambda image: filters.median(image, np.ones((5, 5, 1)), mode="nearest"),
    "grayscale": color.rgb2gray,
    "black_and_white": otsu,
    "invert": util.invert,
    "gamma:gamma=2.2": lambda image: exposure.adjust_gamma(image, 2.2),
    "equalize": lambda image: np.dstack(
        [exposure.equalize_hist(image[..., channel]) for channel in range(3)]
    ),
    "clahe": lambda image: exposure.equalize_adapthist(
        image, [side // 8 for side in image.shape[:2]], 0.01
    ),
    "rotate:angle=7": lambda image: transform.rotate(image, 7, resize=True),
    "rotate:angle=7,expand=no,paper=white": lambda image: transform.rotate(image, 7, cval=1),
}


@pytest.mark.parametrize("step", PLAINLY)
def test_it_is_what_scikit_image_gives_bit_by_bit(step: str) -> None:
    steps = pipeline.exactly(pipeline.parse([step]))
    for frame, rounded in ((photo(90, 120), util.img_as_ubyte), (noise(50, 41), util.img_as_ubyte),
                           (deep_photo(48, 60), util.img_as_uint)):  # fmt: skip
        if step == "black_and_white" and frame.dtype == np.uint16:
            continue  # whose threshold is one of 65,536
        wanted = rounded(np.clip(PLAINLY[step](util.img_as_float(frame)), 0, 1))
        np.testing.assert_array_equal(pipeline.apply(frame, steps), wanted)


def test_blocks_take_their_own_mean() -> None:
    frame = noise(23, 31)
    got = defined("pixelate", frame, size=6)
    for top in range(0, 23, 6):
        for left in range(0, 31, 6):
            cut = slice(top, top + 6), slice(left, left + 6)
            mean = frame[cut].mean(axis=(0, 1))
            # A mean may lie on a half, and goes either way.
            assert np.abs(got[cut] - mean).max() <= 0.5 + 1e-9


def test_halves_are_rounded_to_even_and_what_is_beyond_is_clipped() -> None:
    halves = np.array([[-1.0, 0.5 / 255, 1.5 / 255, 2.5 / 255, 254.5 / 255, 1.7]])
    got = exact.to_frame(halves, np.zeros((1, 6), np.uint8))
    assert got.tolist() == [[0, 0, 2, 2, 254, 255]]
    assert exact.to_frame(halves, np.zeros((1, 6), np.uint16)).max() == 65_535


def test_each_step_ends_in_the_pictures_own_bits() -> None:
    frame = photo(40, 50)
    steps = pipeline.exactly(pipeline.parse(["blur", "contrast:factor=3"]))
    wanted = defined("contrast", defined("blur", frame), factor=3.0)
    np.testing.assert_array_equal(pipeline.apply(frame, steps), wanted)
    assert frame.tobytes() == photo(40, 50).tobytes()


def test_what_is_moved_keeps_what_is_hidden_under_transparency() -> None:
    frame = noise(20, 30, 4)
    frame[:10, :, 3] = 0
    np.testing.assert_array_equal(defined("flip", frame), frame[:, ::-1])
    np.testing.assert_array_equal(defined("crop_square", frame), frame[:, 5:25])
    np.testing.assert_array_equal(defined("rotate", frame, angle=90.0), np.rot90(frame))
    np.testing.assert_array_equal(defined("resize", frame, side=30), frame)


def test_every_frame_of_an_animation_is_done_exactly(tmp_path: Path) -> None:
    source, result = tmp_path / "a.png", tmp_path / "result"
    pages = [photo(30, 40, seed) for seed in range(3)]
    first, *more = map(Image.fromarray, pages)
    first.save(source, save_all=True, append_images=more, duration=50)
    assert process(source, pipeline.exactly(pipeline.parse(["blur"])), result).frames == 3
    for got, page in zip(codec.read(result).frames, pages, strict=True):
        np.testing.assert_array_equal(got[..., :3], defined("blur", page))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_every_kind_of_picture_is_done_exactly(mode: str, tmp_path: Path) -> None:
    source, results = tmp_path / "a", [tmp_path / "exact", tmp_path / "fast"]
    if mode == "I;16":
        source.write_bytes(file_of(deep_photo(40, 50, 1), "PNG"))
    else:
        source.write_bytes(file_of(photo(40, 50), "JPEG" if mode == "CMYK" else "PNG", mode))
    steps = pipeline.parse(["blur:sigma=2", "sharpen"])
    ways = zip((pipeline.exactly(steps), steps), results, strict=True)
    done = [process(source, way, result, format="tiff") for way, result in ways]
    assert done[0].lost == done[1].lost
    first, second = (codec.read(result).frames[0] for result in results)
    assert (first.dtype, first.shape) == (second.dtype, second.shape)
    off = 3 * (257 if mode == "I;16" else 1)  # a level of the blur, which sharpening makes greater
    assert np.abs(first.astype(int) - second.astype(int)).max() <= off


def test_a_thumbnail_is_made_of_the_whole_jpeg_and_not_of_a_readers_smaller_one(
    tmp_path: Path,
) -> None:
    source = tmp_path / "a.jpg"
    source.write_bytes(file_of(photo(1200, 1600), "JPEG", quality=95))
    steps = pipeline.exactly(pipeline.parse(["thumbnail:side=100"]))
    process(source, steps, tmp_path / "result", format="png")
    wanted = defined("thumbnail", codec.read(source).frames[0], side=100)
    np.testing.assert_array_equal(opened((tmp_path / "result").read_bytes()), wanted)


def test_a_step_says_on_the_wire_that_it_is_exact() -> None:
    (step,) = pipeline.from_wire('[{"op": "blur", "sigma": 3, "exact": true}]')
    assert step == pipeline.Step.of("blur", {"sigma": 3}, exact=True)
    assert pipeline.to_wire([step]) == '[{"op":"blur","sigma":3.0,"exact":true}]'
    (plain,) = pipeline.from_wire('[{"op": "blur", "exact": false}]')
    assert pipeline.to_wire([plain]) == '[{"op":"blur","sigma":2.0}]'
    assert not pipeline.is_exact([step, plain])
    assert pipeline.is_exact(pipeline.exactly([step, plain]))
    for odd in ("1", '"yes"', "null", "[]"):
        with pytest.raises(RefusedError, match="step 1: exact is neither true nor false"):
            pipeline.from_wire(f'[{{"op": "blur", "exact": {odd}}}]')


def test_no_parameter_is_called_as_what_makes_a_step_exact() -> None:
    every = [p.name for one in registry.operations().values() for p in one.parameters]
    assert pipeline.EXACT not in every


@pytest.fixture
def unloaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have scikit-image looked for anew, and forgotten what came of it."""
    monkeypatch.setattr(exact, "_trouble", exact._trouble.__wrapped__)


@pytest.mark.usefixtures("unloaded")
def test_without_scikit_image_it_fails_with_what_helps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "skimage.filters", None)
    with pytest.raises(JobFailedError, match="scikit-image cannot be loaded") as caught:
        defined("flip", photo(8, 8))
    assert "without --exact" in caught.value.remedy
    # On an instance of a fleet nobody installs anything.
    assert "no worker of a fleet on AWS has it. On another one, 'pip " in caught.value.remedy


@pytest.mark.usefixtures("unloaded")
def test_a_broken_scikit_image_fails_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(name: str) -> None:
        raise ValueError("numpy.dtype size changed")

    monkeypatch.setattr("labapp.pictures.exact.importlib.import_module", broken)
    with pytest.raises(JobFailedError, match=r"cannot be loaded on the worker \(ValueError\)"):
        defined("flip", photo(8, 8))


def test_what_is_too_much_is_told_with_the_lighter_way_first() -> None:
    caps = Caps(30, 450_000_000, on_worker=True, lighter="it without --exact")
    assert too_much_memory(caps).remedy == (
        "Send it without --exact, or a smaller one, or raise LABAPP_PICTURE_MEMORY_MB on the"
        " worker."
    )
    assert too_long(caps).remedy == (
        "Send it without --exact, or a smaller one, or raise LABAPP_PICTURE_SECONDS on the worker."
    )


@pytest.mark.parametrize(
    "line",
    [
        "import labapp.worker.preload, labapp.pictures.preload_looks",
        "from labapp.programs import find\n"
        "for name in ('client.py', 'admin.py', 'server.py'): find(name).parser()\n"
        "from labapp.programs import client_menu, admin_menu\n"
        "from labapp.programs.desk import screen, storing_panel, steps_panel, preview\n"
        "from labapp.worker import picture_handler, engine, handlers\n"
        "from labapp.pictures import sandbox, pipeline, process\n"
        "pipeline.exactly(pipeline.parse(['blur']))",
    ],
    ids=["what children are forked from", "programs, menus and worker"],
)
def test_nothing_but_an_exact_picture_loads_scikit_image(line: str) -> None:
    code = f"{line}\nimport sys\nprint({{'skimage', 'scipy'}} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_what_exact_children_are_forked_from_has_loaded_all_they_need() -> None:
    code = """
import json, sys
import labapp.worker.preload_exact
before = set(sys.modules)
import numpy as np
from labapp.pictures import registry
from labapp.pictures.pipeline import Step
for channels in ((), (2,), (3,), (4,)):
    frame = np.arange(40 * 30 * (channels or (1,))[0]).astype(np.uint8).reshape(40, 30, *channels)
    for name in registry.operations():
        Step.of(name, {"angle": 7.0} if name == "rotate" else {}, exact=True).apply(frame)
print(json.dumps(["skimage.filters" in before, sorted(set(sys.modules) - before)]))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [True, []]
