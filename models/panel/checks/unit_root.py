"""Do the series wander? Augmented Dickey–Fuller tests of entities, combined."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr
from statsmodels.tsa.adfvalues import mackinnonp

from models.choices import choices
from models.panel.checks.check import Check, chi2_check, not_applicable
from models.panel.engine.design import Design, FloatArray
from models.panel.engine.keys import IntArray
from models.remarks import Remark, remark

NULL = "every entity's series has a unit root"
REFERENCE = "Maddala & Wu (1999), doi:10.1111/1468-0084.0610s1631"


IPS = "Im, Pesaran & Shin (2003), doi:10.1016/S0304-4076(03)00092-7"
# Mean and variance of the Dickey–Fuller t with intercept under the null, by lags and rows used (table 3 there).
ROWS = np.array([10, 15, 20, 25, 30, 40, 50, 60, 70, 100])
MEAN = {
    0: np.array([-1.504, -1.514, -1.522, -1.520, -1.526, -1.523, -1.527, -1.519, -1.524, -1.532]),
    1: np.array([-1.488, -1.503, -1.516, -1.514, -1.519, -1.520, -1.524, -1.519, -1.522, -1.530]),
    2: np.array([-1.319, -1.387, -1.428, -1.443, -1.460, -1.476, -1.493, -1.490, -1.498, -1.514]),
}
VARIANCE = {
    0: np.array([1.069, 0.923, 0.851, 0.809, 0.789, 0.770, 0.760, 0.749, 0.736, 0.735]),
    1: np.array([1.255, 1.011, 0.915, 0.861, 0.831, 0.803, 0.781, 0.770, 0.753, 0.745]),
    2: np.array([1.421, 1.078, 0.969, 0.905, 0.865, 0.830, 0.798, 0.789, 0.766, 0.754]),
}


def maddala_wu(
    design: Design, values: FloatArray, name: str, lags: int = 1, seed: int = 0, most: int = choices.unit_root_users
) -> Check:
    r"""Fisher's :math:`-2\sum_i \log p_i` of Dickey–Fuller tests with intercept, :math:`\chi^2_{2n}` under the null.

    Each entity's longest run without gaps counts, if it has periods enough (`choices.unit_root_periods`); above
    ``most`` entities a random subset is drawn. Series that have no such test, see ``dickey_fuller``, are left out and
    counted in the note. Entities must be independent: see Pesaran's CD.
    """
    test = f"Maddala–Wu unit root: {name}"
    runs, t, said = _tested(design, values, choices.unit_root_periods + lags, lags, seed, most)
    if not runs:
        return not_applicable(test, said[0], NULL, REFERENCE)
    pvalues = np.array([mackinnonp(own, regression="c") for own in t])
    statistic = float(-2 * np.log(np.maximum(pvalues, 1e-300)).sum())
    return chi2_check(test, statistic, 2 * len(runs), NULL, REFERENCE, *said)


def im_pesaran_shin(
    design: Design, values: FloatArray, name: str, lags: int = 1, seed: int = 0, most: int = choices.unit_root_users
) -> Check:
    r"""Mean of Dickey–Fuller t statistics with intercept, :math:`W_{\bar t} = \sqrt n (\bar t - \bar\mu)/\bar\sigma`.

    Means and variances under the null are tabulated (zero to two lags, ten rows used or more); between the tabulated
    numbers of rows they are interpolated. Small values reject. Runs as for Maddala and Wu.
    """
    test = f"Im–Pesaran–Shin unit root: {name}"
    runs, t, said = _tested(design, values, int(ROWS[0]) + lags + 1, lags, seed, most)
    if not runs:
        return not_applicable(test, said[0], NULL, IPS)
    used = np.array([len(r) - lags - 1 for r in runs])
    t_bar = t.mean()
    mean, variance = (float(np.interp(used, ROWS, table[lags]).mean()) for table in (MEAN, VARIANCE))
    statistic = float(np.sqrt(len(runs)) * (t_bar - mean) / np.sqrt(variance))
    return Check(test, statistic, np.nan, float(ndtr(statistic)), NULL, IPS, said)


def _tested(
    design: Design, values: FloatArray, shortest: int, lags: int, seed: int, most: int
) -> tuple[list[IntArray], FloatArray, tuple[Remark, ...]]:
    """Return the runs with a Dickey–Fuller test, their t statistics, and how many there are; or none and the reason."""
    runs, said = _runs(design, values, shortest, lags, seed, most)
    t = np.array([dickey_fuller(values[r], lags) for r in runs])
    found = np.isfinite(t)
    if len(runs) and not found.any():
        return [], t, (remark("series_constant", n=len(runs)),)
    lost = int((~found).sum())
    left_out = [remark("series_left_out", n=lost)] if lost else []
    return [r for r, ok in zip(runs, found, strict=True) if ok], t[found], (said, *left_out)


def _runs(
    design: Design, values: FloatArray, shortest: int, lags: int, seed: int, most: int
) -> tuple[list[IntArray], Remark]:
    """Return the runs that are long enough and vary, with how many; or none and the reason."""
    runs = [r for r in longest_runs(design.entity, design.period) if len(r) >= shortest and np.ptp(values[r]) > 0]
    if not runs:
        return [], remark("no_long_run", n=shortest)
    if len(runs) <= most:
        return runs, remark("series_tested", n=len(runs), lags=lags)
    chosen = np.random.default_rng(seed).choice(len(runs), most, replace=False)
    return [runs[i] for i in chosen], remark("series_drawn", n=most, all=len(runs), seed=str(seed), lags=lags)


def dickey_fuller(series: FloatArray, lags: int) -> float:
    """Compute the t statistic of the level in Δy on 1, y₋₁, Δy₋₁ …, Δy₋ₗ.

    NaN where these are collinear (a series that is constant but for its ends) or fit every change, to rounding: such a
    series says nothing about a unit root, and its t would be the size of the rounding errors.
    """
    series = series - series.mean()
    change = np.diff(series)
    y = change[lags:]
    past = [change[lags - j : len(change) - j] for j in range(1, lags + 1)]
    x = np.column_stack([series[lags:-1], np.ones(len(y)), *past])
    size = np.linalg.norm(x, axis=0)
    if not size.all() or np.linalg.matrix_rank(x / size, tol=1e-8) < x.shape[1]:
        return float("nan")
    slope, *_ = np.linalg.lstsq(x, y, rcond=None)
    rest = y - x @ slope
    if rest @ rest <= 1e-16 * float(change @ change):
        return float("nan")
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
