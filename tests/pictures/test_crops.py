"""What is shown of steps before a picture is sent is what a worker makes of it."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from labapp.errors import LabappError, RefusedError
from labapp.pictures import crops, looks, reading, registry
from labapp.pictures.answers import LieError, answer
from labapp.pictures.crops import Box
from labapp.pictures.formats import png
from labapp.pictures.frames import Frame
from labapp.pictures.limits import USUAL
from labapp.pictures.pipeline import Step
from labapp.pictures.process import process
from tests.pictures.profiles import profile
from tests.pictures.samples import deep_photo, file_of, noise, photo

#: What a worker's result and what is shown of it differ by, in grey levels: both come from the same
#: values, and only strips and squares of a kernel fall elsewhere on a part.
ROUNDED = 1

#: By how many grey levels a step on a copy of half the side is off in the mean. What looks at
#: single values, at specks or at steepness finds other ones in a copy: that is what `result` is
#: for. Of a square cut out of the middle, half a pixel is missing; of what is enlarged, detail.
ON_A_COPY = {
    "edges": 8,
    "black_and_white": 16,
    "posterize": 8,
    "clahe": 12,
    "crop_square": 5,
    "resize": 4,
}
USUALLY = 2

#: The longest side of copies.
SIDE = 100

STEPS = [Step.of(name) for name in registry.operations()] + [
    Step.of("blur", {"sigma": 9.0}),
    Step.of("black_and_white", {"method": "fixed", "threshold": 120}),
    Step.of("equalize", {"mode": "luminance"}),
    Step.of("rotate", {"angle": 30.0, "paper": "white"}),
    Step.of("resize", {"side": 300}),
]


def _turned() -> bytes:
    """Make a JPEG that its EXIF says to be lying."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return file_of(photo(150, 200), "JPEG", quality=95, exif=exif)


def _clear(deep: bool = False) -> bytes:
    if deep:
        return png.encode(deep_photo(150, 200, 4), None, None)
    alpha = np.tile(np.linspace(0, 255, 200, dtype=np.uint8), (150, 1))
    return file_of(np.dstack([photo(150, 200), alpha]), "PNG")


#: Pictures of all kinds, as files.
FILES: dict[str, Callable[[], bytes]] = {
    "photo.jpg": lambda: file_of(photo(150, 200), "JPEG", quality=95),
    "grey.png": lambda: file_of(photo(150, 200)[..., 0], "PNG"),
    "deep.png": lambda: png.encode(deep_photo(150, 200), None, None),
    "clear.png": _clear,
    "deep clear.png": lambda: _clear(deep=True),
    "turned.jpg": _turned,
    "small.png": lambda: file_of(photo(24, 31), "PNG"),
    "tagged.png": lambda: file_of(photo(150, 200), "PNG", icc_profile=profile(b"RGB ", 1.4)),
    "tagged grey.png": lambda: file_of(
        photo(150, 200)[..., 0], "PNG", icc_profile=profile(b"GRAY", 1.4)
    ),
}

#: Those that every step is tried on.
EVERYTHING = ("photo.jpg", "deep clear.png")


def steps_of(name: str) -> list[Step]:
    """Return what is tried on a picture: on two all there is, on each other another part of it."""
    place = list(FILES).index(name)
    return STEPS if name in EVERYTHING else [STEPS[0], *STEPS[1 + place % 4 :: 4]]


@pytest.fixture(scope="module", autouse=True)
def own_sandbox() -> Iterator[None]:
    looks._sandbox.cache_clear()
    yield
    looks._sandbox.cache_clear()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("pictures")
    for name, make in FILES.items():
        (place / name).write_bytes(make())
    return place


def of_worker(path: Path, step: Step) -> tuple[Frame, Callable[[int], Frame]]:
    """Return a worker's result as a viewer shows it, and what reduces it.

    It is written without loss, and read again.
    """
    result = io.BytesIO()
    process(path, [step], result, format="png")
    data = result.getvalue()
    return looks.preview(data, 16_384), lambda side: looks.preview(data, side)


def off(one: Frame, other: Frame) -> float:
    return float(np.abs(one.astype(int) - other).mean())


@pytest.mark.parametrize("name", FILES)
def test_what_is_shown_is_what_a_worker_gives(folder: Path, name: str) -> None:
    path = folder / name
    box = Box(0.4, 0.6, 40, 30)
    around = crops.part(path, box)
    copied = crops.copy(path, SIDE)
    assert max(copied.frame.shape[:2]) == min(SIDE, max(copied.size))
    on_parts = set()
    for step in steps_of(name):
        right, reduced = of_worker(path, step)
        wide = right.shape[1], right.shape[0]
        # All of it, reduced.
        np.testing.assert_allclose(
            crops.result(path, [step], SIDE).astype(int),
            reduced(SIDE),
            atol=ROUNDED,
            err_msg=f"{step.text} of {name}",
        )
        # A place of it, at 1:1: on the whole, and where it goes, on the part around it.
        left, top = box.start(wide)
        place = box.cut(right, left, top).astype(int)
        cut = crops.crop(path, [step], box)
        np.testing.assert_allclose(cut, place, atol=ROUNDED, err_msg=f"{step.text} of {name}")
        if (here := crops.tried_at(around, [step], box)) is not None:
            on_parts.add(step.op)
            np.testing.assert_allclose(here, place, atol=ROUNDED, err_msg=f"{step.text} of {name}")
        # On a copy it is near at once.
        if (quick := crops.tried(copied, [step])) is None:
            assert copied.is_tagged
            continue
        shown = reduced(max(quick.shape[:2]))
        if quick.shape == shown.shape and copied.scale < 1:
            assert off(quick, shown) < ON_A_COPY.get(step.op, USUALLY), f"{step.text} of {name}"
    tagged = name.startswith("tagged")
    assert ("blur" in on_parts, "equalize" in on_parts) == (not tagged, False)


@pytest.mark.parametrize("text", ["pixelate:size=7", "blur:sigma=2", "blur:sigma=30", "denoise"])
def test_a_part_far_from_the_borders_is_as_the_whole(tmp_path: Path, text: str) -> None:
    path = tmp_path / "noise.png"
    path.write_bytes(file_of(noise(900, 1000), "PNG"))
    box = Box(0.5, 0.5, 80, 60)
    around = crops.part(path, box)
    assert around.frame.shape[:2] == (60 + 2 * crops.MARGIN, 80 + 2 * crops.MARGIN)
    steps = [Step.parse(text), Step.of("invert")]
    here = crops.tried_at(around, steps, box)
    assert here is not None
    np.testing.assert_allclose(here.astype(int), crops.crop(path, steps, box), atol=ROUNDED)
    # One that looks beyond the margin is done on the whole.
    assert crops.tried_at(around, [Step.parse("blur:sigma=50")] * 2, box) is None


def test_a_place_lies_inside_whatever_the_size() -> None:
    assert Box(0.0, 1.0, 40, 30).start((100, 80)) == (0, 50)
    assert Box(0.5, 0.5, 40, 30).start((100, 80)) == (16, 16)  # where a block begins
    assert Box(0.9, 0.1, 400, 300).start((100, 80)) == (0, 0)


@pytest.mark.parametrize("target", ["jpeg", "webp"])
def test_what_a_format_loses_is_seen_at_1_to_1(tmp_path: Path, target: str) -> None:
    path, done = tmp_path / "photo.png", tmp_path / "done"
    path.write_bytes(file_of(photo(200, 260), "PNG"))
    steps, box = [Step.of("sharpen")], Box(0.5, 0.5, 96, 64)
    process(path, steps, done, format=target, quality=15)
    left, top = box.start((260, 200))
    place = box.cut(looks.preview(done, 1_000), left, top)
    clean = crops.crop(path, steps, box)
    lossy = crops.as_written(clean, looks.header_of(path), target, 15)
    if target == "jpeg":  # whose blocks know nothing of each other, but for colours at the border
        assert off(lossy, place) < 0.1
    # Of a WebP it is as much, though not the same.
    assert off(lossy, clean) == pytest.approx(off(place, clean), rel=0.1)


def test_what_is_too_much_is_refused(folder: Path) -> None:
    steps = [Step.of("resize", {"side": 16_384})]
    for look in (
        lambda: crops.result(folder / "photo.jpg", steps, SIDE),
        lambda: crops.crop(folder / "photo.jpg", steps, Box(0.5, 0.5, 10, 10)),
        lambda: crops.copy(folder / "none.jpg", SIDE),
    ):
        with pytest.raises(RefusedError):
            look()


def test_an_enlarged_copy_stays_small(folder: Path, tmp_path: Path) -> None:
    (dot := tmp_path / "dot.png").write_bytes(file_of(photo(1, 1), "PNG"))
    for path in (folder / "photo.jpg", dot):
        copied = crops.copy(path, SIDE)
        done = crops.tried(copied, [Step.of("resize", {"side": 16_384})])
        assert done is not None
        assert max(done.shape[:2]) <= crops.MOST_ON_A_COPY


def test_a_small_picture_is_enlarged_as_it_is(folder: Path) -> None:
    step = Step.of("resize", {"side": 400})
    done = crops.tried(crops.copy(folder / "small.png", SIDE), [step])
    assert done is not None
    np.testing.assert_array_equal(done, crops.result(folder / "small.png", [step], 400))


def test_nothing_is_decoded_in_the_callers_process(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, box = folder / "photo.jpg", Box(0.5, 0.5, 10, 10)
    crops.copy(path, 50)

    def decoded(*_: object, **__: object) -> None:
        raise AssertionError("decoded where a crash would take the user's program with it")

    with monkeypatch.context() as patch:
        patch.setattr("PIL.Image.open", decoded)
        patch.setattr("simplejpeg.decode_jpeg", decoded)
        patch.setattr(reading, "open_picture", decoded)
        assert crops.copy(path, 50).frame.shape == (38, 50, 3)
        assert crops.crop(path, [Step.of("invert")], box).shape == (10, 10, 3)


@pytest.mark.parametrize(
    ("words", "raw"),
    [
        ([[10, 10, 0, 0], 1.0, False, "RGB", [10, 10]], b"\0" * 299),
        ([[10, 10, 0, 0], 1.0, False, "L", [10, 10]], b"\0" * 100),
        ([[10, 10, 0, 0], 1.0, False, "RGB;16", [10, 10]], b"\0" * 600),
        ([[10, 10, 5, 0], 1.0, False, "RGB", [10, 10]], b"\0" * 300),
        ([[90_000, 10, 0, 0], 1.0, False, "RGB", [10, 10]], b"\0" * 300),
        ([[10, 10, 0, 0], 7.0, False, "RGB", [10, 10]], b"\0" * 300),
        ([[10, 10, 0, 0], 1.0, "no", "RGB", [10, 10]], b"\0" * 300),
        ("nothing", b""),
    ],
)
def test_an_answer_that_cannot_be_is_none(tmp_path: Path, words: object, raw: bytes) -> None:
    look = crops._Look(tmp_path / "a", USUAL, box=Box(0.5, 0.5, 10, 10))
    with pytest.raises((LieError, LabappError)):
        look.result_of(answer(words, raw), None)
