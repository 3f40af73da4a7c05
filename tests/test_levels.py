"""A confidence or a level of 95 is no share: it is refused, and does not make everything significant."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from models import measurement, sem, synthesis

RNG = np.random.default_rng(1)
ANSWERS = pd.DataFrame(RNG.normal(size=(60, 1)) + RNG.normal(size=(60, 6)), columns=list("abcdef"))
SCALES = {"trust": list("abc"), "use": list("def")}
YEARS = pd.DataFrame({"year": [1, 2, 4]})
FIT = sem.fit("a ~ b + c", ANSWERS)

ASKED: dict[str, Callable[[float], object]] = {
    "modification indices": lambda level: sem.modification_indices(FIT, delta=0.1, level=level),
    "simple slopes": lambda level: sem.simple_slopes(FIT, "a", "b", "c", "c", level=level),
    "bootstrap": lambda level: sem.bootstrap(FIT, n=20, seed=1, engine="numpy").limits(level=level),
    "reliability": lambda level: measurement.reliability(ANSWERS, SCALES, level),
    "validity": lambda level: measurement.validity(ANSWERS, SCALES, n_boot=0, level=level),
    "parallel analysis": lambda level: measurement.parallel_analysis(ANSWERS, list("abc"), n_samples=2, quantile=level),
    "one factor": lambda level: measurement.harman(ANSWERS, list("abc"), level),
    "imputation": lambda level: measurement.pool(np.arange(3.0), np.ones(3), level=level),
    "power": lambda level: measurement.power("y ~ 0.5*x", "y ~ x", ["y ~ x"], [20], draws=20, level=level),
    "detectable": lambda level: measurement.minimum_detectable(FIT, level=level),
    "necessity": lambda level: measurement.necessary_condition(ANSWERS["a"], ANSWERS["b"], level=level),
    "mean": lambda level: synthesis.random_effects([0.1, 0.2], [0.01, 0.02], level=level),
    "nested": lambda level: synthesis.dependent_effects([0.1, 0.2, 0.3], [0.01] * 3, list("abb"), level=level),
    "moderators": lambda level: synthesis.moderators(
        [0.1, 0.2, 0.4], [0.1] * 3, pd.DataFrame({"x": [1, 2, 4]}), level=level
    ),
}


@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED)
def test_what_is_no_share_is_refused(ask: Callable[[float], object]) -> None:
    with pytest.raises((sem.SemError, measurement.MeasurementError, synthesis.SynthesisError), match="share between 0"):
        ask(95)
