"""Inference with few clusters: the wild cluster bootstrap with the null imposed."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from models.choices import choices
from models.messages import near_or_all
from models.messages.summary import Summarised
from models.panel.engine.conventions import cluster_sums
from models.panel.engine.design import Design, FloatArray
from models.panel.engine.keys import IntArray
from models.panel.engine.results import PanelFit
from models.panel.engine.transform import demean, demean_twoway
from models.panel.errors import ColumnError, NotEstimableError, check_draws, check_level, check_option
from models.panel.options import Weights
from models.remarks import remark
from models.statistics.distributions import normal_quantile

WEBB = np.sqrt(np.array([0.5, 1.0, 1.5]))
WEIGHTS = {"rademacher": np.array([-1.0, 1.0]), "webb": np.concatenate([-WEBB[::-1], WEBB])}
MAX_CLUSTERS = 300


@dataclass(frozen=True, repr=False)
class WildBootstrap(Summarised):
    """Bootstrap test of a slope: t ``statistic``, ``pvalue`` and the interval of the nulls that are not rejected."""

    term: str
    group: str
    est: float
    null: float
    statistic: float
    pvalue: float
    ci_lower: float
    ci_upper: float
    n_clusters: int
    draws: int
    weights: str

    def tidy(self) -> pd.DataFrame:
        """Tabulate the test.

        Returns
        -------
        DataFrame
            One row with all attributes.
        """
        return pd.DataFrame([vars(self)])


@dataclass(frozen=True, eq=False)
class _Transformed:
    """Data without the effects: ``x`` (M, k), ``y`` (M,), cluster ``codes`` (M,), weights of the ``draws`` (B, G)."""

    x: FloatArray
    y: FloatArray
    codes: IntArray
    draws: FloatArray
    design: Design
    effects: str


@dataclass(frozen=True, eq=False)
class _Refits:
    """The first slope and its refits, which are linear in the null b: ``change[0] - b * change[1]``, so ``errors``.

    ``slope`` and ``se`` are those of the data; ``change`` (2, B) and ``errors`` (2, B, G) those of every draw.
    """

    slope: float
    se: float
    change: FloatArray
    errors: FloatArray

    def test(self, null: float) -> tuple[float, float]:
        """Compute the t statistic and bootstrap p-value of a null."""
        statistic = (self.slope - null) / self.se
        errors = np.linalg.norm(self.errors[0] - null * self.errors[1], axis=1)
        drawn = np.abs(self.change[0] - null * self.change[1]) / np.maximum(errors, 1e-300)
        return statistic, float(np.mean(drawn >= abs(statistic) * (1 - 1e-10)))


def wild_cluster_bootstrap(
    fit: PanelFit,
    term: str,
    *,
    group: str = "all",
    null: float = 0.0,
    draws: int = 999,
    weights: Weights = "webb",
    level: float = choices.confidence,
    seed: int = 0,
) -> WildBootstrap:
    r"""Wild cluster restricted bootstrap of the t statistic of one slope.

    Residuals under the null are multiplied by one random weight a cluster, the slope and its cluster-robust error
    estimated again, :math:`p = \#\{|t^*| \ge |t|\}/B`. With 2^G ≤ draws all Rademacher weights are enumerated. The
    interval inverts the test.

    Parameters
    ----------
    fit : PanelFit
        A fit with one cluster column.
    term : str
        The slope to test.
    group : str
        Group of the fit.
    null : float
        Value of the slope under the null hypothesis.
    draws : int
        Resamples.
    weights : {"webb", "rademacher"}
        Six points, or signs only.
    level : float
        Coverage of the interval.
    seed : int
        Seed of the weights.

    Returns
    -------
    WildBootstrap
        Statistic, p-value and interval, with the number of clusters and of draws.

    Raises
    ------
    PanelError
        An unknown term, group or option, or a fit that has not exactly one cluster column.

    Notes
    -----
    Cameron, Gelbach & Miller (2008), doi:10.1162/rest.90.3.414; weights with six points: Webb (2023),
    doi:10.1111/caje.12661. Needs one cluster column.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from models import panel
    >>> rng = np.random.default_rng(1)
    >>> log = pd.DataFrame({"user": np.repeat(range(30), 4), "week": np.tile(range(4), 30), "x": rng.normal(size=120)})
    >>> log["y"] = 0.5 * log["x"] + rng.normal(size=120)
    >>> log["app"] = log["user"] % 6
    >>> fitted = panel.fit("y ~ x", log, entity="user", time="week", cluster="app")
    >>> test = panel.wild_cluster_bootstrap(fitted, "x", weights="rademacher", seed=1)
    >>> test.n_clusters, test.draws, round(test.pvalue, 3)
    (6, 64, 0.094)
    """
    check_option("weights", weights, WEIGHTS)
    check_level(level)
    check_draws(draws)
    fitted = fit[group]
    transformed, design = fitted.estimate.transformed, fitted.design
    if transformed is None or design is None:
        raise NotEstimableError(remark("rows_streamed"), "fit a sample with engine='linearmodels'")
    if term not in fitted.estimate.names:
        raise ColumnError(f"{term!r} is not a term of the model; {near_or_all(term, fitted.estimate.names)}")
    if transformed.clusters.shape[1] != 1:
        raise NotEstimableError(remark("one_cluster_column"))
    codes = np.unique(transformed.clusters[:, 0], return_inverse=True)[1]
    n_clusters = int(codes.max()) + 1
    if n_clusters > MAX_CLUSTERS:
        raise NotEstimableError(remark("clusters_enough", n=n_clusters, most=MAX_CLUSTERS))
    order = [fitted.estimate.names.index(term)]
    order += [j for j in range(len(fitted.estimate.names)) if j != order[0]]
    multipliers = _draw(n_clusters, draws, weights, np.random.default_rng(seed))
    data = _Transformed(transformed.x[:, order], transformed.y, codes, multipliers, design, fit.spec.effects)
    refits = _refits(data)
    statistic, pvalue = refits.test(null)
    estimate = float(fitted.estimate.params[order[0]])
    se = float(np.sqrt(fitted.estimate.cov[order[0], order[0]]))
    lower, upper = (_bound(refits, estimate, side * se, 1 - level) for side in (-1, 1))
    return WildBootstrap(
        term, group, estimate, null, statistic, pvalue, lower, upper, n_clusters, len(multipliers), weights
    )


def _draw(n_clusters: int, draws: int, weights: str, rng: np.random.Generator) -> FloatArray:
    if weights == "rademacher" and 2**n_clusters <= draws:
        return np.array(list(product([-1.0, 1.0], repeat=n_clusters)))
    return rng.choice(WEIGHTS[weights], size=(draws, n_clusters))


def _refits(data: _Transformed) -> _Refits:
    """Refit the slopes and the error of the first with every draw, of the outcome and of the first term's part."""
    x, codes, n_clusters = data.x, data.codes, data.draws.shape[1]
    bread = np.linalg.inv(x.T @ x)
    slopes = bread @ x.T @ data.y
    scores = cluster_sums(x * (data.y - x @ slopes)[:, None], codes, n_clusters)
    products = np.stack([cluster_sums(x * x[:, [j]], codes, n_clusters) for j in range(x.shape[1])], axis=2)
    changes, errors = [], []
    for part in (data.y, x[:, 0]):
        restricted = part
        if x.shape[1] > 1:
            restricted = part - x[:, 1:] @ np.linalg.lstsq(x[:, 1:], part, rcond=None)[0]
        # residuals of one cluster h at a time, projected: scores of cluster g from weight h (g, h, k)
        alone = np.where(codes[:, None] == np.arange(n_clusters), restricted[:, None], 0.0)
        alone = _project(alone, data.design, data.effects)
        cross = np.stack([cluster_sums(x * alone[:, [h]], codes, n_clusters) for h in range(n_clusters)], axis=1)
        sums = np.einsum("bh,ghk->bgk", data.draws, cross)
        change = sums.sum(1) @ bread
        changes.append(change[:, 0])
        errors.append((sums - np.einsum("gkj,bj->bgk", products, change)) @ bread[0])
    return _Refits(float(slopes[0]), float(np.linalg.norm(scores @ bread[0])), np.array(changes), np.array(errors))


def _project(values: FloatArray, design: Design, effects: str) -> FloatArray:
    if effects == "entity":
        return demean(values, design.entity)
    if effects == "time":
        return demean(values, design.time)
    if effects == "twoway":
        return demean_twoway(values, design.entity, design.time)
    return values


def _bound(refits: _Refits, estimate: float, step: float, alpha: float) -> float:
    """Find the null furthest from the estimate on one side that is not rejected, to .01 of an error; ∞ if none."""
    inner, outer = 0.0, normal_quantile(1 - alpha / 2)
    while refits.test(estimate + outer * step)[1] > alpha:
        inner, outer = outer, 2 * outer
        if outer > 200:
            return float(np.copysign(np.inf, step))
    while outer - inner > 0.01:
        middle = (inner + outer) / 2
        if refits.test(estimate + middle * step)[1] > alpha:
            inner = middle
        else:
            outer = middle
    return estimate + (inner + outer) / 2 * step
