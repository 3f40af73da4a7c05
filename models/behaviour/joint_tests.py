"""Are several slopes zero together? By χ², and with few clusters by F, for which χ² rejects too often."""

from __future__ import annotations

from collections.abc import Sequence

from models import panel
from models.behaviour.few_clusters import few
from models.behaviour.robustness import attempt
from models.panel.engine.results import GroupFit, PanelFit
from models.remarks import Remark, remark
from models.statistics.distributions import f_sf
from models.statistics.wald import WaldTest


def jointly(fit: PanelFit, terms: Sequence[str]) -> tuple[dict[str, float], list[Remark]]:
    """The Wald test that slopes of everybody are zero.

    Returns
    -------
    The numbers of its row, and what is said beside them; no numbers where the clusters are too few.
    """
    if min(fit["all"].estimate.n_clusters) <= len(terms):
        return {}, [remark("few_clusters_joint")]
    test = attempt(panel.wald, fit, terms)
    return ({}, [test]) if isinstance(test, Remark) else judged(test, fit["all"])


def judged(test: WaldTest, fitted: GroupFit) -> tuple[dict[str, float], list[Remark]]:
    """A Wald test by χ²; with few clusters by Hotelling's T², whose p for one slope is that of t.

    Of G clusters and q slopes, W (G − q) / (q (G − 1)) has the distribution F(q, G − q) where clusters are alike
    (Pustejovsky & Tipton 2018, doi:10.1080/07350015.2016.1247004).
    """
    if not few(fitted):
        return {"statistic": test.statistic, "df": float(test.df), "pvalue": test.pvalue}, []
    clusters = min(fitted.estimate.n_clusters)
    rest = float(clusters - test.df)
    statistic = test.statistic * rest / (test.df * (clusters - 1))
    numbers = {"statistic": statistic, "df": float(test.df), "df2": rest}
    return numbers | {"pvalue": f_sf(statistic, test.df, rest)}, [remark("few_clusters_f", n=clusters)]
