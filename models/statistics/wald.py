"""Wald tests: b'V⁻¹b where V has an inverse, and nothing where it has none but for rounding."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.statistics.distributions import chi2_sf

# A correlation matrix with a smaller eigenvalue is singular but for rounding, which its inverse would make a statistic.
SINGULAR = 1e-10


@dataclass(frozen=True)
class WaldTest:
    """A Wald test: chi-squared ``statistic`` with ``df`` degrees of freedom, of ``null`` over ``groups``.

    Notes
    -----
    Wald (1943), https://doi.org/10.1090/S0002-9947-1943-0012401-3.
    """

    statistic: float
    df: int
    pvalue: float
    null: str = ""
    groups: tuple[str, ...] = ()

    def tidy(self) -> pd.DataFrame:
        """Tabulate the test.

        Returns
        -------
        DataFrame
            One row: ``null statistic df pvalue n_groups``.
        """
        row = {"null": self.null, "statistic": self.statistic, "df": self.df, "pvalue": self.pvalue}
        return pd.DataFrame([row | {"n_groups": len(self.groups)}])


def quadratic(b: np.ndarray, V: np.ndarray, *, definite: bool = True) -> float | None:
    """Compute b'V⁻¹b, or None where V is singular whatever the units of b.

    Parameters
    ----------
    b : ndarray (k,)
        What is zero under the null hypothesis.
    V : ndarray (k, k)
        Its covariance.
    definite : bool
        Whether an eigenvalue below zero is refused like one of zero; not for the difference of two covariances.

    Returns
    -------
    float or None
        The statistic; None where an eigenvalue of V, with units taken out, is no more than rounding.

    Examples
    --------
    >>> import numpy as np
    >>> from models.statistics.wald import quadratic
    >>> quadratic(np.array([2.0, 0.3]), np.diag([1.0, 0.01]))
    13.0
    >>> quadratic(np.array([2.0, 2.1]), np.array([[1.0, 1.0], [1.0, 1.0 + 1e-12]])) is None
    True
    """
    scale = np.sqrt(np.abs(np.diag(V)))
    if not (np.isfinite(V).all() and (scale > 0).all()):
        return None
    values = np.linalg.eigvalsh(V / np.outer(scale, scale))
    if (values if definite else np.abs(values)).min(initial=1.0) < SINGULAR:
        return None
    return float(b @ np.linalg.solve(V, b))


def wald_test(b: np.ndarray, V: np.ndarray, null: str = "", groups: tuple[str, ...] = ()) -> WaldTest | None:
    """Test that b is zero against χ²; None where its covariance is singular.

    Parameters
    ----------
    b : ndarray (k,)
        What is zero under the null hypothesis.
    V : ndarray (k, k)
        Its covariance.
    null : str
        The null hypothesis in words.
    groups : tuple of str
        The groups that it is about.

    Returns
    -------
    WaldTest or None
        With k degrees of freedom.

    Examples
    --------
    >>> import numpy as np
    >>> from models.statistics.wald import wald_test
    >>> test = wald_test(np.array([2.0, 0.3]), np.diag([1.0, 0.01]))
    >>> test.statistic, test.df, round(test.pvalue, 4)
    (13.0, 2, 0.0015)
    """
    statistic = quadratic(b, V)
    return None if statistic is None else WaldTest(statistic, len(b), float(chi2_sf(statistic, len(b))), null, groups)
