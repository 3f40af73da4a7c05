"""Sheets that honest people with these opinions would hand in: what the indices of doubtful answers give by chance."""

import numpy as np
import pandas as pd
from numpy.polynomial.hermite_e import hermevander
from scipy import special
from scipy.special import ndtr, ndtri

# Hermite terms of a step function: the rest changes no correlation by .01.
TERMS = 24


class HonestSheets:
    r"""A normal copula with the margins of the answers, whose simulated answers correlate as the observed ones do.

    Parameters
    ----------
    x : array (n, p)
        Answers, NaN where missing.

    Notes
    -----
    Item :math:`j` is a step function of a standard normal, :math:`x_j=\sum_c\delta_{jc}1(z_j>\tau_{jc})`. With
    :math:`a_{jk}=\sum_c\delta_{jc}\phi(\tau_{jc})He_{k-1}(\tau_{jc})/\sqrt{k!}` two items have covariance
    :math:`\sum_k a_{ik}a_{jk}\rho^k`, which is solved for the latent :math:`\rho` of every pair by bisection, since it
    rises with :math:`\rho` (Cario & Nelson 1997, "NORTA", Northwestern University technical report; Kugler, Yang &
    Cooke 2018 for its use). Negative eigenvalues of the result are set to zero.
    """

    def __init__(self, x: np.ndarray) -> None:
        self.answered = np.isfinite(x)
        self.margins = [_margin(column[np.isfinite(column)]) for column in x.T]
        latent = _latent_correlations(pd.DataFrame(x).corr(min_periods=3).to_numpy(), self.margins)
        values, vectors = np.linalg.eigh(latent)
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        self.root = root / np.sqrt((root**2).sum(axis=1))[:, None]

    def draw(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """`n` complete sheets, (n, p)."""
        z = rng.standard_normal((n, len(self.root))) @ self.root.T
        return np.column_stack(
            [values[np.searchsorted(cuts, column)] for (values, cuts), column in zip(self.margins, z.T, strict=True)]
        )

    def draw_with_gaps(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """`n` sheets, each with the gaps of some respondent."""
        gaps = self.answered[rng.integers(len(self.answered), size=n)]
        return np.where(gaps, self.draw(n, rng), np.nan)

    def never_drawn(self, sheets: np.ndarray, rounds: int, rng: np.random.Generator) -> np.ndarray:
        """Which of the `sheets` (m, p) honest people do not hand in within `rounds` files of this size.

        Only the answers that a sheet has are compared.
        """
        unseen = np.ones(len(sheets), dtype=bool)
        if not len(sheets):
            return unseen
        shapes, member = np.unique(np.isfinite(sheets), axis=0, return_inverse=True)
        for _ in range(rounds):
            drawn = self.draw(len(self.answered), rng)
            for k, shape in enumerate(shapes):
                rows = np.flatnonzero((member.ravel() == k) & unseen)
                unseen[rows] = ~np.isin(_as_one(sheets[np.ix_(rows, shape)]), _as_one(drawn[:, shape]))
        return unseen


def chance_cut(honest: np.ndarray, rate: float) -> float:
    """Value that at most the share `rate` of `honest` (n,) exceeds; NaN counts as not exceeding."""
    ordered = np.sort(np.where(np.isfinite(honest), honest, -np.inf))
    return float(ordered[int(np.ceil((1 - rate) * len(ordered))) - 1])


Margin = tuple[np.ndarray, np.ndarray]


def _margin(column: np.ndarray) -> Margin:
    """Values of an item, ascending, and the normal cuts between them; zero where nobody answered."""
    if not len(column):
        return np.zeros(1), np.zeros(0)
    values, counts = np.unique(column, return_counts=True)
    return values, ndtri(np.cumsum(counts)[:-1] / counts.sum())


def _latent_correlations(observed: np.ndarray, margins: list[Margin]) -> np.ndarray:
    p = len(margins)
    scale = np.exp(-special.gammaln(np.arange(2, TERMS + 2)) / 2)
    a = np.zeros((p, TERMS))
    for j, (values, cuts) in enumerate(margins):
        if len(cuts):
            density = np.exp(-(cuts**2) / 2) / np.sqrt(2 * np.pi)
            a[j] = (np.diff(values) * density) @ hermevander(cuts, TERMS - 1) * scale
    sd = np.array([_sd(margin) for margin in margins])
    target = np.nan_to_num(observed) * np.outer(sd, sd)
    low, high = -np.ones((p, p)), np.ones((p, p))
    for _ in range(30):
        middle = (low + high) / 2
        below = sum(np.outer(a[:, k], a[:, k]) * middle ** (k + 1) for k in range(TERMS)) < target
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    latent = np.where(np.outer(sd, sd) > 0, (low + high) / 2, 0.0)
    np.fill_diagonal(latent, 1.0)
    return latent


def _sd(margin: Margin) -> float:
    values, cuts = margin
    shares = np.diff(np.r_[0.0, ndtr(cuts), 1.0])
    return float(np.sqrt(max(shares @ values**2 - (shares @ values) ** 2, 0.0)))


def _as_one(rows: np.ndarray) -> np.ndarray:
    """Each row as one value that can be compared."""
    rows = np.ascontiguousarray(rows + 0.0)
    return rows.view(np.dtype((np.void, rows.dtype.itemsize * rows.shape[1]))).ravel()
