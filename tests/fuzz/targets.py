"""The readers of foreign bytes: each takes any bytes, and may only return or raise our own errors.

They are fed by atheris (`python -m tests.fuzz`) and, without it, by hypothesis in `test_fuzz.py`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from labapp import numbers, settings
from labapp.cloud.queues import Message
from labapp.dialects import loading, proposals, trial
from labapp.dialects.messages import Incoming
from labapp.dialects.proposals import Seen
from labapp.errors import SettingError
from labapp.jobs.wire import decode_reply, decode_request
from labapp.labels.label_file import parse_label_file
from labapp.message_attribute import Attribute
from labapp.pictures import pipeline
from labapp.pictures.limits import Limits
from tests.pictures.codec import read
from tests.pictures.pngs import RGB_ALPHA, Moving, apng
from tests.pictures.samples import file_of, noise
from tests.pictures.tiffs import tiff
from tests.support.dialect_files import OF_ATTRIBUTES, OF_ONE_QUEUE

#: Small limits: what is beyond them is refused by its header, and no input takes long.
LIMITS = Limits(source_bytes=100_000, result_bytes=100_000, pixels=10_000, side=500, frames=5)

_WORDS = ("job", "client", "pipeline", "format", "status", "result")


def _numbers(data: bytes) -> None:
    values = numbers.parse(data.decode("utf-8", "surrogateescape"))
    numbers.check(values, numbers.Rules(1000, allow_negative=True))
    numbers.summarise(values).json()


def _message(data: bytes) -> Message:
    """Make a message of the bytes: attributes and body parted by NUL."""
    body, *texts = data.decode("utf-8", "replace").split("\0")
    return Message(
        id="id",
        body=body,
        attributes=dict(zip(_WORDS, texts, strict=False)),
        odd_attributes=frozenset(texts[len(_WORDS) :]),
        receipt="r",
        receives=1,
        sent_at=0.0,
        first_received_at=0.0,
    )


def _wire(data: bytes) -> None:
    message = _message(data)
    decode_reply(message)
    decode_request(message)


def _labels(data: bytes) -> None:
    parse_label_file(data)


def _pipeline(data: bytes) -> None:
    pipeline.from_wire(data.decode("utf-8", "replace"))


def _steps(data: bytes) -> None:
    pipeline.parse(data.decode("utf-8", "replace").split())


def _picture(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "picture")
        path.write_bytes(data)
        read(path, LIMITS, "picture")


def _settings(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "labapp.toml")
        path.write_bytes(data)
        settings.load({}, {}, (path,))


def _dialect(data: bytes) -> None:
    loading.parse(data.decode("utf-8", "replace"), Path("lab.toml"))


def _speech(data: bytes) -> None:
    """Try a message by what is proposed of it, which has no faults, and by a lab's dialect."""
    body, *texts = data.decode("utf-8", "replace").split("\0")
    named = zip(("Key", "entier1", "entier2", "RequestType", "Sigma"), texts, strict=False)
    came = Incoming("id", body, {name: Attribute("String", text) for name, text in named})
    try:
        proposed = loading.parse(proposals.propose([Seen("jobs", came)]), Path("lab.toml"))
    except SettingError as error:
        raise AssertionError(error) from error
    for dialect in (proposed, loading.parse(OF_ONE_QUEUE, Path("lab.toml"))):
        trial.attempt(dialect.blocks, came)


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    "numbers": _numbers,
    "wire": _wire,
    "labels": _labels,
    "pipeline": _pipeline,
    "steps": _steps,
    "picture": _picture,
    "settings": _settings,
    "dialect": _dialect,
    "speech": _speech,
}

#: Good inputs to begin with.
GOOD: Mapping[str, tuple[bytes, ...]] = {
    "numbers": (b"1,12,55,4", b"3;4 \n -5", b"+7\t8"),
    "wire": (b"1,2\0job1\0ada\0[]\0png", b"done\0job1\0\0\0\0done\0{}"),
    "labels": (b"1\n0\n", b"1 2026-11-21T10:00:00Z ada 01J0000000000000000000000A\n"),
    "pipeline": (b'[{"op": "blur", "sigma": 3}]', b'[{"op": "crop", "left": 1}]'),
    "steps": (b"blur:3 invert", b"posterize:levels=4 rotate:90"),
    "picture": (
        b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;",
        b"BM" + bytes(52),
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0",
        b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0",
        b"RIFF\x1a\0\0\0WEBPVP8L",
        b"II*\0\x08\0\0\0",
        tiff(noise(6, 5), photometric=2, compression="lzw", tile=(16, 16)),
        tiff(noise(6, 5).astype("u2"), 12, 2, planar=2, order=">", big=True),
        apng(
            3, 2, 8, RGB_ALPHA, [Moving(noise(2, 3, 4), disposal=1), Moving(noise(1, 1, 4), 1, 1)]
        ),
        file_of(noise(6, 5), "BMP"),
        file_of(noise(6, 5), "GIF"),
        file_of(noise(6, 5), "JPEG"),
        file_of(noise(6, 5), "WEBP"),
    ),
    "settings": (b'cloud = "aws"\nport = 4566\n', b"timeout = 1.5\n"),
    "dialect": (OF_ONE_QUEUE.encode(), OF_ATTRIBUTES.encode()),
    "speech": (
        b"1,2\0\0\0\0Average",
        b"a.png,1\0\0\0\0ImageEffect",
        b"x\0a.png\0\0\0\x003",
        b'{"values": [1, 2.5, "3"], "key": "a.png"}',
        b"x\0\x001\x002",
    ),
}


def seeds(name: str, folder: str) -> None:
    """Write a target's good inputs as the files of a corpus."""
    for number, data in enumerate(GOOD[name]):
        Path(folder, f"good-{number}").write_bytes(data)
