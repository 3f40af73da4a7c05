"""What a property test asks of a door: a result or one of the project's own errors, soon and in little memory."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from hypothesis import HealthCheck, settings

SECONDS, BYTES = 2.0, 2**30

SHORT, LONG = 40, 5_000
runs = pytest.mark.parametrize(
    "examples", [pytest.param(SHORT, id="short"), pytest.param(LONG, id="long", marks=pytest.mark.slow)]
)


def tried(examples: int) -> Callable:
    """Hypothesis settings: the short run is the same each time, the long one looks for something new."""
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=examples <= SHORT,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


@contextmanager
def only(*own: type[Exception]) -> Iterator[None]:
    """Let errors of the given classes pass; any other error, two seconds of processor time or a gigabyte more fail."""
    began, peak = time.process_time(), _peak()
    said = "a result"
    try:
        yield
    except own as error:
        said = str(error).strip()
    assert said, "an error without a message"
    assert time.process_time() - began < SECONDS, f"took {time.process_time() - began:.1f} s of processor time"
    assert _peak() - peak < BYTES, f"took {(_peak() - peak) / 2**30:.1f} GB"


def _peak() -> int:
    """Peak memory of this process in bytes (macOS counts bytes, Linux kilobytes)."""
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used if sys.platform == "darwin" else used * 1024
