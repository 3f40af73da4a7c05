r"""The difference of two tests, corrected for answers that are not normal.

With :math:`T_0, T_1` the uncorrected statistics of the restricted and the freer model, :math:`d_0, d_1` their degrees
of freedom and :math:`c_0, c_1` their scaling factors, the difference :math:`T_0 - T_1` is divided by

- 2001: :math:`(d_0 c_0 - d_1 c_1) / (d_0 - d_1)` (Satorra & Bentler, https://doi.org/10.1007/BF02296192), which can
  be negative;
- 2010: the same with :math:`c_{10}` for :math:`c_1`, the scaling of the freer model at the moments that the
  restricted one implies (Satorra & Bentler, https://doi.org/10.1007/s11336-009-9135-y);
- 2000: :math:`\mathrm{tr}(M)/d` with :math:`M = (A P^{-1} A')^{-1} A V A'`, A the restrictions in the parameters of
  the freer model, P its information and V its sandwich (Satorra, https://doi.org/10.1007/978-1-4615-4603-0_17),
  scaled and shifted where the models' own tests are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg import block_diag, null_space, qr

from models.remarks import remark
from models.sem.errors import NotAvailableError, NotNestedError
from models.sem.inference.ordinal_robust import as_if_true, ordinal_jacobians
from models.sem.inference.robust import bread
from models.sem.model.linear_algebra import between, in_parameters, restrict
from models.sem.model.linear_algebra import solve as cholesky_solve
from models.sem.model.matrices import implied, jacobian
from models.sem.result import Fit
from models.sem.samples.sample import GroupSample, Sample
from models.sem.solving.estimate import solve, task_of
from models.sem.solving.minimise import minimise
from models.sem.solving.optimise import Solution


@dataclass(frozen=True)
class Difference:
    """A difference of tests, and what the uncorrected one was divided by."""

    statistic: float
    scaling: float


def difference(restricted: Fit, free: Fit, method: str) -> Difference:
    """Return the difference test of two nested fits."""
    raw = restricted.test.statistic - free.test.statistic
    if method == "standard":
        return Difference(max(raw, 0.0), 1.0)
    if restricted.scaled_test is None or free.scaled_test is None:
        raise NotAvailableError(
            f"'{method}' needs models with a scaled test; fit both with 'MLM' or 'MLR', or pass method='standard'."
        )
    if method == "satorra_2000":
        return _satorra_2000(restricted, free, raw)
    df = restricted.df - free.df
    scaling = restricted.df * restricted.scaled_test.mean_scaling
    if method == "satorra_bentler_2010":
        middle = replace(free, solution=replace(free.solution, theta=reproduction(restricted, free).theta))
        scaling -= free.df * _mean_scaling(middle)
    else:
        scaling -= free.df * _mean_scaling(free)
    scaling /= df
    if scaling <= 0:
        raise NotAvailableError(
            remark("negative_scaling", scaling=scaling, method=method),
            "Use method='satorra_2000'.",
        )
    return Difference(raw / scaling, scaling)


def _mean_scaling(fit: Fit) -> float:
    test = fit.scaled_test
    return 0.0 if fit.df == 0 or test is None else test.mean_scaling


def reproduction(restricted: Fit, free: Fit) -> Solution:
    """Fit the freer model to the moments that the restricted one implies: no discrepancy if they are nested."""
    order = [restricted.task.sample.names.index(name) for name in free.task.sample.names]
    groups = []
    for cells, group in zip(restricted.task.structure.groups, free.task.sample.groups, strict=True):
        if group.ordinal is not None:
            groups.append(as_if_true(restricted.task, restricted.theta, group, free.task.sample.names))
            continue
        state = implied(cells, restricted.theta)
        mean = state.mu[order] if free.table.options.meanstructure else group.mean
        groups.append(GroupSample(group.label, group.n, mean, state.sigma[np.ix_(order, order)]))
    task = task_of(free.table, Sample(free.task.sample.names, tuple(groups)), free.task.discrepancy)
    solution = minimise(task.objective, task.constraints, free.theta)
    return solution if solution.converged else solve(task)


def _satorra_2000(restricted: Fit, free: Fit, raw: float) -> Difference:
    J1, J0 = moment_jacobians(free), moment_jacobians(restricted, free)
    squares = restrict(_products(J1, J1), free.basis)
    kept = cholesky_solve(squares, between(free.basis, _products(J1, J0), restricted.basis))
    if kept is None:
        D1, D0 = (block_diag(*J) @ fit.basis for J, fit in ((J1, free), (J0, restricted)))
        kept = np.linalg.lstsq(D1, D0, rcond=None)[0]
    A = in_parameters(_complement(kept), free.basis)
    df = restricted.df - free.df
    if len(A) != df:
        raise NotNestedError(remark("restrictions_differ", expected=df, found=len(A)))
    inverse = bread(free.information, free.basis)
    M = np.linalg.solve(A @ inverse @ A.T, A @ free.asymptotic_vcov @ A.T * free.n_effective)
    trace = float(np.trace(M))
    if free.settings.test != "scaled.shifted":
        return Difference(raw / (trace / df), trace / df)
    a = float(np.sqrt(df / np.trace(M @ M)))
    return Difference(a * raw + df - a * trace, 1 / a)


def _products(left: list[np.ndarray], right: list[np.ndarray]) -> np.ndarray:
    """Return J'J of two block-diagonal Jacobians, a block a group."""
    return block_diag(*(a.T @ b for a, b in zip(left, right, strict=True)))


def _complement(matrix: np.ndarray) -> np.ndarray:
    """Return an orthonormal basis, by rows, of what the columns of a matrix do not span."""
    Q, R = qr(matrix)
    size = np.abs(np.diag(R))
    if (size <= 1e-8 * size.max(initial=0.0)).any():
        return null_space(matrix.T, rcond=1e-8).T
    return Q[:, matrix.shape[1] :].T


def moment_jacobians(fit: Fit, like: Fit | None = None) -> list[np.ndarray]:
    """Return ∂(μ, vech Σ)/∂θ of each group in its own parameters, rows in the order of the variables of `like`."""
    if fit.task.sample.is_ordinal:
        return ordinal_jacobians(fit.task, fit.theta, (like or fit).task.sample)
    names = list(fit.task.sample.names)
    order = [names.index(name) for name in (like or fit).task.sample.names]
    i, j = np.tril_indices(len(names))
    blocks = []
    for cells in fit.task.structure.groups:
        dmu, dsigma = jacobian(cells, implied(cells, fit.theta))
        blocks.append(np.vstack([dmu[order], dsigma[np.ix_(order, order)][i, j]]))
    return blocks
