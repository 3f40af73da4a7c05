"""Which users move the slopes, and how much regressors share."""

from __future__ import annotations

import numpy as np
import pandas as pd

from models.panel.checks.check import Check, not_applicable
from models.panel.engine.design import FloatArray
from models.panel.engine.results import GroupFit, PanelFit
from models.panel.engine.transform import demean
from models.remarks import remark

_FLAT = 1e-12


def influence(fit: PanelFit, n: int = 10) -> pd.DataFrame:
    """Find the ``n`` entities of each group whose absence would move a slope most.

    Parameters
    ----------
    fit : PanelFit
        The model.
    n : int
        Entities a group.

    Returns
    -------
    DataFrame
        A row an entity, the most influential of each group first: ``group entity term change change_in_se``; ``change``
        is the slope without the entity less the slope with it, see ``leave_one_out``.

    Notes
    -----
    Belsley, Kuh & Welsch (1980), doi:10.1002/0471725153.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from models import panel
    >>> rng = np.random.default_rng(1)
    >>> log = pd.DataFrame({"user": np.repeat(range(30), 4), "week": np.tile(range(4), 30), "x": rng.normal(size=120)})
    >>> log["y"] = 0.5 * log["x"] + rng.normal(size=120)
    >>> fitted = panel.fit("y ~ x", log, entity="user", time="week")
    >>> panel.influence(fitted, n=2)[["entity", "term", "change"]].round(3)
       entity term  change
    0      20    x  -0.072
    1       7    x  -0.057
    """
    tables = []
    for g in fit.groups:
        if g.design is None:
            continue
        change = leave_one_out(g)
        scaled = change / np.sqrt(np.diag(g.estimate.cov))
        worst = np.argsort(-np.abs(scaled).max(1))[:n]
        term = np.abs(scaled[worst]).argmax(1)
        table = pd.DataFrame({"group": g.group, "entity": g.design.entity_labels[worst]})
        table["term"] = [g.estimate.names[j] for j in term]
        table["change"], table["change_in_se"] = change[worst, term], scaled[worst, term]
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def leave_one_out(fitted: GroupFit) -> FloatArray:
    r"""Change of the slopes (n, k) when each entity is left out: :math:`-(X'X - X_i'X_i)^{-1} X_i'u_i`.

    Infinite where the others cannot identify the slopes. Exact for pooled, between, entity and first-difference
    estimates; with period effects those are held (Belsley, Kuh & Welsch 1980, doi:10.1002/0471725153).
    """
    transformed, u, design = fitted.estimate.transformed, fitted.estimate.u, fitted.design
    assert transformed is not None
    assert u is not None
    assert design is not None
    codes, x = design.entity[transformed.rows], transformed.x
    k = x.shape[1]
    products = np.empty((design.n_entity, k, k))
    for j in range(k):
        for h in range(j, k):
            products[:, j, h] = products[:, h, j] = np.bincount(codes, x[:, j] * x[:, h], minlength=design.n_entity)
    scores = np.column_stack([np.bincount(codes, x[:, j] * u, minlength=design.n_entity) for j in range(k)])
    others = x.T @ x - products
    size = np.sqrt(np.maximum(np.einsum("ikk->ik", others), 0.0))
    scaled = others / np.maximum(size[:, :, None] * size[:, None, :], 1e-300)
    lost = np.linalg.eigvalsh(scaled)[:, 0] < 1e-11
    others[lost] = np.eye(k)
    change = -np.linalg.solve(others, scores[:, :, None])[:, :, 0]
    return np.where(lost[:, None], np.inf, change)


def most_influential(fitted: GroupFit) -> Check:
    """Find the largest change of a slope, in standard errors, from leaving one entity out."""
    scaled = leave_one_out(fitted) / np.sqrt(np.diag(fitted.estimate.cov))
    i, j = np.unravel_index(np.abs(scaled).argmax(), scaled.shape)
    assert fitted.design is not None
    left_out = remark("slope_without", term=fitted.estimate.names[j], who=str(fitted.design.entity_labels[i]))
    said = left_out, remark("descriptive")
    null, reference = "0: no single entity moves a slope", "Belsley, Kuh & Welsch (1980), doi:10.1002/0471725153"
    return Check("Most influential entity (change in se)", float(scaled[i, j]), np.nan, np.nan, null, reference, said)


def variance_inflation(fitted: GroupFit) -> list[Check]:
    """Variance inflation 1/(1−R²_j) of each regressor given the others, after the effects are taken out."""
    transformed = fitted.estimate.transformed
    assert transformed is not None
    slopes = [j for j, n in enumerate(transformed.names) if n != "Intercept"]
    x = transformed.x[:, slopes]
    # First differences of a steady trend are a constant, which no intercept takes out.
    moving = np.ptp(x, axis=0) > _FLAT * np.abs(x).max(axis=0)
    inflation = np.full(len(slopes), np.nan)
    if n := int(moving.sum()):
        centred = demean(x[:, moving], np.zeros(len(x), dtype=np.int64))
        inflation[moving] = np.diag(np.linalg.inv(np.corrcoef(centred, rowvar=False).reshape(n, n)))
    null = "1: unrelated to the other regressors"
    reference = "Belsley, Kuh & Welsch (1980), doi:10.1002/0471725153"

    def check(term: str, value: float, moves: bool) -> Check:
        if not moves:
            return not_applicable(f"VIF: {term}", remark("same_in_all_rows", term=term), null, reference)
        return Check(f"VIF: {term}", value, np.nan, np.nan, null, reference, (remark("descriptive"),))

    names = [transformed.names[j] for j in slopes]
    return [check(*one) for one in zip(names, inflation.tolist(), moving.tolist(), strict=True)]
