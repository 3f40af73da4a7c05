"""What is compiled, made ready before further processes ask for it, each of which would compile it anew."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from models.sem.api import fit
from models.sem.kernels.refits import MomentSets, refit
from models.sem.samples.sample import Moments


def refits() -> None:
    """Compile the refits, which takes a quarter of a minute, or load them from disk where they lie there already."""
    covariance = np.array([[1.0, 0.5], [0.5, 1.0]])
    small = fit("y ~ x", Moments(covariance, 10, names=("x", "y")))
    refit(small.task, small.theta, MomentSets(np.zeros((1, 1, 2)), covariance[None, None], np.full((1, 1), 10.0)))


def patterns() -> None:
    """Compile the curvature of incomplete answers, which takes some seconds, or load it from disk."""
    answers = pd.DataFrame({"x": [1.0, 2.0, 3.0, 4.0, 5.0, np.nan], "y": [1.0, 3.0, 2.0, 5.0, np.nan, 4.0]})
    small = fit("y ~~ x", answers, missing="fiml")
    small.task.objective.hessian(small.theta, exact=True)


KERNELS: dict[str, Callable[[], None]] = {"refits": refits, "patterns": patterns}
