"""How many processors a computation may use."""

import os


def cores() -> int:
    """Return the number of processors that this process may use, which may be fewer than the machine has.

    Returns
    -------
    int
        How many there are, at least one.

    Examples
    --------
    >>> cores() >= 1
    True
    """
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
