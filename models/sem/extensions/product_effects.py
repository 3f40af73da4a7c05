"""Products of causes in standard deviations, several of one model with the covariance of their errors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.sem.errors import ArgumentError, nearest
from models.sem.inference.delta import deviations_jacobian
from models.sem.model.matrices import implied
from models.sem.result import Fit


def product_effects(fit: Fit, outcome: str, products: Sequence[tuple[str, str, str]]) -> tuple[np.ndarray, np.ndarray]:
    r"""Return the standardised coefficients of product factors, and the covariance matrix of their errors.

    Parameters
    ----------
    fit : Fit
        A model of one group: the outcome on causes and on factors of their products.
    outcome : str
        Its name in the model.
    products : sequence of (str, str, str)
        Both causes of a product, and the factor of their product.

    Returns
    -------
    estimates : ndarray
        The coefficients (k,).
    vcov : ndarray
        Covariances of their errors (k, k).

    Raises
    ------
    ArgumentError
        If the model has no such path, or several groups.

    Notes
    -----
    :math:`\gamma = b\,s_1 s_2 / s_y` with the implied deviations of both causes and of the outcome (Wen, Marsh & Hau
    2010, https://doi.org/10.1080/10705510903438872): the deviation of the product itself, which depends on their
    correlation, plays no part. Errors by the delta method, the deviations being estimates too.

    Examples
    --------
    >>> from models import sem
    >>> cov = [[4, 0.8, 0.2, 0.6], [0.8, 1, 0, 0], [0.2, 0, 1, 0], [0.6, 0, 0, 1]]
    >>> found = sem.fit("y ~ x + z + xz", sem.Moments(cov, 200, names=["y", "x", "z", "xz"]))
    >>> estimates, vcov = sem.product_effects(found, "y", [("x", "z", "xz")])
    >>> estimates.round(3).tolist(), vcov.shape
    ([0.299], (1, 1))
    """
    if len(fit.task.structure.groups) != 1:
        raise ArgumentError("Products in standard deviations need a model of one group.")
    cells, names = fit.task.structure.groups[0], list(fit.task.structure.names)
    deviations = np.sqrt(np.diag(implied(cells, fit.theta).C))
    slopes = np.zeros((len(names), len(fit.theta)))
    slopes[:, cells.theta] = deviations_jacobian(cells, fit.theta)
    values, free = fit.table.values(fit.theta), {row: k for k, row in enumerate(fit.table.free)}
    paths = {row.rhs: i for i, row in enumerate(fit.table.rows) if row.op == "~" and row.lhs == outcome}
    estimates, jacobian = np.zeros(len(products)), np.zeros((len(products), len(fit.theta)))
    for k, (first, second, factor) in enumerate(products):
        if factor not in paths:
            raise ArgumentError(f"The model has no path '{outcome}~{factor}'. {nearest(factor, list(paths))}".strip())
        one, other, y = (names.index(name) for name in (first, second, outcome))
        unit = deviations[one] * deviations[other] / deviations[y]
        estimates[k] = values[paths[factor]] * unit
        jacobian[k] = estimates[k] * (slopes[one] + slopes[other] - slopes[y])
        if paths[factor] in free:
            jacobian[k, free[paths[factor]]] += unit
    return estimates, jacobian @ fit.vcov() @ jacobian.T
