"""Loaded by the process that picture jobs are forked from: importing this warms it up."""

import gc

from labapp.pictures import held  # noqa: F401 - the tasks of what a worker holds in memory
from labapp.pictures.process import prepare

prepare(threads=1)
# A collection in a child would write to every page that it shares with this process.
gc.collect()
gc.freeze()
