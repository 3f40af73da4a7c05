"""First stage of meta-analytic structural equation modelling: one correlation matrix out of several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import chdtrc

from models.messages import near_or_all
from models.messages.summary import Summarised
from models.remarks import remark
from models.synthesis.errors import SynthesisError


@dataclass(frozen=True, eq=False, repr=False)
class PooledCorrelations(Summarised):
    """Mean correlations over data sets and their uncertainty.

    Attributes
    ----------
    names : tuple of str (p,)
        Variables.
    pairs : tuple of (str, str)
        The p(p − 1)/2 pairs, in the order of the vectors below.
    estimate : ndarray (p*,)
        Mean correlations.
    covariance : ndarray (p*, p*)
        Their asymptotic covariance.
    tau2, i2 : ndarray (p*,)
        Between-set variance of each correlation and its share of the variance in percent.
    sets : ndarray (p*,)
        Data sets that each pair was seen in.
    n : int
        People in all data sets.
    q, q_df, q_pvalue : float
        Test that all data sets have the same correlations.
    """

    names: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]
    estimate: np.ndarray
    covariance: np.ndarray
    tau2: np.ndarray
    i2: np.ndarray
    sets: np.ndarray
    n: int
    q: float
    q_df: int
    q_pvalue: float

    @property
    def matrix(self) -> pd.DataFrame:
        """The mean correlations as a matrix (p, p)."""
        R = pd.DataFrame(np.eye(len(self.names)), self.names, self.names)
        for (a, b), r in zip(self.pairs, self.estimate, strict=True):
            R.loc[a, b] = R.loc[b, a] = r
        return R

    def tidy(self) -> pd.DataFrame:
        """Tabulate the correlations.

        Returns
        -------
        DataFrame
            ``term a b est se tau2 i2 sets``, one row a pair.
        """
        columns = {"est": self.estimate, "se": np.sqrt(np.diag(self.covariance))}
        columns |= {"tau2": self.tau2, "i2": self.i2, "sets": self.sets}
        table = pd.DataFrame(self.pairs, columns=["a", "b"]).assign(**columns)
        table.insert(0, "term", [f"{a} ~~ {b}" for a, b in self.pairs])
        return table

    def glance(self) -> pd.DataFrame:
        """Tabulate the pooling in one row.

        Returns
        -------
        DataFrame
            ``nobs n_variables q q_df q_pvalue``.
        """
        row: dict[str, object] = {"nobs": self.n, "n_variables": len(self.names)}
        return pd.DataFrame([row | {"q": self.q, "q_df": self.q_df, "q_pvalue": self.q_pvalue}])


def pool_correlations(
    matrices: Mapping[str, tuple[pd.DataFrame, int]],
    names: Sequence[str] | None = None,
    *,
    random: bool = True,
    covariances: Mapping[str, pd.DataFrame] | None = None,
) -> PooledCorrelations:
    r"""Pool correlation matrices by multivariate generalised least squares.

    :math:`r_i = \rho + u_i + e_i` with :math:`\mathrm{cov}(e_i) = V_i` from the correlations of the data set and
    :math:`\mathrm{cov}(u_i) = \mathrm{diag}(\tau^2)` by restricted maximum likelihood.

    Parameters
    ----------
    matrices : mapping
        Data set → its correlations (a DataFrame with the variables as index and columns; what was not measured is
        absent or missing) and its number of people.
    names : sequence of str, optional
        Variables, in order; by default all that occur.
    random : bool
        Whether correlations may differ between data sets (τ² > 0).
    covariances : mapping, optional
        Data set → sampling covariance of its correlations (a DataFrame with the pairs `a ~~ b` as index and columns),
        as a model of latent variables gives it; of a data set without it, that of observed correlations.

    Returns
    -------
    PooledCorrelations
        Mean correlations with their covariance, and how much they differ between data sets.

    Raises
    ------
    SynthesisError
        When two of the variables were never measured together, a correlation is not between −1 and 1, a matrix is not
        symmetric, or covariances are of a data set that is not among the matrices or lack one of its pairs.

    Notes
    -----
    Cheung (2015), Meta-Analysis: A Structural Equation Modeling Approach, https://doi.org/10.1002/9781118957813, ch. 7;
    sampling covariances: Olkin & Siotani (1976), with n − 1 for n.

    Examples
    --------
    >>> import pandas as pd
    >>> from models import synthesis
    >>> def study(r):
    ...     return pd.DataFrame([[1, r], [r, 1]], index=["trust", "use"], columns=["trust", "use"])
    >>> pooled = synthesis.pool_correlations({"one": (study(0.30), 200), "two": (study(0.44), 150)}, random=False)
    >>> pooled.tidy().round(3)
               term      a    b    est     se  tau2   i2  sets
    0  trust ~~ use  trust  use  0.368  0.046   0.0  0.0     2
    """
    frames = {name: frame for name, (frame, _) in matrices.items()}
    for name in covariances or {}:
        if name not in frames:
            raise SynthesisError(f"covariances are of {name!r}, which has no correlations; {near_or_all(name, frames)}")
    known = tuple(names or dict.fromkeys(variable for frame in frames.values() for variable in frame.index))
    pairs = tuple(combinations(known, 2))
    usual = _usual(matrices, known)
    y, V, at = [], [], []
    people = 0
    for name, (frame, n) in matrices.items():
        R = frame.reindex(index=known, columns=known)
        if not np.allclose(R, R.T, rtol=0, atol=1e-6, equal_nan=True):
            raise SynthesisError(f"the correlations of {name!r} are not symmetric; fill both triangles of the matrix")
        seen = [j for j, (a, b) in enumerate(pairs) if np.isfinite(R.loc[a, b])]
        if not seen:
            continue
        values = np.array([R.loc[pairs[j][0], pairs[j][1]] for j in seen])
        if (np.abs(values) >= 1).any():
            raise SynthesisError(remark("correlation_impossible", data_set=name))
        y.append(values)
        given = (covariances or {}).get(name)
        there = [pairs[j] for j in seen]
        V.append(sampling_covariance(R.where(R.notna(), usual), there, n) if given is None else _given(given, there))
        at.append(seen)
        people += n
    counts = np.bincount([j for seen in at for j in seen], minlength=len(pairs))
    if not len(pairs) or (counts == 0).any():
        a, b = pairs[int(np.argmin(counts))] if len(pairs) else ("", "")
        raise SynthesisError(remark("never_in_one_study", a=a, b=b))
    zero = np.zeros(len(pairs))
    fixed = _pooled(y, V, at, zero)
    tau2 = _between(y, V, at, counts) if random else zero
    mean, covariance, _ = _pooled(y, V, at, tau2)
    q_df = int(counts.sum() - len(pairs))
    typical = np.array([_typical(V, at, j) for j in range(len(pairs))])
    return PooledCorrelations(
        names=known,
        pairs=pairs,
        estimate=mean,
        covariance=covariance,
        tau2=tau2,
        i2=100 * tau2 / (tau2 + typical),
        sets=counts,
        n=people,
        q=fixed[2],
        q_df=q_df,
        q_pvalue=float(chdtrc(q_df, fixed[2])) if q_df else 1.0,
    )


def _given(covariance: pd.DataFrame, pairs: Sequence[tuple[str, str]]) -> np.ndarray:
    """Take the rows and columns that are asked for, whichever construct a pair names first."""
    names = [f"{a} ~~ {b}" if f"{a} ~~ {b}" in covariance.index else f"{b} ~~ {a}" for a, b in pairs]
    if absent := [name for name in names if name not in covariance.index or name not in covariance.columns]:
        raise SynthesisError(f"the covariances lack {absent[0]!r}; {near_or_all(absent[0], covariance.index)}")
    return covariance.loc[names, names].to_numpy(float)


def _usual(matrices: Mapping[str, tuple[pd.DataFrame, int]], known: tuple[str, ...]) -> pd.DataFrame:
    """Mean correlations weighted by people, in place of those that a data set lacks between variables that it has."""
    total, weight = np.zeros((len(known),) * 2), np.zeros((len(known),) * 2)
    for frame, n in matrices.values():
        r = frame.reindex(index=known, columns=known).to_numpy(float)
        total += n * np.nan_to_num(r)
        weight += n * np.isfinite(r)
    return pd.DataFrame(total / np.maximum(weight, 1), known, known)


def sampling_covariance(R: pd.DataFrame, pairs: Sequence[tuple[str, str]], n: int) -> np.ndarray:
    """Asymptotic covariance of sample correlations of `n` people (pairs, pairs)."""
    index = {name: place for place, name in enumerate(R.index)}
    r = R.to_numpy(float)
    i, j = (np.array([index[pair[side]] for pair in pairs]) for side in (0, 1))
    k, m = i[None, :], j[None, :]
    i, j = i[:, None], j[:, None]
    found = (
        0.5 * r[i, j] * r[k, m] * (r[i, k] ** 2 + r[i, m] ** 2 + r[j, k] ** 2 + r[j, m] ** 2)
        + r[i, k] * r[j, m]
        + r[i, m] * r[j, k]
        - r[i, j] * (r[i, k] * r[i, m] + r[j, k] * r[j, m])
        - r[k, m] * (r[i, k] * r[j, k] + r[i, m] * r[j, m])
    )
    return found / (n - 1)


def _pooled(
    y: list[np.ndarray], V: list[np.ndarray], at: list[list[int]], tau2: np.ndarray
) -> tuple[np.ndarray, np.ndarray, float]:
    """Generalised least squares at given τ²: mean, its covariance, weighted residual sum of squares."""
    information, score, inverses = np.zeros((len(tau2),) * 2), np.zeros(len(tau2)), []
    for values, errors, seen in zip(y, V, at, strict=True):
        W = np.linalg.inv(errors + np.diag(tau2[seen]))
        information[np.ix_(seen, seen)] += W
        score[seen] += W @ values
        inverses.append(W)
    covariance = np.linalg.inv(information)
    mean = covariance @ score
    residuals = [values - mean[seen] for values, seen in zip(y, at, strict=True)]
    return mean, covariance, float(sum(e @ W @ e for e, W in zip(residuals, inverses, strict=True)))


def _between(y: list[np.ndarray], V: list[np.ndarray], at: list[list[int]], counts: np.ndarray) -> np.ndarray:
    """τ² of every correlation by restricted maximum likelihood; zero for a pair of one data set."""
    several = np.flatnonzero(counts > 1)

    def deviance(free: np.ndarray) -> tuple[float, np.ndarray]:
        tau2 = np.zeros(len(counts))
        tau2[several] = free
        mean, covariance, q = _pooled(y, V, at, tau2)
        total, slope = q - np.linalg.slogdet(covariance)[1], np.zeros(len(counts))
        for values, errors, seen in zip(y, V, at, strict=True):
            W = np.linalg.inv(errors + np.diag(tau2[seen]))
            total -= np.linalg.slogdet(W)[1]
            e = W @ (values - mean[seen])
            slope[seen] += np.diag(W) - np.diag(W @ covariance[np.ix_(seen, seen)] @ W) - e**2
        return total, slope[several]

    if not len(several):
        return np.zeros(len(counts))
    start = np.full(len(several), 0.01)
    exact = {"ftol": 1e-13, "gtol": 1e-8, "maxiter": 1000}
    found = minimize(deviance, start, jac=True, method="L-BFGS-B", bounds=[(0, 1)] * len(several), options=exact)
    tau2 = np.zeros(len(counts))
    tau2[several] = found.x
    return tau2


def _typical(V: list[np.ndarray], at: list[list[int]], pair: int) -> float:
    """Typical sampling variance of one correlation, as I² uses it."""
    own = [errors[seen.index(pair), seen.index(pair)] for errors, seen in zip(V, at, strict=True) if pair in seen]
    w = 1 / np.array(own)
    return float((len(w) - 1) * w.sum() / (w.sum() ** 2 - (w**2).sum())) if len(w) > 1 else float(own[0])
