"""Do the series wander? Augmented Dickey–Fuller tests of entities, combined."""

from __future__ import annotations

import numpy as np
from statsmodels.tsa.adfvalues import mackinnonp

from models.panel.checks import Check, chi2_check, not_applicable
from models.panel.design import Design, FloatArray
from models.panel.keys import IntArray

MIN_PERIODS = 10
NULL = "every entity's series has a unit root"
REFERENCE = "Maddala & Wu (1999), doi:10.1111/1468-0084.0610s1631"


def maddala_wu(design: Design, values: FloatArray, name: str, lags: int = 1, seed: int = 0, most: int = 500) -> Check:
    r"""Fisher's :math:`-2\sum_i \log p_i` of Dickey–Fuller tests with intercept, :math:`\chi^2_{2n}` under the null.

    Each entity's longest run without gaps counts, if it has ten periods; above ``most`` entities a random subset is
    drawn. Entities must be independent: see Pesaran's CD.
    """
    test = f"Maddala–Wu unit root: {name}"
    runs = [r for r in longest_runs(design.entity, design.period) if len(r) >= MIN_PERIODS + lags]
    runs = [r for r in runs if np.ptp(values[r]) > 0]
    if not runs:
        reason = f"no entity has {MIN_PERIODS + lags} consecutive periods with variation"
        return not_applicable(test, reason, NULL, REFERENCE)
    note = f"{len(runs)} entities, {lags} lags"
    if len(runs) > most:
        chosen = np.random.default_rng(seed).choice(len(runs), most, replace=False)
        runs, note = [runs[i] for i in chosen], f"{most} of {len(runs)} entities, drawn with seed {seed}, {lags} lags"
    pvalues = np.array([mackinnonp(dickey_fuller(values[r], lags), regression="c") for r in runs])
    statistic = float(-2 * np.log(np.maximum(pvalues, 1e-300)).sum())
    return chi2_check(test, statistic, 2 * len(runs), NULL, REFERENCE, note)


def dickey_fuller(series: FloatArray, lags: int) -> float:
    """t statistic of the level in Δy on 1, y₋₁, Δy₋₁ …, Δy₋ₗ."""
    change = np.diff(series)
    y = change[lags:]
    past = [change[lags - j : len(change) - j] for j in range(1, lags + 1)]
    x = np.column_stack([series[lags:-1], np.ones(len(y)), *past])
    slope, *_ = np.linalg.lstsq(x, y, rcond=None)
    rest = y - x @ slope
    variance = rest @ rest / (len(y) - x.shape[1])
    return float(slope[0] / np.sqrt(variance * np.linalg.inv(x.T @ x)[0, 0]))


def longest_runs(entity: IntArray, period: IntArray) -> list[IntArray]:
    """Rows of each entity's longest run of consecutive periods; rows are sorted by entity and period."""
    breaks = np.flatnonzero((np.diff(entity) != 0) | (np.diff(period) != 1)) + 1
    best: dict[int, IntArray] = {}
    for run in np.split(np.arange(len(entity)), breaks):
        i = int(entity[run[0]])
        if i not in best or len(run) > len(best[i]):
            best[i] = run
    return list(best.values())
