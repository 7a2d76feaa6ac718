"""A picture takes its decoder over, which then says to the worker what no child of ours would.

What it says is no pickle to the worker; it has bounds in bytes and in time for all of it; each
field is held to its type, to the limits and to the file that was written. A lie ends the child, and
the picture fails; the next one is done by another.
"""

from __future__ import annotations

import json
import math
import pickle
import struct
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from labapp.errors import JobFailedError, RefusedError
from labapp.pictures import answers, looks, reading
from labapp.pictures.answers import Answer, LieError
from labapp.pictures.limits import Limits
from labapp.pictures.process import PictureTask, Processed
from labapp.pictures.sandbox import Sandbox
from tests.pictures.samples import INVERT, file_of, photo
from tests.security.taken_over import Lying, done, open_descriptors, warm

forked = pytest.mark.skipif(sys.platform == "win32", reason="children are forked")


PNG = b"\x89PNG\r\n\x1a\n"

#: An answer that is taken, of a result of eight bytes.
TRUE = Processed("png", 40, 30, 1, len(PNG))


class Bomb:
    """Runs code where it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


def framed(words: bytes, raw: bytes = b"") -> bytes:
    return struct.pack("!II", len(words), len(raw)) + words + raw


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    return warm()


@pytest.fixture
def lying(tmp_path: Path) -> Lying:
    source = tmp_path / "source"
    source.write_bytes(file_of(photo(30, 40), "PNG"))
    return Lying(source, INVERT, tmp_path / "result", Limits(), "", "cat.png")


@forked
@pytest.mark.parametrize(
    ("said", "told"),
    [
        (struct.pack("!II", 2**32 - 1, 0), "more to say than there is"),
        (struct.pack("!II", 2, 1_000_000_000) + b"{}", "more to say than there is"),
        (framed(b"no words"), "is no JSON"),
        (framed(b"[" * 60_000), "nests deeper"),
        (framed(b'{"done":null,"refused":["a","b"]}'), "not say one thing"),
        (framed(b'{"done":{"format":"png"}}'), "other fields"),
        (b"\x00\x00", "crashed .exit code 0"),
        (framed(b"{}")[:-1], "crashed .exit code 0"),
    ],
)
def test_what_is_no_answer_fails_the_picture_and_its_file_is_gone(
    sandbox: Sandbox, lying: Lying, said: bytes, told: str
) -> None:
    with pytest.raises(JobFailedError, match=told):
        sandbox.run(replace(lying, said=said))
    assert not lying.result.exists()
    assert done(sandbox, open_descriptors)[0] == "did", "another child goes on"


@forked
def test_a_pickle_is_not_unpickled(sandbox: Sandbox, lying: Lying, tmp_path: Path) -> None:
    bomb = pickle.dumps(Bomb(tmp_path / "owned"))
    for said in (framed(bomb), struct.pack("!i", len(bomb)) + bomb):
        with pytest.raises(JobFailedError):
            sandbox.run(replace(lying, said=said))
    assert not (tmp_path / "owned").exists()


@forked
@pytest.mark.parametrize("said", [b"", b"\x00\x00", struct.pack("!II", 1_000, 0) + b"{"])
def test_half_an_answer_is_waited_for_no_longer_than_a_whole_one(lying: Lying, said: bytes) -> None:
    sandbox = warm()
    sandbox._caps = replace(sandbox._caps, seconds=0.3)
    with pytest.raises(JobFailedError, match=r"longer than 0\.3 seconds"):
        sandbox.run(replace(lying, said=said, stays=True))


@forked
def test_a_true_answer_is_taken_and_what_follows_it_unasked_is_none_to_the_next(
    sandbox: Sandbox, lying: Lying, tmp_path: Path
) -> None:
    true = framed(answers.answer(TRUE).words)
    assert sandbox.run(replace(lying, said=true + true, stays=True)) == TRUE
    source = tmp_path / "other"
    source.write_bytes(file_of(photo(60, 80), "PNG"))
    honest = PictureTask(source, INVERT, tmp_path / "second", Limits(), "", "dog.png")
    assert sandbox.run(honest).width == 80


LIES: list[dict[str, object]] = [
    {"format": "svg"},
    {"format": "jpeg"},
    {"format": ["png"]},
    {"width": 0},
    {"width": -1},
    {"width": 16_385},
    {"height": 10**30},
    {"width": 16_000, "height": 16_000},
    {"width": 40.0},
    {"width": True},
    {"width": "40"},
    {"frames": 0},
    {"frames": 101},
    {"bytes": 9},
    {"bytes": 32_000_100},
    {"bytes": "inf"},
    {"bytes": 1e300},
    {"bytes": None},
    {"lost": "nothing"},
    {"lost": [1]},
    {"lost": ["a"] * 17},
    {"lost": ["\x1b[2J"]},
    {"lost": ["a" * 2_001]},
    {"more": 1},
]


@pytest.mark.parametrize("lie", LIES, ids=str)
def test_a_result_is_held_to_types_limits_and_its_file(
    lying: Lying, lie: dict[str, object]
) -> None:
    lying.result.write_bytes(PNG)
    told = {"done": answers.plain(TRUE) | lie}
    assert lying.result_of(answers.answer(TRUE), None) == TRUE
    with pytest.raises(LieError):
        lying.result_of(Answer(json.dumps(told).encode()), None)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999", "9" * 5_000])
def test_numbers_that_are_none_are_lies(lying: Lying, number: str) -> None:
    lying.result.write_bytes(PNG)
    words = answers.answer(replace(TRUE, frames=54)).words.replace(b"54", number.encode())
    with pytest.raises(LieError):
        lying.result_of(Answer(words), None)


def test_the_format_is_the_one_that_was_asked_for(lying: Lying) -> None:
    lying.result.write_bytes(PNG)
    assert replace(lying, format="png").result_of(answers.answer(TRUE), None) == TRUE
    with pytest.raises(LieError, match="a format that nobody asked for"):
        replace(lying, format="jpg").result_of(answers.answer(TRUE), None)


@pytest.mark.parametrize(
    "words",
    [
        {"refused": ["a" * 2_001, ""]},
        {"refused": ["what", "\x9b31m"]},
        {"refused": ["line\nline", ""]},
        {"refused": ["", "nothing happened"]},
        {"refused": "what"},
        {"raised": ["SystemExit", ""]},
    ],
)
def test_an_error_is_one_of_ours_in_bounded_printable_words(
    lying: Lying, words: dict[str, object]
) -> None:
    with pytest.raises(LieError):
        lying.result_of(Answer(json.dumps(words).encode()), None)
    with pytest.raises(RefusedError, match=r"^what happened\. What to do$"):
        lying.result_of(Answer(b'{"refused":["what happened","What to do"]}'), None)


HEADER = answers.plain(reading.inspect(file_of(photo(2, 3), "PNG")))
SEEN = {"header": HEADER, "size": [2, 3], "raw": bytes(18)}


@pytest.mark.parametrize(
    "lie",
    [
        {"size": [2, 4]},
        {"size": [0, 0], "raw": b""},
        {"size": [-2, -3]},
        {"size": [41, 1], "raw": bytes(123)},
        {"size": [2.0, 3]},
        {"size": "ab"},
        {"raw": bytes(17)},
        {"header": None},
        {"header": {}},
        {"header": 7},
    ],
    ids=str,
)
def test_a_look_gives_pixels_of_the_size_that_it_says(tmp_path: Path, lie: dict[str, Any]) -> None:
    look = looks._See(tmp_path, tmp_path, Limits(), 40)
    true, told = SEEN, SEEN | lie
    words = [true["header"], true["size"], None]
    copy = look.result_of(answers.answer(words, true["raw"]), None).copy
    assert copy is not None
    assert copy.shape == (2, 3, 3)
    with pytest.raises(LieError):
        look.result_of(answers.answer([told["header"], told["size"], None], told["raw"]), None)


@pytest.mark.parametrize(
    "lie",
    [
        {"format": "svg"},
        {"width": 0},
        {"width": -5, "height": -5},
        {"width": 10**6},
        {"frames": 10**9, "width": 1, "height": 1},
        {"frames": 0},
        {"profile": "%%%"},
        {"loop": 0.5},
        {"orientation": "up"},
    ],
    ids=str,
)
def test_a_header_is_that_of_a_picture_within_the_limits(lie: dict[str, object]) -> None:
    true = reading.inspect(file_of(photo(30, 40), "PNG"))
    look = looks._See(Path("a"), Path("a"), Limits(), 0)
    assert look.result_of(look.answer_of(looks.Seen(true)), None) == looks.Seen(true)
    told = {"done": [answers.plain(true) | lie, None, None]}
    with pytest.raises(LieError):
        look.result_of(Answer(json.dumps(told).encode()), None)


@pytest.mark.parametrize("number", [1e300, -1e300, math.nan, math.inf, None, "half", True])
def test_a_fraction_in_a_header_is_a_number_that_can_be(number: object) -> None:
    true = reading.inspect(file_of(photo(30, 40), "PNG"))
    look = looks._See(Path("a"), Path("a"), Limits(), 0)
    header = answers.plain(true)
    header["stored"] |= {"density": number}
    with pytest.raises(LieError):
        look.result_of(Answer(json.dumps({"done": [header, None, None]}).encode()), None)


def test_a_check_is_held_to_the_file_itself() -> None:
    look = looks._Check(PNG, "a.png", Limits())
    assert look.result_of(answers.answer("png"), None) == "png"
    for lie in ("jpeg", "svg", 1, None, ["png"], math.pi):
        with pytest.raises(LieError):
            look.result_of(answers.answer(lie), None)
