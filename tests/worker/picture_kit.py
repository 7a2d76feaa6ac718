"""What the tests of the picture job share: requests, objects, and a look at results."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from labapp.cloud.bucket import Bucket
from labapp.errors import RefusedError
from labapp.jobs.proof import new_identity
from labapp.jobs.wire import Request
from labapp.settings import Settings
from labapp.worker.picture_handler import PictureHandler
from tests.pictures.samples import INVERT, PNG


def handler(bucket: Bucket, **settings: Any) -> PictureHandler:
    return PictureHandler(replace(Settings(), **settings), bucket)


def put(bucket: Bucket, key: str, data: bytes = PNG) -> None:
    bucket.put(key, data, "application/octet-stream")


def asked(
    body: str,
    steps: str = INVERT,
    job: str = "job-1",
    format: str = "",
    quality: str = "",
    **more: Any,
) -> Request:
    own = {"pipeline": steps, "format": format, "quality": quality}
    return Request(body, job, "ada", own, **more)


def proved(body: str, steps: str = INVERT, **more: Any) -> Request:
    """Return a request as our own clients send it."""
    identity = new_identity("ada")
    return asked(body, steps, identity.job, nonce=identity.nonce, **more)


def plain(body: str, job: str = "message-1", **more: Any) -> Request:
    return Request(body, job, **more)


def keys(bucket: Bucket, prefix: str) -> list[str]:
    return [entry.key for entry in bucket.list(prefix)]


def pixels(bucket: Bucket, key: str) -> Any:
    return np.asarray(Image.open(io.BytesIO(bucket.get(key).body)))


def refused(work: PictureHandler, request: Request, told: str) -> None:
    with pytest.raises(RefusedError, match=told):
        work.work(request)
