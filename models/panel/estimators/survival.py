"""How long until the event: Kaplan–Meier curves, and whether hazard ratios stay the same over time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import chdtrc

from models.choices import choices
from models.messages.summary import Summarised
from models.panel.engine.design import FloatArray
from models.panel.errors import NotEstimableError, OptionError, ValuesError, check_level, check_option
from models.panel.estimators.hazards import cox, spells
from models.panel.options import Transform
from models.remarks import remark
from models.statistics.distributions import normal_quantile
from models.statistics.wald import SINGULAR, quadratic

TRANSFORMS = get_args(Transform)


@dataclass(frozen=True, eq=False, repr=False)
class SurvivalCurve(Summarised):
    """Share without the event at ``times`` (m,), its interval, and how many (m,) were still watched just before."""

    times: FloatArray
    survival: FloatArray
    lower: FloatArray
    upper: FloatArray
    at_risk: npt.NDArray[np.int64]

    def tidy(self) -> pd.DataFrame:
        """Tabulate the curve.

        Returns
        -------
        DataFrame
            ``time survival ci_lower ci_upper at_risk``, one row a time.
        """
        columns = {"time": self.times, "survival": self.survival, "ci_lower": self.lower, "ci_upper": self.upper}
        return pd.DataFrame(columns | {"at_risk": self.at_risk})


def survival_curve(
    duration: FloatArray, event: FloatArray, times: FloatArray, level: float = choices.confidence
) -> SurvivalCurve:
    r"""Kaplan–Meier estimate of survival at given times.

    :math:`\hat S(t) = \prod_{t_k \le t} (1 - d_k / n_k)`; intervals on the scale of :math:`\log(-\log S)`, with
    Greenwood's variance, so that they stay within 0 and 1.

    Parameters
    ----------
    duration : ndarray (n,)
        Length of each spell.
    event : ndarray (n,)
        1 where it ended, 0 where it is censored.
    times : ndarray (m,)
        Where the curve is read.
    level : float
        Coverage of the pointwise intervals.

    Returns
    -------
    SurvivalCurve
        Survival with its interval and the number at risk, each (m,).

    Raises
    ------
    PanelError
        No spells, durations that are not positive, or events that are not 0 or 1.

    Notes
    -----
    Kaplan & Meier (1958), doi:10.1080/01621459.1958.10501452.

    Examples
    --------
    >>> import numpy as np
    >>> from models import panel
    >>> curve = panel.survival_curve(np.array([1.0, 2, 3, 4]), np.array([1.0, 1, 0, 1]), np.array([1.0, 2, 3]))
    >>> curve.survival.round(2).tolist(), curve.at_risk.tolist()
    ([0.75, 0.5, 0.5], [4, 3, 2])
    """
    check_level(level)
    duration, event, times = (np.asarray(values, dtype=float) for values in (duration, event, times))
    _check_spells(duration, event)
    ends, d = np.unique(duration[event == 1], return_counts=True)
    ordered = np.sort(duration)
    n = len(duration) - np.searchsorted(ordered, ends, side="left")
    survival = np.concatenate([[1.0], np.cumprod(1 - d / n)])
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.concatenate([[0.0], np.cumsum(d / (n * (n - d)))])
        spread = normal_quantile(0.5 + level / 2) * np.sqrt(greenwood) / np.abs(np.log(survival))
        bounds = [survival ** np.exp(sign * spread) for sign in (1, -1)]
    inside = (survival > 0) & (survival < 1)
    lower, upper = (np.where(inside, bound, survival) for bound in bounds)
    place = np.searchsorted(ends, times, side="right")
    at_risk = len(duration) - np.searchsorted(ordered, times, side="left")
    return SurvivalCurve(times, survival[place], lower[place], upper[place], at_risk.astype(np.int64))


def proportional_hazards(formula: str, data: pd.DataFrame, *, event: str, transform: Transform = "km") -> pd.DataFrame:
    r"""Score test that the coefficients of a Cox regression (Efron's ties) do not drift with time.

    Each coefficient becomes :math:`\beta_j + \theta_j g(t)`; the test of :math:`\theta_j = 0` is the one on weighted
    sums of Schoenfeld residuals, with the exact information.

    Parameters
    ----------
    formula : str
        Duration and regressors, ``"duration ~ value + trust"``.
    data : DataFrame
        One row a spell.
    event : str
        Column with 1 where the spell ended in the event, 0 where it was censored.
    transform : {"km", "identity"}
        g: one minus the Kaplan–Meier estimate just before t, or t itself.

    Returns
    -------
    DataFrame
        A row a term and a last one for all together: ``term statistic df pvalue``. No statistic where all that tells
        of a coefficient is of one time, so that nothing could show it to drift.

    Raises
    ------
    PanelError
        As `cox` raises them, and events that are all at one time.

    Notes
    -----
    Schoenfeld (1982), doi:10.1093/biomet/69.1.239; Grambsch & Therneau (1994), doi:10.1093/biomet/81.3.515.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from models import panel
    >>> rng = np.random.default_rng(1)
    >>> spells = pd.DataFrame({"trust": rng.normal(size=200)})
    >>> spells["weeks"] = rng.exponential(10 * np.exp(0.5 * spells["trust"]))
    >>> spells["left"] = (spells["weeks"] < 20).astype(int)
    >>> spells["weeks"] = spells["weeks"].clip(upper=20)
    >>> panel.proportional_hazards("weeks ~ trust", spells, event="left").round(2)
               term  statistic  df  pvalue
    0         trust       0.42   1    0.52
    1  all together       0.42   1    0.52
    """
    check_option("transform", transform, TRANSFORMS)
    beta = cox(formula, data, event=event).params
    design, kept, _ = spells(formula, data, event=event)
    status = kept[event].to_numpy(dtype=float)
    times, residuals, information = schoenfeld(design.x, design.y, status, beta)
    if len(times) < 2:
        raise NotEstimableError(remark("events_at_once", duration=design.dependent, time=float(times[0])))
    if transform == "km":
        curve = survival_curve(design.y, status, np.nextafter(times, 0))
        g = 1 - curve.survival
    else:
        g = times.copy()
    g = g - np.average(g, weights=[status[design.y == t].sum() for t in times])
    score = g @ residuals
    blocks = [np.tensordot(weight, information, axes=1) for weight in (np.ones_like(g), g, g**2)]
    schur = blocks[2] - blocks[1] @ np.linalg.solve(blocks[0], blocks[1])
    rows = []
    for j, name in enumerate(design.names):
        alone = blocks[2][j, j] - blocks[1][j] @ np.linalg.solve(blocks[0], blocks[1][j])
        drifts = alone > SINGULAR * blocks[2][j, j]
        rows.append({"term": name, "statistic": score[j] ** 2 / alone if drifts else np.nan, "df": 1})
    told = all(np.isfinite(row["statistic"]) for row in rows)
    together = quadratic(score, schur) if told else None
    rows.append({"term": "all together", "statistic": together, "df": len(score)})
    table = pd.DataFrame(rows).astype({"statistic": float})
    return table.assign(pvalue=chdtrc(table["df"], table["statistic"]))


def schoenfeld(
    x: FloatArray, duration: FloatArray, event: FloatArray, beta: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return times of events (m,), Schoenfeld residuals summed over ties (m, k), Efron's information (m, k, k)."""
    risk = np.exp((x - x.mean(axis=0)) @ beta)
    order = np.argsort(-duration, kind="stable")
    outer = x[:, :, None] * x[:, None, :]
    sums = [np.cumsum((risk.reshape(-1, *[1] * (v.ndim - 1)) * v)[order], axis=0) for v in (np.ones(len(x)), x, outer)]
    times = np.unique(duration[event == 1])
    last = np.searchsorted(-duration[order], -times, side="right") - 1
    residuals, information = np.empty((len(times), x.shape[1])), np.empty((len(times), x.shape[1], x.shape[1]))
    for m, (time, place) in enumerate(zip(times, last, strict=True)):
        tied = np.flatnonzero((duration == time) & (event == 1))
        gone = np.arange(len(tied)) / len(tied)
        own = [(risk[tied].reshape(-1, *[1] * (v.ndim - 1)) * v[tied]).sum(axis=0) for v in (np.ones(len(x)), x, outer)]
        total, first, second = (s[place] - np.multiply.outer(gone, part) for s, part in zip(sums, own, strict=True))
        mean = first / total[:, None]
        residuals[m] = x[tied].sum(axis=0) - mean.sum(axis=0)
        information[m] = (second / total[:, None, None]).sum(axis=0) - mean.T @ mean
    return times, residuals, information


def _check_spells(duration: FloatArray, event: FloatArray) -> None:
    if len(duration) == 0:
        raise NotEstimableError(remark("no_spells"))
    if duration.shape != event.shape:
        raise OptionError(f"there are {len(duration)} durations and {len(event)} events; expected one event a duration")
    if not (duration > 0).all():
        raise ValuesError(remark("durations_not_positive", n=int((~(duration > 0)).sum())))
    if not np.isin(event, (0.0, 1.0)).all():
        raise ValuesError(remark("event_not_zero_one", event="event"))
