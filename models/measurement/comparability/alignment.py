"""Alignment: factor means of many groups when items do not have the same intercepts everywhere."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import optimize

from models.choices import choices
from models.measurement.errors import ScaleError
from models.messages.summary import Summarised
from models.statistics.distributions import two_sided


@dataclass(frozen=True, eq=False, repr=False)
class Alignment(Summarised):
    """Groups aligned on one factor.

    Attributes
    ----------
    means, variances : array (g,)
        Factor means and variances; those of the first group are 0 and 1.
    loadings, intercepts : array (g, p)
        Aligned item parameters.
    invariant_loadings, invariant_intercepts : array (g, p) of bool
        Whether the parameter of the group belongs to the largest set that agrees.
    r2_loadings, r2_intercepts : array (p,)
        Share of the variation over groups of the unaligned parameter that the factor's means and variances explain;
        near one where an item is invariant.
    value : float
        Loss at the optimum.
    """

    means: np.ndarray
    variances: np.ndarray
    loadings: np.ndarray
    intercepts: np.ndarray
    invariant_loadings: np.ndarray
    invariant_intercepts: np.ndarray
    r2_loadings: np.ndarray
    r2_intercepts: np.ndarray
    value: float

    @property
    def noninvariant(self) -> float:
        """Share of item parameters that do not agree; up to a quarter the means are trusted."""
        return float(1 - (self.invariant_loadings.mean() + self.invariant_intercepts.mean()) / 2)


def align(
    loadings: np.ndarray,
    intercepts: np.ndarray,
    n: np.ndarray,
    loading_se: np.ndarray,
    intercept_se: np.ndarray,
    epsilon: float = 0.001,
    level: float = choices.alignment_level,
    n_starts: int = 10,
    seed: int | None = None,
) -> Alignment:
    r"""Align the groups of a configural one-factor model.

    Parameters
    ----------
    loadings, intercepts : ndarray (g, p)
        Of the configural model with factor means 0 and variances 1 in every group.
    n : ndarray (g,)
        Group sizes.
    loading_se, intercept_se : ndarray (g, p)
        Their standard errors, which decide what counts as agreement.
    epsilon : float
        Smoothing of the loss.
    level : float
        Two-sided level at which a parameter is put outside the agreeing set.
    n_starts : int
        Random starts besides equal means and variances; the loss has local minima.
    seed : int, optional
        Seed of the starts.

    Returns
    -------
    Alignment
        Means and variances of the factor, aligned parameters, and which of them agree.

    Raises
    ------
    MeasurementError
        Arrays that do not match, or fewer than two groups or items.

    Notes
    -----
    Minimises :math:`\sum_p\sum_{g<h}\sqrt{n_gn_h}\,[f(\lambda_{pg}/\sqrt{\psi_g}-\lambda_{ph}/\sqrt{\psi_h})
    +f(\nu_{pg}-\alpha_g\lambda_{pg}/\sqrt{\psi_g}-\dots)]` with :math:`f(x)=(x^2+\epsilon)^{1/4}`, which
    prefers a few large differences to many small ones; differences are in units of the mean loading. The first group is
    fixed at mean 0 and variance 1 (FIXED alignment). Agreement is judged item by item: groups are dropped from the set,
    the most deviant first, until none differs from the weighted mean of the set at `level`; errors of the factor means
    are not counted in.

    References
    ----------
    Asparouhov & Muthén (2014), doi:10.1080/10705511.2014.919210; a quarter: Muthén & Asparouhov (2014),
    doi:10.3389/fpsyg.2014.00978.

    Examples
    --------
    >>> import numpy as np
    >>> from models import measurement
    >>> loadings, intercepts = np.full((2, 3), 0.8), np.array([[0.0, 0.0, 0.0], [0.4, 0.4, 0.4]])
    >>> errors = np.full((2, 3), 0.05)
    >>> found = measurement.align(loadings, intercepts, np.array([200, 200]), errors, errors, n_starts=2, seed=1)
    >>> found.means.round(2).tolist(), bool(found.invariant_intercepts.all())
    ([0.0, 0.5], True)
    """
    groups, items = loadings.shape
    if intercepts.shape != (groups, items) or len(n) != groups:
        raise ScaleError(f"loadings {loadings.shape}, intercepts {intercepts.shape} and {len(n)} sizes do not match")
    if groups < 2 or items < 2:
        raise ScaleError(f"{groups} groups and {items} items given; alignment needs two of each")
    first, second = np.triu_indices(groups, 1)
    contrast = np.eye(groups)[first] - np.eye(groups)[second]
    weight = np.sqrt(n[first] * n[second].astype(float))[:, None] / n.mean()
    unit = np.abs(loadings).mean()

    def aligned(theta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        mean, sd = np.r_[0.0, theta[: groups - 1]], np.exp(np.r_[0.0, theta[groups - 1 :]])
        slope = loadings / sd[:, None]
        return mean, sd, slope, intercepts - mean[:, None] * slope

    def loss(theta: np.ndarray) -> tuple[float, np.ndarray]:
        mean, _, slope, level_ = aligned(theta)
        value, gradients = 0.0, []
        for parameter in (slope, level_):
            difference = contrast @ parameter / unit
            smooth = difference**2 + epsilon
            value += float((weight * smooth**0.25).sum())
            gradients.append(contrast.T @ (weight * difference * smooth**-0.75) / (2 * unit))
        by_slope, by_level = gradients
        by_mean = -(by_level * slope).sum(axis=1)
        by_log_sd = -((by_slope - mean[:, None] * by_level) * slope).sum(axis=1)
        return value, np.r_[by_mean[1:], by_log_sd[1:]]

    rng = np.random.default_rng(seed)
    starts = [np.zeros(2 * (groups - 1))]
    starts += [rng.normal(0, 0.5, 2 * (groups - 1)) for _ in range(n_starts)]
    fits = [optimize.minimize(loss, start, jac=True, method="BFGS") for start in starts]
    best = min(fits, key=lambda r: r.fun)
    mean, sd, slope, level_ = aligned(best.x)
    slope_bar, level_bar = np.average(slope, axis=0, weights=n), np.average(level_, axis=0, weights=n)
    return Alignment(
        mean,
        sd**2,
        slope,
        level_,
        _agreeing(slope, loading_se / sd[:, None], level),
        _agreeing(level_, np.hypot(intercept_se, (mean / sd)[:, None] * loading_se), level),
        _explained(loadings, slope_bar * sd[:, None]),
        _explained(intercepts, level_bar + mean[:, None] * slope_bar),
        float(best.fun),
    )


def _agreeing(value: np.ndarray, se: np.ndarray, level: float) -> np.ndarray:
    keep = np.ones(value.shape, dtype=bool)
    for p in range(value.shape[1]):
        precision = 1 / se[:, p] ** 2
        while keep[:, p].sum() > 1:
            inside = np.flatnonzero(keep[:, p])
            centre = np.average(value[inside, p], weights=precision[inside])
            leverage = precision[inside] / precision[inside].sum()
            z = np.abs(value[inside, p] - centre) / (se[inside, p] * np.sqrt(np.maximum(1 - leverage, 1e-12)))
            worst = z.argmax()
            if two_sided(z[worst]) >= level:
                break
            keep[inside[worst], p] = False
    return keep


def _explained(observed: np.ndarray, implied: np.ndarray) -> np.ndarray:
    total = observed.var(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(total > 0, 1 - (observed - implied).var(axis=0) / total, 1.0)


def alignment_table(construct: str, items: list[str], groups: list[str], result: Alignment) -> pd.DataFrame:
    """One row an item and group: aligned parameters and whether they agree with those of the other groups."""
    return pd.DataFrame(
        [
            {
                "construct": construct,
                "item": item,
                "group": group,
                "loading": result.loadings[g, p],
                "loading_invariant": bool(result.invariant_loadings[g, p]),
                "intercept": result.intercepts[g, p],
                "intercept_invariant": bool(result.invariant_intercepts[g, p]),
                "loading_r2": result.r2_loadings[p],
                "intercept_r2": result.r2_intercepts[p],
            }
            for p, item in enumerate(items)
            for g, group in enumerate(groups)
        ]
    )
