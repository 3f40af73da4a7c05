"""The compiled refits made ready before further processes ask for them, each of which would compile them anew."""

from __future__ import annotations

import numpy as np

from models.sem.api import fit
from models.sem.kernels.refits import MomentSets, refit
from models.sem.samples.sample import Moments


def compile_ahead() -> None:
    """Compile the refits, which takes a quarter of a minute, or load them from disk where they lie there already."""
    covariance = np.array([[1.0, 0.5], [0.5, 1.0]])
    small = fit("y ~ x", Moments(covariance, 10, names=("x", "y")))
    refit(small.task, small.theta, MomentSets(np.zeros((1, 1, 2)), covariance[None, None], np.full((1, 1), 10.0)))
