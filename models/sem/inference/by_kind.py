"""The one place that knows how errors and tests depend on the kind of sample."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from models.sem.inference.ordinal_robust import ordinal_information, ordinal_sandwich, ordinal_test
from models.sem.inference.robust import ScaledTest, sandwich, satorra_bentler
from models.sem.samples.sample import Kind
from models.sem.solving.estimate import Task


@dataclass(frozen=True)
class Inference:
    """Functions of a task and its parameters θ.

    Attributes
    ----------
    information
        Unit information (q, q); the flag asks for the observed one.
    sandwich
        Robust unit covariance matrix (q, q) from the bread; the flag takes deviations about the sample moments.
    corrected_test
        The test scaled or, by the flag, scaled and shifted, from basis, statistic and degrees of freedom.
    lost
        Respondents a group by which the divisor of the covariance matrix is less than n.
    """

    information: Callable[[Task, np.ndarray, bool], np.ndarray]
    sandwich: Callable[[Task, np.ndarray, np.ndarray, bool], np.ndarray]
    corrected_test: Callable[[Task, np.ndarray, np.ndarray, float, int, bool], ScaledTest]
    lost: int = 0


def _information(task: Task, theta: np.ndarray, observed: bool) -> np.ndarray:
    return task.objective.hessian(theta, observed)


def _of_moments(task: Task, theta: np.ndarray, observed: bool) -> np.ndarray:
    return ordinal_information(task, theta)


def _of_moments_sandwich(task: Task, theta: np.ndarray, inverse: np.ndarray, about_sample: bool) -> np.ndarray:
    return ordinal_sandwich(task, theta, inverse)


_CONTINUOUS = Inference(_information, sandwich, satorra_bentler)
INFERENCE: dict[Kind, Inference] = {
    "complete": _CONTINUOUS,
    "incomplete": _CONTINUOUS,
    "ordinal": Inference(_of_moments, _of_moments_sandwich, ordinal_test, lost=1),
}


def unit_information(task: Task, theta: np.ndarray) -> np.ndarray:
    """Return the expected information of one respondent (q, q) of any kind of sample."""
    return INFERENCE[task.sample.kind].information(task, theta, False)
