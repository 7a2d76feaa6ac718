"""What all tests share: folders of their own, no AWS settings of the machine's, and moto as AWS."""

from __future__ import annotations

import contextlib
import functools
import gc
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import botocore.session
import hypothesis
import psutil
import pytest
from botocore.loaders import JSONFileLoader, Loader, create_loader

from labapp.cloud.embedded import launcher
from labapp.jobs import lab
from tests.support import leftovers, ports, waiting

if TYPE_CHECKING:
    from labapp.cloud.bucket import Bucket
    from labapp.cloud.session import Cloud
    from labapp.jobs.session import ClientSession


pytest_plugins = ["tests.support.portable_names"]

# A shell starts what it puts in the background with Ctrl-C and Ctrl-\ ignored, which programs under
# test would inherit.
signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGQUIT"):
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)

# botocore parses its descriptions of the services anew for each session, for 0.1 s, and only reads
# what it parsed: once is enough. moto, which changes them, has loaders of its own.
_DESCRIPTIONS: Any = JSONFileLoader()
_DESCRIPTIONS.load_file = functools.cache(_DESCRIPTIONS.load_file)


def _loader(search_path_string: str | None = None) -> Loader:
    loader = create_loader(search_path_string)
    loader.file_loader = _DESCRIPTIONS
    return loader


botocore.session.create_loader = _loader

# How long an example takes depends on what else the machine does: no test is about time.
hypothesis.settings.register_profile(
    "labapp", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("labapp")


def pytest_collection_finish() -> None:
    """Leave all that was collected out of every later look for garbage: it stays."""
    gc.freeze()


@pytest.fixture(autouse=True)
def isolated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, started_too: None) -> Iterator[None]:
    """Give labapp empty folders, and hide whatever settings this machine has.

    What runs in these folders after the test, all its fixtures ended, was left behind.
    """
    for name in os.environ:
        if name.startswith(("LABAPP_", "AWS_", "XDG_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("LABAPP_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("LABAPP_CONFIG_DIR", str(tmp_path / "config"))
    for name in ("HOME", "USERPROFILE", "LOCALAPPDATA", "APPDATA"):
        if name in os.environ:  # where the user's own folders would be looked for
            monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "no-aws-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "no-aws-credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    if os.name == "nt":  # a terminal whose fonts have our signs
        monkeypatch.setenv("WT_SESSION", "of-the-tests")
    monkeypatch.setattr(launcher, "_launch", _launch_elsewhere)
    yield
    if left := leftovers.left_cloud(tmp_path / "data"):
        pytest.fail(f"the test left {left} behind: use a fixture that ends it")


_launch = launcher._launch


def _launch_elsewhere(home: Path, port: int) -> subprocess.Popen[bytes]:
    if port == leftovers.OWN_PORT:
        message = "a test takes the port of the user's own cloud: use a fixture that names another"
        raise AssertionError(message)
    return _launch(home, port)


@pytest.fixture(scope="session", autouse=True)
def nothing_left(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """See to it that no process outlives the tests that started it."""
    folder = tmp_path_factory.getbasetemp()
    yield
    with contextlib.suppress(AssertionError):  # some are just ending
        waiting.until(lambda: not leftovers.left_processes(folder), seconds=10)
    left = leftovers.left_processes(folder)
    told = leftovers.told(left)
    for process in left:
        with contextlib.suppress(psutil.Error):
            process.kill()
    assert not left, f"tests left these processes behind:\n{told}"


@pytest.fixture(scope="session")
def aws_clients() -> Cloud:
    """Make the clients for AWS once; they cost more time than most tests."""
    from moto import mock_aws

    from labapp.cloud.session import Cloud
    from labapp.settings import Settings

    with mock_aws():
        cloud = Cloud(Settings(cloud="aws", region="us-east-1"))
        assert cloud.s3
        assert cloud.sqs
        assert cloud.bucket_name
    return cloud


@pytest.fixture
def bare_cloud(aws_clients: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """Give an empty AWS account, in process; commands run in this process act on it too."""
    from moto import mock_aws

    from labapp.cloud.abilities import Abilities
    from labapp.cloud.session import Cloud
    from tests.support import moto_server
    from tests.support.clock import Clock

    def made_already(cloud: Cloud, service: str) -> object:
        if cloud.place.endpoint:
            return make(cloud, service)
        if service not in aws_clients._clients:  # what few tests ask is made for the first of them
            aws_clients._clients[service] = make(aws_clients, service)
        return aws_clients._clients[service]

    make = Cloud._make
    monkeypatch.setattr(Cloud, "_make", made_already)
    # What one test's store was found to lack says nothing of the next one's.
    monkeypatch.setattr(aws_clients, "abilities", Abilities())
    monkeypatch.setenv("LABAPP_CLOUD", "aws")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    moto_server.install()
    aws_clients.made_queues.clear()  # those of another test
    aws_clients.found_queues.clear()
    # What is waited for, a minute long, is waited for in no time.
    monkeypatch.setattr("labapp.cloud.patience.time", Clock())
    with mock_aws():
        yield aws_clients


@pytest.fixture
def bare_bucket(bare_cloud: Cloud) -> Bucket:
    """Give the bucket of an AWS account without queues, for what knows nothing of them."""
    from labapp.cloud.bucket import Bucket

    bare_cloud.s3.create_bucket(Bucket=bare_cloud.bucket_name)
    return Bucket(bare_cloud)


@pytest.fixture
def cloud(bare_cloud: Cloud) -> Cloud:
    """Give an AWS account, in process, with bucket and queues as `admin.py cloud up` makes them."""
    from tests.support import moto_lab

    moto_lab.lay(bare_cloud)
    return bare_cloud


@pytest.fixture
def bucket(cloud: Cloud) -> Bucket:
    """Give that account's bucket."""
    from labapp.cloud.bucket import Bucket

    return Bucket(cloud)


@pytest.fixture
def session(cloud: Cloud) -> Iterator[ClientSession]:
    """Give a client's session in that account."""
    from labapp.jobs.session import ClientSession

    with ClientSession(cloud) as opened:
        yield opened


@pytest.fixture
def port() -> int:
    """Give a port that nobody listens at."""
    return ports.free_port()


@pytest.fixture
def home(port: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give the folder of the local cloud, which has a port of its own; end what lives there."""
    from labapp.cloud.session import local_home

    monkeypatch.setenv("LABAPP_PORT", str(port))
    folder = local_home()
    yield folder
    launcher.stop(folder)


@pytest.fixture
def local_cloud(port: int, home: Path) -> Cloud:
    """Give the local cloud, up in a process of its own, with bucket and queues."""
    from labapp.cloud.session import Cloud
    from labapp.settings import Settings

    cloud = Cloud(Settings(port=port))
    lab.require(cloud)
    assert cloud.home == home
    return cloud


@pytest.fixture
def deleted_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have this program stand in a folder that was deleted since."""
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Give a folder with pictures and what is none."""
    from tests.pictures.samples import PNG

    folder = tmp_path / "photos"
    (folder / "deeper").mkdir(parents=True)
    (folder / "deeper" / "hidden.png").write_bytes(PNG)
    for name in ("10.jpg", "2.JPG", "1.png", "B.webp", "a.tiff", "notes.txt", "noending", "c.svg"):
        (folder / name).write_bytes(PNG)
    return folder
