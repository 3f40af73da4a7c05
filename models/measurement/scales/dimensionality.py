"""Dimensionality: whether there is something to factor, how many factors, and whether one explains it all."""

from dataclasses import dataclass
from typing import get_args

import numpy as np
import pandas as pd

from models.choices import choices
from models.measurement.errors import ScaleError, TooFewRowsError, check_choice, check_share
from models.measurement.options import Reference
from models.measurement.scales.resampling import correlations
from models.measurement.scales.scales import numeric_items
from models.messages.summary import Summarised
from models.remarks import remark
from models.statistics.distributions import chi2_sf


@dataclass(frozen=True, eq=False, repr=False)
class Adequacy(Summarised):
    """Whether correlations are worth factoring.

    Attributes
    ----------
    kmo : float
        Measure of sampling adequacy of all items.
    kmo_items : Series
        The same for each item.
    bartlett_chisq, bartlett_df, bartlett_pvalue : float
        Test that all correlations are zero.
    n : int
        People behind the correlations (complete on all items, where the correlations are pairwise: the median pair).
    """

    kmo: float
    kmo_items: pd.Series
    bartlett_chisq: float
    bartlett_df: int
    bartlett_pvalue: float
    n: int

    def tidy(self) -> pd.DataFrame:
        """Tabulate the measure of sampling adequacy.

        Returns
        -------
        DataFrame
            ``item kmo``, the first row for all items, then one row an item.
        """
        rows = [{"item": "", "kmo": self.kmo}, *({"item": i, "kmo": v} for i, v in self.kmo_items.items())]
        return pd.DataFrame(rows)


@dataclass(frozen=True, eq=False, repr=False)
class ParallelAnalysis(Summarised):
    """Eigenvalues beside those of data without structure.

    Attributes
    ----------
    table : DataFrame
        One row a position: ``position component component_reference factor factor_reference``; eigenvalues of the
        correlation matrix and of the matrix reduced by squared multiple correlations, with the quantile of each in data
        without structure.
    n_components, n_factors : int
        Leading eigenvalues above their reference.
    """

    table: pd.DataFrame
    n_components: int
    n_factors: int

    def tidy(self) -> pd.DataFrame:
        """Tabulate the eigenvalues.

        Returns
        -------
        DataFrame
            One row an eigenvalue, beside that of data without structure.
        """
        return self.table


@dataclass(frozen=True)
class Harman:
    """Harman's single-factor test.

    Attributes
    ----------
    first_component : float
        Share of the total variance in the first unrotated principal component.
    first_factor : float
        Share of the total variance that one principal-axis factor explains.
    passed : bool
        First component below the threshold. A pass does not show the absence of common-method variance: the test is
        insensitive (Podsakoff et al. 2003).
    threshold : float
    """

    first_component: float
    first_factor: float
    passed: bool
    threshold: float


def adequacy(data: pd.DataFrame, items: list[str]) -> Adequacy:
    r"""Kaiser–Meyer–Olkin measure and Bartlett's test of sphericity.

    Parameters
    ----------
    data : DataFrame
        One row a respondent, items numeric, missing as NaN.
    items : list of str
        Columns, two or more.

    Returns
    -------
    Adequacy
        The measure overall and of each item, and the test.

    Raises
    ------
    MeasurementError
        Items that are no numeric columns, do not vary or are combinations of each other; no more rows than items.

    Notes
    -----
    KMO: :math:`\sum r^2/(\sum r^2+\sum q^2)` over pairs of different items, :math:`q` the partial correlations given
    all other items. Bartlett: :math:`-(n-1-(2p+5)/6)\log|R|` with :math:`p(p-1)/2` degrees of freedom.

    References
    ----------
    Kaiser (1974), doi:10.1007/BF02291575; Bartlett (1951), doi:10.1093/biomet/38.3-4.337.

    Examples
    --------
    >>> from models import measurement, sem
    >>> answers = sem.simulate("trust =~ t1 + t2 + t3; use =~ u1 + u2 + u3; trust ~~ 0.5*use", 200, seed=1)
    >>> found = measurement.adequacy(answers, ["t1", "t2", "t3"])
    >>> round(found.kmo, 2), found.bartlett_df
    (0.69, 3)
    """
    x, r = _correlations(data, items)
    p = len(items)
    inverse = np.linalg.inv(r)
    partial = -inverse / np.sqrt(np.outer(np.diag(inverse), np.diag(inverse)))
    off = ~np.eye(p, dtype=bool)
    r2, q2 = np.where(off, r**2, 0.0), np.where(off, partial**2, 0.0)
    answered = np.isfinite(x).astype(int)
    n = int(np.median((answered.T @ answered)[np.tril_indices(p, -1)]))
    chisq = -(n - 1 - (2 * p + 5) / 6) * np.linalg.slogdet(r)[1]
    df = p * (p - 1) // 2
    return Adequacy(
        float(r2.sum() / (r2.sum() + q2.sum())),
        pd.Series(r2.sum(axis=0) / (r2.sum(axis=0) + q2.sum(axis=0)), index=items),
        float(chisq),
        df,
        float(chi2_sf(chisq, df)),
        n,
    )


def parallel_analysis(
    data: pd.DataFrame,
    items: list[str],
    n_samples: int = choices.parallel_samples,
    quantile: float = choices.parallel_quantile,
    reference: Reference = choices.parallel_reference,
    seed: int | None = None,
) -> ParallelAnalysis:
    """Horn's parallel analysis, for components and for common factors.

    Parameters
    ----------
    data : DataFrame
        One row a respondent, items numeric, missing as NaN.
    items : list of str
        Columns, two or more; correlations are pairwise.
    n_samples : int
        Data sets without structure.
    quantile : float
        Quantile of their eigenvalues to exceed: 0.95 (Glorfeld 1995); Horn took the mean.
    reference : {"permuted", "normal"}
        Data without structure: each item's own answers in random order, which keeps distributions and gaps, or normal
        deviates.
    seed : int, optional
        Seed of these data sets.

    Returns
    -------
    ParallelAnalysis
        Eigenvalues beside those without structure, and how many components and factors exceed them.

    Raises
    ------
    MeasurementError
        An unknown reference, or a quantile that is no share; else as `adequacy` raises them.

    References
    ----------
    Horn (1965), doi:10.1007/BF02289447; Glorfeld (1995), doi:10.1177/0013164495055003002; common factors by squared
    multiple correlations: Humphreys & Ilgen (1969), doi:10.1177/001316446902900303.

    Examples
    --------
    >>> from models import measurement, sem
    >>> answers = sem.simulate("trust =~ t1 + t2 + t3; use =~ u1 + u2 + u3; trust ~~ 0.5*use", 200, seed=1)
    >>> found = measurement.parallel_analysis(answers, list(answers), n_samples=50, seed=1)
    >>> found.n_components, found.n_factors
    (1, 2)
    """
    check_choice("reference", reference, get_args(Reference))
    check_share("quantile", quantile)
    x, r = _correlations(data, items)
    rng = np.random.default_rng(seed)
    component, factor = _eigenvalues(r)
    draws = np.empty((n_samples, 2, len(items)))
    for k in range(n_samples):
        noise = rng.permuted(x, axis=0) if reference == "permuted" else rng.standard_normal(x.shape)
        draws[k] = _eigenvalues(correlations(noise, np.ones((1, len(x))))[0])
    component_reference, factor_reference = np.quantile(draws, quantile, axis=0)
    table = pd.DataFrame(
        {
            "position": np.arange(1, len(items) + 1),
            "component": component,
            "component_reference": component_reference,
            "factor": factor,
            "factor_reference": factor_reference,
        }
    )
    return ParallelAnalysis(table, _leading(component > component_reference), _leading(factor > factor_reference))


def harman(data: pd.DataFrame, items: list[str], threshold: float = 0.5) -> Harman:
    """Share of variance in one factor for all items: Harman's test of common-method variance.

    Parameters
    ----------
    data : DataFrame
        One row a respondent, items numeric, missing as NaN.
    items : list of str
        Columns, two or more.
    threshold : float
        Share of variance that the first component stays below to pass.

    Returns
    -------
    Harman
        Shares of variance of the first component and of the first factor, and whether the former passes.

    Raises
    ------
    MeasurementError
        A threshold that is no share; else as `adequacy` raises them.

    References
    ----------
    Podsakoff, MacKenzie, Lee & Podsakoff (2003), doi:10.1037/0021-9010.88.5.879.

    Examples
    --------
    >>> from models import measurement, sem
    >>> answers = sem.simulate("trust =~ t1 + t2 + t3; use =~ u1 + u2 + u3; trust ~~ 0.5*use", 200, seed=1)
    >>> found = measurement.harman(answers, list(answers))
    >>> round(found.first_component, 2), found.passed
    (0.44, True)
    """
    check_share("threshold", threshold)
    _, r = _correlations(data, items)
    share = float(np.linalg.eigvalsh(r)[-1] / len(items))
    return Harman(share, float(_one_axis(r).mean()), share < threshold, threshold)


def _correlations(data: pd.DataFrame, items: list[str]) -> tuple[np.ndarray, np.ndarray]:
    if len(items) < 3:
        raise ScaleError(remark("few_items", n=len(items)))
    x = numeric_items(data, items).to_numpy()
    if len(x) <= len(items):
        raise TooFewRowsError(remark("more_rows_needed", n=len(x), p=len(items)))
    r = correlations(x, np.ones((1, len(x))))[0]
    if not np.isfinite(r).all():
        bad = items[int(np.argmax(~np.isfinite(r).all(axis=1)))]
        raise ScaleError(remark("useless_item", item=bad))
    if np.linalg.eigvalsh(r)[0] < 1e-10:
        raise ScaleError(remark("indefinite_correlations"))
    return x, r


def _eigenvalues(r: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues, descending, of the correlation matrix and of the one reduced by squared multiple correlations."""
    reduced = r - np.diag(1 / np.diag(np.linalg.inv(r)))
    return np.linalg.eigvalsh(r)[::-1], np.linalg.eigvalsh(reduced)[::-1]


def _leading(above: np.ndarray) -> int:
    return int(np.argmin(above)) if not above.all() else len(above)


def _one_axis(r: np.ndarray, tolerance: float = 1e-10, max_iterations: int = 5000) -> np.ndarray:
    """Communalities of one principal-axis factor, iterated from squared multiple correlations."""
    communality = 1 - 1 / np.diag(np.linalg.inv(r))
    for _ in range(max_iterations):
        values, vectors = np.linalg.eigh(r - np.diag(1 - communality))
        updated = np.minimum(vectors[:, -1] ** 2 * values[-1], 1.0)
        if np.abs(updated - communality).max() < tolerance:
            break
        communality = updated
    return updated
