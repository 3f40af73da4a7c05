r"""Starting values, equivariant to the units of the items.

Loadings by instrumental variables (FABIN 3, Hägglund 1982, https://doi.org/10.1007/BF02293850), then the covariances
of the factors by least squares from the items, from which regressions and second-order loadings follow.
"""

from __future__ import annotations

import numpy as np

from models.sem.sample import Sample
from models.sem.table import ParameterTable


def starting_values(table: ParameterTable, sample: Sample) -> np.ndarray:
    """Return θ (n_free,) to start from: the user's values where given, else computed from the moments."""
    values = np.array([row.fixed for row in table.rows])
    for g in range(len(table.options.groups)):
        rows = [i for i, row in enumerate(table.rows) if row.group == g + 1]
        _start_group(table, rows, values, sample, g)
    user = np.array([row.start for row in table.rows])
    values = np.where(np.isnan(user), values, user)
    theta = values[list(table.free)]
    return np.where(np.isfinite(theta), theta, 0.0)


def _start_group(table: ParameterTable, rows: list[int], values: np.ndarray, sample: Sample, g: int) -> None:
    group = sample.groups[g]
    index = {name: i for i, name in enumerate(sample.names)}
    S = group.cov
    latent_variance: dict[str, float] = {}
    indicators: dict[str, list[int]] = {}
    for i in rows:
        if table.rows[i].op == "=~":
            indicators.setdefault(table.rows[i].lhs, []).append(i)
    for factor, members in indicators.items():
        latent_variance[factor] = _loadings(table, factor, members, values, S, index, latent_variance, rows)
    for i in rows:
        row = table.rows[i]
        if not row.free or not np.isnan(values[i]):
            continue
        if row.op == "~~" and row.lhs == row.rhs:
            observed = row.lhs in index
            values[i] = 0.5 * S[index[row.lhs], index[row.lhs]] if observed else latent_variance.get(row.lhs, 1.0)
        elif row.op == "~1" and row.lhs in index:
            values[i] = group.mean[index[row.lhs]]
        elif row.op == "~~" and {row.lhs, row.rhs} <= index.keys() and row.lhs in table.variables.covariates:
            values[i] = S[index[row.lhs], index[row.rhs]]
        else:
            values[i] = 0.0
    for i in rows:
        row = table.rows[i]
        if row.free and row.op == "~~" and row.lhs == row.rhs and row.lhs in table.variables.covariates:
            values[i] = S[index[row.lhs], index[row.lhs]]


def _loadings(
    table: ParameterTable,
    factor: str,
    members: list[int],
    values: np.ndarray,
    S: np.ndarray,
    index: dict[str, int],
    known: dict[str, float],
    rows: list[int],
) -> float:
    """Fill the loadings of one factor and return a start for its variance."""
    names = [table.rows[i].rhs for i in members]
    variance_row = next(
        (i for i in rows if table.rows[i].op == "~~" and table.rows[i].lhs == table.rows[i].rhs == factor), None
    )
    fixed_variance = values[variance_row] if variance_row is not None else np.nan
    if not all(name in index for name in names):
        spread = [np.sqrt(known.get(n, S[index[n], index[n]] if n in index else 1.0)) for n in names]
        anchor = next((values[i] / s for i, s in zip(members, spread, strict=True) if values[i] == values[i]), np.nan)
        scale = anchor if np.isfinite(anchor) and anchor != 0 else 0.7
        for i, s in zip(members, spread, strict=True):
            if np.isnan(values[i]):
                values[i] = scale * s
        return 0.5 / scale**2 if np.isnan(fixed_variance) else fixed_variance
    at = [index[name] for name in names]
    C = S[np.ix_(at, at)]
    ratios = np.array([_fabin3(C, j) for j in range(len(at))])
    lead = [k for k in range(1, len(at)) if ratios[k]]
    common = np.mean([C[0, k] / ratios[k] for k in lead]) if lead else 0.5 * C[0, 0]
    common = float(np.clip(common, 0.1 * C[0, 0], 0.9 * C[0, 0]))
    marker = next((k for k, i in enumerate(members) if np.isfinite(values[i]) and values[i] != 0 and ratios[k]), None)
    if marker is not None:
        scale = values[members[marker]] / ratios[marker]
    else:
        scale = np.sqrt(common / (fixed_variance if np.isfinite(fixed_variance) and fixed_variance > 0 else 1.0))
    for k, i in enumerate(members):
        if np.isnan(values[i]):
            values[i] = scale * ratios[k]
    return common / scale**2


def _fabin3(C: np.ndarray, j: int) -> float:
    """Return the loading of item j relative to item 0, bounded by a correlation-like size."""
    if j == 0:
        return 1.0
    bound = 2 * np.sqrt(C[j, j] / C[0, 0])
    others = [k for k in range(len(C)) if k not in (0, j)]
    if others:
        weights = np.linalg.solve(C[np.ix_(others, others)], C[others][:, [0, j]])
        bottom = C[0, others] @ weights[:, 0]
        ratio = (C[0, others] @ weights[:, 1]) / bottom if bottom > 0 else 0.0
    else:
        ratio = np.sign(C[0, j]) * bound / 2
    sign = 1.0 if ratio == 0 else np.sign(ratio)
    return float(sign * np.clip(abs(ratio), 0.05 * bound, bound))
