"""Fixed effects with lagged outcomes: the half-panel jackknife against Nickell's bias."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.choices import choices
from models.messages.summary import Summarised
from models.panel.engine.conventions import cluster_sums
from models.panel.engine.design import Design, FloatArray
from models.panel.engine.keys import IntArray
from models.panel.engine.large_sample import tidy_normal
from models.panel.engine.reference import Estimate, estimate
from models.panel.engine.results import PanelFit
from models.panel.errors import NotEstimableError, OptionError, effects_said
from models.remarks import remark


@dataclass(frozen=True, eq=False, repr=False)
class JackknifeFit(Summarised):
    """Jackknifed slopes (k,) of each group with clustered covariance; ``uncorrected`` are the slopes before."""

    groups: tuple[str, ...]
    names: tuple[tuple[str, ...], ...]
    params: tuple[FloatArray, ...]
    uncorrected: tuple[FloatArray, ...]
    cov: tuple[FloatArray, ...]
    nobs: tuple[int, ...]
    n_entity: tuple[int, ...]
    effects: str
    cluster: str

    def tidy(self, level: float = choices.confidence) -> pd.DataFrame:
        """Tabulate the slopes.

        Parameters
        ----------
        level : float
            Coverage of the intervals.

        Returns
        -------
        DataFrame
            ``term group est se statistic pvalue ci_lower ci_upper nobs uncorrected``, one row a term and group.

        Raises
        ------
        PanelError
            A level that is no share.
        """
        tables = []
        for g, names, params, before, cov, n in zip(
            self.groups, self.names, self.params, self.uncorrected, self.cov, self.nobs, strict=True
        ):
            table = tidy_normal(names, params, np.sqrt(np.diag(cov)), level)
            table.insert(1, "group", g)
            tables.append(table.assign(nobs=n, uncorrected=before))
        return pd.concat(tables, ignore_index=True)

    def glance(self) -> pd.DataFrame:
        """Tabulate the groups.

        Returns
        -------
        DataFrame
            One row a group: sizes, effects, and the convention of the errors.
        """
        sizes = {"group": self.groups, "nobs": self.nobs, "n_entity": self.n_entity}
        return pd.DataFrame(sizes).assign(effects=self.effects, cluster=self.cluster, se_type="hc0")


def half_panel_jackknife(fit: PanelFit) -> JackknifeFit:
    r"""Correct a fixed-effects fit by its halves: :math:`2\hat\beta - (\hat\beta_1 + \hat\beta_2)/2`.

    The periods are cut in the middle; with an odd number, both middles are averaged. Lags are those of the full sample.
    Errors add up the entities' (or clusters') contributions to all the estimates.

    Parameters
    ----------
    fit : PanelFit
        A fit with entity or two-way effects, one cluster column, and rows in memory.

    Returns
    -------
    JackknifeFit
        Corrected and uncorrected slopes of each group.

    Raises
    ------
    PanelError
        Other effects or clusters, a fit whose rows were streamed, or halves that do not identify the slopes.

    Notes
    -----
    Dhaene & Jochmans (2015), doi:10.1093/restud/rdv007; with predetermined regressors and two-way effects, Chudik,
    Pesaran & Yang (2018), doi:10.1002/jae.2623.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from models import panel
    >>> rng = np.random.default_rng(1)
    >>> log = pd.DataFrame({"user": np.repeat(range(30), 4), "week": np.tile(range(4), 30), "x": rng.normal(size=120)})
    >>> log["y"] = 0.5 * log["x"] + rng.normal(size=120)
    >>> fitted = panel.fit("y ~ x", log, entity="user", time="week")
    >>> panel.half_panel_jackknife(fitted).tidy()[["term", "est", "uncorrected"]].round(2)
      term   est  uncorrected
    0    x  0.48          0.5
    """
    effects = fit.spec.effects
    if effects not in ("entity", "twoway"):
        raise NotEstimableError(remark("jackknife_of_users", effects=effects_said(effects)))
    if len(fit.spec.cluster) != 1:
        raise OptionError("the half-panel jackknife needs one cluster column")
    done = []
    for g in fit.groups:
        if g.design is None:
            raise NotEstimableError(remark("rows_streamed"), "fit a sample with engine='linearmodels'")
        done.append((g.group, g.estimate, *_jackknife(g.design, g.estimate, effects)))
    return JackknifeFit(
        groups=tuple(d[0] for d in done),
        names=tuple(d[1].names for d in done),
        params=tuple(d[2] for d in done),
        uncorrected=tuple(d[1].params for d in done),
        cov=tuple(d[3] for d in done),
        nobs=tuple(d[1].nobs for d in done),
        n_entity=tuple(fit[d[0]].n_entity for d in done),
        effects=effects,
        cluster=fit.spec.cluster[0],
    )


def _jackknife(design: Design, full: Estimate, effects: str) -> tuple[FloatArray, FloatArray]:
    periods = np.unique(design.period)
    cuts = {periods[(len(periods) - 1) // 2], periods[len(periods) // 2 - 1]}
    n_clusters = len(design.cluster_labels[0])
    params = 2 * full.params
    contributions = 2 * _contributions(full, n_clusters)
    for cut in cuts:
        for half in (design.period <= cut, design.period > cut):
            sample = design.take(np.flatnonzero(half))
            if len(np.unique(sample.period)) < 2:
                raise NotEstimableError(remark("periods_not_halved", n=len(periods)))
            try:
                e = estimate(sample, effects, "hc0")
            except NotEstimableError as error:
                raise NotEstimableError(remark("half_fails", why=error.remark)) from error
            params = params - e.params / (2 * len(cuts))
            contributions = contributions - _contributions(e, n_clusters) / (2 * len(cuts))
    return params, contributions.T @ contributions


def _contributions(e: Estimate, n_clusters: int) -> FloatArray:
    """Bread times scores of each cluster (G, k)."""
    assert e.transformed is not None
    assert e.u is not None
    codes: IntArray = e.transformed.clusters[:, 0]
    bread = np.linalg.inv(e.transformed.x.T @ e.transformed.x)
    return np.asarray(cluster_sums(e.transformed.x * e.u[:, None], codes, n_clusters) @ bread, dtype=np.float64)
