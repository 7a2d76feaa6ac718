from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from labapp.errors import SettingError
from labapp.jobs import kinds, lab_queues
from labapp.jobs.number_kind import NUMBERS
from labapp.jobs.picture_kind import PICTURES
from labapp.settings import Settings

OF_SETTINGS = ("requestQueue", "responseQueue", "imageInbox", "imageOutbox")

DIALECT = """
[[request]]
numbers = "{body}"
[[request]]
queue = "inbox"
answer = "out.box"
bucket = "theirs"
result_bucket = "theirs-too"
picture = "{attr.Key}"
result = "{stem}-out{ext}"
[[request]]
queue = "all.fifo"
when = { "attr.kind" = "mean" }
numbers = "{body}"
[[request.reply]]
answer = "means.fifo"
body = "{mean}"
[[request.reply]]
body = "{min}"
[queue."all.fifo"]
DelaySeconds = 5
[queue."inbox"]
wait = true
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    file = tmp_path / "lab.toml"
    file.write_text(DIALECT, "utf-8")
    return Settings(dialect=str(file))


def test_without_a_dialect_they_are_those_of_settings_and_nothing_of_it_is_loaded() -> None:
    assert lab_queues.names(Settings()) == kinds.queue_names(Settings()) == OF_SETTINGS
    assert [one.kind for one in lab_queues.requests(Settings())] == [NUMBERS, PICTURES]
    assert lab_queues.buckets(Settings()) == ()
    code = """
import sys
from labapp.jobs import dialect_checks, lab_queues
from labapp.settings import Settings
dialect_checks.check(Settings())
lab_queues.names(Settings())
print([name for name in sys.modules if name.startswith(("labapp.dialects", "boto"))])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_those_of_a_dialect_stand_behind_them_each_with_what_the_file_says(
    settings: Settings,
) -> None:
    found = {one.name: one for one in lab_queues.all_queues(settings)}
    assert (*found,) == (*OF_SETTINGS, "inbox", "out.box", "all.fifo", "means.fifo")
    assert lab_queues.names(settings) == (*found,)
    asked = ["requestQueue", "imageInbox", "inbox", "all.fifo"]
    assert [one.name for one in lab_queues.requests(settings)] == asked
    assert found["requestQueue"].kind is NUMBERS
    assert found["inbox"].kind is None
    assert found["inbox"].waits
    assert not found["inbox"].is_by_settings
    assert found["all.fifo"].attributes == {"DelaySeconds": "5"}
    assert [name for name, one in found.items() if one.is_fifo] == ["all.fifo", "means.fifo"]


def test_buckets_are_those_of_the_file_less_the_labs_own(settings: Settings) -> None:
    assert lab_queues.buckets(settings) == ("theirs", "theirs-too")
    own = Settings(dialect=settings.dialect, bucket="theirs")
    assert lab_queues.buckets(own) == ("theirs-too",)


def test_a_worker_keeps_the_dialect_that_it_began_with(settings: Settings) -> None:
    before = lab_queues.names(settings)
    with lab_queues.kept_dialect(settings):
        Path(settings.dialect).write_text("[[request", "utf-8")
        assert lab_queues.names(settings) == before
    with pytest.raises(SettingError, match="line 1"):
        lab_queues.names(settings)
    with lab_queues.kept_dialect(Settings()):
        assert lab_queues.names(Settings()) == OF_SETTINGS


def test_a_dialect_that_is_not_there_is_told() -> None:
    with pytest.raises(SettingError, match="dialect"):
        lab_queues.names(Settings(dialect="nowhere/lab.toml"))
