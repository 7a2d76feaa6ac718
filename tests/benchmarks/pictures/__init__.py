"""Benchmarks of the pictures room. Importing them keeps NumPy's matrix products to one thread."""

import os

# Read once, when NumPy is imported: too late for it further down.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
