"""A dialect whose queues would feed a worker its own answers is told with the line at fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from labapp.errors import SettingError
from labapp.jobs import dialect_checks
from labapp.settings import Settings

NAMES = Settings(response_queue="out", image_outbox="pictures-out")


def check(folder: Path, text: str, settings: Settings = NAMES) -> None:
    file = folder / "lab.toml"
    file.write_text("[[request]]\n" + text.strip() + "\n", "utf-8")
    named = {name: getattr(settings, name) for name in ("response_queue", "image_outbox")}
    dialect_checks.check(Settings(**named, dialect=str(file)))


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ('queue = "out"\nnumbers = "{body}"', 2, "requests come by 'out', where plain clients"),
        ('numbers = "{body}"\nqueue = "pictures-out"', 3, "as image_outbox names it"),
        ('queue = "out-ada"\nnumbers = "{body}"', 2, "where a client 'ada' would be answered"),
        ('queue = "q"\nanswer = "q"\nnumbers = "{body}"', 3, "answers on 'q', from which"),
        ('numbers = "{body}"\nanswer = "imageInbox"', 3, "answers on 'imageInbox', from which"),
        ('numbers = "{body}"\n[[request.reply]]\nbody = "y"\n[[request.reply]]\n'
         'answer = "imageInbox"\nbody = "z"', 5, "answers on 'imageInbox'"),
        ('queue = "q-dlq"\nnumbers = "{body}"\n[[request]]\nqueue = "q"\nnumbers = "{body}"', 2,
         "'q-dlq' is the queue of the dead letters of 'q'"),
        ('numbers = "{body}"\nanswer = "imageInbox-dlq"', 3, "of the dead letters of 'imageInbox'"),
        ('queue = "q.fifo"\nanswer = "q-dlq.fifo"\nnumbers = "{body}"', 3,
         "the dead letters of 'q.fifo'"),
        ('queue = "requestQueue"\npicture = "{body}"', 2,
         "request 1 has no `when`, and its queue 'requestQueue' is that of numbers: all of these"
         " would be taken for pictures"),
        ('queue = "imageInbox"\nnumbers = "{body}"', 2, "'imageInbox' is that of pictures"),
        (f'numbers = "{{body}}"\nanswer = "{"a" * 80}"', 3, "would have a name of 84 characters"),
        ('numbers = "{body}"\n[queue."requestQeue"]\nDelaySeconds = 5', 3,
         "no request and no answer goes by the queue 'requestQeue'"),
    ],
)  # fmt: skip
def test_what_would_go_in_circles_or_never_come_is_told_with_its_line(
    tmp_path: Path, text: str, line: int, what: str
) -> None:
    with pytest.raises(SettingError) as caught:
        check(tmp_path, text)
    assert f"lab.toml, line {line}: " in caught.value.message
    assert what in caught.value.message
    assert caught.value.remedy


@pytest.mark.parametrize(
    "text",
    [
        'numbers = "{body}"',
        'queue = "requestQueue"\nwhen = { "attr.kind" = "blur" }\npicture = "{body}"',
        'queue = "q"\nanswer = "out"\nnumbers = "{body}"',
        'queue = "q"\nanswer = "out-numbers"\nnumbers = "{body}"',
        'queue = "q"\npicture = "{body}"\n[queue.q]\nwait = true',
        'queue = "a.b-dlq"\npicture = "{body}"',
    ],
)
def test_what_finds_its_way_is_taken(tmp_path: Path, text: str) -> None:
    check(tmp_path, text)


def test_settings_are_looked_at_first(tmp_path: Path) -> None:
    settings = Settings(response_queue="requestQueue")
    with pytest.raises(SettingError, match="request_queue and response_queue are both"):
        check(tmp_path, 'numbers = "{body}"', settings)


def test_without_a_dialect_there_is_nothing_to_tell() -> None:
    dialect_checks.check(Settings())
