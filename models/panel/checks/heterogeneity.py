"""Do slopes differ between groups? Wald tests of equality and pairwise differences."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from scipy import stats

from models.panel.engine.design import FloatArray
from models.panel.engine.joint import joint_covariance
from models.panel.engine.results import GroupFit, PanelFit
from models.panel.errors import ColumnError, NotEstimableError, check_level, nearest
from models.remarks import remark
from models.statistics.multiple_testing import holm
from models.statistics.wald import WaldTest


def stacked(fit: PanelFit, terms: Sequence[str]) -> tuple[list[GroupFit], FloatArray, FloatArray]:
    """Estimates (g·m,) of ``terms`` in each group that has them, with their joint covariance."""
    members = [g for g in fit.groups if set(terms) <= set(g.estimate.names)]
    if len(members) < 2:
        known = sorted({n for g in fit.groups for n in g.estimate.names})
        missing = next((t for t in terms if t not in known), None)
        if missing is not None:
            raise ColumnError(f"{missing!r} is not a term of the model; {nearest(missing, known)}")
        raise NotEstimableError(remark("two_groups_to_compare", terms=list(terms)), "fit with by=")
    picks = [[g.estimate.names.index(t) for t in terms] for g in members]
    params = np.concatenate([g.estimate.params[p] for g, p in zip(members, picks, strict=True)])
    blocks = joint_covariance(members, fit.spec)
    cov = np.block(
        [[b[np.ix_(p, q)] for b, q in zip(row, picks, strict=True)] for row, p in zip(blocks, picks, strict=True)]
    )
    return members, params, cov


def wald(fit: PanelFit, terms: str | Sequence[str], group: str = "all") -> WaldTest:
    """Test that one or several terms of a group are zero, such as the interactions with a moderator."""
    names = [terms] if isinstance(terms, str) else list(terms)
    e = fit[group].estimate
    for name in names:
        if name not in e.names:
            raise ColumnError(f"{name!r} is not a term of the model; {nearest(name, e.names)}")
    place = [e.names.index(n) for n in names]
    params, cov = e.params[place], e.cov[np.ix_(place, place)]
    statistic = _quadratic(params, cov)
    null = f"{' and '.join(names)} zero"
    return WaldTest(statistic, len(names), float(stats.chi2.sf(statistic, len(names))), null, (group,))


def wald_equal(fit: PanelFit, terms: str | Sequence[str]) -> WaldTest:
    """Test that a term (or several, jointly) has the same slope in every group."""
    names = [terms] if isinstance(terms, str) else list(terms)
    members, params, cov = stacked(fit, names)
    m = len(names)
    contrast = np.hstack([np.eye(m * (len(members) - 1)), np.tile(-np.eye(m), (len(members) - 1, 1))])
    difference = contrast @ params
    statistic = _quadratic(difference, contrast @ cov @ contrast.T)
    df = len(difference)
    groups = tuple(g.group for g in members)
    null = f"{' and '.join(names)} equal over {fit.spec.by}"
    return WaldTest(statistic, df, float(stats.chi2.sf(statistic, df)), null, groups)


def _quadratic(params: FloatArray, cov: FloatArray) -> float:
    """b' V⁻¹ b; clusters that are no more than the hypotheses leave V without an inverse."""
    scale = np.sqrt(np.diag(cov))
    if not (scale > 0).all() or np.linalg.eigvalsh(cov / np.outer(scale, scale))[0] < 1e-10:
        raise NotEstimableError(remark("singular_for_clusters", k=len(params)))
    return float(params @ np.linalg.solve(cov, params))


def pairwise(fit: PanelFit, term: str, level: float = 0.95) -> pd.DataFrame:
    """Differences of a slope between each two groups, p-values plain and Holm-adjusted over the pairs."""
    check_level(level)
    members, params, cov = stacked(fit, [term])
    rows = []
    for i, j in combinations(range(len(members)), 2):
        difference = params[i] - params[j]
        se = float(np.sqrt(cov[i, i] + cov[j, j] - 2 * cov[i, j]))
        half = stats.norm.ppf(0.5 + level / 2) * se
        rows.append(
            {
                "term": term,
                "group": members[i].group,
                "other": members[j].group,
                "est": difference,
                "se": se,
                "statistic": difference / se,
                "pvalue": 2 * stats.norm.sf(abs(difference / se)),
                "ci_lower": difference - half,
                "ci_upper": difference + half,
            }
        )
    table = pd.DataFrame(rows)
    return table.assign(pvalue_holm=holm(table["pvalue"].to_numpy()))
