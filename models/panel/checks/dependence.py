"""Cross-section dependence: whether entities move together beyond what the model explains."""

from __future__ import annotations

import numpy as np

from models.choices import choices
from models.panel.checks.check import Check, normal_check, not_applicable
from models.panel.engine.design import Design, FloatArray
from models.remarks import remark

NULL = "errors are independent between entities"
REFERENCE = "Pesaran (2021), doi:10.1007/s00181-020-01875-7"


def pesaran_cd(
    design: Design,
    u: FloatArray,
    seed: int = 0,
    max_entities: int = choices.dependence_users,
    period_effects: bool = False,
) -> Check:
    r"""Pesaran's :math:`CD = \sqrt{2/(n(n-1))} \sum_{i<j} \sqrt{T_{ij}}\,\hat\rho_{ij}` over the periods in common.

    ``u`` (N,) are residuals in the design's order. Above ``max_entities`` a random subset of entities is drawn. With
    ``period_effects`` the residuals of a period sum to zero, which makes their mean correlation negative and the normal
    distribution no guide (Juodis & Reese 2022, doi:10.1080/07350015.2021.1906687): the statistic comes without p.
    """
    name, drawn = "Pesaran CD", []
    kept = np.arange(design.n_entity)
    if design.n_entity > max_entities:
        kept = np.sort(np.random.default_rng(seed).choice(kept, max_entities, replace=False))
        drawn = [remark("entities_drawn", n=max_entities, all=design.n_entity, seed=str(seed))]
    place = np.full(design.n_entity, -1)
    place[kept] = np.arange(len(kept))
    rows = place[design.entity] >= 0
    panel = np.full((len(kept), design.n_time), np.nan)
    panel[place[design.entity[rows]], design.time[rows]] = u[rows]
    seen = (~np.isnan(panel)).astype(float)
    e = np.where(seen > 0, panel, 0.0)
    common = seen @ seen.T
    with np.errstate(invalid="ignore", divide="ignore"):
        sums = e @ seen.T
        cross = e @ e.T - sums * sums.T / common
        square = (e**2) @ seen.T - sums**2 / common
        moves = square > 1e-20 * ((e**2) @ seen.T)
        rho = np.where(moves & moves.T, cross / np.sqrt(square * square.T), np.nan)
    pairs = np.triu(np.ones_like(common), 1).astype(bool) & (common >= 3) & np.isfinite(rho)
    n = int(pairs.sum())
    if n == 0:
        return not_applicable(name, remark("no_common_periods"), NULL, REFERENCE)
    statistic = float((np.sqrt(common[pairs]) * rho[pairs]).sum() / np.sqrt(n))
    said = [remark("mean_correlation", r=float(rho[pairs].mean())), *drawn]
    if period_effects:
        reference = "Pesaran (2021); Juodis & Reese (2022), doi:10.1080/07350015.2021.1906687"
        return Check(name, statistic, np.nan, np.nan, NULL, reference, (*said, remark("no_p_after_periods")))
    return normal_check(name, statistic, NULL, REFERENCE, *said)
