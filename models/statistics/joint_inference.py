"""What many analyses of the same data say together, against analyses of data in which the effect is zero."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.choices import choices
from models.statistics.distributions import normal_quantile


@dataclass(frozen=True, eq=False)
class Joint:
    """Three summaries of one effect over analyses, each with its p-value, and a p-value of every analysis.

    Attributes
    ----------
    median, median_p : float
        Median estimate; two-sided.
    share, share_p : float
        Share of analyses that are significant in the predicted direction.
    stouffer, stouffer_p : float
        Sum of the z over the root of their number; two-sided.
    familywise : ndarray (K,)
        The p of each analysis, adjusted for looking at all of them; NaN where it has no z.
    analyses, draws : int
        Numbers of analyses and of draws that the p-values rest on.
    """

    median: float
    median_p: float
    share: float
    share_p: float
    stouffer: float
    stouffer_p: float
    familywise: np.ndarray
    analyses: int
    draws: int


def joint(
    estimates: np.ndarray, z: np.ndarray, null_estimates: np.ndarray, null_z: np.ndarray, sign: int = 1
) -> Joint | None:
    r"""Median, share of significant analyses and Stouffer's z of one effect, and family-wise p-values.

    Parameters
    ----------
    estimates, z : ndarray
        (K,) the effect in each analysis, and over its standard error.
    null_estimates, null_z : ndarray
        (B, K) the same in draws in which the effect is zero; all analyses of a row are of the same draw. NaN where an
        analysis of a draw failed.
    sign : int
        Predicted direction, 1 or -1.

    Returns
    -------
    Joint or None
        None where no draw or no analysis is left.

    Notes
    -----
    The curve is tested by its median, by the share of analyses significant in the predicted direction, and by the mean
    z (Simonsohn, Simmons & Nelson 2020, doi:10.1038/s41562-020-0912-z). Equal shares are ordered by the mean z in the
    predicted direction: a share has few values, and its test would reject too seldom. Family-wise p-values compare
    :math:`|z_k|` with the largest :math:`|z|` of each draw (Westfall & Young 1993). With B draws of which m are as
    extreme, :math:`p = (m + 1) / (B + 1)` (Davison & Hinkley 1997, doi:10.1017/CBO9780511802843).

    Examples
    --------
    >>> import numpy as np
    >>> from models.statistics.joint_inference import joint
    >>> null = np.random.default_rng(1).standard_normal((199, 2))
    >>> found = joint(np.array([0.4, 0.5]), np.array([4.0, 5.0]), null / 10, null)
    >>> round(found.median, 2), found.share, round(found.stouffer, 2), found.stouffer_p
    (0.45, 1.0, 6.36, 0.005)
    """
    known = np.isfinite(z) & np.isfinite(null_z).any(axis=0) if len(null_z) else np.zeros(len(z), dtype=bool)
    drawn = np.isfinite(null_z[:, known]).any(axis=1) if known.any() else np.zeros(len(null_z), dtype=bool)
    if not drawn.any():
        return None
    null_z, null_estimates = null_z[np.ix_(drawn, known)], null_estimates[np.ix_(drawn, known)]
    own = _Summaries.of(estimates[known][None], z[known][None], sign)
    null = _Summaries.of(null_estimates, null_z, sign)
    familywise = np.full(len(z), np.nan)
    familywise[known] = [draws_p(np.nanmax(np.abs(null_z), axis=1) >= abs(value)) for value in z[known]]
    above = null.share > own.share[0]
    tied = np.isclose(null.share, own.share[0]) & (sign * null.stouffer >= sign * own.stouffer[0])
    return Joint(
        float(own.median[0]),
        draws_p(np.abs(null.median) >= abs(own.median[0])),
        float(own.share[0]),
        draws_p((above & ~np.isclose(null.share, own.share[0])) | tied),
        float(own.stouffer[0]),
        draws_p(np.abs(null.stouffer) >= abs(own.stouffer[0])),
        familywise,
        int(known.sum()),
        int(drawn.sum()),
    )


@dataclass(frozen=True, eq=False)
class _Summaries:
    """Median, share and Stouffer's z of each draw (B,)."""

    median: np.ndarray
    share: np.ndarray
    stouffer: np.ndarray

    @classmethod
    def of(cls, estimates: np.ndarray, z: np.ndarray, sign: int) -> _Summaries:
        there = np.isfinite(z)
        significant = there & (sign * np.where(there, z, 0.0) > normal_quantile(1 - choices.alpha / 2))
        number = there.sum(axis=1)
        return cls(
            np.nanmedian(np.where(there, estimates, np.nan), axis=1),
            significant.sum(axis=1) / number,
            np.where(there, z, 0.0).sum(axis=1) / np.sqrt(number),
        )


def draws_p(extreme: np.ndarray) -> float:
    """Return the p-value of draws of which some are as extreme as what was found.

    Parameters
    ----------
    extreme : ndarray
        Of each draw, whether it is (B,).

    Returns
    -------
    float
        Above zero, because what was found counts as a draw.

    Examples
    --------
    >>> import numpy as np
    >>> from models.statistics.joint_inference import draws_p
    >>> draws_p(np.array([True, False, False]))
    0.5
    """
    return float((extreme.sum() + 1) / (len(extreme) + 1))
