"""Threads of BLAS: one, unless somebody has asked for more."""

import os
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from .._optional import needed_by

VARIABLES = (
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "OMP_NUM_THREADS",
)
"""What people set for all programs; the command line leaves those who did alone."""


def limited(threads: int | None) -> AbstractContextManager[Any]:
    """Give BLAS so many threads; None: one, where threadpoolctl is there; 0: as it is."""
    if threads == 0 or any(map(os.environ.get, VARIABLES)):
        return nullcontext()
    try:
        with needed_by("--threads"):
            from threadpoolctl import threadpool_limits
    except ImportError:
        if threads is not None:
            raise
        return nullcontext()
    return threadpool_limits(threads or 1, user_api="blas")
