"""The services that are toured, each as `start` brings it up: on loopback, at a free port."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from tests.chaos.faults import Faults
from tests.chaos.proxy import Proxy
from tests.clouds.environments import node_with, python_with
from tests.clouds.lane import DROP
from tests.clouds.servers import below, is_bound_beyond_loopback, served
from tests.support.ports import free_port
from tests.support.python_path import python_path
from tests.support.steps import TOP

NODE = Path(__file__).parent / "node"

#: LocalStack with what its runtime wants: newer releases of the last two lack what it imports.
LOCALSTACK = ("localstack-core[runtime]==4.9.2", "cbor2<6", "pyopenssl<26")
FAUXQS = ("fauxqs@1.9.2",)
LAZY = ("local-aws-sqs@2.0.2",)

#: The conditions of S3's requests.
CONDITIONS = frozenset({"if-match", "if-none-match"})

#: Seconds that each answer takes where conditions are ignored: whoever reads a label file then
#: writes it when another has read it too.
DELAY = 0.05


@dataclass(frozen=True)
class Service:
    """A service to be toured.

    Attributes:
        title: its name and version.
        start: brings it up, given the folder of environments and one to write in; yields the
            variables with which programs find it.
        lacks: steps of the tour that it cannot show, by their titles: why.
        finds: checks of `doctor` that do not hold there.
        cannot: what else of Amazon's it cannot show.
    """

    title: str
    start: Callable[[Path, Path], AbstractContextManager[dict[str, str]]]
    lacks: Mapping[str, str] = field(default_factory=dict)
    finds: frozenset[str] = frozenset()
    cannot: str = ""


@contextlib.contextmanager
def _localstack(cache: Path, folder: Path) -> Iterator[dict[str, str]]:
    python = python_with(cache, "localstack", LOCALSTACK)
    port = free_port()
    variables = {
        "ACTIVATE_PRO": "0",
        "GATEWAY_SERVER": "hypercorn",  # its default server binds every interface
        "GATEWAY_LISTEN": f"127.0.0.1:{port}",
        "LOCALSTACK_HOST": f"127.0.0.1:{port}",
        "SERVICES": "s3,sqs,sts",
        "DISABLE_EVENTS": "1",
        "SKIP_SSL_CERT_DOWNLOAD": "1",
        "DNS_ADDRESS": "0",
        "OVERRIDE_IN_DOCKER": "0",
        "FILESYSTEM_ROOT": below(folder, "root"),
    }
    url = f"http://127.0.0.1:{port}"
    argv = [str(python), "-m", "localstack.runtime.main"]
    with served(argv, f"{url}/_localstack/health", folder, variables, folder):
        _see_that_it_is_private(port)
        yield {"AWS_ENDPOINT_URL": url}


@contextlib.contextmanager
def _fauxqs(cache: Path, folder: Path) -> Iterator[dict[str, str]]:
    with _node(cache, folder, "fauxqs", FAUXQS) as url:
        yield {"AWS_ENDPOINT_URL": url}


@contextlib.contextmanager
def _lazy(cache: Path, folder: Path) -> Iterator[dict[str, str]]:
    with _node(cache, folder, "lazy_sqs", LAZY) as sqs, moto(folder / "moto") as other:
        yield {
            "AWS_ENDPOINT_URL_SQS": sqs,
            "AWS_ENDPOINT_URL_S3": other,
            "AWS_ENDPOINT_URL_STS": other,
        }


@contextlib.contextmanager
def _moto(cache: Path, folder: Path) -> Iterator[dict[str, str]]:
    with moto(folder) as url:
        yield {"AWS_ENDPOINT_URL": url}


@contextlib.contextmanager
def _unconditional(cache: Path, folder: Path) -> Iterator[dict[str, str]]:
    with moto(folder) as url:
        proxy = Proxy(
            int(url.rpartition(":")[2]), Faults(delay=DELAY, ignored=CONDITIONS | {"expect"})
        )
        try:
            yield {"AWS_ENDPOINT_URL": proxy.url}
        finally:
            proxy.close()


@contextlib.contextmanager
def moto(folder: Path) -> Iterator[str]:
    """Have moto's server at work; yield its address."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    argv = [sys.executable, "-m", "tests.support.moto_server", "-H", "127.0.0.1", "-p", str(port)]
    variables = {"PYTHONPATH": python_path(), "LABAPP_DATA_DIR": str(folder)}
    with served(argv, f"{url}/moto-api/", folder, variables, TOP):
        yield url


@contextlib.contextmanager
def _node(cache: Path, folder: Path, script: str, packages: tuple[str, ...]) -> Iterator[str]:
    """Have a server of npm's at work; yield its address."""
    installed = node_with(cache, script, packages)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    argv = ["node", str(NODE / f"{script}.mjs"), str(port)]
    with served(argv, url, folder / script, {}, installed):
        _see_that_it_is_private(port)
        yield url


def _see_that_it_is_private(port: int) -> None:
    if is_bound_beyond_loopback(port):
        raise RuntimeError(f"the service at port {port} listens beyond loopback: it was ended")


SERVICES: Mapping[str, Service] = {
    "moto": Service(
        "moto (the version that the tests use)",
        _moto,
        cannot="permissions, delays, 60-second rules; it reads no condition of a policy",
    ),
    "localstack": Service(
        "LocalStack 4.9.2, host mode",
        _localstack,
        cannot="permissions, delays of the control plane",
    ),
    "fauxqs": Service(
        "fauxqs 1.9.2",
        _fauxqs,
        finds=frozenset({"a drop arrives", "notification", "conditional writes"}),
        lacks={DROP: "it has no notifications"},
        cannot="permissions, delays",
    ),
    "local-aws-sqs": Service(
        "local-aws-sqs 2.0.2, queues late by a second; S3 by moto",
        _lazy,
        finds=frozenset({"a drop arrives"}),
        lacks={DROP: "its queues and that bucket know nothing of each other"},
        cannot="permissions, delays of S3's",
    ),
    "unconditional": Service(
        "moto behind a proxy that drops If-Match and If-None-Match",
        _unconditional,
        finds=frozenset({"conditional writes"}),
        cannot="a given store of that kind: older Ceph, s3gw, some gateways of MinIO",
    ),
}
