"""Decides on each contact: how urgent it is, which case it belongs to, and what the person is told at once."""

import os

# Before numpy loads: a message is too small for two threads, which would only wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
