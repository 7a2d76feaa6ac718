"""What the worker's console shows on top."""

from __future__ import annotations

import argparse
from types import SimpleNamespace
from typing import Any

from labapp import settings
from labapp.cloud import endpoints
from labapp.cloud.session import Place
from labapp.programs.shell.context import Context
from labapp.programs.workers.console import Shown
from labapp.worker.stats import WorkerStats


def test_its_header_shows_the_address_in_force() -> None:
    context = Context("server.py", argparse.Namespace(), settings.load({"cloud": "aws"}))
    place = Place("aws", "eu-west-1", endpoints.at("http://minio.example:9000"))
    stand_in: Any = SimpleNamespace(
        place=place, known_bucket="lab", stats=WorkerStats(), changes=0, value=2, is_local=False
    )
    header = Shown(context, stand_in, stand_in, stand_in, stand_in).header()
    assert (header.cloud, header.workers) == ("aws at minio.example:9000", 2)
