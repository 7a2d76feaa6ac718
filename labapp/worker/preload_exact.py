"""Loaded by the process that exact picture jobs are forked from: it has scikit-image besides."""

import contextlib
import gc

from labapp.errors import JobFailedError
from labapp.pictures.process import prepare, prepare_exact

prepare(threads=1)
with contextlib.suppress(JobFailedError):  # told by the first picture that misses it
    prepare_exact()
# A collection in a child would write to every page that it shares with this process.
gc.collect()
gc.freeze()
