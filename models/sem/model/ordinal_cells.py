r"""Thresholds and scales in the model: from latent responses to the moments of ordinal answers.

An ordinal item is a latent response :math:`y^*` with mean μ and variance σ², cut at τ. Only
:math:`c\,(\tau - \mu)` and :math:`c_i c_j \sigma_{ij}` can be seen, with the scale :math:`c = 1/\sigma`. Under the
*delta* parameterization c is a parameter and the residual variance follows from it; under *theta* the residual
variance is one and c follows (Muthén & Asparouhov 2002, Mplus Web Note 4).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.sem.language.table import ParameterTable


@dataclass(frozen=True, eq=False)
class OrdinalCells:
    """Fixed thresholds and scales of one group.

    Attributes
    ----------
    items
        Positions of the ordinal items (o,).
    owner
        Item of each threshold (t,).
    tau
        Thresholds (t,), zero where free.
    scale
        Scales (p,), one for continuous items.
    delta
        Whether residual variances follow from scales, rather than scales from residual variances.
    """

    items: np.ndarray
    owner: np.ndarray
    tau: np.ndarray
    scale: np.ndarray
    delta: bool


def threshold_index(table: ParameterTable) -> dict[tuple[str, str], int]:
    """Return the place of each threshold (item, ``t1``) in the vector of thresholds of a group."""
    count = dict(table.options.thresholds)
    names = [(v, f"t{k}") for v in table.variables.observed if v in count for k in range(1, count[v] + 1)]
    return {name: i for i, name in enumerate(names)}


def ordinal_cells(table: ParameterTable, group: int) -> OrdinalCells | None:
    """Return the fixed thresholds and scales of one group, or None without ordinal items."""
    if not table.options.thresholds:
        return None
    observed = table.variables.observed
    index = threshold_index(table)
    tau, scale = np.zeros(len(index)), np.ones(len(observed))
    for row in table.rows:
        if row.group == group and not row.free and np.isfinite(row.fixed):
            if row.op == "|":
                tau[index[row.lhs, row.rhs]] = row.fixed
            elif row.op == "~*~":
                scale[observed.index(row.lhs)] = row.fixed
    return OrdinalCells(
        items=np.array([i for i, v in enumerate(observed) if v in table.variables.ordered]),
        owner=np.array([observed.index(item) for item, _ in index]),
        tau=tau,
        scale=scale,
        delta=table.options.parameterization == "delta",
    )


def complete_residuals(cells: OrdinalCells, L: np.ndarray, S: np.ndarray, scale: np.ndarray) -> None:
    """Fill the residual variances of the ordinal items in S so that their responses have variance 1 / c²."""
    o = cells.items
    S[o, o] = 0.0
    own = L[o]
    rest = scale[o] ** -2 - np.sum(own @ S * own, axis=1)
    reach = own[:, o]
    S[o, o] = rest if np.count_nonzero(reach) == len(o) else np.linalg.solve(reach**2, rest)


def derived_scales(cells: OrdinalCells, C: np.ndarray) -> np.ndarray:
    """Return the scales (p,) that implied variances entail; NaN for a negative variance."""
    scale, o = cells.scale.copy(), cells.items
    with np.errstate(invalid="ignore", divide="ignore"):
        scale[o] = 1 / np.sqrt(C[o, o])
    return scale
