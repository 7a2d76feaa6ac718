"""Loaded by the process that exact picture jobs are forked from: it has scikit-image besides."""

import contextlib
import gc

from labapp.errors import JobFailedError
from labapp.pictures.process import prepare_exact
from labapp.worker import preload  # noqa: F401 - all that other pictures need is warm here too

with contextlib.suppress(JobFailedError):  # told by the first picture that misses it
    prepare_exact()
gc.collect()
gc.freeze()
