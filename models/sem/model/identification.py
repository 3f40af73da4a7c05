"""Can the data determine the parameters? Counted before estimation, and by the rank of the information after it."""

from __future__ import annotations

import numpy as np

from models.remarks import Remark, remark
from models.sem.errors import NotIdentifiedError
from models.sem.language.named import parameter
from models.sem.language.table import ParameterTable
from models.sem.model.linear_algebra import no_flat_direction, restrict

_RANK = 1e-9


def check_count(df: int, npar: int, moments: int) -> None:
    """Raise if there are more parameters than moments."""
    if df < 0:
        raise NotIdentifiedError(
            remark("more_parameters", npar=npar, moments=moments),
            f"Fix or equate at least {-df} parameter(s), or add items.",
        )


def undetermined(information: np.ndarray, K: np.ndarray, table: ParameterTable) -> list[Remark]:
    """Return the parameters that can move without changing the fit (empty: identified)."""
    reduced = restrict(information, K)
    diagonal = np.diag(reduced)
    if len(diagonal) == 0:
        return []
    scale = 1 / np.sqrt(np.where(diagonal > 0, diagonal, 1.0))
    scaled = reduced * np.outer(scale, scale)
    if no_flat_direction(scaled, _RANK):
        return []
    values, vectors = np.linalg.eigh(scaled)
    flat = vectors[:, values < _RANK * max(values[-1], 1.0)]
    if flat.shape[1] == 0:
        return []
    weight = np.abs(K * scale @ flat).max(axis=1) / np.where(
        np.abs(K * scale).max(axis=1) > 0, np.abs(K * scale).max(axis=1), 1
    )
    involved = np.flatnonzero(weight > 0.05)
    return [parameter(table.rows[table.free[k]], table.options.groups) for k in involved]


def require_identified(information: np.ndarray, K: np.ndarray, table: ParameterTable) -> None:
    """Raise if the information matrix is singular, naming the parameters involved."""
    names = undetermined(information, K, table)
    if names:
        rest = [remark("and_more", n=len(names) - 12)] if len(names) > 12 else []
        raise NotIdentifiedError(
            remark("not_told_apart", parameters=names[:12], rest=rest),
            "Fix or equate one of them (each factor needs a scale, and enough items), or remove a path.",
        )
