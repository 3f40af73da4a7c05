r"""Intervals from bootstrap draws: percentile, and bias-corrected accelerated.

Quantiles are interpolated on the normal scale (Davison & Hinkley 1997, Bootstrap Methods, equation 5.8), as R's
`boot` and lavaan do. BCa (Efron 1987, https://doi.org/10.1080/01621459.1987.10478410) moves the percentiles to

.. math:: \Phi\left(z_0 + \frac{z_0 + z_\alpha}{1 - a (z_0 + z_\alpha)}\right)

with the bias :math:`z_0 = \Phi^{-1}(P(\theta^* < \hat\theta))` and the acceleration a, the skewness of the jackknife:
for several strata :math:`a = \frac16 \sum_s n_s^{-3} \sum_i l_{si}^3 / (\sum_s n_s^{-2} \sum_i l_{si}^2)^{3/2}` with
:math:`l_{si} = (n_s - 1)(\bar\theta_{s} - \theta_{s(-i)})` (Davison & Hinkley 1997, section 5.3).

The p-value of zero is the smallest α at which the two-sided interval no longer contains zero: with w the normal
quantile of the place of zero among the draws, less :math:`z_0`, the end of the interval is zero at
:math:`z_\alpha = w / (1 + a w) - z_0` (DiCiccio & Efron 1996, https://doi.org/10.1214/ss/1032280214, section 2).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

import numpy as np
from scipy.special import ndtr, ndtri

from models.sem.options import Interval

INTERVALS = get_args(Interval)


def quantile(draws: np.ndarray, probability: np.ndarray) -> np.ndarray:
    """Return quantiles of the columns of draws (B, k) at probabilities (k,); beyond the draws, the extreme ones."""
    ordered = np.sort(draws, axis=0)
    B = len(draws)
    position = (B + 1) * probability
    below = np.clip(np.floor(position).astype(int), 1, B - 1)
    columns = np.arange(draws.shape[1])
    low, high = ordered[below - 1, columns], ordered[below, columns]
    z, z_low, z_high = ndtri(probability), ndtri(below / (B + 1)), ndtri((below + 1) / (B + 1))
    return low + (high - low) * np.clip((z - z_low) / (z_high - z_low), 0.0, 1.0)


def percentile(draws: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Return lower and upper ends (k,) of percentile intervals."""
    tail = np.full(draws.shape[1], (1 - level) / 2)
    return quantile(draws, tail), quantile(draws, 1 - tail)


def bca(draws: np.ndarray, estimate: np.ndarray, a: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Return lower and upper ends (k,) of BCa intervals; NaN where the bias is not finite (all draws on one side)."""
    z0 = bias(draws, estimate)
    ends = []
    for z in ndtri([(1 - level) / 2, (1 + level) / 2]):
        with np.errstate(invalid="ignore"):
            probability = ndtr(z0 + (z0 + z) / (1 - a * (z0 + z)))
        usable = np.isfinite(probability)
        end = quantile(draws, np.where(usable, probability, 0.5))
        ends.append(np.where(usable, end, np.nan))
    return ends[0], ends[1]


def bias(draws: np.ndarray, estimate: np.ndarray) -> np.ndarray:
    """Return z₀ (k,), infinite where all draws lie on one side of the estimate."""
    return ndtri(np.mean(draws < estimate, axis=0) + np.mean(draws == estimate, axis=0) / 2)


def bca_pvalue(draws: np.ndarray, estimate: np.ndarray, a: np.ndarray) -> np.ndarray:
    """Return two-sided p-values of zero (k,), at least 2 / (B + 1); NaN where the BCa interval is.

    The place of zero is interpolated as the quantiles are, so that p < α where and only where the 1 − α interval
    leaves zero out, as long as that interval ends among the draws. Beyond them it lies on the normal scale as far out
    as it is beyond the extreme draw, seen from the median: with skew, the extreme draw itself may have a large p.
    """
    ordered, B = np.sort(draws, axis=0), len(draws)
    below = np.clip((draws < 0).sum(axis=0), 1, B - 1)
    columns = np.arange(draws.shape[1])
    low, high = ordered[below - 1, columns], ordered[below, columns]
    z_low, z_high = ndtri(below / (B + 1)), ndtri((below + 1) / (B + 1))
    with np.errstate(invalid="ignore", divide="ignore"):
        place = z_low + (z_high - z_low) * np.clip(np.where(high > low, -low / (high - low), 0.5), 0.0, 1.0)
        place *= _beyond(ordered)
        z0 = bias(draws, estimate)
        w = place - z0
        z = np.where(1 + a * w > 0, w / (1 + a * w), np.sign(w) * np.inf) - z0
    tail = np.minimum(ndtr(z), ndtr(-z))
    return np.where(np.isfinite(z0), np.clip(2 * tail, 2 / (B + 1), 1.0), np.nan)


def _beyond(ordered: np.ndarray) -> np.ndarray:
    """Return how many times as far from the median as the extreme draw on its side zero lies (k,), at least once."""
    median = np.median(ordered, axis=0)
    extreme = np.where(median > 0, ordered[0], ordered[-1])
    outside = np.sign(extreme) == np.sign(median)
    return np.where(outside & (extreme != median), median / (median - extreme), 1.0)


def acceleration(jackknife: Sequence[np.ndarray]) -> np.ndarray:
    """Return a (k,) from the leave-one-out values of each stratum (n_s, k), rows of NaN left out.

    A column that moves by no more than rounding, as a variance standardised to one, has none.
    """
    third, second = 0.0, 0.0
    for values in jackknife:
        values = values[np.isfinite(values).any(axis=1)]
        n = len(values)
        influence = (n - 1) * (values.mean(axis=0) - values)
        influence[:, np.abs(influence).max(axis=0) <= 1e-12 * n * np.abs(values).max(axis=0)] = 0.0
        third = third + np.sum(influence**3, axis=0) / n**3
        second = second + np.sum(influence**2, axis=0) / n**2
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(np.asarray(second) > 0, third / np.asarray(second) ** 1.5 / 6, 0.0)
