"""How kernels are compiled: without the interpreter's lock, cached on disk under the digest of all their sources."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

from numba import njit

_OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "fastmath": {"reassoc", "contract"}}
_SOURCES = sorted(Path(__file__).parent.glob("*.py"))
_DIGEST = sha256(b"".join(path.read_bytes() for path in _SOURCES)).hexdigest()[:12]

compiled = njit(**_OPTIONS | {"no_cpython_wrapper": True, "no_cfunc_wrapper": True})


def entry(function: Callable) -> Callable:
    """Compile a function that Python calls.

    The cache of numba is named after the function and notices changes of its own file only, not of what it calls; the
    digest in the name covers all kernels.
    """
    function.__qualname__ += f"_{_DIGEST}"
    return njit(**_OPTIONS | {"cache": True})(function)
