"""A dialect's file is found, read and named; what is wrong in it is told with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from labapp.dialects import loading
from labapp.dialects.rules import Numbers, Picture
from labapp.errors import SettingError

#: A file as a teacher would write it: a picture's key and sigma in attributes.
OF_ATTRIBUTES = """\
# numbers by our own wire; pictures as this lab's client asks: key and sigma in attributes
[[request]]
queue      = "inbox"
answer     = "outbox"
bucket     = "mybucket975846589"
picture    = "{attr.Key}"
steps      = "blur:sigma={attr.Sigma}"
result     = "{stem}_blurred{ext}"
body       = "Réponse à {message_id}"
attributes = { Key = "{result}" }
"""

#: Another: numbers and pictures on one queue, told apart by an attribute.
OF_ONE_QUEUE = """\
[[request]]
queue      = "request_queue"
answer     = "response_queue"
when       = { "attr.RequestType" = "Average" }
numbers    = "{body}"
body       = "{median},{mean},{min},{max}"
attributes = { ResponseType = "{attr.RequestType}" }
[[request]]
queue      = "request_queue"
answer     = "response_queue"
when       = { "attr.RequestType" = "ImageEffect" }
bucket     = "julgio-cli-bucket"
picture    = "{field1}"
steps      = { by = "{field2}", "1" = "flip", "2" = "grayscale" }
result     = "effect-{name}"
attributes = { ResponseType = "{attr.RequestType}" }
"""


def test_a_file_is_read_as_its_teacher_wrote_it(tmp_path: Path) -> None:
    path = tmp_path / "blurs.toml"
    path.write_bytes(b"\xef\xbb\xbf" + OF_ATTRIBUTES.replace("\n", "\r\n").encode())
    dialect = loading.load(path)
    (block,) = dialect.blocks
    assert (dialect.name, dialect.path) == ("blurs", path)
    assert (block.name, block.dialect, block.line) == ("request 1", "blurs", 2)
    assert (block.queue, block.answer, block.bucket) == ("inbox", "outbox", "mybucket975846589")
    assert block.lines["picture"] == 6
    assert isinstance(block.work, Picture)
    (reply,) = block.replies
    assert (reply.queue, list(reply.attributes)) == ("outbox", ["Key"])
    assert block.refusal.attributes == {}, "a refusal has no result to tell"


def test_a_file_of_two_blocks_is_read() -> None:
    average, effect = loading.parse(OF_ONE_QUEUE, Path("lab.toml")).blocks
    assert isinstance(average.work, Numbers)
    assert average.when[0].patterns == ("Average",)
    assert list(average.refusal.attributes) == ["ResponseType"]
    assert (effect.place, effect.line, effect.is_numbers) == (2, 8, False)


def test_no_dialect_is_none() -> None:
    assert loading.chosen("") is None


def test_what_is_wrong_names_file_and_line() -> None:
    wrong = OF_ONE_QUEUE.replace("answer ", "anwser ")
    with pytest.raises(SettingError) as told:
        loading.parse(wrong, Path("lab.toml"))
    assert str(told.value) == (
        'lab.toml, line 3: request 1 has no key "anwser". Did you mean answer?'
        " 1 more: 'admin.py dialect check lab.toml' tells all."
    )
