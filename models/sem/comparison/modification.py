r"""Score tests: what freeing a fixed parameter, or releasing an equality, would gain.

With g the gradient of the discrepancy at the estimates and I the information of all parameters, the score test of
freeing one parameter c is :math:`N g_c^2 / v_c` with :math:`v_c = I_{cc} - I_{c\theta} B I_{\theta c}`, B the inverse
information within the constraints; its expected change is :math:`-g_c / v_c` (Sörbom 1989,
https://doi.org/10.1007/BF02294623; Saris, Satorra & Sörbom 1987). Power of the test at a misspecification δ: Saris,
Satorra & van der Veld (2009, https://doi.org/10.1080/10705510903203433).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import get_args

import numpy as np
import pandas as pd
from scipy.special import chdtri, chndtr

from models.choices import choices
from models.messages.summary import Summarised
from models.sem.arguments import choice, names, share
from models.sem.errors import ArgumentError
from models.sem.inference.by_kind import unit_information
from models.sem.inference.robust import bread
from models.sem.language.rows import Row
from models.sem.language.table import ParameterTable
from models.sem.model.matrices import implied
from models.sem.model.standardise import factors
from models.sem.options import Freed, Standardisation
from models.sem.result import Fit
from models.sem.solving.estimate import Task, task_of
from models.statistics.distributions import chi2_sf

FREED = get_args(Freed)
_UNDETERMINED = 1e-5


@dataclass(frozen=True, eq=False, repr=False)
class ScoreTest(Summarised):
    """Score tests of released equality constraints.

    Attributes
    ----------
    statistic, df, pvalue
        The test of all constraints at once.
    each
        One row a constraint: its text, statistic, df and p-value.
    """

    statistic: float
    df: int
    pvalue: float
    each: pd.DataFrame


def modification_indices(
    fit: Fit,
    op: Freed | Sequence[Freed] | None = None,
    minimum: float = 0.0,
    delta: float | None = None,
    level: float = choices.alpha,
) -> pd.DataFrame:
    """Return one row a parameter that could be freed, largest modification index first.

    Parameters
    ----------
    fit : Fit
        The fitted model.
    op : {"=~", "~", "~~", "~1"} or sequence of these, optional
        Only loadings, paths, (residual) covariances or intercepts; all by default.
    minimum : float
        Only indices of at least this size.
    delta : float, optional
        Misspecification worth detecting; adds the power of each test against it, and what follows from both.
    level : float
        Level of the tests whose power that is.

    Returns
    -------
    DataFrame
        ``term lhs op rhs group mi pvalue epc sepc_lv sepc_all`` (``mi_scaled`` after a scaled test; ``power decision``
        with `delta`). Decisions: ``misspecified``, ``not misspecified``, ``inconclusive``, or ``check epc`` where
        power is high anyway.

    Raises
    ------
    ArgumentError
        An unknown operator, a `delta` that is not positive, or a level that is no share.

    Examples
    --------
    >>> import numpy as np
    >>> from models import sem
    >>> cov = np.full((5, 5), 0.5) + 0.5 * np.eye(5)
    >>> cov[3, 4] = cov[4, 3] = 0.7
    >>> found = sem.fit("F =~ a + b + c + d + e", sem.Moments(cov, 200, names=list("abcde")))
    >>> sem.modification_indices(found)[["lhs", "op", "rhs", "mi", "epc"]].head(1).round(3)
      lhs  op rhs      mi    epc
    0   d  ~~   e  18.189  0.223
    """
    if delta is not None and not delta > 0:
        raise ArgumentError(f"delta={delta!r} must be a positive change of the parameter, for example 0.1.")
    share("level", level)
    wanted = [choice("op", one, FREED) for one in names("op", op)] or FREED
    candidates = [row for row in _candidates(fit.table) if row.op in wanted]
    columns = ["term", "lhs", "op", "rhs", "group", "mi", "pvalue", "epc", "sepc_lv", "sepc_all"]
    if not candidates:
        return pd.DataFrame(columns=columns)
    task, theta, own, extra = _extended(fit, candidates)
    gradient, information = task.objective.gradient(theta), unit_information(task, theta)
    inverse = bread(information[np.ix_(own, own)], fit.basis)
    across = information[np.ix_(extra, own)]
    variance = np.diag(information)[extra] - np.einsum("ij,jk,ik->i", across, inverse, across)
    with np.errstate(divide="ignore", invalid="ignore"):
        determined = variance > _UNDETERMINED * np.diag(information)[extra]
        mi, epc = fit.n * gradient[extra] ** 2 / variance, -gradient[extra] / variance
    rows = [task.table.rows[task.table.free[k]] for k in extra]
    groups = task.table.options.groups
    found = [(f"{r.lhs} {r.op} {r.rhs}".rstrip(), r.lhs, r.op, r.rhs, groups[r.group - 1]) for r in rows]
    frame = pd.DataFrame(found, columns=columns[:5])
    frame["mi"], frame["pvalue"], frame["epc"] = mi, chi2_sf(mi, 1), epc
    kinds: tuple[Standardisation, ...] = ("std_lv", "std_all")
    for kind in kinds:
        frame[f"sepc_{kind[4:]}"] = epc * _factors(task, theta, kind)[[task.table.free[k] for k in extra]]
    if fit.scaled_test is not None:
        frame["mi_scaled"] = mi / fit.scaled_test.mean_scaling
    if delta is not None:
        frame["power"], frame["decision"] = _power(mi, epc, delta, level)
    frame = frame[determined & (mi >= minimum)]
    return frame.sort_values("mi", ascending=False, kind="stable", ignore_index=True)


def score_test(fit: Fit) -> ScoreTest:
    """Test the release of every equality: of labels, of `group_equal` and of linear ``==`` constraints.

    Parameters
    ----------
    fit : Fit
        A model with equality constraints.

    Returns
    -------
    ScoreTest
        The test of all equalities at once, and of each.

    Raises
    ------
    ArgumentError
        If the model has no equality constraints.

    Examples
    --------
    >>> from models import sem
    >>> cov = [[1, 0.5, 0.5, 0.5], [0.5, 1, 0.6, 0.4], [0.5, 0.6, 1, 0.5], [0.5, 0.4, 0.5, 1]]
    >>> found = sem.fit("F =~ a + l*b + l*c + d", sem.Moments(cov, 200, names=["a", "b", "c", "d"]))
    >>> test = sem.score_test(found)
    >>> round(test.statistic, 2), test.df, round(test.pvalue, 3)
    (0.56, 1, 0.453)
    """
    equations = fit.task.constraints.linear
    if not equations:
        raise ArgumentError(
            "The model has no equality constraints; for fixed parameters use sem.modification_indices()."
        )
    R = np.array([equation.coefficients for equation in equations])
    g, information = fit.task.objective.gradient(fit.theta), unit_information(fit.task, fit.theta)

    def statistic(released: np.ndarray) -> tuple[float, int]:
        Z = _null(R[~released])
        score, unit = Z.T @ g, Z.T @ information @ Z
        scale = 1 / np.sqrt(np.diag(unit))
        values, vectors = np.linalg.eigh(unit * np.outer(scale, scale))
        keep = values > 1e-9 * values[-1]
        projected = vectors[:, keep].T @ (scale * score)
        return float(fit.n * np.sum(projected**2 / values[keep])), int(keep.sum()) - fit.npar

    rows = []
    for i, equation in enumerate(equations):
        value, df = statistic(np.arange(len(R)) == i)
        rows.append((equation.text, value, df, float(chi2_sf(value, df))))
    total, df = statistic(np.ones(len(R), dtype=bool))
    each = pd.DataFrame(rows, columns=["constraint", "statistic", "df", "pvalue"])
    return ScoreTest(total, df, float(chi2_sf(total, df)), each)


def _null(R: np.ndarray) -> np.ndarray:
    if not len(R):
        return np.eye(R.shape[1])
    _, values, vectors = np.linalg.svd(R)
    return vectors[int(np.sum(values > 1e-10)) :].T


def _candidates(table: ParameterTable) -> list[Row]:
    """Return fixed rows and absent ones that would make a model: loadings, (residual) covariances, paths, means."""
    variables = table.variables
    present = {(row.key, row.group): row for row in table.rows}
    free = {key for key, row in present.items() if row.free}
    indicators = {row.rhs for row in table.rows if row.op == "=~"} - set(variables.latent)
    paths = [row for row in table.rows if row.op == "~"]
    connected = dict.fromkeys([row.lhs for row in paths] + [row.rhs for row in paths])
    covariates = set(variables.covariates)
    items = [v for v in variables.endogenous if v in indicators]
    names: list[tuple[str, str, str]] = []
    names += [(f, "=~", v) for f in variables.latent for v in variables.endogenous if v not in connected]
    for block in (items, variables.latent):
        names += [(a, "~~", b) for i, a in enumerate(block) for b in block[i:]]
    names += [
        (y, "~", x)
        for y in connected
        for x in connected
        if x != y and y not in covariates and not (y in indicators and x in variables.latent)
    ]
    if table.options.meanstructure:
        names += [(v, "~1", "") for v in (*variables.endogenous, *variables.latent)]
    rows = []
    for group in range(1, len(table.options.groups) + 1):
        for lhs, op, rhs in names:
            row = Row(lhs, op, rhs, group, fixed=0.0)
            known = present.get((row.key, group), row)
            reverse = (Row(rhs, "=~", lhs, group).key, group) in free or (Row(rhs, "~", lhs, group).key, group) in free
            if (known.key, group) not in free and not known.exo and not (op == "=~" and reverse):
                rows.append(known)
    return rows


def _extended(fit: Fit, candidates: list[Row]) -> tuple[Task, np.ndarray, np.ndarray, np.ndarray]:
    """Return the model with the candidates free, its parameters at the estimates, and which are old and which new."""
    chosen = {(row.key, row.group) for row in candidates}
    rows: list[tuple[Row, float, bool]] = []
    n_groups = len(fit.table.options.groups)
    values = fit.table.values(fit.theta)
    for group in range(1, n_groups + 1):
        for row, value in zip(fit.table.rows, values, strict=True):
            if row.group == group:
                new = (row.key, group) in chosen
                rows.append((replace(row, free=True, label="") if new else row, value, new))
        known = {row.key for row in fit.table.rows if row.group == group}
        added = [row for row in candidates if row.group == group and row.key not in known]
        rows += [(replace(row, free=True, label=""), row.fixed, True) for row in added]
    start = [(value, new) for row, value, new in rows if row.free]
    table = replace(fit.table, rows=tuple(row for row, _, _ in rows), relations=())
    mask = np.array([new for _, new in start])
    task = task_of(table, fit.task.sample, fit.task.discrepancy)
    return task, np.array([value for value, _ in start]), np.flatnonzero(~mask), np.flatnonzero(mask)


def _factors(task: Task, theta: np.ndarray, kind: Standardisation) -> np.ndarray:
    states = [implied(cells, theta) for cells in task.structure.groups]
    variances = np.array([np.diag(state.C) for state in states])
    residuals = np.abs([np.diag(state.S) for state in states])
    return factors(task.table, task.structure.names, variances, residuals, kind)


def _power(mi: np.ndarray, epc: np.ndarray, delta: float, level: float) -> tuple[np.ndarray, np.ndarray]:
    with np.errstate(divide="ignore", invalid="ignore"):
        power = 1 - chndtr(chdtri(1, level), 1, mi / epc**2 * delta**2)
    significant, high = mi > chdtri(1, level), power > 0.75
    undecided = np.where(np.abs(epc) > delta, "misspecified", "check epc")
    decision = np.where(high, np.where(significant, undecided, "not misspecified"), "inconclusive")
    return power, np.where(significant & ~high, "misspecified", decision)
