"""Each fault of the table, injected in this process: what the programs say, and how they exit."""

from __future__ import annotations

import pytest

from labapp import utc
from labapp.cloud.endpoints import Endpoint
from labapp.cloud.session import Cloud
from tests.clouds.faults import FAULTS, Fault
from tests.clouds.injecting import before_moto
from tests.support.commands import run

Capture = pytest.CaptureFixture[str]

#: A picture to label.
KEY = "images/0123456789abcdef-a.jpg"


#: What makes a client; the tests' account has all programs use the same few.
_make = Cloud._make


@pytest.fixture(autouse=True)
def nothing_known(bare_cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have programs find out by themselves what is wrong, and have it forgotten afterwards."""
    monkeypatch.setattr(Cloud, "_make", _make)
    monkeypatch.setattr(utc, "_lacking", 0.0)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_met(
    fault: Fault,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Capture,
) -> None:
    cloud: Cloud = request.getfixturevalue("bare_cloud" if fault.bare else "cloud")
    if not fault.bare:
        cloud.s3.put_object(Bucket=cloud.bucket_name, Key=KEY, Body=b"a")
    if fault.ignored:  # at Amazon's own address nobody asks whether conditions are heeded
        monkeypatch.setenv("LABAPP_BUCKET", cloud.bucket_name)
        monkeypatch.setattr(Endpoint, "is_amazons", property(lambda _: False))
    program, *words = (word.format(key=KEY) for word in fault.command)
    capsys.readouterr()

    with before_moto(fault):
        code = run(program, *words)

    out, err = capsys.readouterr()
    assert [text for text in fault.says if text not in out + err] == [], out + err
    assert code == fault.code, out + err
    assert "Traceback" not in err
