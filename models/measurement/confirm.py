"""The confirmatory factor model that reliability and validity are read from."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import optimize

from models.measurement.errors import MeasurementError
from models.measurement.scales import Scales


class FactorModelError(MeasurementError):
    """The confirmatory factor model cannot be fitted or has no admissible solution."""


@dataclass(frozen=True)
class FactorModel:
    """A fitted confirmatory factor model with unit factor variances.

    Attributes
    ----------
    loadings : Series of length p
        Loading of each item on its construct, in the item's own unit.
    residuals : Series of length p
        Residual variances.
    correlations : DataFrame, constructs by constructs
        Correlations of the constructs.
    """

    loadings: pd.Series
    residuals: pd.Series
    correlations: pd.DataFrame

    @property
    def standardised(self) -> pd.Series:
        """Completely standardised loadings."""
        return self.loadings / np.sqrt(self.loadings**2 + self.residuals)


def confirm(answers: pd.DataFrame, scales: Scales) -> FactorModel:
    """Fit one factor a scale, all correlated, by normal-theory maximum likelihood on the complete rows."""
    items = [item for columns in scales.values() for item in columns]
    complete = answers[items].dropna()
    sd = complete.std()
    constant = [item for item in items if not sd[item] > 0]
    if constant:
        raise FactorModelError(f"item '{constant[0]}' is constant")
    sample = complete.corr().to_numpy()
    constructs = list(scales)
    pattern = np.array([[item in scales[c] for c in constructs] for item in items])
    single = np.array([len(scales[c]) == 1 for c in constructs])
    free_theta = ~pattern[:, single].any(axis=1)
    lower = np.tril_indices(len(constructs), -1)
    p, pairs = len(items), len(lower[0])

    def unpack(theta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        loadings = np.where(pattern, theta[:p, None], 0.0)
        phi = np.eye(len(constructs))
        phi[lower] = theta[p : p + pairs]
        phi = phi + np.tril(phi, -1).T
        return loadings, phi, np.where(free_theta, np.exp(theta[p + pairs :]), 0.0)

    def objective(theta: np.ndarray) -> tuple[float, np.ndarray]:
        loadings, phi, psi = unpack(theta)
        sigma = loadings @ phi @ loadings.T + np.diag(psi)
        try:
            np.linalg.cholesky(sigma)
        except np.linalg.LinAlgError:
            return 1e6, np.zeros_like(theta)
        inverse = np.linalg.inv(sigma)
        slope = inverse - inverse @ sample @ inverse
        d_loadings = (2 * slope @ loadings @ phi)[pattern]
        d_phi = (2 * loadings.T @ slope @ loadings)[lower]
        d_psi = np.where(free_theta, np.diag(slope) * psi, 0.0)
        return np.linalg.slogdet(sigma)[1] + np.trace(sample @ inverse), np.r_[d_loadings, d_phi, d_psi]

    start = np.r_[np.where(free_theta, 0.7, 1.0), np.full(pairs, 0.3), np.full(p, np.log(0.5))]
    found = optimize.minimize(objective, start, jac=True, method="BFGS", options={"gtol": 1e-7, "maxiter": 2000})
    loadings, phi, psi = unpack(found.x)
    if np.abs(found.jac).max() > 1e-4:
        raise FactorModelError("the confirmatory factor model did not converge")
    if np.abs(phi).max() > 1 + 1e-9:
        raise FactorModelError("two constructs correlate beyond 1 in the confirmatory factor model")
    sign = np.sign(loadings.sum(axis=0))
    scale = sd.to_numpy()
    return FactorModel(
        pd.Series((loadings * sign).sum(axis=1) * scale, index=items),
        pd.Series(psi * scale**2, index=items),
        pd.DataFrame(phi * np.outer(sign, sign), index=constructs, columns=constructs),
    )
